//! `[throttle]`: rate limits for passwords.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// Two limits for sign-in attempts, each with a burst and then one attempt per interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThrottleSettings {
    /// Burst of attempts per account.
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub account_attempts: u32,
    /// Interval in seconds per account.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub account_interval: i64,
    /// Burst of attempts per network (an IPv4 address or an IPv6 /64).
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub network_attempts: u32,
    /// Interval in seconds per network.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub network_interval: i64,
}
