//! The page that leads back to the client. Its link and its automatic redirect are the client's URI
//! with the response, so both work repeatedly.

use askama::Template;
use url::Url;
use writ_core::vocabulary::redirect_uri::{is_loopback, web_host};

use crate::web::page::{Page, PageContext};

/// The page that replaces a redirect.
#[derive(Template)]
#[template(path = "pages/navigate.html")]
pub struct RedirectPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The heading.
    pub heading: Heading,
    /// The client's name.
    pub app_name: String,
    /// The host of the redirect URI, or its scheme, as on the consent page.
    pub host: String,
    /// The redirect URI with the authorization response.
    pub url: String,
    /// Why the page waits for a click. `None` if it redirects automatically.
    pub warning: Option<Warning>,
}

/// What the user did before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// The user allowed the request.
    Allowed,
    /// The user signed in.
    SignedIn,
    /// Neither of these.
    Returning,
}

impl Heading {
    /// The message key.
    pub(super) fn key(self, has_warning: bool) -> &'static str {
        match self {
            Self::Allowed => "navigate-allowed",
            Self::SignedIn => "navigate-signed-in",
            Self::Returning if has_warning => "error-request",
            Self::Returning => "form-post-heading",
        }
    }
}

/// The warning about a client that no administrator approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The host of the client's metadata document, if it has one.
    pub described_at: Option<String>,
}

impl Warning {
    /// The text of the warning.
    pub fn text(&self, page: &PageContext) -> String {
        match &self.described_at {
            Some(host) => {
                page.text_with("consent-described-at", &[("product", page.product()), ("host", host.as_str())])
            }
            None => page.text_with("consent-unverified", &[("product", page.product())]),
        }
    }
}

impl RedirectPage {
    fn destination(&self) -> String {
        let native = Url::parse(&self.url).is_ok_and(|url| is_loopback(&url) || web_host(&url).is_none());
        if native {
            self.page.text_with("navigate-opening", &[("app", self.app_name.as_str())])
        } else {
            self.page.text_with("navigate-taking-you", &[("host", self.host.as_str())])
        }
    }

    fn heading(&self) -> String {
        self.page.text_with(self.heading.key(self.warning.is_some()), &[("app", self.app_name.as_str())])
    }
}

impl Page for RedirectPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
