//! A user of another provider, as it discloses them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    authentication::{Evidence, Factor},
    vocabulary::{display_name, jwt::CLOCK_SKEW, login_name, mail_domain},
};

/// Maximum length of a subject in bytes
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).
const MAX_SUBJECT: usize = 255;

/// Where a provider discloses each claim: JSON pointers ([RFC
/// 6901](https://www.rfc-editor.org/rfc/rfc6901)) into an ID token or a userinfo response. The
/// default are the standard claims ([OpenID Connect Core
/// §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimPointers {
    /// The identifier of the user there, which never changes.
    pub sub: String,
    /// The name of the user.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the provider has verified the address.
    pub email_verified: String,
}

impl Default for ClaimPointers {
    fn default() -> Self {
        let [sub, name, email, email_verified] = ["/sub", "/name", "/email", "/email_verified"].map(str::to_owned);
        Self { sub, name, email, email_verified }
    }
}

impl ClaimPointers {
    /// The pointers with the names of their members.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { sub, name, email, email_verified } = self;
        [("sub", sub), ("name", name), ("email", email), ("email_verified", email_verified)]
            .into_iter()
            .map(|(member, pointer)| (member, pointer.as_str()))
    }
}

/// What a provider says about a user. It is checked, but nothing in it is proven.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name, as it can be shown.
    pub name: Option<String>,
    /// The address, normalized.
    pub email: Option<String>,
    /// Whether the provider has verified the address.
    pub email_verified: bool,
}

/// A user who has authenticated at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer identifier of the provider.
    pub issuer: String,
    /// The `sub` of the user there.
    pub subject: String,
    /// The session there.
    pub sid: Option<String>,
    /// When the user authenticated there, in seconds since the epoch, if disclosed.
    pub auth_time: Option<i64>,
    /// What else it says about the user.
    pub profile: Profile,
}

/// The provider did not authenticate the user again, or did not say when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the provider does not say that the user has just authenticated")]
pub struct NotRecent;

