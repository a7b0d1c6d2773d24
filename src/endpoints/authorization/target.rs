//! Where an authorization response goes. Only validation makes a [`Target`], and only a `Target` can redirect.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::form_post::FormPostPage;
use writ_core::{
    Cause, Error, Params,
    vocabulary::{params, response_mode::ResponseMode},
};

use crate::{
    fault::Stop,
    requests::authorization_request::redirect_uri,
    server::Server,
    store::clients::Client,
    web::{
        RefusalLog,
        client_address::{client_address, network},
        page::{Page, PageContext},
        see_other,
        shown_host::shown_host,
    },
};

/// The client that a request names.
///
/// # Errors
/// `invalid_request`: it names none, or one that does not exist; `invalid_client`: one that does not describe itself.
pub(super) async fn find_client(server: &Server, request: &HttpRequest, params: &Params) -> Result<Arc<Client>, Stop> {
    let client_id = params.require("client_id")?;
    let network = network(client_address(request, &server.settings.server.trusted_proxies));
    let client = server.clients.resolve(client_id, &network).await?;
    Ok(client
        .ok_or_else(|| Error::new(Cause::ClientUnknown, "client_id is unknown").because(format!("{client_id:?}")))?)
}

/// A client that exists and a redirect URI that it registered.
pub(super) struct Target {
    /// Who asked.
    pub(super) client: Arc<Client>,
    /// The redirect URI as asked, which may have a loopback port of its own.
    pub(super) redirect_uri: String,
    response_mode: ResponseMode,
    state: Option<String>,
    issuer: String,
    refusals: Arc<RefusalLog>,
}

impl Target {
    /// Checks `client_id` and `redirect_uri`.
    ///
    /// # Errors
    /// What a page must say, since there is nowhere to redirect to.
    pub(super) async fn find(server: &Server, request: &HttpRequest, params: &Params) -> Result<Self, Stop> {
        let client = find_client(server, request, params).await?;
        Ok(Self {
            redirect_uri: redirect_uri(&client, params)?.to_owned(),
            // An unknown mode is refused later, in the mode that every client understands.
            response_mode: params
                .get("response_mode")
                .ok()
                .and_then(ResponseMode::parse)
                .unwrap_or(ResponseMode::Query),
            state: params.get("state").ok().flatten().map(str::to_owned),
            issuer: server.issuer().to_owned(),
            refusals: Arc::clone(&server.refusals),
            client,
        })
    }

    /// Whether a person is asked each time, whatever they allowed before: nobody stands for the app, or another program may pass
    /// for it.
    pub(super) fn always_asks(&self) -> bool {
        !self.client.approved || self.client.metadata.can_be_impersonated(&self.redirect_uri)
    }

    /// Whether an answer is a page that goes on to the client, rather than a redirect.
    pub(super) fn answers_with_pages(&self) -> bool {
        self.response_mode == ResponseMode::FormPost
    }

    /// Sends the code to the client.
    pub(super) fn grant(&self, page: PageContext, code: &str) -> HttpResponse {
        self.send(page, vec![("code", code)])
    }

    /// Sends an error to the client, and its cause to the log.
    pub(super) fn refuse(&self, page: PageContext, endpoint: &'static str, failure: Stop) -> HttpResponse {
        let failure = failure.of(&self.client.id);
        self.refusals.record(endpoint, &failure);
        let error = failure.into_error();
        let error_uri = self.refusals.error_uri(error.cause);
        self.send(
            page,
            vec![("error", error.code.as_str()), ("error_description", &error.description), ("error_uri", &error_uri)],
        )
    }

    /// Every response carries `state`, if there was one, and `iss` (RFC 9207 §2).
    fn send<'a>(&'a self, page: PageContext, mut pairs: Vec<(&'a str, &'a str)>) -> HttpResponse {
        if let Some(state) = &self.state {
            pairs.push(("state", state));
        }
        pairs.push(("iss", &self.issuer));
        match self.response_mode {
            ResponseMode::Query => {
                let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
                let location = params::append_encoded(format!("{}{separator}", self.redirect_uri), pairs);
                see_other(&location)
            }
            ResponseMode::FormPost => {
                let url = url::Url::parse(&self.redirect_uri).ok();
                FormPostPage {
                    app_name: self.client.metadata.client_name_in(page.locale.tag()).to_owned(),
                    page,
                    action: self.redirect_uri.clone(),
                    origin: url.as_ref().map(source_expression).unwrap_or_default(),
                    host: url.as_ref().map(shown_host).unwrap_or_default(),
                    parameters: pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                }
                .respond()
            }
        }
    }
}

/// What Content-Security-Policy calls a URL's origin: an app's own scheme has none, and stands for itself.
fn source_expression(url: &url::Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) }
}
