//! Errors as problem documents ([RFC 9457 §3](https://www.rfc-editor.org/rfc/rfc9457#section-3)).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{Cause, Error, ErrorCode};

use super::ENDPOINT;
use crate::{
    fault::Stop,
    server::Call,
    web::{bearer_error, request_id},
};

/// A problem.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The documentation of the cause.
    r#type: String,
    /// The cause in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// The id of the cause.
    cause: &'static str,
    /// The id of the request in the log.
    request_id: String,
}

/// Records the failure and creates the response. `scope` is the scope that the operation needs.
pub(super) fn respond(call: &Call, failure: Stop, scope: &str) -> HttpResponse {
    let refusals = &call.server.refusals;
    refusals.record(ENDPOINT, &failure);
    let error = failure.into_error();
    let status = status(&error);
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    match error.code {
        ErrorCode::InvalidToken | ErrorCode::InsufficientScope => {
            response.insert_header((WWW_AUTHENTICATE, bearer_error::challenge(refusals, &error, scope)));
        }
        ErrorCode::TemporarilyUnavailable => {
            response.insert_header((RETRY_AFTER, "1"));
        }
        _ => {}
    }
    let cause = error.cause.shown();
    response.content_type("application/problem+json").json(Problem {
        r#type: refusals.error_uri(cause),
        title: cause.id().replace('_', " "),
        status: status.as_u16(),
        detail: error.description,
        cause: cause.id(),
        request_id: request_id::of(&call.request),
    })
}

fn status(error: &Error) -> StatusCode {
    match (error.cause, error.code) {
        (Cause::ObjectUnknown, _) => StatusCode::NOT_FOUND,
        (Cause::MethodNotAllowed, _) => StatusCode::METHOD_NOT_ALLOWED,
        (Cause::ObjectExists | Cause::ObjectInUse | Cause::KeyTooRecent | Cause::IdempotencyKeyBusy, _) => {
            StatusCode::CONFLICT
        }
        (Cause::IdempotencyKeyReused, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Cause::PreconditionMissing, _) => StatusCode::PRECONDITION_REQUIRED,
        (Cause::PreconditionFailed, _) => StatusCode::PRECONDITION_FAILED,
        (Cause::ScopeAdministrative, _) | (_, ErrorCode::InsufficientScope | ErrorCode::AccessDenied) => {
            StatusCode::FORBIDDEN
        }
        (_, ErrorCode::InvalidToken) => StatusCode::UNAUTHORIZED,
        (_, ErrorCode::ServerError) => StatusCode::INTERNAL_SERVER_ERROR,
        (_, ErrorCode::TemporarilyUnavailable) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}
