//! JSON bodies.

use actix_web::HttpRequest;
use serde_json::{Map, Value};

use super::form::{Body, is_of_type};
use writ_core::Error;

/// The media type of JSON.
pub const JSON: &str = "application/json";

/// Parses a JSON object.
///
/// # Errors
/// `invalid_request` if the content type is wrong, the body cannot be read, or it is not an object.
pub fn parse(request: &HttpRequest, body: &Body) -> Result<Map<String, Value>, Error> {
    parse_as(request, body, &[JSON])
}

/// As [`parse`], for a body of one of these media types.
///
/// # Errors
/// As for [`parse`].
pub fn parse_as(request: &HttpRequest, body: &Body, media_types: &[&str]) -> Result<Map<String, Value>, Error> {
    let body = body.bytes()?;
    if !media_types.iter().any(|media_type| is_of_type(request, media_type)) {
        return Err(Error::invalid_request(format!("the body must be {}", media_types.join(" or "))));
    }
    serde_json::from_slice(body)
        .map_err(|error| Error::invalid_request(format!("the body must be a JSON object: {error}")))
}

/// Why members cannot be parsed, without the value of one of another type: it may be a secret in
/// the wrong place.
pub fn without_value(error: &serde_json::Error) -> String {
    let reason = error.to_string();
    match reason.split_once(", expected ") {
        Some((found, expected)) if !found.starts_with("unknown field") => {
            format!("expected {expected}, got another type or value")
        }
        _ => reason,
    }
}
