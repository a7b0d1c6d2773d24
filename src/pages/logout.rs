//! `/logout`: signs out, because the user or a client requests it
//! ([OpenID Connect RP-Initiated Logout
//! §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout),
//! validated by `/end_session`).

use std::sync::Arc;

use actix_web::HttpResponse;
use askama::Template;
use serde_json::json;

use super::{answer::answer, consent::AccountView};
use writ_core::{
    Error, Params,
    vocabulary::{params, web_uri::WebUri},
};

use crate::{
    fault::Stop,
    requests::LogoutRequest,
    server::{Call, Server},
    sessions::{
        self, SignedIn,
        browser::{self, BrowserAccount},
        csrf,
    },
    store::{accounts, audit_events, clients::Client, grants},
    tokens::subject_identifier::{sid as sid_of, sub},
    web::{
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "logout";
/// Seconds for the clients' frames to load before the browser continues.
const FRAMES_SECONDS: u32 = 3;

/// `GET /logout`, `GET /logout?request=…`.
pub async fn get(call: Call) -> HttpResponse {
    let response = async {
        let params = call.query()?;
        LogoutContext::find(&call, &params).await?.ask(&call.server).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// `POST /logout`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    let response = async {
        let params = form::parse_strictly(&call.request, &body)?;
        let context = LogoutContext::find(&call, &params).await?;
        context.confirm(&call.server, params.get("csrf")?.unwrap_or_default()).await
    };
    answer(&call, ENDPOINT, response.await).await
}

/// The facts about a logout.
struct LogoutContext {
    page: PageContext,
    /// The sealed request of a client, or an empty string.
    sealed: String,
    request: LogoutRequest,
    /// The client that requests it, if any.
    client: Option<Arc<Client>>,
    accounts: Vec<BrowserAccount>,
}

impl LogoutContext {
    async fn find(call: &Call, params: &Params) -> Result<Self, Stop> {
        let Call { server, request } = call;
        let sealed = params.get("request")?.unwrap_or_default().to_owned();
        let mut logout = if sealed.is_empty() {
            LogoutRequest::default()
        } else {
            LogoutRequest::open(&sealed, &server.front.form_key)
                .ok_or_else(|| Error::invalid_request("request was not created by this server"))?
        };
        let client = match &logout.client_id {
            None => None,
            Some(id) => server.clients.find(id).await?,
        };
        // The request may have been sealed before the client was disabled.
        if client.as_ref().is_some_and(|client| client.disabled_at.is_some()) {
            logout.url = None;
        }
        let here = if sealed.is_empty() { "/logout".to_owned() } else { format!("/logout?request={sealed}") };
        let page = sessions::page(server, request, logout.ui_locales.as_deref()).await.at(&here);
        let accounts = browser::accounts_to_end(server, request).await?;
        Ok(Self { page, client, request: logout, sealed, accounts })
    }

    /// The active session of the browser.
    fn active(&self) -> Option<&SignedIn> {
        self.accounts.first().map(|account| &account.signed_in)
    }

    /// Whether the hint is an ID token of this session. Then the user need not confirm the logout
    /// ([OpenID Connect RP-Initiated Logout
    /// §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)).
    fn hint_names(&self, server: &Server, signed_in: &SignedIn) -> bool {
        let (Some(hint), Some(client)) = (&self.request.hint, &self.client) else { return false };
        let sid = sid_of(server, client, signed_in.session.sid);
        hint.sid == Some(sid) && hint.sub == sub(server, client, signed_in.user.id)
    }

    fn csrf_bound_to(&self, signed_in: &SignedIn) -> [String; 2] {
        [signed_in.session.id.to_string(), self.sealed.clone()]
    }

    fn app_name(&self) -> Option<String> {
        let name = |client: &Client| self.page.client_name(&client.metadata);
        self.client.as_deref().map(name)
    }

    /// The URI that the browser is redirected to. This needs a valid hint and a client that an
    /// administrator approved ([RFC 9700
    /// §4.11.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2)).
    fn target(&self) -> Option<&str> {
        let approved = self.client.as_ref().is_some_and(|client| client.approved);
        self.request.url.as_deref().filter(|_| self.request.hint.is_some() && approved)
    }

    async fn ask(self, server: &Server) -> Result<HttpResponse, Stop> {
        if let Some(signed_in) = self.active()
            && !self.hint_names(server, signed_in)
        {
            let user = &signed_in.user;
            let bound_to = self.csrf_bound_to(signed_in);
            let page = LogoutPage {
                csrf: csrf::token(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str)),
                account: AccountView { name: user.display_name()?, username: user.username.clone() },
                several: self.accounts.len() > 1,
                app_name: self.app_name(),
                page: self.page,
                request: self.sealed,
            };
            return Ok(page.respond());
        }
        let frames = end_all(server, &self.accounts).await?;
        match self.target().filter(|_| frames.is_empty()) {
            Some(url) => Ok(self.forget_accounts(server, see_other(url))),
            None => Ok(self.logged_out(server, frames)),
        }
    }

    async fn confirm(self, server: &Server, token: &str) -> Result<HttpResponse, Stop> {
        if let Some(signed_in) = self.active() {
            let bound_to = self.csrf_bound_to(signed_in);
            if !csrf::verify(&server.front.form_key, ENDPOINT, &bound_to.each_ref().map(String::as_str), token) {
                let here = self.page.here.clone().unwrap_or_default();
                return Ok(error_page::interrupt(self.page, Interruption::Expired, Recovery::Here(here)));
            }
        }
        let frames = end_all(server, &self.accounts).await?;
        // A page with a link replaces the redirect, which `form-action 'self'` would block.
        Ok(self.logged_out(server, frames))
    }

    /// The page after the logout. If allowed, it redirects after the clients' frames had time to
    /// load.
    fn logged_out(&self, server: &Server, frames: Vec<FrameView>) -> HttpResponse {
        let wait = if frames.is_empty() { 0 } else { FRAMES_SECONDS };
        let after_seconds = self.target().is_some().then_some(wait);
        let app_name = self.app_name().unwrap_or_default();
        let back = self.request.url.clone().map(|url| BackView { app_name, url, after_seconds });
        let page = LoggedOutPage { page: self.page.clone(), back, frames };
        self.forget_accounts(server, page.respond())
    }

    /// Removes the cookies of the ended sessions. A cross-site POST arrives without cookies, and
    /// its response must not remove cookies that it did not receive.
    fn forget_accounts(&self, server: &Server, mut response: HttpResponse) -> HttpResponse {
        if !self.accounts.is_empty() {
            browser::forget_accounts(server, &mut response);
        }
        response
    }
}

/// Signs out every account of this browser, so that none stays signed in on a shared computer.
async fn end_all(server: &Server, accounts: &[BrowserAccount]) -> Result<Vec<FrameView>, Stop> {
    let mut frames = Vec::new();
    for account in accounts {
        frames.extend(end(server, &account.signed_in).await?);
    }
    Ok(frames)
}

/// Ends the session on all nodes. Returns the frames in which the clients end their sessions. A
/// disabled client is not loaded.
async fn end(server: &Server, signed_in: &SignedIn) -> Result<Vec<FrameView>, Stop> {
    let (id, sid, user_id) = (signed_in.session.id, signed_in.session.sid, signed_in.user.id);
    let client_ids = server
        .store
        .write(move |tx| {
            if accounts::end_session(tx, id)? {
                let action = "account.signed_out".to_owned();
                audit_events::of_user(tx, user_id, "", action, user_id.to_string(), json!({}))?;
            }
            grants::clients_in_session(tx, user_id, sid)
        })
        .await?;
    tracing::info!(user = %user_id, session = %id, "signed out");
    let mut frames = Vec::new();
    for client_id in client_ids {
        if let Some(client) = server.clients.find(&client_id).await?
            && client.disabled_at.is_none()
            && let Some(uri) = &client.metadata.frontchannel_logout_uri
        {
            frames.push(FrameView::new(uri, server.issuer(), &sid_of(server, &client, sid)));
        }
    }
    Ok(frames)
}

/// The confirmation form. It posts `csrf` and `request` to `/logout`.
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The sealed request of a client. Empty if the user started the logout.
    pub request: String,
    /// The account to sign out.
    pub account: AccountView,
    /// Whether other accounts at this browser are signed out as well.
    pub several: bool,
    /// The client that requests the logout.
    pub app_name: Option<String>,
}

