//! Form bodies: the only content type of OAuth endpoints and pages.

use std::{convert::Infallible, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        Method,
        header::{CONTENT_TYPE, HeaderMap},
    },
    web::Bytes,
};
use writ_core::{Cause, Error, Params, vocabulary::params};

/// A request body, or why it could not be read. Each endpoint reports a body that is too long in
/// its own format.
pub struct Body(Result<Bytes, Error>);

impl Body {
    /// The bytes.
    ///
    /// # Errors
    /// `invalid_request` if there were too many, or the body was incomplete.
    pub fn bytes(&self) -> Result<&Bytes, Error> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// Whether the body is empty.
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_ok_and(Bytes::is_empty)
    }
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = Bytes::from_request(request, payload);
        Box::pin(async move {
            Ok(Self(read.await.map_err(|cause| {
                Error::new(
                    Cause::BodyNotAForm,
                    format!("the body has more than {} bytes, or is incomplete", params::MAX_LENGTH),
                )
                .because(cause.to_string())
            })))
        })
    }
}

/// Parses a form body.
///
/// # Errors
/// `invalid_request` if the content type is wrong, the body cannot be read, or [`Params::parse`]
/// fails.
pub fn parse(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    let body = body.bytes()?;
    if !is_of_type(request, "application/x-www-form-urlencoded") {
        return Err(Error::new(Cause::BodyNotAForm, "the body must be application/x-www-form-urlencoded"));
    }
    Params::parse(body)
}

/// Parses a form body for an endpoint that permits no repeated parameters (RFC 6749 §3.2).
///
/// # Errors
/// `invalid_request`, as for [`parse`], or if a parameter is repeated.
pub fn parse_strictly(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    let params = parse(request, body)?;
    params.check_unrepeated()?;
    Ok(params)
}

/// Parses the query of a GET or the form of a POST.
///
/// # Errors
/// `invalid_request`, as for [`parse`] or [`Params::parse`].
pub fn parse_or_query(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    if *request.method() == Method::POST {
        parse(request, body)
    } else {
        Params::parse(request.query_string().as_bytes())
    }
}

/// Whether the browser says that another site posted the form. Pages of this server send no
/// referrer, so `Origin` may be `null`. Then `Sec-Fetch-Site` or the form's token decides.
pub fn is_cross_site(headers: &HeaderMap, own_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin != "null" && origin != own_origin,
        (None, None) => false,
    }
}

/// Whether the body has this media type, with any parameters.
pub(super) fn is_of_type(request: &HttpRequest, media_type: &str) -> bool {
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_browser(None, None, false)]
    #[case::own_form(Some("same-origin"), Some("null"), false)]
    #[case::typed_again(Some("none"), None, false)]
    #[case::another_site(Some("cross-site"), None, true)]
    #[case::another_host_of_the_site(Some("same-site"), Some("https://evil.id.example"), true)]
    #[case::own_origin(None, Some("https://id.example"), false)]
    #[case::another_origin(None, Some("https://evil.example"), true)]
    #[case::no_origin(None, Some("null"), false)]
    fn cross_site_form_is_detected(#[case] site: Option<&str>, #[case] origin: Option<&str>, #[case] cross: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
            }
        }
        assert_eq!(is_cross_site(&headers, "https://id.example"), cross);
    }
}
