//! ID tokens, which tell a client which user authenticated (OpenID Connect Core §2).

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};
use uuid::Uuid;
use writ_core::{Cause, Error, Params, SigningAlg};

use crate::{
    keys::{KeySet, TokenType},
    store::Id,
};

/// The claims of an ID token. It has a single audience, so `azp` is absent. Times are seconds since
/// the epoch.
#[derive(Debug, Serialize)]
pub struct IdTokenClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The user's subject identifier.
    pub sub: String,
    /// The `client_id`.
    pub aud: &'a str,
    /// When it expires.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// When the user authenticated. `None` if another provider did not disclose it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that authentication.
    pub acr: &'static str,
    /// The methods of that authentication (RFC 8176).
    pub amr: Vec<&'static str>,
    /// The browser session, for logout (OpenID Connect Front-Channel Logout §3).
    pub sid: String,
    /// The `nonce` of the authorization request, in the first token response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// The hash that binds the access token to the ID token.
    pub at_hash: String,
    /// The claims about the user.
    #[serde(flatten)]
    pub claims: Map<String, Value>,
}

/// An `id_token_hint`: an ID token of this server, which may have expired
/// ([OpenID Connect Core
/// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).
#[derive(Debug, Clone, Deserialize)]
pub struct IdTokenHint {
    /// The token's `sub`.
    pub sub: String,
    /// The client that it was issued to.
    pub aud: String,
    /// The session that it was issued in.
    pub sid: Option<String>,
    exp: i64,
    /// Present in access tokens, never in ID tokens.
    client_id: Option<IgnoredAny>,
}

impl IdTokenHint {
    /// The `id_token_hint` of an authorization request of `client_id`, if there is one.
    ///
    /// # Errors
    /// `invalid_request`, with the cause for the log, if it is not an ID token of this server or
    /// was issued to another client.
    pub fn of_request(keys: &KeySet, params: &Params, client_id: &str) -> Result<Option<Self>, Error> {
        let Some(token) = params.get("id_token_hint")? else { return Ok(None) };
        let hint = Self::parse(keys, token)?;
        if hint.aud != client_id {
            return Err(Error::new(Cause::IdTokenHintForeign, "id_token_hint was issued to another client")
                .because(format!("client {client_id} sent one of client {}", hint.aud)));
        }
        Ok(Some(hint))
    }

    /// Parses a hint. It fails for a token of another issuer, or one whose key was deleted long
    /// after its retirement.
    ///
    /// # Errors
    /// `invalid_request`, with the cause for the log.
    pub fn parse(keys: &KeySet, token: &str) -> Result<Self, Error> {
        let invalid = |reason: String| {
            Error::new(Cause::IdTokenHintInvalid, "id_token_hint is not an ID token of this server").because(reason)
        };
        let hint: Self = keys.verify(token, TokenType::IdToken).map_err(|untrusted| invalid(untrusted.to_string()))?;
        // If a resource server uses the `typ` `JWT`, only this claim distinguishes its access
        // tokens from ID tokens.
        if hint.client_id.is_some() {
            return Err(invalid("it is an access token".to_owned()));
        }
        Ok(hint)
    }
}

/// An ID token as the proof that a user signed in to a client.
#[derive(Debug, Clone, Copy)]
pub struct SubjectIdToken {
    /// The user.
    pub user_id: Id,
    /// The `sid` of the session.
    pub sid: Id,
}

impl SubjectIdToken {
    /// Parses an ID token that was issued to `client_id`, which has public subjects, and has not
    /// expired.
    ///
    /// # Errors
    /// `invalid_request`, with the cause for the log.
    pub fn parse(keys: &KeySet, token: &str, client_id: &str, now: i64) -> Result<Self, Error> {
        let invalid =
            |reason: String| Error::new(Cause::SubjectTokenInvalid, "subject_token is not valid").because(reason);
        let hint = IdTokenHint::parse(keys, token).map_err(|error| invalid(error.detail))?;
        if hint.aud != client_id {
            return Err(invalid(format!("it was issued to client {}", hint.aud)));
        }
        if hint.exp <= now {
            return Err(invalid(format!("it expired {} s ago", now - hint.exp)));
        }
        let id = |text: &str| Uuid::parse_str(text).map(Id).map_err(|error| invalid(error.to_string()));
        Ok(Self { user_id: id(&hint.sub)?, sid: id(hint.sid.as_deref().unwrap_or_default())? })
    }
}

/// The left half of the access token's hash, with the hash function of the ID token's algorithm
/// (OpenID Connect Core §3.1.3.6). For Ed25519 this is SHA-512.
pub fn at_hash(access_token: &str, alg: SigningAlg) -> String {
    let function = match alg {
        SigningAlg::RS256 | SigningAlg::ES256 => &digest::SHA256,
        SigningAlg::EdDSA => &digest::SHA512,
    };
    let hash = digest::digest(function, access_token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_of_the_example_in_openid_connect_core() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(token, SigningAlg::RS256), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(token, SigningAlg::EdDSA).len(), 43);
    }
}
