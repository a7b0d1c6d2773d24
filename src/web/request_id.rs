//! The id of a request: in the log, in the response, and on error pages.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};
use uuid::Uuid;

/// The response header.
pub const X_REQUEST_ID: &str = "x-request-id";

/// The id of a request.
#[derive(Debug, Clone, Copy)]
struct RequestId(Uuid);

/// Gives a request its id, which the response repeats.
///
/// # Errors
/// The error of the route, whose response has the id as well.
pub async fn identify<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let id = Uuid::now_v7();
    request.extensions_mut().insert(RequestId(id));
    let mut text = Uuid::encode_buffer();
    let value = HeaderValue::from_str(id.as_hyphenated().encode_lower(&mut text)).ok();
    match next.call(request).await {
        Ok(mut response) => {
            set(response.headers_mut(), value);
            Ok(response)
        }
        Err(error) => {
            let mut response = error.error_response();
            set(response.headers_mut(), value);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn set(headers: &mut HeaderMap, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(HeaderName::from_static(X_REQUEST_ID), value);
    }
}

/// The id of a request as text. Empty outside of a server.
pub fn of(request: &HttpRequest) -> String {
    of_message(request).map(|id| id.to_string()).unwrap_or_default()
}

/// The id of a request or response.
pub fn of_message<M: HttpMessage>(message: &M) -> Option<Uuid> {
    message.extensions().get::<RequestId>().map(|id| id.0)
}
