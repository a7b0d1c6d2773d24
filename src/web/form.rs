//! Form bodies: the one content type that OAuth endpoints and our pages accept.

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

/// A body as it actual, or why it could not be read: each endpoint refuses in its own words what is too long.
pub struct Body(Result<Bytes, Error>);

impl Body {
    /// The bytes.
    ///
    /// # Errors
    /// `invalid_request`: there were too many, or they broke off.
    pub fn bytes(&self) -> Result<&Bytes, Error> {
        self.0.as_ref().map_err(Clone::clone)
    }

    /// Whether there is nothing in it.
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
                    format!("the body has more than {} bytes, or broke off", params::MAX_LENGTH),
                )
                .because(cause.to_string())
            })))
        })
    }
}

/// The parameters of a form body.
///
/// # Errors
/// `invalid_request`: another content type, or a body that cannot be read or that [`Params::parse`] refuses.
pub fn parse(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    let body = body.bytes()?;
    if !is_of_type(request, "application/x-www-form-urlencoded") {
        return Err(Error::new(Cause::BodyNotAForm, "the body must be application/x-www-form-urlencoded"));
    }
    Params::parse(body)
}

/// The parameters of an endpoint where none may be sent twice (RFC 6749 §3.2).
///
/// # Errors
/// `invalid_request`, as [`parse`], or a repeated parameter.
pub fn parse_strictly(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    let params = parse(request, body)?;
    params.check_unrepeated()?;
    Ok(params)
}

/// The parameters of an endpoint that takes them in the query of a GET or in the form of a POST.
///
/// # Errors
/// `invalid_request`, as [`parse`] or [`Params::parse`].
pub fn parse_or_query(request: &HttpRequest, body: &Body) -> Result<Params, Error> {
    if *request.method() == Method::POST {
        parse(request, body)
    } else {
        Params::parse(request.query_string().as_bytes())
    }
}

/// Whether a browser says that a form was posted from another site. Pages of ours send no referrer,
/// so `Origin` may be `null`: then only `Sec-Fetch-Site` tells, and the form's token decides.
pub fn is_cross_site(headers: &HeaderMap, own_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin != "null" && origin != own_origin,
        (None, None) => false,
    }
}

/// Whether the body says that it is of this media type, whatever its parameters.
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
    fn form_of_another_site_is_seen(#[case] site: Option<&str>, #[case] origin: Option<&str>, #[case] cross: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
            }
        }
        assert_eq!(is_cross_site(&headers, "https://id.example"), cross);
    }
}