/// The subject in a document, as text. `None` if there is none, or it cannot be stored.
pub fn subject_of(document: &Value, pointers: &ClaimPointers) -> Option<String> {
    let subject = match document.pointer(&pointers.sub)? {
        Value::String(text) => text.clone(),
        // Some providers number their users.
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    let is_text = !subject.chars().any(char::is_control);
    (is_text && (1..=MAX_SUBJECT).contains(&subject.len())).then_some(subject)
}

impl Profile {
    /// Reads what a document says about the user. What cannot be shown or stored is left out.
    pub fn of(document: &Value, pointers: &ClaimPointers) -> Self {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let email_verified = match document.pointer(&pointers.email_verified) {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        let email = text(&pointers.email);
        Self {
            name: text(&pointers.name).and_then(display_name::parse),
            email_verified: email_verified && email.and_then(login_name::verified_email).is_some(),
            email: email.and_then(login_name::email),
        }
    }

    /// The address, if it identifies a user here: the provider has verified it, and the operator
    /// trusts the provider for its domain. Otherwise one provider could name the users of another.
    pub fn trusted_email(&self, trusted_domains: &[String]) -> Option<&str> {
        self.email.as_deref().filter(|email| self.email_verified && mail_domain::is_one_of(email, trusted_domains))
    }
}

impl Identity {
    /// What the user is called there: the address, if the provider has verified it, or else the
    /// name.
    pub fn account(&self) -> Option<&str> {
        let Profile { name, email, email_verified } = &self.profile;
        email.as_deref().filter(|_| *email_verified).or(name.as_deref())
    }

    /// What the sign-in counts as. With `since`, the user must have authenticated there at that
    /// time or later, in seconds since the epoch ([OpenID Connect Core
    /// §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation), item
    /// 13).
    ///
    /// # Errors
    /// [`NotRecent`] if that is not disclosed.
    pub fn evidence(&self, since: Option<i64>, now: i64) -> Result<Evidence, NotRecent> {
        let evidence = |factor, at| Evidence::default().with(factor, at);
        match (self.auth_time, since) {
            // A clock ahead of ours does not make the authentication later than now.
            (Some(at), None) => Ok(evidence(Factor::Upstream, at.min(now))),
            (None, None) => Ok(evidence(Factor::UpstreamUndated, now)),
            // A clock behind ours does not make it earlier than it was asked for.
            (Some(at), Some(since)) if at.saturating_add(CLOCK_SKEW) >= since => {
                Ok(evidence(Factor::Upstream, at.max(since).min(now)))
            }
            (_, Some(_)) => Err(NotRecent),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!({ "sub": "a" }), "/sub", Some("a"))]
    #[case(json!({ "id": 583_231 }), "/id", Some("583231"))]
    #[case(json!({ "response": { "id": "x" } }), "/response/id", Some("x"))]
    #[case(json!({}), "/sub", None)]
    #[case(json!({ "sub": "" }), "/sub", None)]
    #[case(json!({ "sub": null }), "/sub", None)]
    #[case(json!({ "sub": true }), "/sub", None)]
    #[case(json!({ "sub": 1.5 }), "/sub", None)]
    #[case(json!({ "sub": -1 }), "/sub", None)]
    #[case(json!({ "sub": ["a"] }), "/sub", None)]
    #[case(json!({ "sub": "a\u{0}b" }), "/sub", None)]
    #[case(json!({ "sub": "x".repeat(255) }), "/sub", Some(&*"x".repeat(255)))]
    #[case(json!({ "sub": "x".repeat(256) }), "/sub", None)]
    fn subject_is_text_that_can_be_stored(#[case] document: Value, #[case] sub: &str, #[case] subject: Option<&str>) {
        let pointers = ClaimPointers { sub: sub.to_owned(), ..ClaimPointers::default() };
        assert_eq!(subject_of(&document, &pointers).as_deref(), subject, "{document}");
    }

    #[rstest]
    #[case(json!({ "name": " Ada  Lovelace ", "email": "Ada@Example.com", "email_verified": true }), Some("Ada Lovelace"), Some("ada@example.com"), true)]
    #[case(json!({ "email": "ada@example.com", "email_verified": "true" }), None, Some("ada@example.com"), true)]
    #[case(json!({ "email": "ada@example.com" }), None, Some("ada@example.com"), false)]
    #[case(json!({ "email": "ada@example.com", "email_verified": 1 }), None, Some("ada@example.com"), false)]
    #[case(json!({ "email": "not an address", "email_verified": true }), None, None, false)]
    #[case(json!({ "email": "\u{ff41}da@example.com", "email_verified": true }), None, Some("ada@example.com"), false)]
    #[case(json!({ "name": "a\u{0}b", "email": 7 }), None, None, false)]
    #[case(json!({}), None, None, false)]
    fn profile_has_only_what_can_be_shown(
        #[case] document: Value,
        #[case] name: Option<&str>,
        #[case] email: Option<&str>,
        #[case] verified: bool,
    ) {
        let profile = Profile::of(&document, &ClaimPointers::default());
        let found = (profile.name.as_deref(), profile.email.as_deref(), profile.email_verified);
        assert_eq!(found, (name, email, verified), "{document}");
    }

    #[rstest]
    #[case("ada@example.com", true, true)]
    #[case("ada@example.com", false, false)]
    #[case("ada@other.example", true, false)]
    #[case("ada@eu.example.com", true, false)]
    fn address_identifies_a_user_only_if_verified_and_trusted(
        #[case] email: &str,
        #[case] email_verified: bool,
        #[case] identifies: bool,
    ) {
        let profile = Profile { name: None, email: Some(email.to_owned()), email_verified };
        assert_eq!(profile.trusted_email(&["example.com".to_owned()]), identifies.then_some(email));
        assert_eq!(profile.trusted_email(&[]), None);
    }

    #[rstest]
    #[case(Some(90), None, Some("upstream@90"))]
    #[case(Some(110), None, Some("upstream@100"))]
    #[case(None, None, Some("upstream_undated@100"))]
    #[case(Some(90), Some(80), Some("upstream@90"))]
    #[case(Some(72), Some(80), Some("upstream@80"))]
    #[case(Some(69), Some(80), None)]
    #[case(Some(110), Some(80), Some("upstream@100"))]
    #[case(None, Some(80), None)]
    fn sign_in_counts_from_the_disclosed_time(
        #[case] auth_time: Option<i64>,
        #[case] since: Option<i64>,
        #[case] stored: Option<&str>,
    ) {
        let identity = Identity {
            issuer: String::new(),
            subject: String::new(),
            sid: None,
            auth_time,
            profile: Profile::default(),
        };
        let evidence = identity.evidence(since, 100).ok().map(|evidence| evidence.to_string());
        assert_eq!(evidence.as_deref(), stored);
    }
}
