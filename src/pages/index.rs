//! `/`: what this server is, for somebody who arrives without an errand.

use askama::Template;

use crate::web::page::{Page, PageContext};

/// The front page.
#[derive(Template)]
#[template(path = "pages/index.html")]
pub struct IndexPage {
    /// The frame of the page.
    pub page: PageContext,
}

impl Page for IndexPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
