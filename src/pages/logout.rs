//! `/logout`: whether to sign out, and that it was done.

use askama::Template;

use super::consent::AccountView;
use crate::web::page::{Page, PageContext};

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
