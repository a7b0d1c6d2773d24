//! Redirect URIs: which may be registered, and which match a request.
//!
//! Matching is simple string comparison (RFC 9700 §2.1, RFC 3986 §6.2.1). A URL parser is used only
//! at registration. The only exception is the port of a native app's loopback address (RFC 8252
//! §7.3).

use serde::{Deserialize, Deserializer, Serialize};
use url::{Host, Url};

use super::insecure_host::{InsecureHost, is_allowed};

/// A URI that passed the rules for registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

/// The parameters that an authorization response adds to the query
/// ([RFC 6749 §4.1.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2),
/// [RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)). If the registered URI already
/// had one, the client could read that instead.
const RESPONSE_PARAMETERS: [&str; 6] = ["code", "state", "iss", "error", "error_description", "error_uri"];

/// Schemes that do not belong to an app: a browser executes, displays or fetches them, or the
/// system opens them in a program that the client did not choose.
const UNSAFE_SCHEMES: &[&str] = &[
    "about",
    "blob",
    "chrome",
    "chrome-extension",
    "content",
    "data",
    "edge",
    "facetime",
    "feed",
    "file",
    "filesystem",
    "ftp",
    "geo",
    "intent",
    "itms",
    "itms-apps",
    "jar",
    "javascript",
    "livescript",
    "mailto",
    "market",
    "mhtml",
    "mms",
    "mocha",
    "moz-extension",
    "opera",
    "resource",
    "safari-web-extension",
    "sftp",
    "sip",
    "sms",
    "ssh",
    "tel",
    "urn",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

impl RedirectUri {
    /// Maximum length of a registered URI in bytes.
    pub const MAX_LENGTH: usize = 2000;

    /// Parses a URI for registration. It must be absolute printable ASCII without fragment, user,
    /// wildcard and response parameters. Its scheme is https, http, or private-use
    /// ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)).
    /// [`RedirectUri::check_transport`] restricts http.
    ///
    /// # Errors
    /// A sentence that names the broken rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > Self::MAX_LENGTH {
            return Err(format!("a redirect_uri may have at most {} characters", Self::MAX_LENGTH));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'*')) {
            return Err(
                "a redirect_uri is printable ASCII without quotes, angle brackets, backslashes or wildcards".to_owned()
            );
        }
        if text.contains('#') {
            return Err("a redirect_uri has no fragment (RFC 6749 section 3.1.2)".to_owned());
        }
        let url = Url::parse(text).map_err(|error| format!("a redirect_uri is an absolute URI: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a redirect_uri names no user".to_owned());
        }
        if let Some((name, _)) = url.query_pairs().find(|(name, _)| RESPONSE_PARAMETERS.contains(&&**name)) {
            return Err(format!("a redirect_uri has no parameter {name}: the response adds it"));
        }
        match url.scheme() {
            "https" | "http" if !has_authority(text) => {
                Err("an https redirect_uri has two slashes and a host after its scheme".to_owned())
            }
            "https" | "http" if !has_plain_host(&url) => {
                Err("a host is letters, digits, hyphens, underscores and dots, or an IP address".to_owned())
            }
            "https" | "http" => Ok(Self(text.to_owned())),
            scheme if UNSAFE_SCHEMES.contains(&scheme) || scheme.starts_with("ms-") => {
                Err(format!("the scheme {scheme} is one that browsers or systems handle themselves"))
            }
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Whether the scheme is private-use without a dot, such as `cursor:`. Several apps may choose
    /// the same one ([RFC 8252 §7.1](https://www.rfc-editor.org/rfc/rfc8252#section-7.1)), so only
    /// a public native client may register it.
    pub fn has_short_scheme(&self) -> bool {
        let scheme = self.0.split(':').next().unwrap_or_default().to_ascii_lowercase();
        !matches!(scheme.as_str(), "https" | "http") && !scheme.contains('.')
    }

    /// Checks that plain http is used only for loopback addresses and hosts that the operator lists
    /// ([RFC 9700 §2.1](https://www.rfc-editor.org/rfc/rfc9700#section-2.1)).
    ///
    /// # Errors
    /// A sentence that names the rule, if others on the network could read the response.
    pub fn check_transport(&self, insecure_hosts: &[InsecureHost]) -> Result<(), String> {
        let allowed = Url::parse(&self.0).is_ok_and(|url| is_allowed(&url, insecure_hosts));
        if allowed { Ok(()) } else { Err("http is only for localhost, 127.0.0.1 and [::1]: use https".to_owned()) }
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a request's `redirect_uri` is the same string. With `any_loopback_port`, the port
    /// may differ on `127.0.0.1`, `[::1]` and `localhost`
    /// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
    pub fn matches(&self, asked: &str, any_loopback_port: bool) -> bool {
        if self.0 == asked {
            return true;
        }
        any_loopback_port
            && match (split_loopback_port(&self.0), split_loopback_port(asked)) {
                (Some(registered), Some(asked)) => registered == asked,
                _ => false,
            }
    }

    /// The host that identifies the client. `None` for loopback addresses and private-use schemes,
    /// which any app can use.
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok().filter(|url| !is_loopback(url))?;
        web_host(&url).map(|host| host.to_string())
    }

    /// The origin (scheme, host and port) for CORS and Content-Security-Policy. `None` if browsers
    /// have no origin for this URI.
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The host that a browser connects to. In a URI with a private-use scheme, that part is arbitrary
/// text.
pub fn web_host(url: &Url) -> Option<Host<&str>> {
    url.host().filter(|_| matches!(url.scheme(), "https" | "http"))
}

/// Whether a host has no character with a meaning in Content-Security-Policy, which may contain its
/// origin. A URL parser accepts `;` and `,` in a host name.
pub(super) fn has_plain_host(url: &Url) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match url.host() {
        Some(Host::Domain(name)) => name.bytes().all(plain),
        _ => true,
    }
}

