//! `[registration]`: clients that no administrator registers.

use serde::{Deserialize, Serialize};

use super::bounds::{within, zero_or_within};

/// Which clients may register themselves, and what they may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegistrationSettings {
    /// Who may register over HTTP (RFC 7591).
    pub mode: RegistrationMode,
    /// Whether a `client_id` may be the https URL of the client's metadata.
    pub metadata_documents: bool,
    /// The scopes that such clients may request.
    pub scopes: Vec<String>,
    /// Whether their authorization requests need a PKCE challenge. Public clients always need one.
    pub require_pkce: bool,
    /// Maximum number of such clients.
    #[serde(deserialize_with = "within::<1, 10_000_000, _, _>")]
    pub max_clients: i64,
    /// Maximum number of such clients per network.
    #[serde(deserialize_with = "within::<1, 10_000_000, _, _>")]
    pub max_clients_per_network: i64,
    /// Seconds without use after which a client is deleted. 0 disables this.
    #[serde(deserialize_with = "zero_or_within::<3600, 315_360_000, _>")]
    pub unused_lifetime: i64,
}

/// Who may register clients over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Registration is disabled.
    Off,
    /// Callers with an initial access token from an administrator.
    InitialAccessToken,
    /// Anyone.
    Open,
}
