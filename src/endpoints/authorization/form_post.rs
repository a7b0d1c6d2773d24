//! `response_mode=form_post`: the authorization response as a form that posts itself to the client
//! (OAuth 2.0 Form Post Response Mode §2).

use askama::Template;

use super::redirect_page::Warning;
use crate::web::page::{Page, PageContext};

/// The page that posts the authorization response; a button does it where scripts are off.
#[derive(Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The redirect URI.
    pub action: String,
    /// The client's name.
    pub app_name: String,
    /// The host of the redirect URI, as shown on the consent page.
    pub host: String,
    /// The parameters of the authorization response.
    pub parameters: Vec<(String, String)>,
    /// Why the page waits for a click; none: it posts by itself.
    pub warning: Option<Warning>,
}

impl Page for FormPostPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    /// `form-action` also holds for redirects after the form, which are the client's own
    /// ([CSP Level 3 §6.4.1.1](https://www.w3.org/TR/CSP3/#form-action-pre-navigate)). The page has no
    /// input and its one script is ours.
    fn restricts_forms(&self) -> bool {
        false
    }
}
