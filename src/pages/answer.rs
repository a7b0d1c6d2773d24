//! The response of a page, or the error page that takes its place.

use actix_web::{HttpRequest, HttpResponse};

use crate::{fault::Stop, server::Server, sessions, web::error_page};

/// Why a page is not shown.
pub(super) enum PageStop {
    /// Refused, or broken: the error page says so.
    Stopped(Stop),
    /// Another page takes its place.
    Instead(HttpResponse),
}

impl<T: Into<Stop>> From<T> for PageStop {
    fn from(stop: T) -> Self {
        Self::Stopped(stop.into())
    }
}

/// `response`, or what is shown instead. The log names `endpoint`.
pub(super) async fn answer(
    server: &Server,
    request: &HttpRequest,
    endpoint: &'static str,
    response: Result<HttpResponse, impl Into<PageStop>>,
) -> HttpResponse {
    match response.map_err(Into::into) {
        Ok(response) | Err(PageStop::Instead(response)) => response,
        Err(PageStop::Stopped(stop)) => {
            error_page::refuse(sessions::page(server, request, None).await, request, endpoint, stop)
        }
    }
}
