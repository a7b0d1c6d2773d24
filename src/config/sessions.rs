//! `[sessions]`: how long a browser stays signed in.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// Lifetimes, in seconds, of what a browser holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionsSettings {
    /// Seconds from sign-in to the end of a session.
    #[serde(deserialize_with = "within::<60, 31_536_000, _, _>")]
    pub lifetime: i64,
    /// Seconds without use after which a session ends.
    #[serde(deserialize_with = "within::<60, 31_536_000, _, _>")]
    pub idle_lifetime: i64,
    /// Seconds a person may take to answer one authorization request.
    #[serde(deserialize_with = "within::<30, 3600, _, _>")]
    pub request_lifetime: i64,
}
