//! HEAD, prefetch and prerender requests. The user did not make them, so they change nothing.

use actix_web::{
    HttpResponse, Route,
    guard::GuardContext,
    http::{Method, header::CACHE_CONTROL},
    web::route,
};

/// Whether a browser or a link preview only probes a URL
/// ([RFC 9110 §9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2),
/// [Fetch §3.10](https://fetch.spec.whatwg.org/#sec-purpose-header)).
pub fn is_speculative(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    let says = |name: &str| {
        let value = head.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ["prefetch", "prerender"].iter().any(|purpose| value.to_ascii_lowercase().contains(purpose))
    };
    head.method == Method::HEAD || says("sec-purpose") || says("purpose") || says("x-moz")
}

/// The route of such requests. A browser discards a prefetched 503 and repeats the request when the
/// user opens the page.
pub fn speculative() -> Route {
    route().guard(actix_web::guard::fn_guard(is_speculative)).to(async |request: actix_web::HttpRequest| {
        let mut response = match *request.method() {
            Method::HEAD => HttpResponse::Ok(),
            _ => HttpResponse::ServiceUnavailable(),
        };
        response.insert_header((CACHE_CONTROL, "no-store")).finish()
    })
}
