//! `[acme]`: a certificate from an authority, which the server gets and renews itself
//! ([RFC 8555](https://www.rfc-editor.org/rfc/rfc8555)).

use std::{fmt, path::PathBuf};

use lettre::Address;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{Issuer, ListenAddress};

/// The longest name of a host in DNS.
const MAX_NAME: usize = 253;

/// How the server gets its certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AcmeSettings {
    /// How the authority sees that the names belong to this server. `None` if certificates come
    /// from files or a proxy.
    pub challenge: Option<AcmeChallenge>,
    /// The directory of the authority.
    pub directory_url: DirectoryUrl,
    /// Whether the operator has agreed to the authority's terms of service.
    pub terms_of_service_agreed: bool,
    /// The mail addresses that the authority may write to.
    pub contact: Vec<Contact>,
    /// The names in the certificate. If empty, the host of the issuer.
    pub names: Vec<HostName>,
    /// PEM certificates of additional trusted authorities, for the connection to the directory.
    pub ca_file: Option<PathBuf>,
    /// Where challenges are answered over plain http, for HTTP-01.
    pub http_listen: Option<ListenAddress>,
    /// The id of the account that the authority already knows the operator by.
    pub external_account_id: Option<String>,
    /// The file with the key of that account, in base64url.
    pub external_account_key_file: Option<PathBuf>,
}

impl AcmeSettings {
    /// The names in the certificate, sorted.
    pub fn names(&self, issuer: &Issuer) -> Vec<String> {
        let mut names: Vec<String> = match self.names.is_empty() {
            true => issuer.domain().map(str::to_owned).into_iter().collect(),
            false => self.names.iter().map(ToString::to_string).collect(),
        };
        names.sort();
        names.dedup();
        names
    }
}

/// How an authority sees that a name belongs to this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AcmeChallenge {
    /// By a TLS handshake on port 443 ([RFC 8737](https://www.rfc-editor.org/rfc/rfc8737)).
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// By a request to port 80 ([RFC 8555 §8.3](https://www.rfc-editor.org/rfc/rfc8555#section-8.3)).
    #[serde(rename = "http-01")]
    Http01,
}

/// The URL of a directory, which is https
/// ([RFC 8555 §6.1](https://www.rfc-editor.org/rfc/rfc8555#section-6.1)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Url")]
pub struct DirectoryUrl(Url);

impl DirectoryUrl {
    /// The URL as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<Url> for DirectoryUrl {
    type Error = &'static str;

    fn try_from(url: Url) -> Result<Self, Self::Error> {
        let is_bare = url.username().is_empty() && url.password().is_none();
        if url.scheme() == "https" && is_bare { Ok(Self(url)) } else { Err("expected an https URL without user name") }
    }
}

/// A mail address for the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Contact(String);

impl TryFrom<String> for Contact {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse::<Address>() {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err("expected a mail address, such as operator@example.com"),
        }
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a host, in lower case. Neither an address nor a wildcard: the challenges cannot
/// prove those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HostName(String);

impl TryFrom<String> for HostName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match Host::parse(&text) {
            Ok(Host::Domain(name)) if is_name(&name) => Ok(Self(name)),
            _ => Err("expected the name of a host, such as id.example.com"),
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && label.len() < 64
    };
    name.len() <= MAX_NAME && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("id.example", Some("id.example"))]
    #[case("ID.Example", Some("id.example"))]
    #[case("로그인.example", Some("xn--2i0b10rutm.example"))]
    #[case("*.example", None)]
    #[case("192.0.2.1", None)]
    #[case("[::1]", None)]
    #[case("id.example.", None)]
    #[case("id_1.example", None)]
    #[case("id.example,other.example", None)]
    #[case("", None)]
    fn name_is_one_that_a_challenge_can_prove(#[case] text: &str, #[case] expected: Option<&str>) {
        let name = HostName::try_from(text.to_owned());
        assert_eq!(name.ok().map(|name| name.to_string()).as_deref(), expected);
    }

    #[rstest]
    #[case("https://acme.example/directory", true)]
    #[case("http://acme.example/directory", false)]
    #[case("https://user@acme.example/directory", false)]
    fn directory_is_read_over_tls_only(#[case] url: Url, #[case] is_valid: bool) {
        assert_eq!(DirectoryUrl::try_from(url).is_ok(), is_valid);
    }

    #[test]
    fn names_are_the_host_of_the_issuer_unless_set() {
        let mut settings = super::super::Settings::default().acme;
        let issuer: Issuer = "https://ID.example:8443".parse().expect("an issuer");
        assert_eq!(settings.names(&issuer), ["id.example"]);
        settings.names = ["b.example", "a.example", "b.example"]
            .map(|name| HostName::try_from(name.to_owned()).expect("a name"))
            .to_vec();
        assert_eq!(settings.names(&issuer), ["a.example", "b.example"]);
        settings.names.clear();
        let issuer: Issuer = "https://192.0.2.1".parse().expect("an issuer");
        assert!(settings.names(&issuer).is_empty());
    }
}
