//! The rules for claims ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4),
//! [RFC 7519 §4.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1)), in the order that all Writ verifiers use.

use std::sync::Arc;

use serde_json::{Map, Value};
use writ_jose::json;

use crate::{
    Reason, Token,
    clock::{LEEWAY, Seconds, numeric_date},
    jwk::Key,
    token::Verified,
};

/// Claims that only ID tokens have (OpenID Connect Core §2, §3.3.2.11).
const ID_TOKEN_CLAIMS: [&str; 4] = ["nonce", "at_hash", "c_hash", "s_hash"];

/// What the claims of a token must match.
pub(crate) struct Expected {
    pub(crate) issuer: Box<str>,
    pub(crate) audience: Box<str>,
    /// The longest accepted time between `iat` and `exp`.
    pub(crate) max_lifetime: Seconds,
    /// The `resource_metadata` URL in the challenges of the resulting tokens.
    pub(crate) resource_metadata: Option<Arc<str>>,
}

impl Expected {
    /// Checks the claims of an access token that was signed with `key`. With `has_jwt_type`, its
    /// `typ` does not distinguish it from an ID token.
    pub(crate) fn check(&self, payload: &[u8], has_jwt_type: bool, key: &Key, now: Seconds) -> Result<Token, Reason> {
        let claims = json::parse_object(payload).ok_or(Reason::Malformed)?;
        if has_jwt_type && is_id_token(&claims) {
            return Err(Reason::WrongType);
        }
        if text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.check_audience(&claims)?;
        text(&claims, "jti")?;
        let issued_at = seconds(&claims, "iat")?.ok_or(Reason::InvalidClaim("iat"))?;
        let verified = self.check_times_and_collect(&claims, now)?;
        if verified.expires_at.saturating_sub(issued_at) > self.max_lifetime {
            return Err(Reason::ExcessiveLifetime);
        }
        if key.latest_iat.is_some_and(|latest| issued_at > latest) {
            return Err(Reason::KeyRetired);
        }
        Ok(Token::new(verified, claims))
    }

    /// Checks an introspection response ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)), where `iss`,
    /// `iat` and `jti` are optional.
    pub(crate) fn check_introspection(&self, response: &[u8], now: Seconds) -> Result<Token, Reason> {
        let claims = json::parse_object(response).ok_or(Reason::Unavailable)?;
        if claims.get("active") != Some(&Value::Bool(true)) {
            return Err(Reason::Inactive);
        }
        if claims.contains_key("iss") && text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.check_audience(&claims)?;
        let verified = self.check_times_and_collect(&claims, now)?;
        Ok(Token::new(verified, claims))
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), Reason> {
        let audiences = match claims.get("aud") {
            Some(Value::String(one)) => Some(vec![one.as_str()]),
            Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let audiences = audiences.ok_or(Reason::InvalidClaim("aud"))?;
        audiences.contains(&&*self.audience).then_some(()).ok_or(Reason::WrongAudience)
    }

    fn check_times_and_collect(&self, claims: &Map<String, Value>, now: Seconds) -> Result<Verified, Reason> {
        let expires_at = seconds(claims, "exp")?.ok_or(Reason::InvalidClaim("exp"))?;
        if now >= expires_at.saturating_add(LEEWAY) {
            return Err(Reason::Expired);
        }
        if seconds(claims, "nbf")?.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err(Reason::NotYetValid);
        }
        if seconds(claims, "iat")?.is_some_and(|iat| iat > now + LEEWAY) {
            return Err(Reason::IssuedInFuture);
        }
        if claims.contains_key("cnf") {
            return Err(Reason::SenderConstrained);
        }
        if claims.get("act").is_some_and(|act| !is_actor_chain(act)) {
            return Err(Reason::InvalidClaim("act"));
        }
        let scope = if claims.contains_key("scope") { text(claims, "scope")? } else { "" };
        Ok(Verified {
            scope: scope.to_owned(),
            subject: text(claims, "sub")?.to_owned(),
            client_id: text(claims, "client_id")?.to_owned(),
            expires_at,
            verified_at: now,
            resource_metadata: self.resource_metadata.clone(),
        })
    }
}

/// An access token names its client in `client_id` ([RFC 9068
/// §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)), an ID token in `aud`.
fn is_id_token(claims: &Map<String, Value>) -> bool {
    ID_TOKEN_CLAIMS.into_iter().any(|name| claims.contains_key(name)) || !claims.contains_key("client_id")
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Reason> {
    claims.get(name).and_then(Value::as_str).ok_or(Reason::InvalidClaim(name))
}

fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Seconds>, Reason> {
    claims.get(name).map(|value| numeric_date(value).ok_or(Reason::InvalidClaim(name))).transpose()
}

/// [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1): an object with a `sub`, and perhaps the prior actor
/// within it.
fn is_actor_chain(act: &Value) -> bool {
    act.get("sub").is_some_and(Value::is_string) && act.get("act").is_none_or(is_actor_chain)
}
