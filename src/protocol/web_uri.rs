//! Addresses of a client that we call or show, other than redirect URIs.

use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::redirect_uri::{RedirectUri, is_loopback};

/// An https URI without a fragment; http only on a loopback host, for test installations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct WebUri(String);

impl WebUri {
    /// Parses a URI for registration.
    ///
    /// # Errors
    /// A sentence that names the rule.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is not an absolute URI: {error}"))?;
        if text.len() > RedirectUri::MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a client's address is printable ASCII of at most 2000 characters".to_owned());
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

    /// Its scheme, host and port.
    pub fn origin(&self) -> String {
        Url::parse(&self.0).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }
}

impl<'de> Deserialize<'de> for WebUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_registered() {
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
        ] {
            assert!(WebUri::parse(bad).is_err(), "{bad}");
        }
    }
}
