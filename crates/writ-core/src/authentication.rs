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
    /// A passkey that stays on one device, unlocked with a PIN or a biometric.
    BoundPasskey,
    /// A passkey that the user's devices share, unlocked in the same way.
    SyncedPasskey,
    /// Another provider, which disclosed when the user authenticated there.
    Upstream,
    /// Another provider, which did not disclose that: the user may have been signed in there for
    /// long.
    UpstreamUndated,
}

/// The start of the stated class in the stored form.
const STATED: &str = "=";

/// Two factors are two only if they are of different kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What the user knows. The sign-in at another provider takes its place: which factors that
    /// asked for is not known here.
    Knowledge,
    Possession,
}

impl Factor {
    /// The stored name.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The values in `amr` ([RFC 8176 §2](https://www.rfc-editor.org/rfc/rfc8176#section-2)). A
    /// recovery code is a one-time password as well. A key that can be copied is a software key.
    /// Without attestation, nothing proves that another one is in hardware. The methods of another
    /// provider are not known.
    fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::Totp | Self::RecoveryCode => &["otp"],
            Self::BoundPasskey => &["pop", "user"],
            Self::SyncedPasskey => &["swk", "user"],
            Self::Upstream | Self::UpstreamUndated => &[],
        }
    }

    /// Whether it is of this kind. A passkey is of both: the device is a possession, and it was
    /// unlocked with what only the user knows or is.
    fn is(self, kind: Kind) -> bool {
        match self {
            Self::Password | Self::Upstream | Self::UpstreamUndated => kind == Kind::Knowledge,
            Self::Totp | Self::RecoveryCode => kind == Kind::Possession,
            Self::BoundPasskey | Self::SyncedPasskey => true,
        }
    }

    /// Whether it signs a user in by itself.
    pub fn is_first(self) -> bool {
        self.is(Kind::Knowledge)
    }
}

/// The factors that a user proved in a session, each with the last time in seconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    proofs: BTreeMap<Factor, i64>,
    /// A weaker class than that of the factors, which tokens state. `None` if they state that.
    stated: Option<Acr>,
}

impl Evidence {
    /// A password, entered at `at`.
    pub fn password(at: i64) -> Self {
        Self::default().with(Factor::Password, at)
    }

    /// The same evidence and another factor, or a later proof of one.
    #[must_use]
    pub fn with(mut self, factor: Factor, at: i64) -> Self {
        self.proofs.insert(factor, at);
        self
    }

    /// The class of the authentication.
    pub fn acr(&self) -> Acr {
        let reached = match (self.latest(Kind::Knowledge), self.latest(Kind::Possession)) {
            (Some(_), Some(_)) => Acr::Mfa,
            _ => Acr::Password,
        };
        self.stated.unwrap_or(reached)
    }

    /// The methods of the authentication. Those of several factors are listed beside `mfa`
    /// ([RFC 8176 §2](https://www.rfc-editor.org/rfc/rfc8176#section-2)).
    pub fn amr(&self) -> Vec<&'static str> {
        let mut methods = Vec::new();
        let mfa: &[&str] = if self.acr() == Acr::Mfa { &["mfa"] } else { &[] };
        for method in self.proofs.keys().flat_map(|factor| factor.methods()).chain(mfa) {
            if !methods.contains(method) {
                methods.push(*method);
            }
        }
        methods
    }

    /// Whether a passkey is among the factors.
    pub fn has_passkey(&self) -> bool {
        self.proofs.keys().any(|factor| matches!(factor, Factor::BoundPasskey | Factor::SyncedPasskey))
    }

    /// Whether another provider has named the user.
    pub fn has_upstream(&self) -> bool {
        self.proofs.keys().any(|factor| matches!(factor, Factor::Upstream | Factor::UpstreamUndated))
    }

    /// When the user authenticated in this class: each kind of factor was proven then or later.
    /// `None` if there is no evidence.
    pub fn auth_time(&self) -> Option<i64> {
        [Kind::Knowledge, Kind::Possession].into_iter().filter_map(|kind| self.latest(kind)).min()
    }

    /// When the user last proved a second factor. `None` if the user did not.
    pub fn second_factor_at(&self) -> Option<i64> {
        self.latest(Kind::Possession)
    }

    /// As [`Evidence::auth_time`], for the rules that ask for a recent authentication. `None` also
    /// if the time is that at which a provider named the user, who may have authenticated long
    /// before.
    pub fn known_auth_time(&self) -> Option<i64> {
        self.confirmed_at()?;
        let mut known = self.clone();
        known.proofs.remove(&Factor::UpstreamUndated);
        known.auth_time()
    }

    /// Whether another provider named the user, and no factor says when the user authenticated.
    pub fn is_undated(&self) -> bool {
        self.proofs.contains_key(&Factor::UpstreamUndated) && self.confirmed_at().is_none()
    }

    /// When the user last proved a factor that signs in by itself. `None` if that is not known.
    pub fn confirmed_at(&self) -> Option<i64> {
        let known = self.proofs.iter().filter(|(factor, _)| factor.is_first() && **factor != Factor::UpstreamUndated);
        known.map(|(_, at)| *at).max()
    }

    /// The evidence without what exceeds a class, for a client that requires a weaker one. A
    /// passkey alone has no weaker part, so only the stated class changes.
    #[must_use]
    pub fn within(&self, acr: Acr) -> Self {
        if self.acr() <= acr {
            return self.clone();
        }
        let weaker = self.proofs.iter().filter(|(factor, _)| !factor.is(Kind::Possession));
        let weaker: BTreeMap<Factor, i64> = weaker.map(|(factor, at)| (*factor, *at)).collect();
        if weaker.is_empty() {
            Self { stated: Some(acr), ..self.clone() }
        } else {
            Self { proofs: weaker, stated: None }
        }
    }

    /// Parses the stored form. `None` if it is malformed.
    pub fn from_stored(text: &str) -> Option<Self> {
        let mut evidence = Self::default();
        for entry in text.split_whitespace() {
            if let Some(acr) = entry.strip_prefix(STATED) {
                evidence.stated = Some(acr.parse().ok()?);
            } else {
                let (factor, at) = entry.split_once('@')?;
                evidence.proofs.insert(factor.parse().ok()?, at.parse().ok()?);
            }
        }
        Some(evidence)
    }

    fn latest(&self, kind: Kind) -> Option<i64> {
        self.proofs.iter().filter(|(factor, _)| factor.is(kind)).map(|(_, at)| *at).max()
    }
}

