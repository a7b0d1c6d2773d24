//! Form bodies: the one content type that OAuth endpoints and our pages accept.

use actix_web::{HttpRequest, http::header::CONTENT_TYPE};

use crate::protocol::{Error, Params};

/// The parameters of a form body.
///
/// # Errors
/// `invalid_request`: another content type, or a body that [`Params::parse`] refuses.
pub fn parse(request: &HttpRequest, body: &[u8]) -> Result<Params, Error> {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Error::invalid_request("the body must be application/x-www-form-urlencoded"));
    }
    Params::parse(body)
}

/// The parameters of an endpoint where none may be sent twice (RFC 6749 §3.2).
///
/// # Errors
/// `invalid_request`, as [`parse`], or a repeated parameter.
pub fn parse_strictly(request: &HttpRequest, body: &[u8]) -> Result<Params, Error> {
    let params = parse(request, body)?;
    match params.repeated() {
        Some(name) => Err(Error::invalid_request(format!("the parameter {name} was sent more than once"))),
        None => Ok(params),
    }
}
