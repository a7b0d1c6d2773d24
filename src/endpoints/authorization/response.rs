//! The authorization response: a redirect, a page with a link, or a form that submits itself.

use std::sync::Arc;

use actix_web::HttpResponse;
use writ_core::{Error, authorization::Target, vocabulary::response_mode::ResponseMode};

use super::{
    ENDPOINT,
    form_post::FormPostPage,
    redirect_page::{Heading, RedirectPage, Warning},
};
use crate::{
    fault::Stop,
    server::Call,
    store::clients::Client,
    web::{
        page::{Page, PageContext},
        see_other,
        shown_host::shown_host,
    },
};

/// The page that the user just submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Previous {
    /// The user signed in or chose an account.
    SignedIn,
    /// The user allowed the request.
    Allowed,
    /// The user denied the request.
    Denied,
}

/// A response to the client.
pub(super) struct AuthorizationResponse {
    client: Arc<Client>,
    target: Target,
    result: Result<String, Error>,
    previous: Option<Previous>,
}

impl AuthorizationResponse {
    /// A response with a code.
    pub(super) fn code(client: Arc<Client>, target: Target, code: String) -> Self {
        Self { client, target, result: Ok(code), previous: None }
    }

    /// A response with an error. The cause is logged.
    pub(super) fn error(call: &Call, client: Arc<Client>, target: Target, failure: Stop) -> Self {
        let failure = failure.of(&client.id);
        call.server.refusals.record(ENDPOINT, &failure);
        Self { client, target, result: Err(failure.into_error()), previous: None }
    }

    /// The same response, after the user submitted a page.
    pub(super) fn after(self, previous: Option<Previous>) -> Self {
        Self { previous, ..self }
    }

    /// Whether the browser is redirected. After a form it is not: `form-action` would block a
    /// redirect to another origin, and a browser may not follow one to a native app without a
    /// click. A page with a link to the client's URI then replaces the redirect, and works
    /// repeatedly.
    ///
    /// An error of an unapproved client never redirects automatically
    /// ([RFC 9700 §4.11.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2)).
    pub(super) fn is_redirect(&self) -> bool {
        self.target.response_mode == ResponseMode::Query && self.previous.is_none() && self.leads_on()
    }

    /// Whether the browser continues to the client without a click.
    fn leads_on(&self) -> bool {
        self.result.is_ok() || self.client.approved || self.previous == Some(Previous::Denied)
    }

    /// The response as a redirect.
    pub(super) fn redirect(self, call: &Call) -> HttpResponse {
        see_other(&self.target.uri_with(borrowed(&self.parameters(call))))
    }

    /// The response as a page.
    pub(super) fn page(self, call: &Call, page: PageContext) -> HttpResponse {
        let parameters = self.parameters(call);
        let url = url::Url::parse(&self.target.redirect_uri).ok();
        let host = url.as_ref().map(shown_host).unwrap_or_default();
        let app_name = page.client_name(&self.client.metadata);
        let leads_on = self.leads_on();
        // A response is sent once, so a page that redirects automatically has no language menu.
        let page = PageContext { here: page.here.filter(|_| !leads_on), ..page };
        let warning = (!leads_on).then(|| Warning { described_at: self.client.described_at() });
        let heading = match (self.previous, &self.result) {
            (Some(Previous::Allowed), Ok(_)) => Heading::Allowed,
            (Some(Previous::SignedIn), Ok(_)) => Heading::SignedIn,
            _ => Heading::Returning,
        };
        match self.target.response_mode {
            ResponseMode::Query => {
                let url = self.target.uri_with(borrowed(&parameters));
                RedirectPage { heading, url, app_name, host, warning, page }.respond()
            }
            ResponseMode::FormPost => {
                let action = self.target.redirect_uri;
                FormPostPage { heading, action, parameters, app_name, host, warning, page }.respond()
            }
        }
    }

    fn parameters(&self, call: &Call) -> Vec<(String, String)> {
        let server = &call.server;
        let parameters = match &self.result {
            Ok(code) => vec![("code", code.clone())],
            Err(error) => vec![
                ("error", error.code.as_str().to_owned()),
                ("error_description", error.description.clone()),
                ("error_uri", server.refusals.error_uri(error.cause)),
            ],
        };
        let parameters = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let parameters = self.target.parameters(server.issuer(), parameters);
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
