//! `[outgoing]`: what the server calls by itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where outgoing requests may go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutgoingSettings {
    /// Whether addresses of this machine may be called, over plain http too: for test installations.
    pub allow_loopback: bool,
    /// PEM certificates of authorities that are trusted besides the system's: for test installations.
    pub ca_file: Option<PathBuf>,
}
