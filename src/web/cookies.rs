//! The server's cookies. They are host-only and HttpOnly, and bound to the host by the name
//! `__Host-` over https (RFC 6265bis §4.1.3).

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::COOKIE,
};

/// A cookie of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The session's handle.
    Session,
    /// The handles of the browser's inactive sessions.
    Inactive,
    /// A random value that binds the sign-in form to this browser.
    Browser,
    /// Proof that certain users have signed in at this browser before.
    Device,
    /// Proof that a password was verified, until the second factor follows.
    Password,
    /// The handle of a user of another provider who is not linked yet.
    Unlinked,
    /// The handles with which users sign in at this browser without the second factor.
    Trusted,
}

impl Name {
    /// Only a loopback issuer uses http. Browsers disagree about `Secure` there, and so about
    /// `__Host-`.
    fn text(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-writ_session",
            (Self::Session, false) => "writ_session",
            (Self::Inactive, true) => "__Host-writ_inactive",
            (Self::Inactive, false) => "writ_inactive",
            (Self::Device, true) => "__Host-writ_device",
            (Self::Device, false) => "writ_device",
            (Self::Password, true) => "__Host-writ_password",
            (Self::Password, false) => "writ_password",
            (Self::Unlinked, true) => "__Host-writ_unlinked",
            (Self::Unlinked, false) => "writ_unlinked",
            (Self::Trusted, true) => "__Host-writ_trusted",
            (Self::Trusted, false) => "writ_trusted",
            (Self::Browser, true) => "__Host-writ_browser",
            (Self::Browser, false) => "writ_browser",
        }
    }
}

/// The value of a cookie in the request.
pub fn read(request: &HttpRequest, name: Name, https: bool) -> Option<String> {
    read_named(request, name.text(https))
}

/// The value of the cookie with this name. Other programs on this host may set cookies with
/// arbitrary bytes, which must not hide this server's ASCII cookies.
pub fn read_named(request: &HttpRequest, name: &str) -> Option<String> {
    let headers = request.headers().get_all(COOKIE);
    let pairs = headers.flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    let value =
        pairs.map(<[u8]>::trim_ascii).find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    let value = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    String::from_utf8(value.to_vec()).ok()
}

/// A cookie that lasts for `seconds`, or until the browser closes.
pub fn write(name: Name, value: String, seconds: Option<i64>, https: bool) -> Cookie<'static> {
    build(name.text(https), value, seconds, https)
}

/// A cookie that lasts for `seconds` and contains a preference, not a secret.
pub fn plain(name: &'static str, value: String, seconds: i64, https: bool) -> Cookie<'static> {
    build(name, value, Some(seconds), https)
}

/// A cookie that deletes an earlier one.
pub fn remove(name: Name, https: bool) -> Cookie<'static> {
    write(name, String::new(), Some(0), https)
}

/// Adds a cookie to a response.
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

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::alone(b"writ_browser=abc".as_slice(), Some("abc"))]
    #[case::after_bytes_that_are_no_utf8(b"n=caf\xe9; writ_browser=abc", Some("abc"))]
    #[case::before_them(b"writ_browser=abc; n=caf\xe9", Some("abc"))]
    #[case::among_oddities(b"; =; {\"a\":1}; %; writ_browser=abc;", Some("abc"))]
    #[case::quoted(b"writ_browser=\"abc\"", Some("abc"))]
    #[case::another_name(b"xwrit_browser=abc; writ_browser2=abc", None)]
    #[case::first_of_two(b"writ_browser=abc; writ_browser=def", Some("abc"))]
    fn cookie_is_found_beside_cookies_with_any_bytes(#[case] header: &[u8], #[case] value: Option<&str>) {
        let header = HeaderValue::from_bytes(header).expect("a header");
        let request = TestRequest::default().insert_header((COOKIE, header)).to_http_request();
        assert_eq!(read(&request, Name::Browser, false).as_deref(), value);
    }
}
