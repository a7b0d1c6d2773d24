//! In which buckets a request is counted that a stranger can repeat: those of every network that
//! its address is in, and one for all strangers together.

use std::net::IpAddr;

use writ_core::{Cause, Error};

use super::client_address::networks;
use crate::{
    config::ThrottleSettings,
    store::throttle::{Key, Limits, Rate},
};

/// What all strangers together may store of a kind: 20 000 rows at once, and then 20 a second.
const ALL: Rate = Rate::new(1000, 1).times(20);

/// How often something may be tried for one account.
pub fn account_rate(settings: &ThrottleSettings) -> Rate {
    Rate::new(settings.account_attempts, settings.account_interval)
}

/// One bucket of `kind` for each network of `address`, the widest first.
pub fn of_networks(settings: &ThrottleSettings, kind: &str, address: IpAddr) -> Vec<(Key, Rate)> {
    let rate = Rate::new(settings.network_attempts, settings.network_interval);
    let bucket = |(network, factor): (String, i64)| (Key::new(kind, &network), rate.times(factor));
    networks(address).into_iter().map(bucket).collect()
}

/// The same, and the bucket of all strangers: a flood of one network is refused before it is
/// counted there.
pub fn of_strangers(settings: &ThrottleSettings, kind: &str, address: IpAddr) -> Limits {
    let mut buckets = of_networks(settings, kind, address);
    buckets.push((Key::new(kind, "all"), ALL));
    Limits::new(buckets)
}

/// The refusal of a request that was counted out, `seconds` before another one is accepted.
pub fn too_many_requests(seconds: i64) -> Error {
    Error::new(Cause::TooManyRequests, "too many requests from this network: try again later")
        .because(format!("in {seconds} s"))
}
