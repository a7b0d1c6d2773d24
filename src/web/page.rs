//! What every page has in common: its frame, its language and its headers.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, ContentType, REFERRER_POLICY, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use askama::Template;
use writ_core::ClientMetadata;

use super::branding::Branding;
use super::locale::{Locale, Value};

/// What a page is told besides its own content.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// The language it speaks.
    pub locale: Locale,
    /// Whether the issuer is https, so that browsers may be told to stay there.
    pub https: bool,
    /// How it looks.
    pub branding: Arc<Branding>,
    /// The local path that shows this page again, where the language menu returns to. Without one there is no menu.
    pub here: Option<String>,
}

impl PageContext {
    /// A page in `locale` without a language menu.
    #[must_use]
    pub fn new(locale: Locale, https: bool, branding: Arc<Branding>) -> Self {
        Self { locale, https, branding, here: None }
    }

    /// With a language menu that returns to the local path `here`.
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

    /// The text of `key` in the page's language.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.locale.text(key)
    }

    /// The text of `key` with its placeables filled in.
    pub fn text_with<'a, V: Into<Value<'a>> + Clone>(&self, key: &str, values: &[(&str, V)]) -> String {
        self.locale.text_with(key, values)
    }

    /// The name of the product that the operator runs.
    pub(crate) fn product(&self) -> &str {
        &self.branding.settings.product_name
    }

    pub(crate) fn languages(&self) -> &'static [Locale] {
        Locale::all()
    }

    pub(crate) fn stylesheet(&self) -> &str {
        &self.branding.stylesheet
    }

    pub(crate) fn asset_url(&self, name: &str) -> String {
        super::assets::asset_url(name)
    }
}

/// A page: a template with the frame of `layout.html` around it.
pub trait Page: Template {
    /// What it was told besides its own content; the field `page` of every page.
    fn context(&self) -> &PageContext;

    /// The status it is answered with.
    fn status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Whether its forms may only be posted to us.
    fn restricts_forms(&self) -> bool {
        true
    }

    /// The origins whose pages it holds in frames.
    fn frame_sources(&self) -> Vec<String> {
        Vec::new()
    }

    /// The page as a response with the headers that every page has.
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
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "no-store"));
        if context.https {
            response.insert_header((STRICT_TRANSPORT_SECURITY, "max-age=31536000"));
        }
        response.body(html)
    }
}
