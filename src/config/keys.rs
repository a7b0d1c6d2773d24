//! `[keys]`: signing keys and the master key that encrypts them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::bounds::zero_or_within;

/// The master key and the rotation of signing keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeysSettings {
    /// The file of the master key, created with mode 0600 at first start. The environment variable
    /// `WRIT_MASTER_KEY` (base64url of 32 bytes) has priority.
    pub master_key_file: PathBuf,
    /// The file of the previous master key, during a rotation. The environment variable
    /// `WRIT_PREVIOUS_MASTER_KEY` has priority.
    pub previous_master_key_file: Option<PathBuf>,
    /// Seconds after which a signing key is rotated. 0 disables automatic rotation.
    #[serde(deserialize_with = "zero_or_within::<3600, 157_680_000, _>")]
    pub rotation_interval: i64,
}
