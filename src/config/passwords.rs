//! `[passwords]`: the password policy and the limits on hashing.

use serde::{Deserialize, Serialize};

use super::bounds::within;

/// The rule for new passwords and the bounds on hashing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PasswordsSettings {
    /// Characters a new password has at least.
    #[serde(deserialize_with = "within::<8, 64, _, _>")]
    pub min_length: usize,
    /// Passwords hashed at the same time, while cores are idle; 0 = one a core.
    #[serde(deserialize_with = "within::<0, 1024, _, _>")]
    pub hash_threads: usize,
    /// Sign-ins that may wait for a hash; one more is answered 429.
    #[serde(deserialize_with = "within::<1, 65_536, _, _>")]
    pub hash_queue: usize,
}
