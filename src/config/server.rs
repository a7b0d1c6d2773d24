//! `[server]`: the issuer and the socket.

use std::{fmt, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;
use writ_core::vocabulary::insecure_host::{InsecureHost, is_allowed, is_unencrypted};

use super::{Listen, bounds::within};

/// The issuer and the listening socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerSettings {
    /// The issuer identifier, which is the prefix of every endpoint URL.
    pub issuer: Issuer,
    /// The addresses to listen on.
    pub listen: Listen,
    /// Seconds after which an idle connection is closed. It should be longer than the timeout of a
    /// proxy in front.
    #[serde(deserialize_with = "within::<1, 3600, _, _>")]
    pub keep_alive: u64,
    /// Hosts and networks without TLS, for test networks. The issuer and redirect URIs on them may
    /// be plain http.
    pub insecure_hosts: Vec<InsecureHost>,
    /// Number of worker threads. 0 means one per core.
    #[serde(deserialize_with = "within::<0, 1024, _, _>")]
    pub workers: usize,
    /// Maximum number of connections per IPv4 address or IPv6 /64.
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub max_connections_per_network: usize,
    /// The networks whose `X-Forwarded-For` is trusted. It is ignored from other peers.
    pub trusted_proxies: Vec<IpNet>,
    /// The networks whose connections start with a PROXY header. One from other peers is an error.
    pub proxy_protocol: Vec<IpNet>,
    /// Seconds that running requests have to finish after SIGTERM.
    #[serde(deserialize_with = "within::<0, 3600, _, _>")]
    pub shutdown_timeout: u64,
}

/// An issuer identifier: an https URL without query or fragment
/// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)). Plain http is accepted for a
/// loopback host, or one in `server.insecure_hosts`. Stored without a trailing slash.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// The identifier, as in `iss`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether browsers reach the server over TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether connections cannot be read by others: the scheme is https or the host is loopback.
    pub fn is_encrypted(&self) -> bool {
        !is_unencrypted(&self.url) || is_localhost_name(&self.url)
    }

    /// Whether the server may run at this URL.
    pub fn is_allowed(&self, insecure_hosts: &[InsecureHost]) -> bool {
        self.is_encrypted() || is_allowed(&self.url, insecure_hosts)
    }

    /// The host name or address without the port. An IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host name. `None` if it is an IP address.
    pub fn domain(&self) -> Option<&str> {
        self.url.domain()
    }

    /// The web origin: scheme, host and port, in the form of an `Origin` header.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The path below which everything is served. Empty without one.
    pub fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The absolute URL of `path`, which starts with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

/// Why a text is not an [`Issuer`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIssuer {
    /// The text is not an absolute http or https URL.
    #[error("expected an absolute https URL")]
    NotAUrl,
    /// The URL has a user name, password, query or fragment.
    #[error("expected a URL without user name, query and fragment")]
    NotBare,
    /// The path has characters with a meaning in cookies, pages or routes.
    #[error("expected a path of letters, digits, `-`, `_`, `.` and `~`")]
    Path,
}

impl FromStr for Issuer {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| InvalidIssuer::NotAUrl)?;
        url.host().ok_or(InvalidIssuer::NotAUrl)?;
        match url.scheme() {
            "https" | "http" => {}
            _ => return Err(InvalidIssuer::NotAUrl),
        }
        let bare =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !bare {
            return Err(InvalidIssuer::NotBare);
        }
        let is_plain = |segment: &str| {
            !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
        };
        let path = url.path().trim_start_matches('/').trim_end_matches('/');
        if !path.is_empty() && !path.split('/').all(is_plain) {
            return Err(InvalidIssuer::Path);
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), url })
    }
}

/// Browsers resolve names below `localhost` to a loopback address.
fn is_localhost_name(url: &Url) -> bool {
    url.host_str().is_some_and(|name| name.ends_with(".localhost"))
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.text)
    }
}

impl Serialize for Issuer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://id.example", "https://id.example")]
    #[case("https://id.example/", "https://id.example")]
    #[case("https://ID.example:8443/", "https://id.example:8443")]
    #[case("http://localhost:8400", "http://localhost:8400")]
    #[case("http://127.0.0.1:8400", "http://127.0.0.1:8400")]
    #[case("http://[::1]:8400", "http://[::1]:8400")]
    #[case("https://id.example/tenant/", "https://id.example/tenant")]
    #[case("https://id.example/a/b-1", "https://id.example/a/b-1")]
    fn issuer_is_stored_without_its_trailing_slash(#[case] text: &str, #[case] kept: &str) {
        let issuer: Issuer = text.parse().expect("a valid issuer");
        assert_eq!(issuer.as_str(), kept);
        assert_eq!(issuer.join("/token"), format!("{kept}/token"));
    }

    #[rstest]
    #[case("id.example", InvalidIssuer::NotAUrl)]
    #[case("ftp://id.example", InvalidIssuer::NotAUrl)]
    #[case("", InvalidIssuer::NotAUrl)]
    #[case("https://id.example/a//b", InvalidIssuer::Path)]
    #[case("https://id.example/a;b", InvalidIssuer::Path)]
    #[case("https://id.example/\"a", InvalidIssuer::Path)]
    #[case("https://id.example?tenant=1", InvalidIssuer::NotBare)]
    #[case("https://id.example#top", InvalidIssuer::NotBare)]
    #[case("https://user@id.example", InvalidIssuer::NotBare)]
    fn issuer_is_refused_unless_a_bare_https_url(#[case] text: &str, #[case] error: InvalidIssuer) {
        assert_eq!(text.parse::<Issuer>(), Err(error));
    }
}
