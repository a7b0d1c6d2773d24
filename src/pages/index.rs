//! `/`: the front page of the server.

use actix_web::HttpResponse;
use askama::Template;

use crate::{
    server::Call,
    sessions,
    web::page::{Page, PageContext},
};

/// `GET /`.
pub async fn get(call: Call) -> HttpResponse {
    IndexPage { page: sessions::page(&call.server, &call.request, None).await.at("/") }.respond()
}

/// The front page.
#[derive(Template)]
#[template(path = "pages/index.html")]
pub struct IndexPage {
    /// The layout of the page.
    pub page: PageContext,
}

impl Page for IndexPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
