//! The `claims` parameter
//! ([OpenID Connect Core §5.5](https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter)):
//! single claims, requested beyond those of the scopes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ScopeSet, acr::Acr, standard_claims};

/// Maximum number of members of `userinfo` or `id_token`, and of `values` of one claim.
const MAX_COUNT: usize = 100;

/// The requested claims, by place of disclosure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// At the userinfo endpoint.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, Option<ClaimRequest>>,
    /// In the ID token.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, Option<ClaimRequest>>,
}

/// How one claim is requested (OpenID Connect Core §5.5.1). Unknown members are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the claim is essential. Only an essential `acr` is a condition.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The requested value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The acceptable values, in order of preference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<Value>>,
}

impl ClaimRequest {
    /// Whether the claim may have this value.
    pub fn accepts(&self, value: &Value) -> bool {
        self.value.as_ref().is_none_or(|wanted| wanted == value)
            && self.values.as_ref().is_none_or(|wanted| wanted.contains(value))
    }
}

impl ClaimsRequest {
    /// Parses the parameter's JSON.
    ///
    /// # Errors
    /// A sentence that says what is malformed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let object = serde_json::from_str(text).map(Value::Object);
        let request: Self = object
            .and_then(serde_json::from_value)
            .map_err(|_| "claims must be a JSON object as OpenID Connect Core section 5.5 describes it".to_owned())?;
        for member in [&request.userinfo, &request.id_token] {
            let values = |claim: &Option<ClaimRequest>| claim.as_ref()?.values.as_ref().map(Vec::len);
            if member.len() > MAX_COUNT || member.values().filter_map(values).any(|count| count > MAX_COUNT) {
                return Err(format!("claims has more than {MAX_COUNT} members of one kind"));
            }
        }
        Ok(request)
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// The message of the JSON parser.
    pub fn from_stored(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// The stored form.
    pub fn to_stored(&self) -> String {
        serde_json::to_string(self).expect("maps of JSON values are JSON")
    }

    /// Whether nothing is requested.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// The names of the requested claims. A claim that is requested in both places appears twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo.keys().chain(self.id_token.keys()).map(String::as_str)
    }

    /// The scopes that represent the requested claims on the consent page.
    pub fn scopes(&self) -> ScopeSet {
        self.names().filter_map(standard_claims::scope_of).collect()
    }

    /// The requested claims that the scopes in `allowed` include.
    #[must_use]
    pub fn within(&self, allowed: &ScopeSet) -> Self {
        let covered = |claims: &BTreeMap<String, Option<ClaimRequest>>| {
            let covered = |name: &str| standard_claims::scope_of(name).is_some_and(|scope| allowed.contains(scope));
            claims.iter().filter(|(name, _)| covered(name)).map(|(name, claim)| (name.clone(), claim.clone())).collect()
        };
        Self { userinfo: covered(&self.userinfo), id_token: covered(&self.id_token) }
    }

    /// The requested `sub`, if there is one (OpenID Connect Core §5.5.1).
    pub fn subject(&self) -> Option<&str> {
        self.id_token.get("sub")?.as_ref()?.value.as_ref()?.as_str()
    }

    /// The supported classes that the claim `acr` may have, in order of preference, and whether the
    /// claim is essential. A claim without a value asks for no class.
    pub fn acr(&self) -> (Vec<Acr>, bool) {
        let Some(claim) = self.id_token.get("acr").and_then(Option::as_ref) else { return (Vec::new(), false) };
        let named = claim.value.iter().chain(claim.values.iter().flatten());
        let known = named.filter(|value| claim.accepts(value)).filter_map(|value| value.as_str()?.parse().ok());
        (known.collect(), claim.essential)
    }

    /// Whether the request has no essential `acr`, or one that is supported.
    pub fn acr_is_met(&self) -> bool {
        let asked = self.id_token.get("acr").and_then(Option::as_ref).filter(|claim| claim.essential);
        asked.is_none_or(|claim| Acr::SUPPORTED.iter().any(|acr| claim.accepts(&Value::from(acr.as_str()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_the_specification_parses() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "picture": null,
                "http://example.info/claims/groups": null},
                "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"#,
        )
        .expect("a claims request");
        assert_eq!(request.scopes().to_string(), "profile");
        assert!(request.acr_is_met(), "a voluntary acr is no condition");
        assert_eq!(request.within(&ScopeSet::from_iter(["profile"])).userinfo.len(), 3);
        assert!(request.within(&ScopeSet::from_iter(["email"])).is_empty());
    }

    #[test]
    fn malformed_claims_are_refused() {
        let many = format!(
            "{{\"userinfo\":{{{}}}}}",
            (0..101).map(|n| format!("\"c{n}\":null")).collect::<Vec<_>>().join(",")
        );
        for bad in [
            "",
            "[]",
            "null",
            "1",
            "{",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"name":1}}"#,
            r#"{"id_token":{"acr":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"x"}}}"#,
            &many,
        ] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn essential_acr_is_a_condition() {
        for (claim, met) in [
            (r#"{"essential":true}"#, true),
            (r#"{"essential":true,"value":"urn:writ:acr:password"}"#, true),
            (r#"{"essential":true,"values":["urn:other","urn:writ:acr:password"]}"#, true),
            (r#"{"essential":true,"value":"urn:other"}"#, false),
            (r#"{"essential":true,"values":[]}"#, false),
            (r#"{"value":"urn:other"}"#, true),
        ] {
            let request =
                ClaimsRequest::parse(&format!(r#"{{"id_token":{{"acr":{claim}}}}}"#)).expect("a claims request");
            assert_eq!(request.acr_is_met(), met, "{claim}");
        }
    }
}
