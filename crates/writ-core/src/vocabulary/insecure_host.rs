//! Hosts that may be used with plain http, for test networks without certificates.

use std::{net::IpAddr, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::redirect_uri::is_loopback;

/// A host that an operator has listed. Data sent to it can be read and changed on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum InsecureHost {
    /// A host name, compared as a whole.
    Name(String),
    /// The addresses of a network.
    Network(IpNet),
}

impl InsecureHost {
    /// Whether the host of `url` is this one.
    fn has(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::Name(listed), Some(Host::Domain(name))) => listed == name,
            (Self::Network(network), Some(Host::Ipv4(address))) => network.contains(&IpAddr::V4(address)),
            (Self::Network(network), Some(Host::Ipv6(address))) => network.contains(&IpAddr::V6(address)),
            _ => false,
        }
    }
}

impl FromStr for InsecureHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(network) = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
            return Ok(Self::Network(network));
        }
        let is_name = Url::parse(&format!("http://{text}/")).is_ok_and(|url| url.host_str() == Some(text));
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        if is_name && is_plain {
            return Ok(Self::Name(text.to_owned()));
        }
        Err(format!("`{text}` is neither a host name in lowercase nor a network such as 192.168.0.0/16"))
    }
}

impl TryFrom<String> for InsecureHost {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<InsecureHost> for String {
    fn from(host: InsecureHost) -> Self {
        match host {
            InsecureHost::Name(name) => name,
            InsecureHost::Network(network) => network.to_string(),
        }
    }
}

/// Whether others can read data sent to `url`: it is http and its host is not loopback.
pub fn is_unencrypted(url: &Url) -> bool {
    url.scheme() == "http" && !is_loopback(url)
}

/// Whether `url` is allowed: it is encrypted or loopback, or its host is listed.
pub fn is_allowed(url: &Url, insecure_hosts: &[InsecureHost]) -> bool {
    !is_unencrypted(url) || insecure_hosts.iter().any(|host| host.has(url))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://shop.example/cb", "", true)]
    #[case("http://localhost:8401/cb", "", true)]
    #[case("http://[::1]/cb", "", true)]
    #[case("com.example.app:/cb", "", true)]
    #[case("http://shop.lab/cb", "", false)]
    #[case("http://shop.lab/cb", "shop.lab", true)]
    #[case("http://shop.lab:8080/cb", "shop.lab", true)]
    #[case("http://evil.shop.lab/cb", "shop.lab", false)]
    #[case("http://192.168.7.9/cb", "192.168.0.0/16", true)]
    #[case("http://192.169.0.1/cb", "192.168.0.0/16", false)]
    #[case("http://192.168.7.9/cb", "192.168.7.9", true)]
    #[case("http://[fd00::1]/cb", "fd00::/8", true)]
    #[case("http://192.168.7.9.example/cb", "192.168.0.0/16", false)]
    fn plain_http_needs_loopback_or_a_listed_host(#[case] url: &str, #[case] listed: &str, #[case] expected: bool) {
        let hosts: Vec<InsecureHost> = listed.split(' ').filter_map(|host| host.parse().ok()).collect();
        assert_eq!(is_allowed(&Url::parse(url).expect("a URL"), &hosts), expected);
    }

    #[rstest]
    #[case("*")]
    #[case("*.lab")]
    #[case("http://shop.lab")]
    #[case("shop.lab:8080")]
    #[case("Shop.lab")]
    #[case("")]
    fn host_list_has_names_and_networks_only(#[case] text: &str) {
        assert!(text.parse::<InsecureHost>().is_err(), "{text:?}");
    }
}
