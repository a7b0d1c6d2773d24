//! The rules for claims (RFC 9068 §4, RFC 7519 §4.1), in the order that every Writ verifier uses.

use std::sync::Arc;

use crate::{
    Reason, Token,
    clock::Seconds,
    json::{Json, Object},
    token::Verified,
};

/// How far clocks may disagree.
pub(crate) const LEEWAY: Seconds = 30;

/// What a token is measured against.
pub(crate) struct Expected {
    pub(crate) issuer: Box<str>,
    pub(crate) audience: Box<str>,
    /// Where the challenges of the resulting tokens point to.
    pub(crate) resource_metadata: Option<Arc<str>>,
}

impl Expected {
    /// Judges the payload of a JWT access token whose signature is good.
    pub(crate) fn judge(&self, payload: Vec<u8>, now: Seconds) -> Result<Token, Reason> {
        let claims = Object::parse(&payload).ok_or(Reason::Malformed)?;
        if text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.judge_audience(&claims)?;
        text(&claims, "jti")?;
        seconds(&claims, "iat")?.ok_or(Reason::InvalidClaim("iat"))?;
        let verified = self.judge_times_and_take(&claims, now)?;
        Ok(Token::new(verified, payload))
    }

    /// Judges an active introspection answer (RFC 7662 §2.2), where `iss`, `iat` and `jti` are optional.
    pub(crate) fn judge_introspected(&self, answer: Vec<u8>, now: Seconds) -> Result<Token, Reason> {
        let claims = Object::parse(&answer).ok_or(Reason::Unavailable)?;
        if claims.get("active") != Some(&Json::Bool(true)) {
            return Err(Reason::Inactive);
        }
        if claims.get("iss").is_some() && text(&claims, "iss")? != &*self.issuer {
            return Err(Reason::WrongIssuer);
        }
        self.judge_audience(&claims)?;
        let verified = self.judge_times_and_take(&claims, now)?;
        Ok(Token::new(verified, answer))
    }

    fn judge_audience(&self, claims: &Object<'_>) -> Result<(), Reason> {
        let invalid = Reason::InvalidClaim("aud");
        let is_ours = match claims.get("aud") {
            Some(Json::Text(one)) => **one == *self.audience,
            Some(Json::Array(many)) => {
                let many = many.iter().map(Json::as_str).collect::<Option<Vec<_>>>();
                many.ok_or(invalid)?.contains(&&*self.audience)
            }
            _ => return Err(invalid),
        };
        is_ours.then_some(()).ok_or(Reason::WrongAudience)
    }

    fn judge_times_and_take(&self, claims: &Object<'_>, now: Seconds) -> Result<Verified, Reason> {
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
        if claims.get("cnf").is_some() {
            return Err(Reason::SenderConstrained);
        }
        if claims.get("act").is_some_and(|act| !is_actor_chain(act)) {
            return Err(Reason::InvalidClaim("act"));
        }
        let scope = match claims.get("scope") {
            Some(_) => text(claims, "scope")?.to_owned(),
            None => String::new(),
        };
        Ok(Verified {
            subject: text(claims, "sub")?.to_owned(),
            client_id: text(claims, "client_id")?.to_owned(),
            scope,
            expires_at,
            verified_at: now,
            resource_metadata: self.resource_metadata.clone(),
        })
    }
}

fn text<'a>(claims: &'a Object<'_>, name: &'static str) -> Result<&'a str, Reason> {
    claims.text(name).ok_or(Reason::InvalidClaim(name))
}

/// A `NumericDate` (RFC 7519 §2): a JSON number, not negative; fractions are dropped.
fn seconds(claims: &Object<'_>, name: &'static str) -> Result<Option<Seconds>, Reason> {
    match claims.get(name) {
        None => Ok(None),
        Some(Json::Integer(date)) => Ok(Some(*date)),
        Some(Json::Number(date)) if *date >= 0.0 => Ok(Some(*date as Seconds)),
        Some(_) => Err(Reason::InvalidClaim(name)),
    }
}

/// RFC 8693 §4.1: an object with a `sub`, and within it perhaps the actor before.
fn is_actor_chain(act: &Json<'_>) -> bool {
    act.as_object().is_some_and(|act| act.text("sub").is_some() && act.get("act").is_none_or(is_actor_chain))
}
