//! The rate limits of requests that an unauthenticated caller can repeat: one bucket per network of
//! the address, and one for all such callers together.

use std::net::IpAddr;

use super::client_address::networks;
use crate::{
    config::ThrottleSettings,
    store::throttle::{Key, Limits, Rate},
};

/// What all unauthenticated callers together may store per kind: a burst of 20 000 rows, then 20
/// per second.
const ALL: Rate = Rate::new(1000, 1).times(20);

/// The rate of attempts per account.
pub fn account_rate(settings: &ThrottleSettings) -> Rate {
    Rate::new(settings.account_attempts, settings.account_interval)
}

/// A bucket of `kind` for each network of `address`, the widest first.
pub fn of_networks(settings: &ThrottleSettings, kind: &str, address: IpAddr) -> Vec<(Key, Rate)> {
    let rate = Rate::new(settings.network_attempts, settings.network_interval);
    let bucket = |(network, factor): (String, i64)| (Key::new(kind, &network), rate.times(factor));
    networks(address).into_iter().map(bucket).collect()
}

/// As [`of_networks`], with the bucket of all unauthenticated callers last: a flood from one
/// network is refused before it is counted there.
pub fn of_strangers(settings: &ThrottleSettings, kind: &str, address: IpAddr) -> Limits {
    let mut buckets = of_networks(settings, kind, address);
    buckets.push((Key::new(kind, "all"), ALL));
    Limits::new(buckets)
}
