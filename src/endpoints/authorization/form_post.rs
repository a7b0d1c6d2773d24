//! `response_mode=form_post`: the authorization response as a form that posts itself to the client
//! (OAuth 2.0 Form Post Response Mode §2).

use askama::Template;

use crate::web::page::{Page, PageContext};

/// The page that posts the authorization response; a button does it where scripts are off.
#[derive(Template)]
#[template(path = "pages/form_post.html")]
pub struct FormPostPage {
    /// The frame of the page.
    pub page: PageContext,
    /// The redirect URI.
    pub action: String,
    /// The origin of the redirect URI, which the form is allowed to post to.
    pub origin: String,
    /// The client's name.
    pub app_name: String,
    /// The host of the redirect URI, as shown on the consent page.
    pub host: String,
    /// The parameters of the authorization response.
    pub parameters: Vec<(String, String)>,
}

impl Page for FormPostPage {
    fn context(&self) -> &PageContext {
        &self.page
    }

    fn form_action(&self) -> Option<&str> {
        Some(&self.origin)
    }
}
