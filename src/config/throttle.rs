//! `[throttle]`: how often a password may be tried.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// Two allowances for failed sign-ins, each a number at once and then one an interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThrottleSettings {
    /// Attempts on one account at once.
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub account_attempts: u32,
    /// Seconds after which an account allows one further attempt.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub account_interval: i64,
    /// Attempts from one network (an IPv4 address or an IPv6 /64) at once.
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub network_attempts: u32,
    /// Seconds after which a network is allowed one further attempt.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub network_interval: i64,
}
