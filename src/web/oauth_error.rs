//! Errors as JSON (RFC 6749 §5.2), for endpoints that programs call.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde_json::json;

use super::RefusalLog;
use crate::fault::Stop;
use writ_core::{Cause, ErrorCode};

/// Records the failure and creates the response.
pub fn respond(refusals: &RefusalLog, endpoint: &'static str, failure: Stop) -> HttpResponse {
    refusals.record(endpoint, &failure);
    let error = failure.into_error();
    let status = match error.code {
        ErrorCode::InvalidClient => StatusCode::UNAUTHORIZED,
        _ if error.cause == Cause::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    match error.code {
        ErrorCode::InvalidClient => {
            response.insert_header((WWW_AUTHENTICATE, "Basic realm=\"writ\", charset=\"UTF-8\""));
        }
        _ if error.cause == Cause::TooManyRequests => {
            response.insert_header((RETRY_AFTER, "60"));
        }
        ErrorCode::TemporarilyUnavailable => {
            response.insert_header((RETRY_AFTER, "1"));
        }
        _ => {}
    }
    response.json(json!({
        "error": error.code.as_str(),
        "error_description": error.description,
        "error_uri": refusals.error_uri(error.cause),
    }))
}
