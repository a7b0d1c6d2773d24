//! What a proxy in front does wrong with a request, as the server sees it.

use actix_web::{HttpRequest, http::Version};
use ipnet::IpNet;
use strum::{IntoStaticStr, VariantArray};

/// The headers with the client's address.
const FORWARDED: [&str; 2] = ["x-forwarded-for", "forwarded"];

/// A fault of a proxy. As text, it is a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub enum ProxyFault {
    /// All clients behind it count as one.
    #[strum(serialize = "the trusted proxy sends no X-Forwarded-For, so all its clients count as one")]
    NoAddress,
    /// All clients behind it count as one.
    #[strum(serialize = "the proxy is not in server.trusted_proxies, so its X-Forwarded-For is ignored")]
    Untrusted,
    /// Each request needs a connection of its own.
    #[strum(serialize = "the proxy sends requests in HTTP/1.0, so each needs a new connection")]
    Http10,
}

impl ProxyFault {
    /// Every fault.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The sentence, without a full stop.
    pub fn sentence(self) -> &'static str {
        self.into()
    }

    /// The faults of the proxy that sent `request`. The peer of a Unix socket is a trusted proxy.
    pub fn of(request: &HttpRequest, trusted_proxies: &[IpNet]) -> Vec<Self> {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let is_trusted = peer.is_none_or(|peer| trusted_proxies.iter().any(|network| network.contains(&peer)));
        let has_address = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
        let mut faults = Vec::new();
        match (is_trusted, has_address) {
            (true, false) => faults.push(Self::NoAddress),
            (false, true) => faults.push(Self::Untrusted),
            _ => {}
        }
        if request.version() < Version::HTTP_11 {
            faults.push(Self::Http10);
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn fault_follows_from_the_peer_its_headers_and_its_version() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let request = |peer: &str, header: Option<&'static str>| {
            let request = TestRequest::default().peer_addr(peer.parse().expect("an address"));
            match header {
                Some(name) => request.insert_header((name, "192.0.2.1")),
                None => request,
            }
        };
        for (peer, header, expected) in [
            ("10.0.0.1:80", Some("X-Forwarded-For"), vec![]),
            ("10.0.0.1:80", Some("Forwarded"), vec![]),
            ("10.0.0.1:80", None, vec![ProxyFault::NoAddress]),
            ("[::ffff:10.0.0.1]:80", None, vec![ProxyFault::NoAddress]),
            ("192.0.2.9:80", Some("X-Forwarded-For"), vec![ProxyFault::Untrusted]),
            ("192.0.2.9:80", None, vec![]),
        ] {
            let faults = ProxyFault::of(&request(peer, header).to_http_request(), &trusted);
            assert_eq!(faults, expected, "{peer} {header:?}");
        }
        let old = request("192.0.2.9:80", None).version(Version::HTTP_10).to_http_request();
        assert_eq!(ProxyFault::of(&old, &trusted), [ProxyFault::Http10]);
    }
}
