//! JSON bodies.

use actix_web::HttpRequest;
use serde_json::{Map, Value};

use super::form::{Body, is_of_type};
use writ_core::Error;

/// Parses a JSON object.
///
/// # Errors
/// `invalid_request` if the content type is wrong, the body cannot be read, or it is not an object.
pub fn parse(request: &HttpRequest, body: &Body) -> Result<Map<String, Value>, Error> {
    let body = body.bytes()?;
    if !is_of_type(request, "application/json") {
        return Err(Error::invalid_request("the body must be application/json"));
    }
    serde_json::from_slice(body)
        .map_err(|error| Error::invalid_request(format!("the body must be a JSON object: {error}")))
}
