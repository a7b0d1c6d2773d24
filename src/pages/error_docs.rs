//! `/docs/errors`: the meaning of each cause and how to fix it, for developers of clients.
//! `error_uri` leads here.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use writ_core::Cause;

use crate::{
    server::Call,
    web::{
        error_page,
        page::{Page, PageContext},
    },
};

/// `GET /docs/errors`.
pub async fn get_index(call: Call) -> HttpResponse {
    ErrorIndexPage { page: call.page(None).at(call.request.path()) }.respond()
}

/// `GET /docs/errors/{cause}`.
pub async fn get_cause(call: Call, id: Path<String>) -> HttpResponse {
    let page = call.page(None);
    match Cause::find(&id) {
        Some(cause) => ErrorDocPage { page: page.at(call.request.path()), cause }.respond(),
        None => error_page::not_found(page, &call.request),
    }
}

/// The list of causes.
#[derive(Template)]
#[template(path = "pages/errors.html")]
pub struct ErrorIndexPage {
    /// The layout of the page.
    pub page: PageContext,
}

impl ErrorIndexPage {
    fn causes(&self) -> impl Iterator<Item = Cause> {
        Cause::all()
    }
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
        self.page.text(&format!("cause-{}", self.cause.id()))
    }
}

impl Page for ErrorDocPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
