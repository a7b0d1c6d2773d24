//! Authentication context class references
//! ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken)).

use strum::{EnumString, IntoStaticStr};

/// How strongly a user authenticated, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
pub enum Acr {
    /// With a password.
    #[strum(serialize = "urn:writ:acr:password")]
    Password,
    /// With two factors of different kinds.
    #[strum(serialize = "urn:writ:acr:mfa")]
    Mfa,
}

impl Acr {
    /// `acr_values_supported`.
    pub const SUPPORTED: [Self; 2] = [Self::Password, Self::Mfa];

    /// The value in tokens and requests.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether an authentication of this class meets what is demanded. A stronger class includes
    /// the weaker ones.
    pub fn meets(self, demanded: Option<Self>) -> bool {
        demanded.is_none_or(|acr| acr <= self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_meets_itself_and_weaker_ones() {
        for (has, demanded, expected) in [
            (Acr::Password, None, true),
            (Acr::Password, Some(Acr::Password), true),
            (Acr::Password, Some(Acr::Mfa), false),
            (Acr::Mfa, Some(Acr::Mfa), true),
            (Acr::Mfa, Some(Acr::Password), true),
        ] {
            assert_eq!(has.meets(demanded), expected, "{has:?} {demanded:?}");
        }
    }
}
