//! `/logout`: whether to sign out, and that it was done; by the person's own wish, or because an app asks for it
//! (OpenID Connect RP-Initiated Logout §2, checked by `/end_session`).

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{answer::answer, consent::AccountView};
use writ_core::{
    Error, Params,
    vocabulary::{params, web_uri::WebUri},
};

use crate::{
    fault::Stop,
    requests::LogoutRequest,
    server::Server,
    sessions::{
        self, SignedIn,
        accounts::{self, Account},
        csrf,
    },
    store::{self, clients::Client, grants},
    tokens::subject_identifier::sub,
    web::{
        error_page::{self, Interruption, Recovery},
        form::{self, Body},
        page::{Page, PageContext},
        see_other,
    },
};

const ENDPOINT: &str = "logout";
/// Seconds that the apps' frames have to load before the browser goes on.
const FRAMES_SECONDS: u32 = 3;

/// `GET /logout`, `GET /logout?request=…`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    answer(&server, &request, ENDPOINT, ask(&server, &request).await).await
}

/// `POST /logout`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    answer(&server, &request, ENDPOINT, confirmed(&server, &request, &body).await).await
}

/// What a logout is about.
struct Errand {
    page: PageContext,
    /// The sealed request of an app, or nothing.
    sealed: String,
    request: LogoutRequest,
    /// The app that asks, if one does.
    client: Option<Arc<Client>>,
}

impl Errand {
    async fn of(server: &Server, request: &HttpRequest, params: &Params) -> Result<Self, Stop> {
        let sealed = params.get("request")?.unwrap_or_default().to_owned();
        let logout = if sealed.is_empty() {
            LogoutRequest::default()
        } else {
            LogoutRequest::open(&sealed, &server.front.form_key)
                .ok_or_else(|| Error::invalid_request("request is not one that this server made"))?
        };
        let client = match &logout.client_id {
            None => None,
            Some(id) => server.clients.find(id).await?,
        };
        let here = if sealed.is_empty() { "/logout".to_owned() } else { format!("/logout?request={sealed}") };
        let page = sessions::page(server, request, logout.ui_locales.as_deref()).await.at(&here);
        Ok(Self { page, client, request: logout, sealed })
    }

    /// Whether the app's ID token was issued in this very session: then it has been asked for by one who knew of it.
    fn means(&self, server: &Server, signed_in: &SignedIn) -> bool {
        let (Some(hint), Some(client)) = (&self.request.hint, &self.client) else { return false };
        hint.sid == Some(signed_in.session.sid) && hint.sub == sub(server, client, signed_in.user.id)
    }

    fn app_name(&self) -> Option<String> {
        let name = |client: &Client| client.metadata.client_name_in(self.page.locale.tag()).to_owned();
        self.client.as_deref().map(name)
    }

    /// Where the browser goes by itself: only with a genuine hint.
    fn target(&self) -> Option<&str> {
        self.request.url.as_deref().filter(|_| self.request.hint.is_some())
    }

    /// The page that goes on by itself where it may, after the apps' frames had some time to load.
    fn logged_out(self, frames: Vec<FrameView>) -> LoggedOutPage {
        let wait = if frames.is_empty() { 0 } else { FRAMES_SECONDS };
        let goes_on = self.target().is_some();
        let app_name = self.app_name().unwrap_or_default();
        LoggedOutPage {
            page: self.page,
            back: self.request.url.map(|url| BackView { app_name, url, after_seconds: goes_on.then_some(wait) }),
            frames,
        }
    }
}

async fn ask(server: &Server, request: &HttpRequest) -> Result<HttpResponse, Stop> {
    let params = Params::parse(request.query_string().as_bytes())?;
    let errand = Errand::of(server, request, &params).await?;
    let accounts = accounts::all(server, request).await?;
    if let Some(Account { signed_in, .. }) = accounts.first()
        && !errand.means(server, signed_in)
    {
        let account = AccountView { name: signed_in.user.display_name()?, username: signed_in.user.username.clone() };
        let csrf = csrf::token(&server.front.form_key, ENDPOINT, &[&signed_in.session.id.to_string(), &errand.sealed]);
        let app_name = errand.app_name();
        let Errand { page, sealed, .. } = errand;
        let several = accounts.len() > 1;
        return Ok(LogoutPage { page, csrf, request: sealed, account, several, app_name }.respond());
    }
    let frames = end_all(server, &accounts).await?;
    let mut response = match errand.target().filter(|_| frames.is_empty()) {
        Some(url) => see_other(url),
        None => errand.logged_out(frames).respond(),
    };
    accounts::forget(server, &mut response);
    Ok(response)
}

