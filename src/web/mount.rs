//! An issuer with a path. Routes, redirects, pages and cookies are written without it; this is the
//! only place that adds and removes it.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse, Url},
    http::{
        Uri,
        header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE},
        uri::PathAndQuery,
    },
    middleware::Next,
};

/// What is also served outside of the path: documents at inserted paths
/// ([RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1)), and monitoring.
const OUTSIDE: [&str; 3] = ["/.well-known/", "/healthz", "/readyz"];
/// Attributes of pages that have a URL of this server.
const ATTRIBUTES: [&str; 4] = [" href=\"", " src=\"", " action=\"", " content=\"0; url="];
/// A cookie with this prefix is for all paths of a host
/// ([RFC 6265bis §4.1.3.2](https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#section-4.1.3.2)).
const ALL_PATHS: &str = "__Host-writ_";
const ONE_PATH: &str = "__Secure-writ_";

/// Serves a request at an issuer whose path is `prefix`, such as `/auth`.
///
/// # Errors
/// The error of the route.
pub async fn mount<B: MessageBody + 'static>(
    prefix: String,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    match below(&prefix, target).map(|inner| inner.parse::<Uri>()) {
        Some(Ok(inner)) => {
            request.match_info_mut().set(Url::new(inner.clone()));
            request.head_mut().uri = inner;
        }
        None if OUTSIDE.iter().any(|outside| target.starts_with(outside)) => {}
        Some(Err(_)) | None => return Ok(request.into_response(HttpResponse::NotFound().finish())),
    }
    change(request.headers_mut(), COOKIE, |cookies| cookies.replace(ONE_PATH, ALL_PATHS));
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    change(headers, LOCATION, |url| if is_own(url) { format!("{prefix}{url}") } else { url.to_owned() });
    change(headers, SET_COOKIE, |cookie| narrowed(&prefix, cookie));
    if !is_page(response.headers()) {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let html = to_bytes(body).await.map_err(actix_web::error::ErrorInternalServerError)?;
    let html = page(&prefix, &String::from_utf8_lossy(&html));
    Ok(ServiceResponse::new(request, response.set_body(BoxBody::new(html))))
}

/// The part of `target` below `prefix`, which starts with `/`.
fn below(prefix: &str, target: &str) -> Option<String> {
    let inner = target.strip_prefix(prefix)?;
    match inner.chars().next() {
        Some('/') => Some(inner.to_owned()),
        None | Some('?') => Some(format!("/{inner}")),
        Some(_) => None,
    }
}

/// A cookie that is sent to this path only, not to other programs on the host.
fn narrowed(prefix: &str, cookie: &str) -> String {
    let cookie = match cookie.strip_prefix(ALL_PATHS) {
        Some(rest) => format!("{ONE_PATH}{rest}"),
        None => cookie.to_owned(),
    };
    cookie.replacen("; Path=/", &format!("; Path={prefix}"), 1)
}

/// Whether `url` is a path on this server.
fn is_own(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//")
}

/// A page with `prefix` in its links. Text of users has no quotes that are not escaped, and so none
/// of these attributes.
fn page(prefix: &str, html: &str) -> String {
    ATTRIBUTES.iter().fold(html.to_owned(), |html, attribute| {
        html.replace(&format!("{attribute}/"), &format!("{attribute}{prefix}/"))
    })
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// Changes the values of a header that are text. Others came from other software, and stay.
fn change(headers: &mut HeaderMap, name: HeaderName, changed: impl Fn(&str) -> String) {
    let values: Vec<HeaderValue> = headers.remove(&name).collect();
    for value in values {
        let new = value.to_str().ok().and_then(|text| HeaderValue::from_str(&changed(text)).ok());
        headers.append(name.clone(), new.unwrap_or(value));
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("/auth/login?request=1", Some("/login?request=1"))]
    #[case("/auth", Some("/"))]
    #[case("/auth?a=1", Some("/?a=1"))]
    #[case("/auth/", Some("/"))]
    #[case("/authority/login", None)]
    #[case("/login", None)]
    #[case("/other/auth/login", None)]
    fn path_below_the_prefix_is_served(#[case] target: &str, #[case] inner: Option<&str>) {
        assert_eq!(below("/auth", target).as_deref(), inner);
    }

    #[test]
    fn cookie_is_for_the_path_only() {
        let cookie = "__Host-writ_session=abc; HttpOnly; SameSite=Lax; Secure; Path=/";
        let narrow = "__Secure-writ_session=abc; HttpOnly; SameSite=Lax; Secure; Path=/auth";
        assert_eq!(narrowed("/auth", cookie), narrow);
        assert_eq!(narrowed("/auth", "locale=ko; Path=/; Max-Age=1"), "locale=ko; Path=/auth; Max-Age=1");
    }

    #[rstest]
    #[case("<a href=\"/account\">", "<a href=\"/auth/account\">")]
    #[case("<form method=\"post\" action=\"/login\">", "<form method=\"post\" action=\"/auth/login\">")]
    #[case("<meta content=\"0; url=/authorize/resume\">", "<meta content=\"0; url=/auth/authorize/resume\">")]
    #[case("<a href=\"https://app.example/cb\">", "<a href=\"https://app.example/cb\">")]
    #[case("<input value=\"/account\">", "<input value=\"/account\">")]
    fn page_has_the_prefix_in_its_links(#[case] html: &str, #[case] mounted: &str) {
        assert_eq!(page("/auth", html), mounted);
    }
}
