//! The addresses that the server may connect to: those of the public internet, as resolved for the
//! request.

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Networks outside of the public internet (the special-purpose registries of RFC 6890).
static RESERVED: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let networks = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ];
    networks.into_iter().map(|network| network.parse().expect("a network")).collect()
});

/// The assigned global unicast addresses of IPv6.
static GLOBAL_V6: LazyLock<IpNet> = LazyLock::new(|| "2000::/3".parse().expect("a network"));

/// Parses an allowed URL: https, or http on a loopback host if configured. An IP address as host is
/// not resolved, so it is checked here.
pub(super) fn check(url: &str, allow_loopback: bool) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let address = match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    let named_loopback = url.host_str() == Some("localhost") || address.is_some_and(|address| address.is_loopback());
    let scheme_is_right = url.scheme() == "https" || (url.scheme() == "http" && allow_loopback && named_loopback);
    let address_is_right = address.is_none_or(|address| may_be_called(address, allow_loopback));
    (scheme_is_right && address_is_right).then_some(url)
}

/// Resolves names and removes the addresses that are not allowed.
pub(super) struct Resolver {
    pub(super) allow_loopback: bool,
}

/// None of the addresses of a name is allowed.
#[derive(Debug, thiserror::Error)]
#[error("no address of this host is allowed")]
struct ForbiddenName;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_loopback = self.allow_loopback;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|found| may_be_called(found.ip(), allow_loopback)).collect();
            if allowed.is_empty() {
                return Err(ForbiddenName.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether a request failed because its address is not allowed.
pub(super) fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<ForbiddenName>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn may_be_called(address: IpAddr, allow_loopback: bool) -> bool {
    let address = address.to_canonical();
    if address.is_loopback() {
        return allow_loopback;
    }
    let global = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => GLOBAL_V6.contains(&IpAddr::V6(address)),
    };
    global && !RESERVED.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    #[test]
    fn address_is_allowed_only_when_public() {
        for public in ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"] {
            assert!(may_be_called(public.parse().expect("an address"), false), "{public}");
        }
        for hidden in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
        ] {
            assert!(!may_be_called(hidden.parse().expect("an address"), false), "{hidden}");
        }
        assert!(may_be_called("127.0.0.1".parse().expect("an address"), true));
        assert!(may_be_called(IpAddr::V6(Ipv6Addr::LOCALHOST), true));
        assert!(!may_be_called("10.0.0.1".parse().expect("an address"), true));
    }
}
