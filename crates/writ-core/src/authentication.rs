//! How a user authenticated. The class (`acr`), the methods (`amr`) and the time (`auth_time`) in
//! tokens follow from this evidence alone
//! ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).

use std::{collections::BTreeMap, fmt};

use strum::{EnumString, IntoStaticStr};

use crate::vocabulary::acr::Acr;

/// What a user authenticates with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Factor {
    /// A password.
    Password,
    /// A code of an authenticator app ([RFC 6238](https://www.rfc-editor.org/rfc/rfc6238)).
    Totp,
    /// A recovery code, which is valid once.
    RecoveryCode,
}

/// Two factors are two only if they are of different kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Knowledge,
    Possession,
}

impl Factor {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The value in `amr` ([RFC 8176 §2](https://www.rfc-editor.org/rfc/rfc8176#section-2)). A
    /// recovery code is a one-time password as well.
    fn method(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Totp | Self::RecoveryCode => "otp",
        }
    }

    fn kind(self) -> Kind {
        match self {
            Self::Password => Kind::Knowledge,
            Self::Totp | Self::RecoveryCode => Kind::Possession,
        }
    }
}

/// The factors that a user proved in a session, each with the last time in seconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence(BTreeMap<Factor, i64>);

impl Evidence {
    /// A password, entered at `at`.
    pub fn password(at: i64) -> Self {
        Self::default().with(Factor::Password, at)
    }

    /// The same evidence and another factor, or a later proof of one.
    #[must_use]
    pub fn with(mut self, factor: Factor, at: i64) -> Self {
        self.0.insert(factor, at);
        self
    }

    /// The class of the authentication.
    pub fn acr(&self) -> Acr {
        match (self.latest(Kind::Knowledge), self.latest(Kind::Possession)) {
            (Some(_), Some(_)) => Acr::Mfa,
            _ => Acr::Password,
        }
    }

    /// The methods of the authentication. Those of several factors are listed beside `mfa`
    /// ([RFC 8176 §2](https://www.rfc-editor.org/rfc/rfc8176#section-2)).
    pub fn amr(&self) -> Vec<&'static str> {
        let mut methods: Vec<&'static str> = self.0.keys().map(|factor| factor.method()).collect();
        methods.dedup();
        if self.acr() == Acr::Mfa {
            methods.push("mfa");
        }
        methods
    }

    /// When the user authenticated in this class: each kind of factor was proven then or later.
    /// `None` if there is no evidence.
    pub fn auth_time(&self) -> Option<i64> {
        [Kind::Knowledge, Kind::Possession].into_iter().filter_map(|kind| self.latest(kind)).min()
    }

    /// The evidence without what exceeds a class, for a client that requires a weaker one.
    #[must_use]
    pub fn within(&self, acr: Acr) -> Self {
        let allowed = |factor: &Factor| acr == Acr::Mfa || factor.kind() == Kind::Knowledge;
        Self(self.0.iter().filter(|(factor, _)| allowed(factor)).map(|(factor, at)| (*factor, *at)).collect())
    }

    /// Parses the stored form. `None` if it is malformed.
    pub fn from_stored(text: &str) -> Option<Self> {
        let parse = |entry: &str| {
            let (factor, at) = entry.split_once('@')?;
            Some((factor.parse().ok()?, at.parse().ok()?))
        };
        text.split_whitespace().map(parse).collect::<Option<_>>().map(Self)
    }

    fn latest(&self, kind: Kind) -> Option<i64> {
        self.0.iter().filter(|(factor, _)| factor.kind() == kind).map(|(_, at)| *at).max()
    }
}

/// The stored form: each factor with its time.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (factor, at)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(f, "{separator}{}@{at}", factor.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn class_methods_and_time_follow_from_the_factors() {
        for (stored, acr, amr, auth_time) in [
            ("", Acr::Password, vec![], None),
            ("password@100", Acr::Password, vec!["pwd"], Some(100)),
            ("totp@100", Acr::Password, vec!["otp"], Some(100)),
            ("totp@100 recovery_code@200", Acr::Password, vec!["otp"], Some(200)),
            ("password@100 totp@100", Acr::Mfa, vec!["pwd", "otp", "mfa"], Some(100)),
            ("password@100 totp@900", Acr::Mfa, vec!["pwd", "otp", "mfa"], Some(100)),
            ("password@900 totp@100", Acr::Mfa, vec!["pwd", "otp", "mfa"], Some(100)),
            ("password@100 recovery_code@100", Acr::Mfa, vec!["pwd", "otp", "mfa"], Some(100)),
            ("password@900 totp@100 recovery_code@800", Acr::Mfa, vec!["pwd", "otp", "mfa"], Some(800)),
        ] {
            let evidence = Evidence::from_stored(stored).expect("evidence");
            assert_eq!((evidence.acr(), evidence.amr(), evidence.auth_time()), (acr, amr, auth_time), "{stored}");
        }
    }

    #[test]
    fn malformed_evidence_is_refused() {
        for bad in ["password", "password@", "password@x", "@1", "fingerprint@1", "password@1 x"] {
            assert_eq!(Evidence::from_stored(bad), None, "{bad}");
        }
    }

    #[test]
    fn weaker_class_discloses_no_second_factor() {
        let evidence = Evidence::password(200).with(Factor::Totp, 100);
        assert_eq!(evidence.within(Acr::Password), Evidence::password(200));
        assert_eq!(evidence.within(Acr::Mfa), evidence);
    }

    fn factors() -> impl Strategy<Value = Vec<(Factor, i64)>> {
        let factor = prop::sample::select(vec![Factor::Password, Factor::Totp, Factor::RecoveryCode]);
        prop::collection::vec((factor, 0..1000i64), 0..6)
    }

    proptest! {
        #[test]
        fn further_proof_never_weakens_and_the_stored_form_is_the_same(proofs in factors()) {
            let mut evidence = Evidence::default();
            for (at, (factor, _)) in proofs.iter().enumerate() {
                let before = evidence.clone();
                evidence = evidence.with(*factor, i64::try_from(at).unwrap_or_default());
                prop_assert!(evidence.acr() >= before.acr());
                prop_assert!(before.acr() < evidence.acr() || evidence.auth_time() >= before.auth_time());
            }
            let of = |kind| proofs.iter().any(|(factor, _)| factor.kind() == kind);
            prop_assert_eq!(evidence.acr() == Acr::Mfa, of(Kind::Knowledge) && of(Kind::Possession));
            prop_assert_eq!(evidence.amr().contains(&"mfa"), evidence.acr() == Acr::Mfa);
            prop_assert_eq!(Evidence::from_stored(&evidence.to_string()), Some(evidence));
        }
    }
}
