//! The rules for claims (RFC 9068 §4, RFC 7519 §4.1), in the order that every Writ verifier uses.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Reason, Token, clock::Seconds, token::Verified};

/// How far clocks may disagree.
const LEEWAY: Seconds = 30;

/// What a token is measured against.
pub(crate) struct Expected {
    pub(crate) issuer: Box<str>,
    pub(crate) audience: Box<str>,
    /// Where the challenges of the resulting tokens point to.
    pub(crate) resource_metadata: Option<Arc<str>>,
}

impl Expected {
    /// Judges the claims of a JWT access token whose signature is good.
    pub(crate) fn judge(&self, claims: Map<String, Value>, now: Seconds) -> Result<Token, Reason> {
        if text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.judge_audience(&claims)?;
        text(&claims, "jti")?;
        seconds(&claims, "iat")?.ok_or(Reason::InvalidClaim("iat"))?;
        self.judge_times_and_take(claims, now)
    }

    /// Judges an active introspection answer (RFC 7662 §2.2), where `iss`, `iat` and `jti` are optional.
    pub(crate) fn judge_introspected(&self, claims: Map<String, Value>, now: Seconds) -> Result<Token, Reason> {
        if claims.contains_key("iss") && text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.judge_audience(&claims)?;
        self.judge_times_and_take(claims, now)
    }

    fn judge_audience(&self, claims: &Map<String, Value>) -> Result<(), Reason> {
        let invalid = Reason::InvalidClaim("aud");
        let is_ours = match claims.get("aud").ok_or(invalid.clone())? {
            Value::String(one) => **one == *self.audience,
            Value::Array(many) if many.iter().all(Value::is_string) => many.iter().any(|one| *one == *self.audience),
            _ => return Err(invalid),
        };
        is_ours.then_some(()).ok_or(Reason::WrongAudience)
    }

    fn judge_times_and_take(&self, claims: Map<String, Value>, now: Seconds) -> Result<Token, Reason> {
        let expires_at = seconds(&claims, "exp")?.ok_or(Reason::InvalidClaim("exp"))?;
        if now >= expires_at.saturating_add(LEEWAY) {
            return Err(Reason::Expired);
        }
        if seconds(&claims, "nbf")?.is_some_and(|nbf| nbf > now + LEEWAY) {
            return Err(Reason::NotYetValid);
        }
        if seconds(&claims, "iat")?.is_some_and(|iat| iat > now + LEEWAY) {
            return Err(Reason::IssuedInFuture);
        }
        if claims.contains_key("cnf") {
            return Err(Reason::SenderConstrained);
        }
        if claims.get("act").is_some_and(|act| !is_actor_chain(act)) {
            return Err(Reason::InvalidClaim("act"));
        }
        let scope = match claims.contains_key("scope") {
            true => text(&claims, "scope")?.to_owned(),
            false => String::new(),
        };
        Ok(Token::new(Verified {
            subject: text(&claims, "sub")?.to_owned(),
            client_id: text(&claims, "client_id")?.to_owned(),
            scope,
            expires_at,
            claims,
            resource_metadata: self.resource_metadata.clone(),
        }))
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Reason> {
    claims.get(name).and_then(Value::as_str).ok_or(Reason::InvalidClaim(name))
}

/// A `NumericDate` (RFC 7519 §2): a JSON number, not negative; fractions are dropped.
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Seconds>, Reason> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let whole = value.as_u64();
    let fractional = || value.as_f64().filter(|date| *date >= 0.0).map(|date| date as Seconds);
    whole.or_else(fractional).map(Some).ok_or(Reason::InvalidClaim(name))
}

/// RFC 8693 §4.1: an object with a `sub`, and within it perhaps the actor before.
fn is_actor_chain(act: &Value) -> bool {
    act.get("sub").is_some_and(Value::is_string) && act.get("act").is_none_or(is_actor_chain)
}
