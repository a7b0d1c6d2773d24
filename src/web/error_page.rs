//! Error pages, each with a way to continue.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::page::{Page, PageContext};
use crate::fault::Stop;
use writ_core::{Cause, ErrorCode};

/// Logs a failure and shows it. Used while there is no validated URI to redirect to.
pub fn refuse(page: PageContext, endpoint: &'static str, failure: Stop) -> HttpResponse {
    let failure = failure.refuse_deleted(Cause::ClientUnknown);
    failure.log(endpoint);
    show(page, failure)
}

/// Shows a failure that was already logged.
pub fn show(page: PageContext, failure: Stop) -> HttpResponse {
    let error = failure.into_error();
    let kind = match error.code {
        ErrorCode::ServerError => ErrorKind::Fault,
        ErrorCode::TemporarilyUnavailable => ErrorKind::Busy,
        _ => ErrorKind::Request,
    };
    error_page(page, kind, Some(error.cause.shown()), error.description).respond()
}

/// The page for an unknown path.
pub fn not_found(page: PageContext) -> HttpResponse {
    error_page(page, ErrorKind::NotFound, None, String::new()).respond()
}

/// The error page of an expired `request_uri`. Its parameters are unknown, so the user can only
/// restart at the app.
pub fn show_expired(page: PageContext, failure: Stop, way: Recovery) -> HttpResponse {
    let error = failure.into_error();
    let shown = error_page(page, ErrorKind::Over, Some(error.cause.shown()), error.description);
    ErrorPage { way: Some(way), ..shown }.respond()
}

/// Explains an interruption, with one button to continue.
pub fn interrupt(page: PageContext, interruption: Interruption, way: Recovery) -> HttpResponse {
    tracing::info!(?interruption, "interrupted");
    InterruptedPage { page, interruption, way }.respond()
}

fn error_page(page: PageContext, kind: ErrorKind, cause: Option<Cause>, description: String) -> ErrorPage {
    ErrorPage { page, kind, cause, description, way: None }
}

/// How the user can continue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// At a local path, with the same request or a restarted one.
    Here(String),
    /// At the app, which must restart the request.
    App {
        /// The name of the app.
        name: String,
        /// The URL that starts it, if known.
        url: Option<String>,
    },
    /// The app is unknown. Only the user's account page is left.
    Nowhere,
}

impl Recovery {
    /// The advice for a request that only the app can restart.
    fn advice(&self, page: &PageContext) -> String {
        match self {
            Self::App { name, .. } => page.text_with("interrupted-gone-advice-app", &[("app", name.as_str())]),
            Self::Here(_) | Self::Nowhere => page.text("interrupted-gone-advice"),
        }
    }
}

/// The page of an error that cannot be returned to the client.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The layout of the page.
    pub page: PageContext,
    /// What went wrong, for the user.
    pub kind: ErrorKind,
    /// The cause, if it may be disclosed.
    pub cause: Option<Cause>,
    /// The error description for the app's developers. Empty if there is none.
    pub description: String,
    /// How to continue, if possible.
    pub way: Option<Recovery>,
}

/// What went wrong, for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request was invalid.
    Request,
    /// The request has expired or was already answered.
    Over,
    /// There is no such page.
    NotFound,
    /// The server is overloaded.
    Busy,
    /// The server failed.
    Fault,
}

impl ErrorKind {
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Request => ("error-request", "error-request-advice"),
            Self::Over => ("interrupted-gone", "interrupted-gone-advice"),
            Self::NotFound => ("error-not-found", "error-not-found-advice"),
            Self::Busy => ("error-busy", "error-busy-advice"),
            Self::Fault => ("error-fault", "error-fault-advice"),
        }
    }
}

impl ErrorPage {
    fn heading(&self) -> String {
        self.page.text(self.kind.texts().0)
    }

    fn advice(&self) -> String {
        match &self.way {
            Some(way) if self.kind == ErrorKind::Over => way.advice(&self.page),
            _ => self.page.text(self.kind.texts().1),
        }
    }
}

impl Page for ErrorPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn status(&self) -> StatusCode {
        match self.kind {
            ErrorKind::Request | ErrorKind::Over => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The page for a form that is no longer accepted. It explains why and has one button to continue.
#[derive(Template)]
#[template(path = "pages/interrupted.html")]
pub struct InterruptedPage {
    /// The layout of the page.
    pub page: PageContext,
    /// What happened.
    pub interruption: Interruption,
    /// How to continue.
    pub way: Recovery,
}

/// Why a form is no longer accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The page was open for too long.
    Expired,
    /// The request was already answered, in another tab or before the back button was used.
    AlreadyAnswered,
    /// The browser sent no session cookie.
    CookieLost,
    /// The pending request no longer exists. Only the app can restart it.
    RequestGone,
    /// The pending request no longer exists, but it can be restarted.
    RequestOver,
}

impl Interruption {
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Expired => ("interrupted-expired", "interrupted-expired-advice"),
            Self::AlreadyAnswered => ("interrupted-answered", "interrupted-answered-advice"),
            Self::CookieLost => ("interrupted-cookie", "interrupted-cookie-advice"),
            Self::RequestGone => ("interrupted-gone", "interrupted-gone-advice"),
            Self::RequestOver => ("interrupted-gone", "interrupted-over-advice"),
        }
    }
}

impl InterruptedPage {
    fn heading(&self) -> String {
        self.page.text(self.interruption.texts().0)
    }

    fn advice(&self) -> String {
        match self.interruption {
            Interruption::RequestGone => self.way.advice(&self.page),
            interruption => self.page.text(interruption.texts().1),
        }
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
