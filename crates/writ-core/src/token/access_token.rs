//! The claims of access tokens
//! ([RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::Actor;
use crate::{ScopeSet, vocabulary::jwt::Audience};

/// The claims of an access token. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The user's subject identifier, or the client's `client_id`.
    pub sub: String,
    /// The resource server it is for, and the userinfo endpoint where it opens that too.
    pub aud: Audience,
    /// The client it was issued to.
    pub client_id: String,
    /// What it allows.
    pub scope: ScopeSet,
    /// Its identifier, for revocation.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// When the user had authenticated; absent where there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that authentication
    /// ([RFC 9470 §6.2](https://www.rfc-editor.org/rfc/rfc9470#section-6.2)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'static, str>>,
    /// The grant it was issued under; absent where there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<Uuid>,
    /// Who acts, where the token was exchanged for another client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// The `jti` of each token that it was exchanged from: it is revoked with any of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanged_from: Vec<String>,
}

impl AccessTokenClaims {
    /// Whether its subject is a client.
    pub fn is_of_client(&self) -> bool {
        self.grant_id.is_none()
    }
}
