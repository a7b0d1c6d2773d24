//! `[outgoing]`: requests that the server makes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The targets of outgoing requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutgoingSettings {
    /// Whether loopback addresses are allowed, including over http. For test installations.
    pub allow_loopback: bool,
    /// PEM certificates of additional trusted authorities. For test installations.
    pub ca_file: Option<PathBuf>,
}
