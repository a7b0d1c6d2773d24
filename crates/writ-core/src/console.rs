//! Who may enter the administration console: an administrator who has just proved a second factor.

use crate::{authentication::Evidence, vocabulary::acr::Acr};

/// What is known about a signed-in user who opens the console.
#[derive(Debug, Clone, Copy)]
pub struct Entrant<'a> {
    /// Whether the user is in the group of administrators.
    pub is_administrator: bool,
    /// Whether the user has a second factor.
    pub has_second_factor: bool,
    /// What the user proved in this session.
    pub evidence: &'a Evidence,
}

/// Whether a user may enter, or what comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// The user may enter.
    Open,
    /// The user is no administrator.
    Closed,
    /// The user must set up a second factor.
    SetUp,
    /// The user must prove the second factor.
    StepUp,
    /// The user must enter the password.
    Password,
}

/// Decides about a request to the console. The second factor is at most `max_age` seconds old, as
/// for a request with `max_age`
/// ([OpenID Connect Core
/// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)). The password may
/// be older.
pub fn entry(entrant: Entrant<'_>, max_age: i64, now: i64) -> Entry {
    let Entrant { is_administrator, has_second_factor, evidence } = entrant;
    let is_fresh = evidence.second_factor_at().is_some_and(|at| now - at <= max_age);
    match (is_administrator, has_second_factor, is_fresh, evidence.acr()) {
        (false, ..) => Entry::Closed,
        (true, false, ..) => Entry::SetUp,
        (true, true, false, _) => Entry::StepUp,
        (true, true, true, Acr::Password) => Entry::Password,
        (true, true, true, Acr::Mfa) => Entry::Open,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::both_are_fresh(true, true, "password@1000 totp@1000", Entry::Open)]
    #[case::password_may_be_old(true, true, "password@1 totp@1000", Entry::Open)]
    #[case::factor_is_as_old_as_allowed(true, true, "password@1 totp@100", Entry::Open)]
    #[case::factor_is_stale(true, true, "password@1000 totp@99", Entry::StepUp)]
    #[case::recovery_code(true, true, "password@1 totp@2 recovery_code@900", Entry::Open)]
    #[case::factor_is_not_proved(true, true, "password@1000", Entry::StepUp)]
    #[case::password_is_not_proved(true, true, "totp@1000", Entry::Password)]
    #[case::factor_was_removed(true, false, "password@1000 totp@1000", Entry::SetUp)]
    #[case::no_factor(true, false, "password@1000", Entry::SetUp)]
    #[case::no_administrator(false, true, "password@1000 totp@1000", Entry::Closed)]
    #[case::no_administrator_without_factor(false, false, "password@1000", Entry::Closed)]
    #[case::nothing_is_proved(true, true, "", Entry::StepUp)]
    fn administrator_enters_with_a_fresh_second_factor(
        #[case] is_administrator: bool,
        #[case] has_second_factor: bool,
        #[case] proved: &str,
        #[case] expected: Entry,
    ) {
        let evidence = Evidence::from_stored(proved).expect("evidence");
        let entrant = Entrant { is_administrator, has_second_factor, evidence: &evidence };
        assert_eq!(entry(entrant, 900, 1000), expected);
    }
}
