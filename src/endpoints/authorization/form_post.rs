//! `response_mode=form_post`: the authorization response as a form that submits itself to the
//! client (OAuth 2.0 Form Post Response Mode §2).

use askama::Template;

use super::redirect_page::{Heading, Warning};
use crate::web::page::{Page, PageContext};

/// The page that posts the authorization response. It has a button for browsers without scripts.
#[derive(Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The heading.
    pub heading: Heading,
    /// The redirect URI.
    pub action: String,
    /// The client's name.
    pub app_name: String,
    /// The host of the redirect URI, as shown on the consent page.
    pub host: String,
    /// The parameters of the authorization response.
    pub parameters: Vec<(String, String)>,
    /// Why the page waits for a click. `None` if it submits itself.
    pub warning: Option<Warning>,
}

impl FormPostPage {
    fn heading(&self) -> String {
        self.page.text_with(self.heading.key(self.warning.is_some()), &[("app", self.app_name.as_str())])
    }
}

impl Page for FormPostPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    /// `form-action` also applies to redirects after the form, which belong to the client
    /// ([CSP Level 3 §6.4.1.1](https://www.w3.org/TR/CSP3/#form-action-pre-navigate)). The page has
    /// no
    /// input, and its only script is part of the server.
    fn restricts_forms(&self) -> bool {
        false
    }
}
