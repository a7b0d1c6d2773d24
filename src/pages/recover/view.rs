//! The template of the page for a forgotten password.

use actix_web::http::StatusCode;
use askama::Template;

use crate::{
    store::AfterSignIn,
    web::page::{Page, PageContext},
};

/// The page for a forgotten password. Its form posts `request`, `return_to`, `csrf` and
/// `username` to `/recover`.
#[derive(Template)]
#[template(path = "pages/recover/ask.html")]
pub struct RecoverPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The handle of the pending request. Empty if there is none.
    pub request: String,
    /// The account page that follows without a pending request. Empty if there is none.
    pub return_to: String,
    /// The CSRF token of this browser.
    pub csrf: String,
    /// The last input.
    pub username: String,
    /// How users reach the operator.
    pub contact: Option<String>,
    /// What happened.
    pub state: RecoverState,
}

/// What the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverState {
    /// The form.
    Asking,
    /// The confirmation, whether or not there is such an account.
    Sent {
        /// Minutes for which the link holds.
        minutes: i64,
    },
    /// Too many requests from this network.
    Throttled {
        /// Seconds until another one is accepted.
        retry_after_seconds: i64,
    },
    /// There is no mail: the operator has to help.
    Unavailable,
}

impl RecoverPage {
    fn problem(&self) -> Option<String> {
        let RecoverState::Throttled { retry_after_seconds } = self.state else { return None };
        let moment = self.page.locale.in_time(retry_after_seconds);
        Some(self.page.text_with("login-advice-throttled", &[("moment", moment)]))
    }

    /// The path of the sign-in page.
    fn back(&self) -> String {
        let (request, return_to) = (self.request.clone(), self.return_to.clone());
        AfterSignIn { request, return_to, ..AfterSignIn::default() }.path("/login")
    }
}

impl Page for RecoverPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.state {
            RecoverState::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            RecoverState::Asking | RecoverState::Sent { .. } | RecoverState::Unavailable => StatusCode::OK,
        }
    }
}
