//! The conditions under which users get a scope.

use crate::{groups::GroupIds, vocabulary::acr::Acr};

/// What a scope demands of users.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// The groups that it is open to. `None` if it is open to all users.
    pub open_to: Option<&'a GroupIds>,
    /// The class of authentication that it demands.
    pub acr: Option<Acr>,
}

impl Conditions<'_> {
    /// Whether users get the scope under `after` who do not get it under these conditions. A leaked
    /// token of the administration API must not let them in.
    pub fn are_loosened_by(self, after: Conditions<'_>) -> bool {
        let opens = match (self.open_to, after.open_to) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(after)) => after.iter().any(|id| !before.contains(id)),
        };
        opens || after.acr < self.acr
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn groups(names: &str) -> Option<GroupIds> {
        (names != "all").then(|| names.bytes().map(|name| Uuid::from_u128(u128::from(name))).collect())
    }

    #[rstest]
    #[case::unchanged("ab", "ab", false)]
    #[case::closed_to_some("all", "a", false)]
    #[case::fewer_groups("ab", "a", false)]
    #[case::no_group("ab", "", false)]
    #[case::open_to_all("ab", "all", true)]
    #[case::one_more_group("a", "ab", true)]
    #[case::another_group("a", "b", true)]
    #[case::opened_again("", "a", true)]
    #[case::nobody_to_all("", "all", true)]
    #[case::all_users("all", "all", false)]
    fn more_groups_loosen(#[case] before: &str, #[case] after: &str, #[case] loosened: bool) {
        let (before, after) = (groups(before), groups(after));
        for acr in [None, Some(Acr::Mfa)] {
            let [one, other] = [&before, &after].map(|open_to| Conditions { open_to: open_to.as_ref(), acr });
            assert_eq!(one.are_loosened_by(other), loosened);
        }
    }

    #[rstest]
    #[case(None, Some(Acr::Mfa), false)]
    #[case(Some(Acr::Password), Some(Acr::Mfa), false)]
    #[case(Some(Acr::Mfa), Some(Acr::Mfa), false)]
    #[case(Some(Acr::Mfa), Some(Acr::Password), true)]
    #[case(Some(Acr::Mfa), None, true)]
    fn weaker_class_loosens(#[case] before: Option<Acr>, #[case] after: Option<Acr>, #[case] loosened: bool) {
        for open_to in [groups("all"), groups("a")] {
            let [one, other] = [before, after].map(|acr| Conditions { open_to: open_to.as_ref(), acr });
            assert_eq!(one.are_loosened_by(other), loosened);
        }
    }
}
