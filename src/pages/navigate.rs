//! The answer to a decision: a page that goes on to the client by itself, so that no form is ever redirected
//! to another origin and `form-action 'self'` holds for https, loopback and private-use schemes alike.

use askama::Template;

use crate::web::page::{Page, PageContext};

/// The page that leads back to the client.
#[derive(Template)]
#[template(path = "pages/navigate.html")]
pub struct NavigatePage {
    /// The frame of the page.
    pub page: PageContext,
    /// What was decided.
    pub outcome: Outcome,
    /// The client's name.
    pub app_name: String,
    /// Where it leads, as shown on the consent page.
    pub host: String,
    /// The redirect URI with the authorization response.
    pub url: String,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something was allowed.
    Allowed,
    /// The person signed in.
    SignedIn,
}

impl NavigatePage {
    fn heading(&self) -> String {
        let key = match self.outcome {
            Outcome::Allowed => "navigate-allowed",
            Outcome::SignedIn => "navigate-signed-in",
        };
        self.page.text_with(key, &[("app", self.app_name.as_str())])
    }
}

impl Page for NavigatePage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