/// Whether a URL's host is `localhost` or a loopback address.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the text has a host in the right place. A URL parser reads `https:///cb` and `https:cb`
/// as the host `cb`; other software reads no host or a different one.
fn has_authority(text: &str) -> bool {
    let rest = text.split_once(':').map_or("", |(_, rest)| rest);
    rest.strip_prefix("//").is_some_and(|rest| !rest.starts_with(['/', '?', ':']) && !rest.is_empty())
}

/// Splits an http URI on a loopback host into scheme and host, and the part after the port.
fn split_loopback_port(uri: &str) -> Option<(&str, &str)> {
    ["http://127.0.0.1", "http://[::1]", "http://localhost"].into_iter().find_map(|head| {
        let rest = uri.strip_prefix(head)?;
        let rest = match rest.strip_prefix(':') {
            None => rest,
            Some(after) => {
                let digits = after.bytes().take_while(u8::is_ascii_digit).count();
                after[..digits].parse::<u16>().ok().filter(|port| *port > 0)?;
                &after[digits..]
            }
        };
        (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((head, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered(text: &str) -> RedirectUri {
        RedirectUri::parse(text).expect("a URI that may be registered")
    }

    #[test]
    fn redirect_uri_is_registered_or_refused_with_the_rule() {
        for good in [
            "https://shop.example/callback",
            "https://shop.example/callback?tenant=1",
            "http://localhost:8401/callback",
            "http://127.0.0.1/cb",
            "http://[::1]:9000/cb",
            "com.example.app:/oauth2redirect",
            "com.example.app://callback",
            "cursor://anysphere.cursor-mcp/callback",
            "vscode://extension/callback",
        ] {
            assert!(RedirectUri::parse(good).is_ok(), "{good}: {:?}", RedirectUri::parse(good));
        }
        for bad in [
            "",
            "/callback",
            "shop.example/callback",
            "https://shop.example/callback#x",
            "https://shop.example/*",
            "https://*.shop.example/cb",
            "https://user@shop.example/cb",
            "https://user:pw@shop.example/cb",
            "https://",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://shop.example/1",
            "about:blank",
            "vbscript:x",
            "view-source:https://shop.example/",
            "JavaScript:alert(1)",
            "intent://scan/#Intent;end",
            "https:///cb",
            "https:cb",
            "https:/cb",
            "HTTPS:///cb",
            "https://:443/cb",
            "https://shop.example/cb?code=1",
            "https://shop.example/cb?a=b&state=x",
            "https://shop.example/cb?%69ss=https://evil.example",
            "https://shop.example/cb?error",
            "https://shop.example/call back",
            "https://shop.example/\ncb",
            "https://shop.example/콜백",
            "https:\\\\shop.example\\cb",
            "https://shop.example;sandbox/cb",
            "https://shop.example,evil.example/cb",
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn host_identifies_the_client_only_for_https_uris() {
        assert_eq!(registered("https://shop.example:8443/cb").host().as_deref(), Some("shop.example"));
        for anybodys in ["com.example.app://shop.example/cb", "com.example.app:/cb", "http://127.0.0.1/cb"] {
            assert_eq!(registered(anybodys).host(), None, "{anybodys}");
        }
    }

    #[test]
    fn mutated_uri_does_not_match_the_registered_one() {
        let uri = registered("https://shop.example/callback");
        assert!(uri.matches("https://shop.example/callback", true));
        for mutation in [
            "https://shop.example/callback/",
            "https://shop.example/callback?",
            "https://shop.example/callback?x=1",
            "https://shop.example/callback#",
            "https://shop.example/callback/../evil",
            "https://shop.example/./callback",
            "https://shop.example//callback",
            "https://shop.example/Callback",
            "https://shop.example/%63allback",
            "https://shop.example:443/callback",
            "https://SHOP.example/callback",
            "HTTPS://shop.example/callback",
            "http://shop.example/callback",
            "https://shop.example.evil.example/callback",
            "https://shop.example@evil.example/callback",
            "https://evil.example/https://shop.example/callback",
            "https://shop.example\\@evil.example/callback",
            "https://sub.shop.example/callback",
            "https://shop.example./callback",
            "https://shop.example/callback\u{0}",
            " https://shop.example/callback",
            "https://shop.example/callback ",
            "//shop.example/callback",
            "https:/shop.example/callback",
            "https://shop.example/callbac",
            "https://shop.example/callbackk",
        ] {
            assert!(!uri.matches(mutation, true), "{mutation:?}");
        }
    }

    #[test]
    fn loopback_uri_matches_with_another_port_and_nothing_else() {
        let uri = registered("http://127.0.0.1/cb");
        assert!(uri.matches("http://127.0.0.1:49152/cb", true));
        assert!(!uri.matches("http://127.0.0.1:49152/cb", false));
        for mutation in [
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:80.evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.2:80/cb",
            "http://localhost:80/cb",
            "http://[::1]:80/cb",
            "https://127.0.0.1:80/cb",
            "http://127.0.0.1:80/cb2",
            "http://127.0.0.1:80/cb?x",
        ] {
            assert!(!uri.matches(mutation, true), "{mutation}");
        }
        let uri = registered("http://[::1]:8000/cb");
        assert!(uri.matches("http://[::1]:9/cb", true) && uri.matches("http://[::1]/cb", true));
        let uri = registered("https://127.0.0.1/cb");
        assert!(!uri.matches("https://127.0.0.1:1/cb", true));
        let uri = registered("http://localhost/callback");
        assert!(uri.matches("http://localhost:51212/callback", true));
        for other in ["http://localhost.evil.example:1/callback", "http://localhost:1@evil.example/callback"] {
            assert!(!uri.matches(other, true), "{other}");
        }
    }
}
