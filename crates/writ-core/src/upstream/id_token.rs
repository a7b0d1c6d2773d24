//! The ID token of another provider.

use serde::Deserialize;

use crate::vocabulary::jwt::{Audience, Broken, CLOCK_SKEW, NumericDate};

/// Maximum length of a `sid` in bytes.
const MAX_SID: usize = 255;

/// The claims of an ID token that decide whether it is accepted
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)). Its
/// signature has been verified.
#[derive(Debug, Clone, Deserialize)]
pub struct IdToken {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: NumericDate,
    iat: NumericDate,
    nbf: Option<NumericDate>,
    nonce: Option<String>,
    auth_time: Option<NumericDate>,
    sid: Option<String>,
}

/// What this server knows about the ID token that it asked for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer identifier of the provider.
    pub issuer: &'a str,
    /// The identifier of this server there.
    pub client_id: &'a str,
    /// The nonce of the authorization request.
    pub nonce: &'a str,
    /// The current time, in seconds since the epoch.
    pub now: i64,
}

impl IdToken {
    /// Validates the ID token
    /// ([OpenID Connect Core
    /// §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)).
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(&self, expected: Expected<'_>) -> Result<(), Broken> {
        let Expected { issuer, client_id, nonce, now } = expected;
        // Item 2.
        Broken::unless(self.iss == issuer, "iss of the ID token is another issuer", || self.iss.clone())?;
        // Item 3.
        Broken::unless(self.aud.contains(client_id), "aud of the ID token is another client", || {
            self.aud.iter().collect::<Vec<_>>().join(" ")
        })?;
        // Item 5: with several audiences, `azp` says for which client it was issued.
        let is_ours = match &self.azp {
            Some(azp) => azp == client_id,
            None => self.aud.is_only(&[client_id]),
        };
        Broken::unless(is_ours, "azp of the ID token is another client", || format!("{:?}", self.azp))?;
        // Items 9 and 10.
        let (exp, iat) = (self.exp.0, self.iat.0);
        Broken::unless(exp.saturating_add(CLOCK_SKEW) > now, "the ID token has expired", || {
            format!("{} s ago", now.saturating_sub(exp))
        })?;
        for (name, time) in [("iat", iat), ("nbf", self.nbf.map_or(iat, |NumericDate(time)| time))] {
            let ahead = time.saturating_sub(now);
            let description = format!("{name} of the ID token is in the future");
            Broken::unless(ahead <= CLOCK_SKEW, &description, || format!("by {ahead} s"))?;
        }
        // Item 11.
        Broken::unless(self.nonce.as_deref() == Some(nonce), "nonce of the ID token is another one", String::new)
    }

    /// When the user authenticated there, in seconds since the epoch.
    pub fn auth_time(&self) -> Option<i64> {
        self.auth_time.map(|NumericDate(time)| time)
    }

    /// The session there, for its logout, if it can be stored
    /// ([OpenID Connect Back-Channel Logout
    /// §2.1](https://openid.net/specs/openid-connect-backchannel-1_0.html#OPLogout)).
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref().filter(|sid| (1..=MAX_SID).contains(&sid.len()) && !sid.chars().any(char::is_control))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const EXPECTED: Expected<'static> =
        Expected { issuer: "https://id.example", client_id: "writ", nonce: "n", now: NOW };

    fn id_token(changes: &Value) -> Result<IdToken, serde_json::Error> {
        let mut claims = json!({
            "iss": "https://id.example", "sub": "u", "aud": "writ", "exp": NOW + 300, "iat": NOW, "nonce": "n",
        });
        let members = claims.as_object_mut().expect("an object");
        members.extend(changes.as_object().expect("an object").clone());
        serde_json::from_value(claims)
    }

    #[rstest]
    #[case(json!({}))]
    #[case(json!({ "aud": ["writ"] }))]
    #[case(json!({ "azp": "writ" }))]
    #[case(json!({ "aud": ["writ", "other"], "azp": "writ" }))]
    #[case(json!({ "exp": NOW - 9 }))]
    #[case(json!({ "iat": NOW + 10, "nbf": NOW + 10 }))]
    #[case(json!({ "auth_time": 1_799_999_999.5 }))]
    fn right_id_token_is_accepted(#[case] changes: Value) {
        assert_eq!(id_token(&changes).expect("claims").check(EXPECTED), Ok(()));
    }

    #[rstest]
    #[case::another_issuer(json!({ "iss": "https://id.example/" }), "iss")]
    #[case::another_client(json!({ "aud": "other" }), "aud")]
    #[case::no_client(json!({ "aud": [] }), "aud")]
    #[case::for_another_client_as_well(json!({ "aud": ["writ", "other"] }), "azp")]
    #[case::issued_to_another(json!({ "azp": "other" }), "azp")]
    #[case::expired(json!({ "exp": NOW - 10 }), "expired")]
    #[case::from_the_future(json!({ "iat": NOW + 11 }), "iat")]
    #[case::not_yet(json!({ "nbf": NOW + 11 }), "nbf")]
    #[case::another_nonce(json!({ "nonce": "m" }), "nonce")]
    #[case::no_nonce(json!({ "nonce": null }), "nonce")]
    fn wrong_id_token_is_refused(#[case] changes: Value, #[case] claim: &str) {
        let broken = id_token(&changes).expect("claims").check(EXPECTED).expect_err("refused");
        assert!(broken.description.contains(claim), "{broken:?}");
    }

    #[rstest]
    #[case(json!({ "aud": null }))]
    #[case(json!({ "exp": null }))]
    #[case(json!({ "iat": "now" }))]
    #[case(json!({ "auth_time": "yesterday" }))]
    fn id_token_without_a_required_claim_is_refused(#[case] changes: Value) {
        assert!(id_token(&changes).is_err());
    }
}
