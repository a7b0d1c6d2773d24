//! Access tokens: JWTs that any API verifies on its own (RFC 9068).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Authorization, Subject, delegation::Actor, subject_identifier::sub};
use writ_core::{Cause, Error, ErrorCode, ScopeSet, vocabulary::acr};

use crate::{
    fault::Fault,
    keys::{KeySet, TokenType, Untrusted},
    server::Server,
    store::{
        Id, Tx,
        clients::Client,
        grants::{self, Grant},
        revoked_access_tokens,
    },
};

/// The claims of an access token (RFC 9068 §2.2). Times are seconds since the epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person's id, or the client's.
    pub sub: String,
    /// The one resource server it is for.
    pub aud: String,
    /// Who received it.
    pub client_id: String,
    /// What it allows.
    pub scope: ScopeSet,
    /// Its name, for revocation.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// When the person had signed in; absent where there is no person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that sign-in (RFC 9068 §2.2.1, RFC 9470 §6.2); absent where there is no person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'static, str>>,
    /// The grant it was issued under; absent where there is no person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<Id>,
    /// Who acts, where the token was exchanged for another's (RFC 8693 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

impl AccessTokenClaims {
    /// The claims of a token for `authorization`, issued at `now`.
    pub fn new(server: &Server, authorization: &Authorization, now: i64) -> Self {
        let (sub, auth_time, grant_id, ends_at) = match authorization.subject {
            Subject::Person { user_id, grant_id, auth_time, ends_at, .. } => {
                (sub(server, &authorization.client, user_id), Some(auth_time), Some(grant_id), ends_at)
            }
            Subject::Client => (authorization.client.id.clone(), None, None, None),
        };
        let exp = now + Self::lifetime(server, &authorization.client);
        Self {
            iss: server.issuer().to_owned(),
            sub,
            aud: authorization.audience.clone(),
            client_id: authorization.client.id.clone(),
            scope: authorization.scope.clone(),
            jti: Self::new_jti(),
            iat: now,
            // An API that verifies it by itself learns of no other end.
            exp: ends_at.map_or(exp, |end| exp.min(end)),
            auth_time,
            acr: auth_time.map(|_| Cow::Borrowed(acr::PASSWORD)),
            grant_id,
            act: None,
        }
    }

    /// Seconds for which a token of `client` is good.
    pub(super) fn lifetime(server: &Server, client: &Client) -> i64 {
        client.metadata.access_token_lifetime.unwrap_or(server.settings.tokens.access_token_lifetime)
    }

    /// A name for a new token.
    pub(super) fn new_jti() -> String {
        Uuid::now_v7().to_string()
    }

    /// Whether its subject is a client that acts, or has others act, for itself.
    pub fn is_of_client(&self) -> bool {
        self.grant_id.is_none()
    }

    /// Reads a token of ours that has not expired. Whether it was revoked, [`token_status`] tells.
    ///
    /// # Errors
    /// `invalid_token`, with the cause for the log.
    pub fn parse(keys: &KeySet, token: &str, now: i64) -> Result<Self, Error> {
        let claims: Self = keys.verify(token, TokenType::AccessToken).map_err(|untrusted: Untrusted| {
            Error::new(ErrorCode::InvalidToken, "the access token is not valid").because(untrusted.to_string())
        })?;
        if claims.exp <= now {
            return Err(Error::new(Cause::AccessTokenExpired, "the access token has expired")
                .because(format!("{} s ago", now - claims.exp)));
        }
        Ok(claims)
    }
}

/// What still stands behind a token that was issued for a person, or that a client got for itself.
pub enum TokenStatus {
    /// The grant, live.
    Grant(Box<Grant>),
    /// No grant is behind it.
    Client,
    /// It was revoked, or what is behind it is over.
    Revoked,
}

/// What stands behind a token now.
///
/// # Errors
/// The store's faults.
pub fn token_status(tx: &mut Tx<'_>, claims: &AccessTokenClaims) -> Result<TokenStatus, Fault> {
    if revoked_access_tokens::contains(tx, &claims.jti)? {
        return Ok(TokenStatus::Revoked);
    }
    match claims.grant_id {
        None => Ok(TokenStatus::Client),
        Some(grant_id) => Ok(match grants::find_live(tx, grant_id)? {
            Some(grant) => TokenStatus::Grant(Box::new(grant)),
            None => TokenStatus::Revoked,
        }),
    }
}
