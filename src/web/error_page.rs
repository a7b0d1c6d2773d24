//! What went wrong, and how to go on.

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use askama::Template;
use tracing_actix_web::RequestId;

use super::page::{Page, PageContext};
use crate::fault::Stop;
use writ_core::{Cause, ErrorCode};

/// Logs the failure and shows it: for as long as there is no address known good to redirect to.
pub fn refuse(page: PageContext, request: &HttpRequest, endpoint: &'static str, failure: Stop) -> HttpResponse {
    failure.log(endpoint);
    show(page, request, failure)
}

/// Shows a failure that was noted already.
pub fn show(page: PageContext, request: &HttpRequest, failure: Stop) -> HttpResponse {
    let error = failure.into_error();
    let kind = match error.code {
        ErrorCode::ServerError => ErrorKind::Fault,
        ErrorCode::TemporarilyUnavailable => ErrorKind::Busy,
        _ => ErrorKind::Request,
    };
    error_page(page, request, kind, Some(error.cause.shown()), error.description).respond()
}

/// Says that there is no such page.
pub fn not_found(page: PageContext, request: &HttpRequest) -> HttpResponse {
    error_page(page, request, ErrorKind::NotFound, None, String::new()).respond()
}

/// Shows the refusal of a request that was good once: by its reference nobody can tell what it was, so the app has to begin anew.
pub fn show_expired(page: PageContext, request: &HttpRequest, failure: Stop, way: Recovery) -> HttpResponse {
    let error = failure.into_error();
    let shown = error_page(page, request, ErrorKind::Over, Some(error.cause.shown()), error.description);
    ErrorPage { way: Some(way), ..shown }.respond()
}

/// Says what came between, with one button that goes on.
pub fn interrupt(page: PageContext, interruption: Interruption, way: Recovery) -> HttpResponse {
    tracing::info!(?interruption, "interrupted");
    InterruptedPage { page, interruption, way }.respond()
}

fn error_page(
    page: PageContext,
    request: &HttpRequest,
    kind: ErrorKind,
    cause: Option<Cause>,
    description: String,
) -> ErrorPage {
    let request_id = request.extensions().get::<RequestId>().map(RequestId::to_string).unwrap_or_default();
    ErrorPage { page, kind, cause, description, request_id, way: None }
}

/// Where somebody goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// At a local path: with the same request, or with it begun anew.
    Here(String),
    /// At the app, which has to begin anew.
    App {
        /// What it is called.
        name: String,
        /// Where it begins, as far as it said.
        url: Option<String>,
    },
    /// Nobody knows which app it was: only their own account is left.
    Nowhere,
}

impl Recovery {
    /// What to do about a request that only the app can begin anew.
    fn advice(&self, page: &PageContext) -> String {
        match self {
            Self::App { name, .. } => page.text_with("interrupted-gone-advice-app", &[("app", name.as_str())]),
            Self::Here(_) | Self::Nowhere => page.text("interrupted-gone-advice"),
        }
    }
}

/// The page of a refusal that cannot go back to the client.
#[derive(Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The frame of the page.
    pub page: PageContext,
    /// What went wrong, as far as it concerns the person.
    pub kind: ErrorKind,
    /// Why, as far as the caller may know.
    pub cause: Option<Cause>,
    /// The cause, in words for the app's developers; empty when there is none to tell.
    pub description: String,
    /// The request id, under which the server's log has the rest.
    pub request_id: String,
    /// The way on, where there is one.
    pub way: Option<Recovery>,
}

/// What went wrong, as far as it concerns the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The client or the browser asked for something that cannot be answered.
    Request,
    /// What was asked for could be answered once.
    Over,
    /// There is no such page.
    NotFound,
    /// The server has no room for the request right now.
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

/// The page for somebody whose form can no longer be taken: it says what happened, and one button goes on.
#[derive(Template)]
#[template(path = "pages/interrupted.html")]
pub struct InterruptedPage {
    /// The frame of the page.
    pub page: PageContext,
    /// What happened.
    pub interruption: Interruption,
    /// The way on.
    pub way: Recovery,
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
    /// The pending request is gone, and is known well enough to begin anew.
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
