//! The logout token of another provider.

use serde_json::{Map, Value};

use super::{ClaimPointers, subject_of};
use crate::vocabulary::jwt::{Audience, Broken, SingleUse};

/// The member of `events` that makes a JWT a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a logout token says has ended: the session with `sid`, or without it every session of the
/// user with `sub`.
#[derive(Debug, Clone)]
pub struct LogoutToken {
    /// The user there.
    pub sub: Option<String>,
    /// The session there.
    pub sid: Option<String>,
    /// The single use of the token.
    pub once: SingleUse,
}

/// What this server knows about logout tokens for it.
#[derive(Debug, Clone, Copy)]
pub struct Addressed<'a> {
    /// The issuer identifier of the provider.
    pub issuer: &'a str,
    /// The identifier of this server there.
    pub client_id: &'a str,
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

impl LogoutToken {
    /// Validates the claims of a logout token, whose signature has been verified
    /// ([OpenID Connect Back-Channel Logout
    /// §2.6](https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation)). That it has
    /// the event and no `nonce` tells it from an ID token.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn parse(claims: Map<String, Value>, addressed: Addressed<'_>) -> Result<Self, Broken> {
        let Addressed { issuer, client_id, now } = addressed;
        let iss = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        Broken::unless(iss == issuer, "iss of the logout token is another issuer", || iss.to_owned())?;
        let aud = claims.get("aud").cloned().and_then(|aud| serde_json::from_value::<Audience>(aud).ok());
        let is_ours = aud.as_ref().is_some_and(|aud| aud.contains(client_id));
        Broken::unless(is_ours, "aud of the logout token is another client", || format!("{aud:?}"))?;
        let is_event = claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
        Broken::unless(is_event, "events of the logout token has no logout", String::new)?;
        Broken::unless(!claims.contains_key("nonce"), "the logout token has a nonce", String::new)?;
        let identifier = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(_) => match subject_of(
                &Value::Object(claims.clone()),
                &ClaimPointers { sub: format!("/{name}"), ..ClaimPointers::default() },
            ) {
                Some(text) => Ok(Some(text)),
                None => Err(broken(&format!("{name} of the logout token cannot be stored"))),
            },
        };
        let (sub, sid) = (identifier("sub")?, identifier("sid")?);
        Broken::unless(sub.is_some() || sid.is_some(), "the logout token has neither sub nor sid", String::new)?;
        let once: SingleUse = serde_json::from_value(Value::Object(claims))
            .map_err(|error| Broken { detail: error.to_string(), ..broken("jti, iat or exp of the logout token") })?;
        Broken::unless(once.issued_at().is_some(), "the logout token has no iat", String::new)?;
        once.check("the logout token", now)?;
        Ok(Self { sub, sid, once })
    }
}

fn broken(description: &str) -> Broken {
    Broken { description: description.to_owned(), detail: String::new() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn parse(changes: &Value) -> Result<LogoutToken, Broken> {
        let mut claims = json!({
            "iss": "https://id.example", "aud": "writ", "iat": NOW, "exp": NOW + 120, "jti": "j", "sub": "u",
            "sid": "s", "events": { EVENT: {} },
        });
        let members = claims.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => members.remove(name),
                value => members.insert(name.clone(), value.clone()),
            };
        }
        let addressed = Addressed { issuer: "https://id.example", client_id: "writ", now: NOW };
        LogoutToken::parse(members.clone(), addressed)
    }

    #[rstest]
    #[case(json!({}), Some("u"), Some("s"))]
    #[case(json!({ "sid": null }), Some("u"), None)]
    #[case(json!({ "sub": null }), None, Some("s"))]
    #[case(json!({ "aud": ["writ"], "iat": NOW + 10, "exp": NOW - 9 }), Some("u"), Some("s"))]
    #[case(json!({ "events": { EVENT: {}, "other": {} } }), Some("u"), Some("s"))]
    fn right_logout_token_is_accepted(#[case] changes: Value, #[case] sub: Option<&str>, #[case] sid: Option<&str>) {
        let token = parse(&changes).expect("accepted");
        assert_eq!((token.sub.as_deref(), token.sid.as_deref()), (sub, sid));
    }

    #[rstest]
    #[case(json!({ "iss": "https://other.example" }), "iss")]
    #[case(json!({ "iss": null }), "iss")]
    #[case(json!({ "aud": "other" }), "aud")]
    #[case(json!({ "aud": null }), "aud")]
    #[case(json!({ "aud": 7 }), "aud")]
    #[case(json!({ "events": null }), "events")]
    #[case(json!({ "events": { "other": {} } }), "events")]
    #[case(json!({ "events": { EVENT: true } }), "events")]
    #[case(json!({ "events": EVENT }), "events")]
    #[case(json!({ "nonce": "n" }), "nonce")]
    #[case(json!({ "sub": null, "sid": null }), "neither")]
    #[case(json!({ "sub": "" }), "sub")]
    #[case(json!({ "sid": ["s"] }), "sid")]
    #[case(json!({ "sid": "a\u{0}b" }), "sid")]
    #[case(json!({ "jti": null }), "jti")]
    #[case(json!({ "jti": "" }), "jti")]
    #[case(json!({ "iat": null }), "iat")]
    #[case(json!({ "iat": NOW + 11 }), "iat")]
    #[case(json!({ "exp": null }), "exp")]
    #[case(json!({ "exp": NOW - 10 }), "expired")]
    #[case(json!({ "exp": NOW + 3601 }), "exp")]
    fn wrong_logout_token_is_refused(#[case] changes: Value, #[case] claim: &str) {
        let broken = parse(&changes).expect_err("refused");
        let text = format!("{} {}", broken.description, broken.detail);
        assert!(text.contains(claim), "{text}");
    }

    #[test]
    fn nonce_without_a_value_is_a_nonce() {
        let claims = json!({ "iss": "i", "aud": "c", "iat": NOW, "exp": NOW, "jti": "j", "sub": "u", "nonce": null,
            "events": { EVENT: {} } });
        let Value::Object(claims) = claims else { unreachable!("an object") };
        assert!(LogoutToken::parse(claims, Addressed { issuer: "i", client_id: "c", now: NOW }).is_err());
    }
}
