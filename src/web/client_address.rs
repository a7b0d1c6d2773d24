//! The IP address of a client. A forwarded address is only accepted from a declared proxy.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Once,
};

use actix_web::{HttpRequest, http::header::HeaderMap};
use aws_lc_rs::digest;
use ipnet::IpNet;

/// The client's address: that of the peer or, behind trusted proxies, the last forwarded address
/// that is not one of them. The peer of a Unix socket is a proxy on this machine.
pub fn client_address(request: &HttpRequest, trusted_proxies: &[IpNet]) -> IpAddr {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let trusted = |address: IpAddr| trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()));
    let mut nearest = peer.unwrap_or(IpAddr::V6(Ipv6Addr::LOCALHOST));
    if peer.is_some_and(|peer| !trusted(peer)) {
        return nearest;
    }
    let forwarded = forwarded(request.headers());
    for (index, hop) in forwarded.iter().rev().enumerate() {
        if index > 0 && !trusted(nearest) {
            break;
        }
        match parse(hop) {
            Some(address) => nearest = address,
            None if matches!(&**hop, "" | "unknown") => break,
            None => {
                report_unreadable(hop);
                return substitute(hop);
            }
        }
    }
    nearest
}

/// The hops in `X-Forwarded-For`, or else in `Forwarded`
/// ([RFC 7239 §5.2](https://www.rfc-editor.org/rfc/rfc7239#section-5.2)), the nearest last. Most
/// proxies only write the former, and pass on a `Forwarded` that the client made up.
fn forwarded(headers: &HeaderMap) -> Vec<String> {
    let values = |name: &str| {
        let values = headers.get_all(name).filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).map(|hop| hop.trim().to_owned()).collect::<Vec<_>>()
    };
    let usual = values("x-forwarded-for");
    if !usual.is_empty() {
        return usual;
    }
    values("forwarded").iter().map(|hop| forwarded_for(hop).unwrap_or_default().to_owned()).collect()
}

fn forwarded_for(hop: &str) -> Option<&str> {
    hop.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    })
}

/// Parses an address as proxies write it: with port, brackets, quotes or zone.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"').trim();
    let without_zone = match hop.split_once('%') {
        // In `fe80::1%eth0` and `[fe80::1%eth0]:443`, the zone ends at the bracket, if there is
        // one.
        Some((address, zone)) => format!("{address}{}", zone.find(']').and_then(|end| zone.get(end..)).unwrap_or("")),
        None => hop.to_owned(),
    };
    let bare = without_zone.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&without_zone);
    bare.parse().ok().or_else(|| without_zone.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// A private address that stands for the text of a hop, such as an obfuscated identifier
/// ([RFC 7239 §6.3](https://www.rfc-editor.org/rfc/rfc7239#section-6.3)). Clients with different
/// texts are in different networks.
fn substitute(hop: &str) -> IpAddr {
    let hash = digest::digest(&digest::SHA256, hop.as_bytes());
    let mut octets = [0; 16];
    octets[1..6].copy_from_slice(&hash.as_ref()[..5]);
    octets[0] = 0xfd;
    IpAddr::from(octets)
}

/// Warns the operator once.
fn report_unreadable(hop: &str) {
    static REPORTED: Once = Once::new();
    if !hop.starts_with('_') {
        REPORTED.call_once(|| {
            let hop: String = hop.chars().filter(|c| !c.is_control()).take(100).collect();
            tracing::warn!(hop, "a trusted proxy forwards an address that cannot be parsed");
        });
    }
}

/// The network of an address for counting and recording: an IPv4 address or an IPv6 /64.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => ipv6_prefix(address, 64),
    }
}

/// The networks in which an address is counted, the widest first. Each has a factor: how many times
/// the attempts of the narrowest it may make.
pub fn networks(address: IpAddr) -> Vec<(String, i64)> {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let wide = Ipv4Addr::from_bits(address.to_bits() & 0xffff_ff00);
            vec![(format!("{wide}/24"), 8), (address.to_string(), 1)]
        }
        IpAddr::V6(address) => {
            [(48, 16), (56, 4), (64, 1)].map(|(length, factor)| (ipv6_prefix(address, length), factor)).to_vec()
        }
    }
}

