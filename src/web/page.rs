//! What all pages have in common: layout, language and headers.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, RETRY_AFTER},
    },
};
use askama::Template;
use writ_core::ClientMetadata;

use super::{
    branding::{Branding, CONSOLE_STYLESHEET},
    locale::{Locale, Value},
};

/// The common data of every page.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// The language.
    pub locale: Locale,
    /// Whether others on the network can read the user's input. Every page then says so.
    pub unencrypted: bool,
    /// The branding.
    pub branding: Arc<Branding>,
    /// The id of the request, which the server's log contains as well.
    pub request_id: String,
    /// The local path of this page, to which the language menu returns. `None` if there is no menu.
    pub here: Option<String>,
}

impl PageContext {
    /// A page in `locale` without a language menu.
    #[must_use]
    pub fn new(locale: Locale, branding: Arc<Branding>) -> Self {
        Self { locale, unencrypted: false, branding, request_id: String::new(), here: None }
    }

    /// Adds a language menu that returns to the local path `here`.
    #[must_use]
    pub fn at(mut self, here: &str) -> Self {
        self.here = Some(here.to_owned());
        self
    }

    /// The name of a client in the page's language.
    #[must_use]
    pub fn client_name(&self, client: &ClientMetadata) -> String {
        client.client_name_in(self.locale.tag()).to_owned()
    }

    /// The text with this key in the page's language.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.locale.text(key)
    }

    /// The text with this key, with its placeholders filled in.
    pub fn text_with<'a, V: Into<Value<'a>> + Clone>(&self, key: &str, values: &[(&str, V)]) -> String {
        self.locale.text_with(key, values)
    }

    /// The name of the operator's product.
    pub(crate) fn product(&self) -> &str {
        &self.branding.settings.product_name
    }

    pub(crate) fn languages(&self) -> &'static [Locale] {
        Locale::all()
    }

    pub(crate) fn stylesheet(&self) -> &str {
        &self.branding.stylesheet
    }

    pub(crate) fn console_stylesheet(&self) -> &str {
        CONSOLE_STYLESHEET
    }

    pub(crate) fn asset_url(&self, name: &str) -> String {
        super::assets::asset_url(name)
    }
}

/// A page: a template that extends `layout.html`.
pub trait Page: Template {
    /// The common data, which is the field `page` of every page.
    fn context(&self) -> &PageContext;

    /// The HTTP status.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Whether its forms may only be posted to this server.
    fn restricts_forms(&self) -> bool {
        true
    }

    /// The origins of its frames.
    fn frame_sources(&self) -> Vec<String> {
        Vec::new()
    }

    /// The response, with the headers of every page.
    fn respond(&self) -> HttpResponse {
        let context = self.context();
        let html = match self.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                return HttpResponse::InternalServerError().finish();
            }
        };
        let mut response = HttpResponse::build(self.status());
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((RETRY_AFTER, "1"));
        }
        response
            .insert_header(ContentType::html())
            .insert_header((CONTENT_LANGUAGE, context.locale.to_string()))
            .insert_header((
                CONTENT_SECURITY_POLICY,
                context.branding.content_security_policy(self.restricts_forms(), &self.frame_sources()),
            ))
            .insert_header((REFERRER_POLICY, "no-referrer"))
            .insert_header((CACHE_CONTROL, "no-store"));
        response.body(html)
    }
}
