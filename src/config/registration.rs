//! `[registration]`: clients that no administrator registers.

use serde::{Deserialize, Serialize};

use super::bounds::{within, zero_or_within};

/// Who may become a client by themselves, and what such a client may do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegistrationSettings {
    /// Who may register over HTTP (RFC 7591).
    pub mode: RegistrationMode,
    /// Whether a `client_id` may be the https address of the client's metadata.
    pub metadata_documents: bool,
    /// The scopes that such clients may ask for.
    pub scopes: Vec<String>,
    /// Whether their authorization requests must carry a PKCE challenge; public clients' always must.
    pub require_pkce: bool,
    /// How many of them there may be.
    #[serde(deserialize_with = "within::<1, 10_000_000, _, _>")]
    pub max_clients: i64,
    /// How many of them one network may register.
    #[serde(deserialize_with = "within::<1, 10_000_000, _, _>")]
    pub max_clients_per_network: i64,
    /// Seconds without use after which one is removed; 0 = never.
    #[serde(deserialize_with = "zero_or_within::<3600, 315_360_000, _>")]
    pub unused_lifetime: i64,
}

/// Who may register clients over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Nobody.
    Off,
    /// Whom an administrator gave an initial access token.
    InitialAccessToken,
    /// Everybody.
    Open,
}
