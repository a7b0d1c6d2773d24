//! URIs of a client that the server fetches or shows, except redirect URIs.

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::redirect_uri::{RedirectUri, has_plain_host, is_loopback};

/// An https URI without a fragment. http is allowed on loopback hosts, for test installations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebUri(String);

impl WebUri {
    /// Parses a URI for registration.
    ///
    /// # Errors
    /// A sentence that names the broken rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is not an absolute URI: {error}"))?;
        let longest = RedirectUri::MAX_LENGTH;
        if text.len() > longest || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("a client's URI is printable ASCII of at most {longest} characters"));
        }
        if !has_plain_host(&url) {
            return Err(format!("`{text}` has a host with other characters than letters, digits, hyphens and dots"));
        }
        if text.contains('#') || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{text}` has a fragment or names a user"));
        }
        match url.scheme() {
            "https" => Ok(Self(text.to_owned())),
            "http" if is_loopback(&url) => Ok(Self(text.to_owned())),
            _ => Err(format!("`{text}` is not https")),
        }
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host.
    pub fn host(&self) -> Option<String> {
        Url::parse(&self.0).ok()?.host_str().map(str::to_owned)
    }

    /// The origin: scheme, host and port.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for WebUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The URI of a request object that a client publishes (OpenID Connect Core §6.2). The fragment,
/// which may be a hash of the object, distinguishes versions and is not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestUri(String);

impl RequestUri {
    /// Parses a URI for registration.
    ///
    /// # Errors
    /// A sentence that names the broken rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        WebUri::parse(address)?;
        if fragment.len() > 128 || !fragment.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the fragment of a request_uri is the hash of the request object".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a request's `request_uri` is this one, ignoring the fragment.
    pub fn matches(&self, asked: &str) -> bool {
        let address = |uri: &str| uri.split_once('#').map_or(uri.len(), |(address, _)| address.len());
        self.0[..address(&self.0)] == asked[..address(asked)]
    }
}

impl<'de> Deserialize<'de> for RequestUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A URI as it may be logged and kept: the query without its values, and no fragment. A URI that
/// was sent by mistake may hold a code or a token there.
pub fn without_values(uri: &str) -> String {
    let (before, fragment) = uri.split_once('#').map_or((uri, ""), |(before, _)| (before, "#…"));
    let Some((base, query)) = before.split_once('?') else { return format!("{before}{fragment}") };
    let names = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        // A pair without a name may be a value itself.
        None => "…".to_owned(),
    });
    format!("{base}?{}{fragment}", names.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_uri_has_the_names_of_its_query_and_no_values() {
        for (sent, kept) in [
            ("https://a.example/cb", "https://a.example/cb"),
            ("https://a.example/cb?code=s3cret&state=a=b&x", "https://a.example/cb?code=…&state=…&…"),
            ("https://a.example/cb#access_token=s3cret", "https://a.example/cb#…"),
            ("https://a.example/cb?id_token=s3cret#code=s3cret", "https://a.example/cb?id_token=…#…"),
            ("?s3cret", "?…"),
            ("", ""),
        ] {
            assert_eq!(without_values(sent), kept, "{sent}");
        }
    }

    #[test]
    fn https_and_loopback_uris_are_registered() {
        for good in ["https://shop.example/logout?x=1", "http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]/"] {
            assert!(WebUri::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/logout",
            "http://shop.example/",
            "https://shop.example/#x",
            "https://a@shop.example/",
            "javascript:alert(1)",
            "com.example.app:/x",
            "https://shop.example/a b",
            "https://상점.example/",
            "https://shop.example;sandbox/logout",
        ] {
            assert!(WebUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn request_uri_matches_without_its_fragment() {
        let uri = RequestUri::parse("https://shop.example/request.jwt#hash").expect("a request_uri");
        for same in ["https://shop.example/request.jwt", "https://shop.example/request.jwt#other"] {
            assert!(uri.matches(same), "{same}");
        }
        for other in ["https://shop.example/request.jwt?x", "https://shop.example/", "#hash", ""] {
            assert!(!uri.matches(other), "{other}");
        }
        for bad in ["http://shop.example/r", "https://shop.example/r#a b", "#hash", "urn:x"] {
            assert!(RequestUri::parse(bad).is_err(), "{bad}");
        }
    }
}