/// The stored form: each factor with its time, and the stated class.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proofs = self.proofs.iter().map(|(factor, at)| format!("{}@{at}", factor.as_str()));
        let stated = self.stated.map(|acr| format!("{STATED}{}", acr.as_str()));
        f.write_str(&proofs.chain(stated).collect::<Vec<_>>().join(" "))
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
            ("bound_passkey@100", Acr::Mfa, vec!["pop", "user", "mfa"], Some(100)),
            ("synced_passkey@100", Acr::Mfa, vec!["swk", "user", "mfa"], Some(100)),
            ("password@100 synced_passkey@900", Acr::Mfa, vec!["pwd", "swk", "user", "mfa"], Some(900)),
            ("totp@100 bound_passkey@50", Acr::Mfa, vec!["otp", "pop", "user", "mfa"], Some(50)),
            ("bound_passkey@1 synced_passkey@2", Acr::Mfa, vec!["pop", "user", "swk", "mfa"], Some(2)),
            ("upstream@100", Acr::Password, vec![], Some(100)),
            ("upstream_undated@100", Acr::Password, vec![], Some(100)),
            ("totp@200 upstream@100", Acr::Mfa, vec!["otp", "mfa"], Some(100)),
        ] {
            let evidence = Evidence::from_stored(stored).expect("evidence");
            assert_eq!((evidence.acr(), evidence.amr(), evidence.auth_time()), (acr, amr, auth_time), "{stored}");
        }
    }

    #[test]
    fn recent_authentication_needs_a_known_time() {
        for (stored, known, confirmed) in [
            ("", None, None),
            ("password@100", Some(100), Some(100)),
            ("password@100 totp@900", Some(100), Some(100)),
            ("upstream@100", Some(100), Some(100)),
            ("upstream@100 password@200", Some(200), Some(200)),
            ("upstream_undated@100", None, None),
            ("upstream_undated@100 totp@200", None, None),
            ("upstream_undated@900 password@200", Some(200), Some(200)),
            ("totp@300 upstream_undated@900 password@200", Some(200), Some(200)),
        ] {
            let evidence = Evidence::from_stored(stored).expect("evidence");
            assert_eq!((evidence.known_auth_time(), evidence.confirmed_at()), (known, confirmed), "{stored}");
        }
    }

    #[test]
    fn malformed_evidence_is_refused() {
        for bad in ["password", "password@", "password@x", "@1", "fingerprint@1", "password@1 x", "password@1 =x", "="]
        {
            assert_eq!(Evidence::from_stored(bad), None, "{bad}");
        }
    }

    #[test]
    fn weaker_class_discloses_no_second_factor() {
        let evidence = Evidence::password(200).with(Factor::Totp, 100);
        assert_eq!(evidence.within(Acr::Password), Evidence::password(200));
        assert_eq!(evidence.within(Acr::Mfa), evidence);
        let with_password = Evidence::password(200).with(Factor::SyncedPasskey, 100);
        assert_eq!(with_password.within(Acr::Password), Evidence::password(200));
        let alone = Evidence::default().with(Factor::SyncedPasskey, 100);
        let weaker = alone.within(Acr::Password);
        assert_eq!((weaker.acr(), weaker.amr()), (Acr::Password, vec!["swk", "user"]));
        assert_eq!(weaker.auth_time(), Some(100));
        assert_eq!(Evidence::from_stored(&weaker.to_string()), Some(weaker));
    }

    fn factors() -> impl Strategy<Value = Vec<(Factor, i64)>> {
        let factor = prop::sample::select(vec![
            Factor::Password,
            Factor::Totp,
            Factor::RecoveryCode,
            Factor::BoundPasskey,
            Factor::SyncedPasskey,
        ]);
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
            let of = |kind| proofs.iter().any(|(factor, _)| factor.is(kind));
            prop_assert_eq!(evidence.acr() == Acr::Mfa, of(Kind::Knowledge) && of(Kind::Possession));
            prop_assert_eq!(evidence.amr().contains(&"mfa"), evidence.acr() == Acr::Mfa);
            prop_assert_eq!(Evidence::from_stored(&evidence.to_string()), Some(evidence));
        }
    }
}
