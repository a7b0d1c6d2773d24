//! The response of a page, or of the page that replaces it.

use actix_web::HttpResponse;

use crate::{fault::Stop, server::Call, sessions, web::error_page};

/// Why a page is not shown.
pub(super) enum PageStop {
    /// A refusal or a fault, which the error page shows.
    Stopped(Stop),
    /// Another page replaces it.
    Instead(HttpResponse),
}

impl<T: Into<Stop>> From<T> for PageStop {
    fn from(stop: T) -> Self {
        Self::Stopped(stop.into())
    }
}

/// The `response`, or the page that replaces it. `endpoint` is for the log.
pub(super) async fn answer(
    call: &Call,
    endpoint: &'static str,
    response: Result<HttpResponse, impl Into<PageStop>>,
) -> HttpResponse {
    match response.map_err(Into::into) {
        Ok(response) | Err(PageStop::Instead(response)) => response,
        Err(PageStop::Stopped(stop)) => {
            error_page::refuse(sessions::page(&call.server, &call.request, None).await, endpoint, stop)
        }
    }
}
