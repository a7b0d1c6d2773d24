//! `[admin_api]`: administration over HTTP.

use serde::{Deserialize, Serialize};

/// The administration API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminApiSettings {
    /// Whether `/admin/v1` is served, and its scopes can be requested.
    pub enabled: bool,
}