async fn confirmed(server: &Server, request: &HttpRequest, body: &Body) -> Result<HttpResponse, Stop> {
    let params = form::parse_strictly(request, body)?;
    let errand = Errand::of(server, request, &params).await?;
    let accounts = accounts::all(server, request).await?;
    if let Some(Account { signed_in, .. }) = accounts.first() {
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&server.front.form_key, ENDPOINT, &[&signed_in.session.id.to_string(), &errand.sealed], token)
        {
            let here = errand.page.here.clone().unwrap_or_default();
            return Ok(error_page::interrupt(errand.page, Interruption::Expired, Recovery::Here(here)));
        }
    }
    let frames = end_all(server, &accounts).await?;
    // A page that goes on, not a redirect: `form-action 'self'` would stop one to the app.
    let mut response = errand.logged_out(frames).respond();
    accounts::forget(server, &mut response);
    Ok(response)
}

/// Whoever signs out signs everybody out who is signed in at this browser: a browser left behind must not hold somebody's account.
async fn end_all(server: &Server, accounts: &[Account]) -> Result<Vec<FrameView>, Stop> {
    let mut frames = Vec::new();
    for account in accounts {
        frames.extend(end(server, &account.signed_in).await?);
    }
    Ok(frames)
}

/// Ends the session for every node at once, each of which reads it anew with each request, and answers with the frames in which
/// its apps forget it.
async fn end(server: &Server, signed_in: &SignedIn) -> Result<Vec<FrameView>, Stop> {
    let (id, sid, user_id) = (signed_in.session.id, signed_in.session.sid, signed_in.user.id);
    let apps = server
        .store
        .write(move |tx| {
            store::sessions::delete(tx, id)?;
            grants::clients_in_session(tx, user_id, sid)
        })
        .await?;
    tracing::info!(user = %user_id, session = %id, "signed out");
    let mut frames = Vec::new();
    for app in apps {
        if let Some(client) = server.clients.find(&app).await?
            && let Some(uri) = &client.metadata.frontchannel_logout_uri
        {
            frames.push(FrameView::new(uri, server.issuer(), &sid.to_string()));
        }
    }
    Ok(frames)
}

/// The question whether to sign out. Its form posts `csrf` and `request` to `/logout`.
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The sealed request of an app; empty when the person came by themselves.
    pub request: String,
    /// Who would be signed out.
    pub account: AccountView,
    /// Whether others are signed in at this browser, who would be, too.
    pub several: bool,
    /// The app that asks for it (OpenID Connect RP-Initiated Logout §2).
    pub app_name: Option<String>,
}

impl Page for LogoutPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page that says one is signed out.
#[derive(Template)]
#[template(path = "pages/logged_out.html")]
pub struct LoggedOutPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The app to return to and its validated `post_logout_redirect_uri`.
    pub back: Option<BackView>,
    /// What lets other apps forget the session (OpenID Connect Front-Channel Logout §3).
    pub frames: Vec<FrameView>,
}

/// A frame in which an app forgets the session.
pub struct FrameView {
    /// The app's `frontchannel_logout_uri` with `iss` and `sid`.
    pub url: String,
    origin: String,
}

impl FrameView {
    /// The frame of an app.
    pub fn new(uri: &WebUri, issuer: &str, sid: &str) -> Self {
        let separator = if uri.as_str().contains('?') { '&' } else { '?' };
        Self {
            url: params::append_encoded(format!("{}{separator}", uri.as_str()), [("iss", issuer), ("sid", sid)]),
            origin: uri.origin(),
        }
    }
}

/// A way back to an app.
pub struct BackView {
    /// The app's name.
    pub app_name: String,
    /// Where it leads.
    pub url: String,
    /// After how many seconds the page goes there by itself; none: it does not.
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
