//! The page that leads back to the client: its link and its automatic step are the client's own URI
//! with the response, so that both work as often as needed.

use askama::Template;

use crate::web::page::{Page, PageContext};

/// The page in place of a redirect.
#[derive(Template)]
#[template(path = "pages/navigate.html")]
pub struct RedirectPage {
    /// The frame of the page.
    pub page: PageContext,
    /// What it says first.
    pub heading: Heading,
    /// The client's name.
    pub app_name: String,
    /// The host of the redirect URI, or its scheme, as the consent page shows it.
    pub host: String,
    /// The redirect URI with the authorization response.
    pub url: String,
    /// Why the page waits for a click; none: it leads on by itself.
    pub warning: Option<Warning>,
}

/// What happened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// The user allowed something.
    Allowed,
    /// The user signed in.
    SignedIn,
    /// Neither.
    Returning,
}

/// The client is not one that an administrator approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The host on which it describes itself, if that is how it is known.
    pub described_at: Option<String>,
}

impl Warning {
    /// The mark of the client.
    pub fn text(&self, page: &PageContext) -> String {
        match &self.described_at {
            Some(host) => page.text_with("consent-described-at", &[("host", host.as_str())]),
            None => page.text("consent-unverified"),
        }
    }
}

impl RedirectPage {
    fn heading(&self) -> String {
        let key = match self.heading {
            Heading::Allowed => "navigate-allowed",
            Heading::SignedIn => "navigate-signed-in",
            Heading::Returning if self.warning.is_some() => "error-request",
            Heading::Returning => "form-post-heading",
        };
        self.page.text_with(key, &[("app", self.app_name.as_str())])
    }
}

impl Page for RedirectPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
