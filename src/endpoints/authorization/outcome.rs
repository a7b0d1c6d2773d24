//! The outcomes of a request to the authorization endpoint, rendered with one page context.

use std::sync::Arc;

use actix_web::HttpResponse;
use writ_core::{Error, Params};

use super::{ENDPOINT, response::AuthorizationResponse};
use crate::{
    fault::{Fault, Stop},
    requests::expired,
    server::Call,
    sessions,
    store::clients::Client,
    web::{
        cookies::{self, Name},
        error_page::{self, Interruption},
        page::PageContext,
        see_other,
    },
};

/// What the browser receives.
pub(super) enum Outcome {
    /// A redirect to a page, perhaps with the cookie that binds the request to this browser.
    Visit {
        /// The page.
        path: String,
        /// The cookie's value.
        new_browser: Option<String>,
    },
    /// The client gets a response.
    Response(AuthorizationResponse),
    /// An error page, because there is no validated redirect URI.
    Refused(Stop),
    /// The `request_uri` has expired or was used.
    ReferenceExpired {
        /// The `client_id` that was sent with it.
        client_id: Option<String>,
        /// The error.
        error: Error,
    },
    /// The pending request has expired or was answered. The query may identify it.
    Expired(Params),
    /// Another tab completed the request first.
    AlreadyAnswered(Arc<Client>),
}

impl Outcome {
    /// Renders the outcome. Pages use the first supported language of `ui_locales`.
    pub(super) async fn respond(self, call: &Call, ui_locales: Option<&str>) -> HttpResponse {
        let response = match self {
            Self::Visit { path, new_browser } => return visit(call, &path, new_browser),
            Self::Response(response) if response.is_redirect() => return response.redirect(call),
            response => response,
        };
        let page = sessions::page(&call.server, &call.request, ui_locales).await;
        response.page(call, page.clone()).await.unwrap_or_else(|fault| refuse(call, page, fault.into()))
    }

    async fn page(self, call: &Call, page: PageContext) -> Result<HttpResponse, Fault> {
        let server = &call.server;
        Ok(match self {
            Self::Visit { path, new_browser } => visit(call, &path, new_browser),
            Self::Response(response) => response.page(call, page),
            Self::Refused(failure) => refuse(call, page, failure),
            Self::ReferenceExpired { client_id, error } => {
                let failure = Stop::Refused(error);
                server.refusals.record(ENDPOINT, &failure);
                let recovery = expired::way_to_app(server, &page, client_id.as_deref()).await?;
                error_page::show_expired(page, failure, recovery)
            }
            Self::Expired(params) => expired::respond(server, page, &params).await?,
            Self::AlreadyAnswered(client) => {
                let recovery = expired::way_to(server, &page, &client);
                error_page::interrupt(page, Interruption::AlreadyAnswered, recovery)
            }
        })
    }
}

fn visit(call: &Call, path: &str, new_browser: Option<String>) -> HttpResponse {
    let mut response = see_other(path);
    if let Some(browser) = new_browser {
        cookies::set(&mut response, &cookies::write(Name::Browser, browser, None, call.server.front.https));
    }
    response
}

fn refuse(call: &Call, page: PageContext, failure: Stop) -> HttpResponse {
    call.server.refusals.record(ENDPOINT, &failure);
    error_page::show(page, failure)
}
