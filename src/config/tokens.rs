//! `[tokens]`: how long what is handed out is good, and what signs it.

use serde::{Deserialize, Serialize};

use super::bounds::{within, zero_or_within};
use writ_core::vocabulary::signing_alg::SigningAlg;

/// Lifetimes in seconds and algorithms; a client may be registered with others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokensSettings {
    /// Seconds an access token is valid.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub access_token_lifetime: i64,
    /// The algorithm of access tokens.
    pub access_token_signing_alg: SigningAlg,
    /// Seconds an ID token is valid.
    #[serde(deserialize_with = "within::<1, 86_400, _, _>")]
    pub id_token_lifetime: i64,
    /// The algorithm of ID tokens.
    pub id_token_signing_alg: SigningAlg,
    /// Whether confidential clients need PKCE where their registration does not say; otherwise a
    /// `nonce` will do in OpenID requests.
    pub require_pkce: bool,
    /// Seconds an authorization code can be redeemed.
    #[serde(deserialize_with = "within::<1, 60, _, _>")]
    pub code_lifetime: i64,
    /// Seconds without a refresh after which a grant ends.
    #[serde(deserialize_with = "within::<60, 315_360_000, _, _>")]
    pub grant_idle_lifetime: i64,
    /// Seconds after which a grant ends however much it is used; 0 = no such end.
    #[serde(deserialize_with = "zero_or_within::<60, 315_360_000, _>")]
    pub grant_max_lifetime: i64,
    /// Seconds in which a rotated refresh token, presented again, yields the same successor.
    #[serde(deserialize_with = "within::<0, 300, _, _>")]
    pub refresh_replay_window: i64,
}
