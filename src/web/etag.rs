//! Conditional requests.

use actix_web::{
    HttpRequest,
    http::header::{EntityTag, Header, IfNoneMatch},
};

/// Whether `If-None-Match` names this version (RFC 9110 §13.1.2), so that the response can be 304.
pub fn is_held(request: &HttpRequest, version: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(held)) => held.iter().any(|held| held.weak_eq(version)),
        Err(_) => false,
    }
}
