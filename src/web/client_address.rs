//! Where a request comes from. A forwarded address is believed only from a proxy that the operator declared.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use ipnet::IpNet;

/// The address of the person's machine: the peer, or, behind trusted proxies, the last forwarded address that is none of them.
pub fn client_address(request: &HttpRequest, trusted_proxies: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
    let forwarded = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|address| address.trim().parse().ok());
    let forwarded: Vec<Option<IpAddr>> = forwarded.collect();
    nearest_stranger(peer, &forwarded, trusted_proxies)
}

/// What throttling counts as one place: an IPv4 address, or an IPv6 /64.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let prefix = Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX));
            format!("{prefix}/64")
        }
    }
}

fn nearest_stranger(peer: IpAddr, forwarded: &[Option<IpAddr>], trusted_proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: IpAddr| trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()));
    let mut nearest = peer;
    for address in forwarded.iter().rev() {
        if !trusted(nearest) {
            break;
        }
        match address {
            Some(address) => nearest = *address,
            None => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_declared_proxy_is_believed_and_only_about_its_own_peer() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        let find = |peer: &str, forwarded: &[&str]| {
            let forwarded: Vec<_> = forwarded.iter().map(|address| address.parse().ok()).collect();
            nearest_stranger(ip(peer), &forwarded, &proxies)
        };
        assert_eq!(find("198.51.100.7", &["1.2.3.4"]), ip("198.51.100.7"), "a stranger's header is ignored");
        assert_eq!(find("10.0.0.1", &["1.2.3.4"]), ip("1.2.3.4"));
        assert_eq!(
            find("10.0.0.1", &["9.9.9.9", "1.2.3.4", "10.0.0.2"]),
            ip("1.2.3.4"),
            "what the stranger wrote is ignored"
        );
        assert_eq!(find("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(find("10.0.0.1", &["unknown"]), ip("10.0.0.1"));
    }

    #[test]
    fn an_ipv6_network_is_a_64() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().expect("an address")), "2001:db8:1:2::/64");
        assert_eq!(network("::ffff:192.0.2.1".parse().expect("an address")), "192.0.2.1");
    }
}
