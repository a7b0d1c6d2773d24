//! `[tokens]`: lifetimes and signing algorithms of tokens.

use serde::{Deserialize, Serialize};

use super::bounds::{within, zero_or_within};
use writ_core::vocabulary::signing_alg::SigningAlg;

/// Lifetimes in seconds, and algorithms. A client's registration may override them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokensSettings {
    /// Lifetime of an access token.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub access_token_lifetime: i64,
    /// The algorithm of access tokens.
    pub access_token_signing_alg: SigningAlg,
    /// Lifetime of an ID token.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub id_token_lifetime: i64,
    /// The algorithm of ID tokens.
    pub id_token_signing_alg: SigningAlg,
    /// Whether confidential clients need PKCE by default. Otherwise a `nonce` is sufficient in
    /// OpenID requests.
    pub require_pkce: bool,
    /// Lifetime of an authorization code.
    #[serde(deserialize_with = "within::<1, 60, _, _>")]
    pub code_lifetime: i64,
    /// Idle time after which a grant ends.
    #[serde(deserialize_with = "within::<60, 315_360_000, _, _>")]
    pub grant_idle_lifetime: i64,
    /// Maximum lifetime of a grant. 0 means no limit.
    #[serde(deserialize_with = "zero_or_within::<60, 315_360_000, _>")]
    pub grant_max_lifetime: i64,
    /// Seconds in which a rotated refresh token returns its successor again.
    #[serde(deserialize_with = "within::<0, 300, _, _>")]
    pub refresh_replay_window: i64,
}
