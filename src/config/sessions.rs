//! `[sessions]`: lifetimes of browser sessions.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// Lifetimes, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsSettings {
    /// Maximum lifetime of a session.
    #[serde(deserialize_with = "within::<60, 31_536_000, _, _>")]
    pub lifetime: i64,
    /// Idle time after which a session ends.
    #[serde(deserialize_with = "within::<60, 31_536_000, _, _>")]
    pub idle_lifetime: i64,
    /// Maximum time for a user to complete an authorization request.
    #[serde(deserialize_with = "within::<30, 3600, _, _>")]
    pub request_lifetime: i64,
}
