//! Bearer tokens in requests (RFC 6750 §2.1), and errors as a challenge (§3).

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE},
    },
};

use super::{RefusalLog, oauth_error};
use crate::fault::Stop;
use writ_core::{Error, ErrorCode};
use writ_jose::bearer;

/// The token in the `Authorization` header. `None` if there is none, or credentials of another
/// scheme. The response then has a challenge without an error ([RFC 6750
/// §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
///
/// # Errors
/// `invalid_request` if the header is repeated, or is not `Bearer` and one token.
pub fn token(request: &HttpRequest) -> Result<Option<String>, Error> {
    let values = request.headers().get_all(AUTHORIZATION).map(HeaderValue::as_bytes);
    let token = bearer::token(values).map_err(|malformed| Error::invalid_request(malformed.to_string()))?;
    Ok(token.map(str::to_owned))
}

/// Records the failure and creates the response. `scope` is the scope that the endpoint needs.
pub fn respond(refusals: &RefusalLog, endpoint: &'static str, failure: Stop, scope: &str) -> HttpResponse {
    let status = match &failure {
        Stop::Refused(error) => match error.code {
            ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
            ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        },
        Stop::Broken(_) => return oauth_error::respond(refusals, endpoint, failure),
    };
    refusals.record(endpoint, &failure);
    challenged(status, challenge(refusals, &failure.into_error(), scope))
}

/// The challenge of an error ([RFC 6750
/// §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)). `scope` is the scope that the endpoint
/// needs.
pub fn challenge(refusals: &RefusalLog, error: &Error, scope: &str) -> String {
    let mut challenge = format!(
        "Bearer realm=\"writ\", error=\"{}\", error_description=\"{}\", error_uri=\"{}\"",
        error.code,
        error.description,
        refusals.error_uri(error.cause)
    );
    if error.code == ErrorCode::InsufficientScope {
        challenge.push_str(&format!(", scope=\"{scope}\""));
    }
    challenge
}

/// The response to a request without a token: a challenge without an error (RFC 6750 §3.1).
pub fn no_token() -> HttpResponse {
    challenged(StatusCode::UNAUTHORIZED, "Bearer realm=\"writ\"".to_owned())
}

fn challenged(status: StatusCode, challenge: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((WWW_AUTHENTICATE, challenge))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
