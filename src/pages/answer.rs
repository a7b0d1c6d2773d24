//! The answer of a page, or the page that says why there is none.

use actix_web::{HttpRequest, HttpResponse};

use crate::{fault::Stop, server::Server, sessions, web::error_page};

/// `response`, or a page about the failure, for which the log names `endpoint`.
pub(super) async fn answer(
    server: &Server,
    request: &HttpRequest,
    endpoint: &'static str,
    response: Result<HttpResponse, Stop>,
) -> HttpResponse {
    match response {
        Ok(response) => response,
        Err(failure) => error_page::refuse(sessions::page(server, request, None).await, request, endpoint, failure),
    }
}