impl Page for LogoutPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page after the logout.
#[derive(Template)]
#[template(path = "pages/logged_out.html")]
pub struct LoggedOutPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The client to return to and its validated `post_logout_redirect_uri`.
    pub back: Option<BackView>,
    /// The frames that end the session at its clients
    /// ([OpenID Connect Front-Channel Logout
    /// §3](https://openid.net/specs/openid-connect-frontchannel-1_0.html#OPLogout)).
    pub frames: Vec<FrameView>,
}

/// A frame that ends the session at a client.
pub struct FrameView {
    /// The client's `frontchannel_logout_uri` with `iss` and `sid`.
    pub url: String,
    origin: String,
}

impl FrameView {
    /// The frame of a client.
    pub fn new(uri: &WebUri, issuer: &str, sid: &str) -> Self {
        let separator = if uri.as_str().contains('?') { '&' } else { '?' };
        Self {
            url: params::append_encoded(format!("{}{separator}", uri.as_str()), [("iss", issuer), ("sid", sid)]),
            origin: uri.origin(),
        }
    }
}

/// A link back to a client.
pub struct BackView {
    /// The client's name.
    pub app_name: String,
    /// The URL of the link.
    pub url: String,
    /// Seconds until the page redirects automatically. `None` if it does not.
    pub after_seconds: Option<u32>,
}

impl Page for LoggedOutPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn frame_sources(&self) -> Vec<String> {
        self.frames.iter().map(|frame| frame.origin.clone()).collect()
    }
}