fn ipv6_prefix(address: Ipv6Addr, length: u32) -> String {
    format!("{}/{length}", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - length))))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use rstest::rstest;

    use super::*;

    fn find(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        let mut request = TestRequest::default().peer_addr(SocketAddr::new(peer.parse().expect("an address"), 4711));
        for header in headers {
            request = request.append_header(*header);
        }
        client_address(&request.to_http_request(), &proxies).to_string()
    }

    #[rstest]
    #[case::header_of_a_stranger("198.51.100.7", "1.2.3.4", "198.51.100.7")]
    #[case::proxy("10.0.0.1", "1.2.3.4", "1.2.3.4")]
    #[case::hop_behind_a_stranger("10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4")]
    #[case::nothing_forwarded("10.0.0.1", "", "10.0.0.1")]
    #[case::unknown("10.0.0.1", "unknown", "10.0.0.1")]
    #[case::port("10.0.0.1", "203.0.113.1:5123", "203.0.113.1")]
    #[case::ipv6("10.0.0.1", "2001:db8::1", "2001:db8::1")]
    #[case::brackets("10.0.0.1", "[2001:db8::1]", "2001:db8::1")]
    #[case::brackets_and_port("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1")]
    #[case::quotes("10.0.0.1", "\"[2001:db8::1]:443\"", "2001:db8::1")]
    #[case::zone("10.0.0.1", "fe80::1%eth0", "fe80::1")]
    #[case::zone_and_port("10.0.0.1", "[fe80::1%eth0]:443", "fe80::1")]
    fn x_forwarded_for_is_read_as_proxies_write_it(#[case] peer: &str, #[case] value: &str, #[case] found: &str) {
        assert_eq!(find(peer, &[("x-forwarded-for", value)]), found);
    }

    #[rstest]
    #[case("for=1.2.3.4", "1.2.3.4")]
    #[case("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17")]
    #[case("proto=https; For=\"192.0.2.60:80\";by=203.0.113.43", "192.0.2.60")]
    #[case("for=9.9.9.9, for=1.2.3.4, for=10.0.0.2", "1.2.3.4")]
    #[case("for=unknown", "10.0.0.1")]
    #[case("proto=https", "10.0.0.1")]
    fn forwarded_is_read_without_x_forwarded_for(#[case] value: &str, #[case] found: &str) {
        assert_eq!(find("10.0.0.1", &[("forwarded", value)]), found);
        // A proxy that writes the other header passes this one on as the client sent it.
        assert_eq!(find("10.0.0.1", &[("forwarded", value), ("x-forwarded-for", "8.8.8.8")]), "8.8.8.8");
    }

    #[test]
    fn clients_with_unreadable_addresses_are_in_different_networks() {
        let of = |hop: &str| network(find("10.0.0.1", &[("x-forwarded-for", hop)]).parse().expect("an address"));
        assert_ne!(of("_a"), of("_b"));
        assert_ne!(of("app-1.internal"), of("10.0.0.1"));
        assert_eq!(of("_a"), of("_a"));
        assert_eq!(network(find("10.0.0.1", &[("forwarded", "for=_a")]).parse().expect("an address")), of("_a"));
    }

    #[test]
    fn forwarded_address_is_trusted_on_a_unix_socket() {
        let forwarded = |value| {
            let request = TestRequest::default().append_header(("x-forwarded-for", value)).to_http_request();
            client_address(&request, &[]).to_string()
        };
        assert_eq!(forwarded("9.9.9.9, 1.2.3.4"), "1.2.3.4");
        assert_eq!(forwarded(""), "::1");
    }

    #[test]
    fn repeated_header_is_one_list() {
        assert_eq!(find("10.0.0.1", &[("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "1.2.3.4")]), "1.2.3.4");
    }

    #[test]
    fn address_is_counted_in_its_networks() {
        let of = |text: &str| networks(text.parse().expect("an address"));
        assert_eq!(of("::ffff:192.0.2.1"), [("192.0.2.0/24".to_owned(), 8), ("192.0.2.1".to_owned(), 1)]);
        let wide = ["2001:db8:1::/48", "2001:db8:1:200::/56", "2001:db8:1:203::/64"];
        assert_eq!(of("2001:db8:1:203:4::5").into_iter().map(|(name, _)| name).collect::<Vec<_>>(), wide);
        assert_eq!(network("2001:db8:1:203:4::5".parse().expect("an address")), "2001:db8:1:203::/64");
    }
}
