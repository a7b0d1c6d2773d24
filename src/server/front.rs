//! What pages need: their look, their language, and the proof of their forms.

use std::sync::Arc;

use actix_web::HttpRequest;
use aws_lc_rs::hmac;

use crate::web::{branding::Branding, locale::Locale, page::PageContext};

/// The face of the server.
pub struct Front {
    /// How pages look.
    pub branding: Arc<Branding>,
    /// Whether browsers reach the server over TLS, which decides the names of cookies.
    pub https: bool,
    /// Proves that a form, or a value in a URL, is one that we made.
    pub form_key: hmac::Key,
}

impl Front {
    /// The frame of a page for `request`, in the first language of `ui_locales` that exists, or else
    /// in the user's, once it is known.
    pub fn page(&self, request: &HttpRequest, ui_locales: Option<&str>) -> PageContext {
        PageContext::new(Locale::of(request, ui_locales), self.https, Arc::clone(&self.branding))
    }
}
