//! `Cross-Origin-Opener-Policy`. Every response has `same-origin`, except for sign-ins in a popup:
//! the policy would disconnect the popup from the client's window that opened it.

use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    cookie::{Cookie, SameSite, time::Duration},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderName, HeaderValue},
    middleware::Next,
};

use super::cookies;

/// The header's name.
pub const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Marks a browser with a running popup sign-in.
const COOKIE: &str = "writ_popup";
/// Maximum duration of such a sign-in.
const LIFETIME: Duration = Duration::minutes(10);

/// Keeps the opener for a request with `display=popup`
/// ([OpenID Connect Core
/// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest))
/// and for the pages that follow it.
///
/// # Errors
/// Those of `next`.
pub async fn keep_for_popups<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begins = asks_for_popup(request.request());
    let in_popup = begins || cookies::read_named(request.request(), COOKIE).is_some();
    let mut response = next.call(request).await?;
    if in_popup {
        response.headers_mut().insert(CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
    }
    if begins {
        let cookie = Cookie::build(COOKIE, "1").path("/").http_only(true).same_site(SameSite::Lax).max_age(LIFETIME);
        response.response_mut().add_cookie(&cookie.finish())?;
    }
    Ok(response)
}

fn asks_for_popup(request: &HttpRequest) -> bool {
    request.path() == "/authorize" && request.query_string().split('&').any(|pair| pair == "display=popup")
}
