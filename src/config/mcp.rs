//! `[mcp]`: clients of the Model Context Protocol.

use serde::{Deserialize, Serialize};

use super::{RegistrationMode, RegistrationSettings};

/// One switch for what its
/// [authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization) needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpSettings {
    /// Whether such clients can sign in without an administrator.
    pub enabled: bool,
}

impl McpSettings {
    /// Such clients are known by their metadata document, and older ones register themselves. A mode
    /// that the operator chose stays.
    pub(super) fn apply(self, registration: &mut RegistrationSettings) {
        if !self.enabled {
            return;
        }
        registration.metadata_documents = true;
        if registration.mode == RegistrationMode::Off {
            registration.mode = RegistrationMode::Open;
        }
    }
}
