//! `/logout`: whether to sign out, and that it was done.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::consent::AccountView;
use crate::{
    server::Server,
    sessions::{self, csrf},
    store,
    web::{
        Failure,
        cookies::{self, Name},
        error_page::{self, Interruption},
        form::{self, Body},
        page::{Page, PageContext},
    },
};

const ENDPOINT: &str = "logout";

/// `GET /logout`.
pub async fn show(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    let page = server.page(&request, None).at("/logout");
    match ask(&server, &request, page.clone()).await {
        Ok(response) => response,
        Err(failure) => error_page::refuse(page, &request, ENDPOINT, failure),
    }
}

/// `POST /logout`.
pub async fn submit(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let page = server.page(&request, None);
    match end(&server, &request, &body, page.clone()).await {
        Ok(response) => response,
        Err(failure) => error_page::refuse(page, &request, ENDPOINT, failure),
    }
}

async fn ask(server: &Server, request: &HttpRequest, page: PageContext) -> Result<HttpResponse, Failure> {
    let Some(signed_in) = sessions::current(server, request).await? else {
        return Ok(LoggedOutPage { page, back: None }.respond());
    };
    let account = AccountView { name: signed_in.user.display_name()?, username: signed_in.user.username.clone() };
    let csrf = csrf::token(&server.form_key, ENDPOINT, &[&signed_in.session.id.to_string()]);
    Ok(LogoutPage { page, csrf, request: String::new(), account, app_name: None }.respond())
}

async fn end(server: &Server, request: &HttpRequest, body: &Body, page: PageContext) -> Result<HttpResponse, Failure> {
    let params = form::parse_strictly(request, body)?;
    if let Some(signed_in) = sessions::current(server, request).await? {
        let id = signed_in.session.id;
        let token = params.get("csrf")?.unwrap_or_default();
        if !csrf::verify(&server.form_key, ENDPOINT, &[&id.to_string()], token) {
            return Ok(error_page::interrupt(page, Interruption::Expired, "/logout"));
        }
        server.store.write(move |tx| store::sessions::delete(tx, id)).await?;
        tracing::info!(user = %signed_in.user.id, session = %id, "signed out");
    }
    let mut response = LoggedOutPage { page, back: None }.respond();
    cookies::set(&mut response, &cookies::remove(Name::Session, server.settings.server.issuer.is_https()));
    Ok(response)
}

/// The question whether to sign out. Its form posts `csrf` and `request` to `/logout`.
#[derive(Template)]
#[template(path = "pages/logout.html")]
pub struct LogoutPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The CSRF token of this browser session.
    pub csrf: String,
    /// The handle of a pending RP-initiated logout; empty when the person came by themselves.
    pub request: String,
    /// Who would be signed out.
    pub account: AccountView,
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
}

/// A way back to an app.
pub struct BackView {
    /// The app's name.
    pub app_name: String,
    /// Where it leads.
    pub url: String,
}

impl Page for LoggedOutPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
