//! `[mcp]`: clients of the Model Context Protocol.

use serde::{Deserialize, Serialize};

use super::{RegistrationMode, RegistrationSettings};

/// A single setting for what MCP
/// [authorization](https://modelcontextprotocol.io/specification/draft/basic/authorization) needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpSettings {
    /// Whether MCP clients can sign in without registration by an administrator.
    pub enabled: bool,
}

impl McpSettings {
    /// MCP clients use metadata documents, older ones register themselves. The registration with an
    /// initial access token is kept.
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
