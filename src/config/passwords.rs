//! `[passwords]`: the password policy and the limits on hashing.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// The password policy and the limits on hashing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasswordsSettings {
    /// Minimum length of a new password in characters.
    #[serde(deserialize_with = "within::<8, 64, _, _>")]
    pub min_length: usize,
    /// Passwords hashed at once while cores are idle. 0 means one per core.
    #[serde(deserialize_with = "within::<0, 1024, _, _>")]
    pub hash_threads: usize,
    /// Maximum number of sign-ins that wait for a hash. Further ones get status 429.
    #[serde(deserialize_with = "within::<1, 65_536, _, _>")]
    pub hash_queue: usize,
}
