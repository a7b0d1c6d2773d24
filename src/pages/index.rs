//! `/`: the front page of the server.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use crate::web::page::{Page, PageContext};
use crate::{server::Server, sessions};

/// `GET /`.
pub async fn get(server: Data<Server>, request: HttpRequest) -> HttpResponse {
    IndexPage { page: sessions::page(&server, &request, None).await.at("/") }.respond()
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
