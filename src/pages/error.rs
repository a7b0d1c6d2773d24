//! What went wrong, and how to go on.

use actix_web::http::StatusCode;
use askama::Template;

use crate::web::page::{Page, PageContext};

/// The page of a refusal that cannot go back to the client.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The status it is answered with.
    pub status: StatusCode,
    /// What went wrong, in a line.
    pub heading: String,
    /// What that means and what to do.
    pub explanation: String,
    /// The error code of the specification, such as `invalid_request`.
    pub code: Option<String>,
    /// The cause, in words for the app's developers; empty when there is none to tell.
    pub description: String,
    /// The request id, under which the server's log has the rest.
    pub request_id: String,
    /// The local path that goes on, where there is one.
    pub continue_url: Option<String>,
}

impl Page for ErrorPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        self.status
    }
}

/// The page for somebody whose form can no longer be taken: it says what happened, and one button goes on.
#[derive(Template)]
#[template(path = "pages/interrupted.html")]
pub struct InterruptedPage {
    /// The frame of the page.
    pub page: PageContext,
    /// What happened.
    pub interruption: Interruption,
    /// The local path that goes on with the same request, or starts anew where it is gone.
    pub continue_url: String,
}

/// Why a form can no longer be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The page stood open too long.
    Expired,
    /// The request was answered before: a second tab, or the back button.
    AlreadyAnswered,
    /// The browser sent no session cookie.
    CookieLost,
    /// The pending request is gone; only the app can start again.
    RequestGone,
}

impl Interruption {
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Expired => ("interrupted-expired", "interrupted-expired-advice"),
            Self::AlreadyAnswered => ("interrupted-answered", "interrupted-answered-advice"),
            Self::CookieLost => ("interrupted-cookie", "interrupted-cookie-advice"),
            Self::RequestGone => ("interrupted-gone", "interrupted-gone-advice"),
        }
    }
}

impl InterruptedPage {
    fn heading(&self) -> String {
        self.page.text(self.interruption.texts().0)
    }

    fn advice(&self) -> String {
        self.page.text(self.interruption.texts().1)
    }
}

impl Page for InterruptedPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }
}
