//! The dependencies of pages: branding, cookies and the key of their forms.

use std::sync::Arc;

use actix_web::{HttpRequest, http::Method};
use aws_lc_rs::hmac;

use crate::web::{branding::Branding, locale::Locale, page::PageContext, request_id};

/// The dependencies of pages.
pub struct Front {
    /// The branding.
    pub branding: Arc<Branding>,
    /// Whether browsers reach the server over TLS, which decides the names of cookies.
    pub https: bool,
    /// Whether others on the network can read data sent to the server.
    pub unencrypted: bool,
    /// Authenticates forms and values in URLs.
    pub form_key: hmac::Key,
}

impl Front {
    /// The layout of a page for `request`, in the first supported language of `ui_locales`, else in
    /// the user's, if known.
    pub fn page(&self, request: &HttpRequest, ui_locales: Option<&str>) -> PageContext {
        let page = PageContext::new(Locale::of(request, ui_locales), Arc::clone(&self.branding));
        let page = PageContext { unencrypted: self.unencrypted, request_id: request_id::of(request), ..page };
        // A page repeats nothing of a query, and the response to a form cannot be shown again. A
        // page that has a URL for that sets it.
        let repeats = request.method() == Method::GET && request.query_string().is_empty();
        page.at(if repeats { request.path() } else { "/" })
    }
}
