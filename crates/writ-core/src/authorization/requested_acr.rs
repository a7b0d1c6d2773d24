//! The authentication context classes that a request asks for: `acr_values` and the claim `acr`
//! ([OpenID Connect Core
//! §5.5.1.1](https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics)).

use crate::vocabulary::{acr::Acr, claims_request::ClaimsRequest};

/// The requested classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestedAcr {
    /// The preferred class, which is no condition.
    preferred: Option<Acr>,
    /// The acceptable classes of an essential claim. Empty if there is no condition.
    required: Vec<Acr>,
}

/// How a session relates to the requested classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing is missing.
    Nothing,
    /// The client prefers a stronger class.
    Preferred,
    /// The client requires a stronger class.
    Required,
}

impl RequestedAcr {
    /// The classes that a request asks for. Unknown ones are ignored. The first known one is
    /// preferred: values "appear in order of preference".
    pub fn new(acr_values: Option<&str>, claims: &ClaimsRequest) -> Self {
        let (values, essential) = claims.acr();
        let named = acr_values.unwrap_or_default().split(' ').filter_map(|value| value.parse().ok());
        Self {
            preferred: values.iter().copied().chain(named).next(),
            required: if essential { values } else { Vec::new() },
        }
    }

    /// Whether the request asks for any class.
    pub fn is_any(&self) -> bool {
        self.preferred.is_some()
    }

    /// What a session of class `has` lacks. A stronger class includes the weaker ones.
    pub fn need(&self, has: Acr) -> Need {
        if !self.required.is_empty() && self.required.iter().all(|acr| *acr > has) {
            Need::Required
        } else if self.preferred.is_some_and(|acr| acr > has) {
            Need::Preferred
        } else {
            Need::Nothing
        }
    }

    /// The class that tokens state for a session of class `has`: of an essential claim the
    /// strongest value that the session reaches.
    pub fn disclosed(&self, has: Acr) -> Acr {
        self.required.iter().copied().filter(|acr| *acr <= has).max().unwrap_or(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "urn:writ:acr:password";
    const MFA: &str = "urn:writ:acr:mfa";

    fn requested(acr_values: &str, claim: &str) -> RequestedAcr {
        let claims = match claim {
            "" => ClaimsRequest::default(),
            claim => ClaimsRequest::parse(&format!(r#"{{"id_token":{{"acr":{claim}}}}}"#)).expect("a claims request"),
        };
        RequestedAcr::new(Some(acr_values), &claims)
    }

    #[test]
    fn session_lacks_what_is_preferred_or_required() {
        let values = |values: &str| format!(r#"{{"essential":true,"values":[{values}]}}"#);
        let mfa_or_password = values(&format!("\"{MFA}\",\"{PASSWORD}\""));
        for (acr_values, claim, expected) in [
            ("", "", Need::Nothing),
            (PASSWORD, "", Need::Nothing),
            (MFA, "", Need::Preferred),
            ("urn:other", "", Need::Nothing),
            (&format!("urn:other {MFA}"), "", Need::Preferred),
            (&format!("{PASSWORD} {MFA}"), "", Need::Nothing),
            ("", "null", Need::Nothing),
            ("", r#"{"essential":true}"#, Need::Nothing),
            ("", &format!(r#"{{"value":"{MFA}"}}"#), Need::Preferred),
            ("", &format!(r#"{{"essential":true,"value":"{MFA}"}}"#), Need::Required),
            (PASSWORD, &values(&format!("\"urn:other\",\"{MFA}\"")), Need::Required),
            ("", &mfa_or_password, Need::Preferred),
        ] {
            let requested = requested(acr_values, claim);
            assert_eq!(requested.need(Acr::Password), expected, "{acr_values} {claim}");
            assert_eq!(requested.need(Acr::Mfa), Need::Nothing, "{acr_values} {claim}");
        }
    }

    #[test]
    fn tokens_state_an_acceptable_class() {
        let essential = |value: &str| requested("", &format!(r#"{{"essential":true,"value":"{value}"}}"#));
        assert_eq!(essential(PASSWORD).disclosed(Acr::Mfa), Acr::Password);
        assert_eq!(essential(MFA).disclosed(Acr::Mfa), Acr::Mfa);
        assert_eq!(requested(PASSWORD, "").disclosed(Acr::Mfa), Acr::Mfa);
        assert_eq!(requested("", "").disclosed(Acr::Password), Acr::Password);
    }
}
