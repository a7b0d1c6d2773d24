//! What opens an account, and what a session must prove before that changes.

use uuid::Uuid;

use crate::{authentication::Evidence, vocabulary::acr::Acr};

/// Maximum age in seconds of a proof that permits sensitive changes.
pub const RECENT: i64 = 600;

/// The factors of an account besides the password, as far as the server accepts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Factors {
    /// Whether there is a second factor.
    pub code: bool,
    /// Whether there is a passkey.
    pub passkey: bool,
}

/// What a session lacks before a sensitive change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A recent proof of a factor that signs in by itself.
    SignIn,
    /// A code of the second factor.
    Code,
    /// A passkey.
    Passkey,
}

/// Whether the user proved a factor that signs in by itself recently. It does not count that
/// another provider named the user without saying when they authenticated: with a browser that is
/// signed in there, anyone could do that.
pub fn is_recent(evidence: &Evidence, now: i64) -> bool {
    is_fresh(evidence.confirmed_at(), now)
}

/// What a session lacks before the account is deleted, or something changes that opens it. `None`
/// if it has proven two factors recently, or the user has only one. Otherwise a password would be
/// enough to add a factor of another kind, and so to reach a class that needs two.
pub fn missing(evidence: &Evidence, factors: Factors, now: i64) -> Option<Missing> {
    if !is_recent(evidence, now) {
        return Some(Missing::SignIn);
    }
    if evidence.acr() >= Acr::Mfa && is_fresh(evidence.known_auth_time(), now) {
        return None;
    }
    match factors {
        Factors { code: true, .. } => Some(Missing::Code),
        Factors { passkey: true, .. } => Some(Missing::Passkey),
        Factors { .. } => None,
    }
}

fn is_fresh(at: Option<i64>, now: i64) -> bool {
    at.is_some_and(|at| now - at < RECENT)
}

/// What signs a user in, as far as the server accepts it: a suspended passkey does not, nor does a
/// link to a provider that is not configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// Whether there is a password.
    pub password: bool,
    /// The ids of the passkeys.
    pub passkeys: Vec<Uuid>,
    /// The issuer and the subject of each link to another provider.
    pub links: Vec<(String, String)>,
}

/// Something that signs a user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'a> {
    /// The password.
    Password,
    /// The passkey with this id.
    Passkey(Uuid),
    /// The link to a provider.
    Link {
        /// The issuer identifier of the provider.
        issuer: &'a str,
        /// The `sub` of the user there.
        subject: &'a str,
    },
}

impl WaysIn {
    /// Whether the user can still sign in after `way` is removed. The last way in stays.
    pub fn remain_without(&self, way: Way<'_>) -> bool {
        let password = self.password && way != Way::Password;
        let is_other = |(issuer, subject): &(String, String)| way != Way::Link { issuer, subject };
        password || self.passkeys.iter().any(|id| way != Way::Passkey(*id)) || self.links.iter().any(is_other)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NONE: Factors = Factors { code: false, passkey: false };
    const CODE: Factors = Factors { code: true, passkey: false };
    const PASSKEY: Factors = Factors { code: false, passkey: true };
    const BOTH: Factors = Factors { code: true, passkey: true };

    #[rstest]
    #[case::password_alone("password@1000", NONE, None)]
    #[case::old_password("password@400", NONE, Some(Missing::SignIn))]
    #[case::nothing("", NONE, Some(Missing::SignIn))]
    #[case::code_is_missing("password@1000", CODE, Some(Missing::Code))]
    #[case::code_is_proved("password@1000 totp@900", CODE, None)]
    #[case::code_is_old("password@1000 totp@400", CODE, Some(Missing::Code))]
    #[case::password_is_old("password@400 totp@1000", CODE, Some(Missing::SignIn))]
    #[case::recovery_code("password@1000 recovery_code@900", CODE, None)]
    #[case::passkey_is_missing("password@1000", PASSKEY, Some(Missing::Passkey))]
    #[case::passkey_is_old("password@1000 synced_passkey@400", PASSKEY, Some(Missing::Passkey))]
    #[case::passkey_is_proved("synced_passkey@1000", PASSKEY, None)]
    #[case::passkey_replaces_the_code("bound_passkey@1000", BOTH, None)]
    #[case::code_comes_first("password@1000", BOTH, Some(Missing::Code))]
    #[case::passkeys_are_switched_off("password@1000", NONE, None)]
    #[case::provider("upstream@1000", NONE, None)]
    #[case::provider_and_code("upstream@1000", CODE, Some(Missing::Code))]
    #[case::provider_without_a_time("upstream_undated@1000", NONE, Some(Missing::SignIn))]
    #[case::provider_without_a_time_and_code("upstream_undated@1000 totp@1000", CODE, Some(Missing::SignIn))]
    fn change_needs_every_kind_of_factor_and_recently(
        #[case] proved: &str,
        #[case] factors: Factors,
        #[case] expected: Option<Missing>,
    ) {
        let evidence = Evidence::from_stored(proved).expect("evidence");
        assert_eq!(missing(&evidence, factors, 1000), expected);
    }

    fn ways(password: bool, passkeys: &[u128], links: &[(&str, &str)]) -> WaysIn {
        WaysIn {
            password,
            passkeys: passkeys.iter().map(|id| Uuid::from_u128(*id)).collect(),
            links: links.iter().map(|(issuer, subject)| ((*issuer).to_owned(), (*subject).to_owned())).collect(),
        }
    }

    const LINK: Way<'_> = Way::Link { issuer: "a", subject: "x" };
    const FIRST: Way<'_> = Way::Passkey(Uuid::from_u128(1));

    #[rstest]
    #[case::only_a_password(ways(true, &[], &[]), Way::Password, false)]
    #[case::password_beside_a_passkey(ways(true, &[1], &[]), Way::Password, true)]
    #[case::password_beside_a_link(ways(true, &[], &[("a", "x")]), Way::Password, true)]
    #[case::only_a_passkey(ways(false, &[1], &[]), FIRST, false)]
    #[case::passkey_beside_another(ways(false, &[1, 2], &[]), FIRST, true)]
    #[case::passkey_beside_a_link(ways(false, &[1], &[("a", "x")]), FIRST, true)]
    #[case::only_a_link(ways(false, &[], &[("a", "x")]), LINK, false)]
    #[case::link_beside_another_user_there(ways(false, &[], &[("a", "x"), ("a", "y")]), LINK, true)]
    #[case::link_beside_a_password(ways(true, &[], &[("a", "x")]), LINK, true)]
    #[case::link_that_does_not_count(ways(false, &[], &[]), LINK, false)]
    #[case::suspended_passkey(ways(false, &[2], &[]), FIRST, true)]
    fn last_way_in_stays(#[case] ways: WaysIn, #[case] removed: Way<'_>, #[case] expected: bool) {
        assert_eq!(ways.remain_without(removed), expected);
    }
}
