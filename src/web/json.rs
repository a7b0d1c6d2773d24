//! JSON bodies, where an endpoint takes them.

use actix_web::{HttpRequest, http::header::CONTENT_TYPE};
use serde_json::{Map, Value};

use super::form::Body;
use crate::protocol::Error;

/// The members of a JSON object.
///
/// # Errors
/// `invalid_request`: another content type, a body that cannot be read, or one that is no object.
pub fn parse(request: &HttpRequest, body: &Body) -> Result<Map<String, Value>, Error> {
    let body = body.bytes()?;
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Error::invalid_request("the body must be application/json"));
    }
    serde_json::from_slice(body)
        .map_err(|error| Error::invalid_request(format!("the body must be a JSON object: {error}")))
}
