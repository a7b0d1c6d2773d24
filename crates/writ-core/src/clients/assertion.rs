//! Client assertions: JWTs with which a client authenticates a single request
//! ([RFC 7523 §2.2 and §3](https://www.rfc-editor.org/rfc/rfc7523#section-3),
//! [OpenID Connect Core §9](https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication)).

use serde::Deserialize;

use crate::{
    Cause, Error,
    vocabulary::{
        client_keys::unverified_claims,
        jwt::{Audience, Broken, SingleUse},
    },
};

/// The only supported `client_assertion_type`.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The accepted values of the `typ` header, which may be absent.
pub const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

/// The claims of an assertion.
#[derive(Debug, Clone, Deserialize)]
pub struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Audience,
    /// `jti` and the times.
    #[serde(flatten)]
    pub once: SingleUse,
}

/// What an assertion is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The `client_id` of the client whose keys verified it.
    pub client_id: &'a str,
    /// Accepted `aud` values: the issuer, and the endpoints that older clients use instead.
    pub audiences: &'a [&'a str],
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

type Check = fn(&AssertionClaims, Expected<'_>) -> Result<(), Broken>;

/// The checks of [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), in its order.
const CHECKS: [Check; 3] = [issuer_and_subject, audience, single_use];

/// Checks the claims of an assertion whose signature has been verified.
///
/// # Errors
/// `invalid_client` with the first broken rule. The description is precise because the client has
/// proved possession of its key.
pub fn check(claims: &AssertionClaims, expected: Expected<'_>) -> Result<(), Error> {
    CHECKS
        .iter()
        .try_for_each(|check| check(claims, expected))
        .map_err(|broken| invalid(expected.client_id, &broken.description, &broken.detail))
}

/// The error for an assertion whose `jti` was used before
/// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), item 7).
pub fn replayed(client_id: &str) -> Error {
    invalid(client_id, "the client assertion was used before: each needs a jti of its own", "replay")
}

fn invalid(client_id: &str, description: &str, detail: &str) -> Error {
    Error::new(Cause::ClientAssertionInvalid, description)
        .because(format!("client {client_id}: {detail}"))
        .of(client_id)
}

/// The `sub` of an unverified assertion. Use it only to find the client whose keys verify it.
pub fn subject(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    unverified_claims::<Subject>(assertion).map(|claims| claims.sub)
}

/// Item 1 and 2: `iss` and `sub` are the `client_id`.
fn issuer_and_subject(claims: &AssertionClaims, expected: Expected<'_>) -> Result<(), Broken> {
    let both = claims.iss == expected.client_id && claims.sub == expected.client_id;
    Broken::unless(both, "iss and sub of the client assertion must be the client_id", || claims.iss.clone())
}

/// Item 3: `aud` names this server and no other server, which could replay the assertion here.
fn audience(claims: &AssertionClaims, expected: Expected<'_>) -> Result<(), Broken> {
    let ours = claims.aud.is_only(expected.audiences);
    Broken::unless(ours, "aud of the client assertion must be the issuer identifier", || {
        format!("it is {:?}", claims.aud)
    })
}

/// Items 4 to 7.
fn single_use(claims: &AssertionClaims, expected: Expected<'_>) -> Result<(), Broken> {
    claims.once.check("the client assertion", expected.now)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;
    use crate::vocabulary::jwt::{CLOCK_SKEW, MAX_JTI_LENGTH, MAX_LIFETIME};

    const NOW: i64 = 1_795_424_400;

    fn checked(member: &str, value: Value) -> Result<(), String> {
        let mut claims = json!({
            "iss": "shop", "sub": "shop", "aud": "https://id.example", "jti": "1", "exp": NOW + 60, "iat": NOW,
        });
        claims[member] = value;
        let claims: AssertionClaims = serde_json::from_value(claims).map_err(|error| error.to_string())?;
        let expected =
            Expected { client_id: "shop", audiences: &["https://id.example", "https://id.example/token"], now: NOW };
        check(&claims, expected).map_err(|error| error.description)
    }

    #[rstest]
    #[case("aud", json!("https://id.example/token"))]
    #[case("aud", json!(["https://id.example"]))]
    #[case("exp", json!(NOW - CLOCK_SKEW + 1))]
    #[case("exp", json!(NOW + MAX_LIFETIME))]
    #[case("iat", json!(NOW + CLOCK_SKEW))]
    #[case("nbf", json!(NOW - 5))]
    #[case("jti", json!("x".repeat(MAX_JTI_LENGTH)))]
    fn claims_within_the_rules_are_accepted(#[case] member: &str, #[case] value: Value) {
        assert_eq!(checked(member, value), Ok(()));
    }

    #[rstest]
    #[case("iss", json!("other"), "iss and sub")]
    #[case("sub", json!("other"), "iss and sub")]
    #[case("aud", json!("https://other.example"), "aud of")]
    #[case("aud", json!(["https://id.example", "https://other.example"]), "aud of")]
    #[case("aud", json!([]), "aud of")]
    #[case("exp", json!(NOW - CLOCK_SKEW), "has expired")]
    #[case("exp", json!(i64::MIN), "has expired")]
    #[case("exp", json!(NOW + MAX_LIFETIME + 1), "more than 3600 s ahead")]
    #[case("iat", json!(NOW + CLOCK_SKEW + 1), "iat of")]
    #[case("nbf", json!(i64::MAX), "nbf of")]
    #[case("jti", json!(""), "1 to 255 bytes")]
    #[case("jti", json!("x".repeat(MAX_JTI_LENGTH + 1)), "1 to 255 bytes")]
    #[case("jti", json!("a\u{0}b"), "control character")]
    fn claim_outside_the_rules_is_refused(#[case] member: &str, #[case] value: Value, #[case] reason: &str) {
        let refused = checked(member, value).expect_err("refused");
        assert!(refused.contains(reason), "{refused}");
    }
}
