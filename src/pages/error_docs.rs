//! `/docs/errors`: the meaning of each cause and how to fix it, for developers of clients.
//! `error_uri` leads here.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use writ_core::{Cause, ErrorCode};

use crate::{
    server::Call,
    web::{
        error_page,
        page::{Page, PageContext},
    },
};

/// `GET /docs/errors`. `?q=` searches the causes.
pub async fn get_index(call: Call) -> HttpResponse {
    let query = call.query().ok().and_then(|params| params.get("q").ok().flatten().map(str::to_owned));
    ErrorIndexPage { page: call.page(None).at(call.request.path()), query: query.unwrap_or_default() }.respond()
}

/// `GET /docs/errors/{cause}`.
pub async fn get_cause(call: Call, id: Path<String>) -> HttpResponse {
    let page = call.page(None);
    match Cause::find(&id) {
        Some(cause) => ErrorDocPage { page, cause }.respond(),
        None => error_page::not_found(page),
    }
}

/// The causes, grouped by their error code.
#[derive(Template)]
#[template(path = "pages/errors.html")]
pub struct ErrorIndexPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The search words, or an empty string.
    pub query: String,
}

impl ErrorIndexPage {
    /// The found causes by code. The cause that is only the code is the heading of its group.
    fn groups(&self) -> Vec<(ErrorCode, Vec<Cause>)> {
        let found: Vec<Cause> = Cause::all().filter(|cause| self.matches(*cause)).collect();
        let group = |code: ErrorCode| {
            let causes: Vec<Cause> = found.iter().copied().filter(|cause| cause.code() == code).collect();
            let named = causes.iter().copied().filter(|cause| !matches!(cause, Cause::Code(_))).collect();
            (!causes.is_empty()).then_some((code, named))
        };
        ErrorCode::ALL.iter().copied().filter_map(group).collect()
    }

    /// Whether the id, the code or the explanation contains every search word.
    fn matches(&self, cause: Cause) -> bool {
        let text = format!("{} {} {}", cause.id(), cause.code(), explanation(&self.page, cause)).to_lowercase();
        self.query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

fn explanation(page: &PageContext, cause: Cause) -> String {
    page.text(&format!("cause-{}", cause.id()))
}

impl Page for ErrorIndexPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}

/// The page of one cause.
#[derive(Template)]
#[template(path = "pages/error_doc.html")]
pub struct ErrorDocPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The cause.
    pub cause: Cause,
}

impl ErrorDocPage {
    fn explanation(&self) -> String {
        explanation(&self.page, self.cause)
    }
}

impl Page for ErrorDocPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
