//! Our cookies: host-only, out of reach of scripts, and over https bound to the host by their `__Host-` name (RFC 6265bis §4.1.3).

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
};

/// A cookie of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The session's handle.
    Session,
    /// The handles of the browser's other sessions.
    Inactive,
    /// A random value that ties the sign-in form to this browser.
    Browser,
    /// Proof that some users have signed in at this browser before.
    Device,
}

impl Name {
    /// Plain http exists only for a loopback issuer, where browsers disagree about `Secure` and so about `__Host-`.
    fn text(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-writ_session",
            (Self::Session, false) => "writ_session",
            (Self::Inactive, true) => "__Host-writ_inactive",
            (Self::Inactive, false) => "writ_inactive",
            (Self::Device, true) => "__Host-writ_device",
            (Self::Device, false) => "writ_device",
            (Self::Browser, true) => "__Host-writ_browser",
            (Self::Browser, false) => "writ_browser",
        }
    }
}

/// The value of a cookie that the browser sent.
pub fn read(request: &HttpRequest, name: Name, https: bool) -> Option<String> {
    request.cookie(name.text(https)).map(|cookie| cookie.value().to_owned())
}

/// A cookie for `seconds`, or until the browser closes.
pub fn write(name: Name, value: String, seconds: Option<i64>, https: bool) -> Cookie<'static> {
    build(name.text(https), value, seconds, https)
}

/// A cookie for `seconds` that holds a preference and no secret.
pub fn plain(name: &'static str, value: String, seconds: i64, https: bool) -> Cookie<'static> {
    build(name, value, Some(seconds), https)
}

/// A cookie that ends the one before it.
pub fn remove(name: Name, https: bool) -> Cookie<'static> {
    write(name, String::new(), Some(0), https)
}

/// Sends a cookie along with a response.
pub fn set(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(%error, "a cookie cannot be set");
    }
}

fn build(name: &'static str, value: String, seconds: Option<i64>, https: bool) -> Cookie<'static> {
    let mut cookie =
        Cookie::build(name, value).path("/").http_only(true).secure(https).same_site(SameSite::Lax).finish();
    cookie.set_max_age(seconds.map(Duration::seconds));
    cookie
}
