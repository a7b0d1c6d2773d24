//! Groups of users, and what is open to some groups only.
//!
//! A user is in the groups that an administrator chose, and in the groups that those are in. A
//! group can be in one other group, which is in none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use thiserror::Error;
use uuid::Uuid;

use crate::{
    Cause, Error as OAuthError, ScopeSet,
    vocabulary::{acr::Acr, client_metadata::GroupsClaim},
};

/// Maximum number of groups that a user is directly in. Tokens list them.
pub const MAX_OF_USER: usize = 100;
/// Maximum length of a name in characters.
const MAX_NAME: usize = 64;

/// A set of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupIds(BTreeSet<Uuid>);

impl GroupIds {
    /// Reads the stored form.
    pub fn from_stored(text: &str) -> Self {
        text.split_whitespace().filter_map(|id| Uuid::parse_str(id).ok()).collect()
    }

    /// Whether the group is in the set.
    pub fn contains(&self, id: Uuid) -> bool {
        self.0.contains(&id)
    }

    /// Adds a group. `false` if it was in the set.
    pub fn insert(&mut self, id: Uuid) -> bool {
        self.0.insert(id)
    }

    /// Removes a group. `false` if it was not in the set.
    pub fn remove(&mut self, id: Uuid) -> bool {
        self.0.remove(&id)
    }

    /// The number of groups.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = Uuid> {
        self.0.iter().copied()
    }
}

impl FromIterator<Uuid> for GroupIds {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

/// The stored form.
impl fmt::Display for GroupIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" "))
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The id, which stays the same when the name changes.
    pub id: Uuid,
    /// The name, unique on this server.
    pub name: String,
    /// The group that it is in.
    pub parent: Option<Uuid>,
    /// The class of authentication that it demands of its members.
    pub acr: Option<Acr>,
}

/// Whether a group can have this name: 1 to 64 characters without a comma, which separates names.
pub fn is_name(name: &str) -> bool {
    let allowed = |c: char| c != ',' && !c.is_control();
    !name.is_empty() && name.trim() == name && name.chars().count() <= MAX_NAME && name.chars().all(allowed)
}

/// Why a group cannot be in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotNested {
    /// A group is not in itself.
    #[error("a group cannot be in itself")]
    Itself,
    /// The other group is in a third one.
    #[error("that group is in another group: groups are nested one level deep")]
    ParentIsNested,
    /// The group has groups of its own.
    #[error("other groups are in this group: groups are nested one level deep")]
    HasNested,
}

/// Every group of this server.
#[derive(Debug, Clone, Default)]
pub struct Groups(BTreeMap<Uuid, Group>);

impl FromIterator<Group> for Groups {
    fn from_iter<I: IntoIterator<Item = Group>>(groups: I) -> Self {
        Self(groups.into_iter().map(|group| (group.id, group)).collect())
    }
}

impl Groups {
    /// The groups by name.
    pub fn by_name(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.0.values().collect();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups
    }

    /// The group with this id.
    pub fn get(&self, id: Uuid) -> Option<&Group> {
        self.0.get(&id)
    }

    /// The group with this name.
    pub fn find(&self, name: &str) -> Option<&Group> {
        self.0.values().find(|group| group.name == name)
    }

    /// The names of the groups in `ids`, sorted.
    pub fn names(&self, ids: &GroupIds) -> Vec<String> {
        let mut names: Vec<String> = ids.iter().filter_map(|id| Some(self.get(id)?.name.clone())).collect();
        names.sort();
        names
    }

    /// Checks that `group` may be put into `parent`.
    ///
    /// # Errors
    /// [`NotNested`] with the reason.
    pub fn check_nesting(&self, group: Uuid, parent: Uuid) -> Result<(), NotNested> {
        if group == parent {
            return Err(NotNested::Itself);
        }
        if self.get(parent).is_some_and(|parent| parent.parent.is_some()) {
            return Err(NotNested::ParentIsNested);
        }
        if self.0.values().any(|other| other.parent == Some(group)) {
            return Err(NotNested::HasNested);
        }
        Ok(())
    }

    /// The groups of a user who is directly in `direct`: those, and the groups that they are in.
    pub fn of_user(&self, direct: &GroupIds) -> GroupIds {
        let known = direct.iter().filter_map(|id| self.get(id));
        known.flat_map(|group| std::iter::once(group.id).chain(group.parent)).collect()
    }

    /// The groups with whose direct members something is shared that is open to `named`: those, and
    /// the groups that are in them.
    pub fn with_nested(&self, named: &GroupIds) -> GroupIds {
        let nested = self.0.values().filter(|group| group.parent.is_some_and(|parent| named.contains(parent)));
        named.iter().chain(nested.map(|group| group.id)).collect()
    }

    /// The class that each group demands of its direct members: its own, or that of the group that
    /// it is in.
    pub fn demands(&self) -> Vec<(Uuid, Acr)> {
        let demanded = |group: &Group| {
            let outer = group.parent.and_then(|parent| self.get(parent)?.acr);
            Some((group.id, group.acr.max(outer)?))
        };
        self.0.values().filter_map(demanded).collect()
    }

    /// The claim `groups` of a user who is directly in `direct`
    /// ([RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1)).
    pub fn claim(&self, direct: &GroupIds, format: GroupsClaim) -> Vec<String> {
        let ids = self.of_user(direct);
        match format {
            GroupsClaim::Names => self.names(&ids),
            GroupsClaim::Ids => ids.iter().map(|id| id.to_string()).collect(),
        }
    }
}

/// Whether something is open to a user who is directly in `direct`. Without a restriction it is
/// open to all. A restriction to groups that were deleted is open to no user.
pub fn is_open(open_to: Option<&GroupIds>, direct: &GroupIds) -> bool {
    open_to.is_none_or(|groups| !groups.0.is_disjoint(&direct.0))
}

/// Checks that a client may get a token about a user. An administrator decides about that, so what
/// the user allowed earlier does not count
/// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
///
/// # Errors
/// `invalid_grant` if the client is not open to the user.
pub fn check_client(open_to: Option<&GroupIds>, direct: &GroupIds) -> Result<(), OAuthError> {
    if is_open(open_to, direct) {
        return Ok(());
    }
    let description = "the client is open to some groups only, and the user is in none of them";
    Err(OAuthError::new(Cause::GroupLeft, description))
}

/// What of a request is open to some groups only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// The groups that the client is open to.
    pub client: Option<GroupIds>,
    /// The groups that each restricted scope is open to.
    pub scopes: Vec<(String, GroupIds)>,
}

/// What of a request is not open to its user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Whether the client is not.
    pub client: bool,
    /// The scopes that are not.
    pub scope: ScopeSet,
}

impl Restrictions {
    /// What is closed to a user who is directly in `direct`.
    pub fn closed_to(&self, direct: &GroupIds) -> Closed {
        let closed = self.scopes.iter().filter(|(_, open_to)| !is_open(Some(open_to), direct));
        Closed {
            client: !is_open(self.client.as_ref(), direct),
            scope: closed.map(|(name, _)| name.as_str()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const STAFF: Uuid = Uuid::from_u128(1);
    const SUPPORT: Uuid = Uuid::from_u128(2);
    const BOARD: Uuid = Uuid::from_u128(3);
    const DELETED: Uuid = Uuid::from_u128(9);

    fn ids(ids: &[Uuid]) -> GroupIds {
        ids.iter().copied().collect()
    }

    /// Support is in staff. The board is a group of its own.
    fn groups() -> Groups {
        let group = |id, name: &str, parent| Group { id, name: name.to_owned(), parent, acr: None };
        [group(STAFF, "staff", None), group(SUPPORT, "support", Some(STAFF)), group(BOARD, "board", None)]
            .into_iter()
            .collect()
    }

    #[test]
    fn group_demands_what_the_outer_group_does() {
        let mut groups = groups();
        assert!(groups.demands().is_empty());
        groups.0.get_mut(&STAFF).expect("staff").acr = Some(Acr::Mfa);
        assert_eq!(groups.demands(), [(STAFF, Acr::Mfa), (SUPPORT, Acr::Mfa)]);
        groups.0.get_mut(&STAFF).expect("staff").acr = None;
        groups.0.get_mut(&SUPPORT).expect("support").acr = Some(Acr::Mfa);
        assert_eq!(groups.demands(), [(SUPPORT, Acr::Mfa)]);
    }

    #[rstest]
    #[case::open_to_all(None, &[], true)]
    #[case::member(Some(&[STAFF][..]), &[STAFF], true)]
    #[case::member_of_a_nested_group(Some(&[STAFF][..]), &[SUPPORT], true)]
    #[case::member_of_the_outer_group(Some(&[SUPPORT][..]), &[STAFF], false)]
    #[case::one_of_several(Some(&[STAFF, BOARD][..]), &[BOARD], true)]
    #[case::other_group(Some(&[BOARD][..]), &[STAFF, SUPPORT], false)]
    #[case::no_group(Some(&[BOARD][..]), &[], false)]
    #[case::deleted_group(Some(&[DELETED][..]), &[STAFF, SUPPORT, BOARD], false)]
    #[case::no_group_is_named(Some(&[][..]), &[STAFF], false)]
    fn restriction_is_open_to_members_and_members_of_nested_groups(
        #[case] named: Option<&[Uuid]>,
        #[case] direct: &[Uuid],
        #[case] open: bool,
    ) {
        let open_to = named.map(|named| groups().with_nested(&ids(named)));
        assert_eq!(is_open(open_to.as_ref(), &ids(direct)), open);
        assert_eq!(check_client(open_to.as_ref(), &ids(direct)).is_ok(), open);
        let scopes = open_to.iter().map(|groups| ("pay".to_owned(), groups.clone())).collect();
        let closed = Restrictions { client: open_to, scopes }.closed_to(&ids(direct));
        assert_eq!((closed.client, closed.scope.contains("pay")), (!open, !open));
    }

    #[rstest]
    #[case(&[SUPPORT], &["staff", "support"])]
    #[case(&[STAFF], &["staff"])]
    #[case(&[SUPPORT, STAFF, BOARD], &["board", "staff", "support"])]
    #[case(&[DELETED], &[])]
    #[case(&[], &[])]
    fn claim_has_the_groups_of_the_user_and_those_they_are_in(#[case] direct: &[Uuid], #[case] names: &[&str]) {
        assert_eq!(groups().claim(&ids(direct), GroupsClaim::Names), names);
        let as_ids = groups().claim(&ids(direct), GroupsClaim::Ids);
        let expected: Vec<String> = groups()
            .0
            .values()
            .filter(|group| names.contains(&&*group.name))
            .map(|group| group.id.to_string())
            .collect();
        assert_eq!(as_ids, expected);
    }

    #[rstest]
    #[case(BOARD, STAFF, Ok(()))]
    #[case(SUPPORT, BOARD, Ok(()))]
    #[case(BOARD, BOARD, Err(NotNested::Itself))]
    #[case(BOARD, SUPPORT, Err(NotNested::ParentIsNested))]
    #[case(STAFF, BOARD, Err(NotNested::HasNested))]
    fn groups_are_nested_one_level_deep(
        #[case] group: Uuid,
        #[case] parent: Uuid,
        #[case] expected: Result<(), NotNested>,
    ) {
        assert_eq!(groups().check_nesting(group, parent), expected);
    }

    #[test]
    fn stored_form_round_trips_and_ignores_what_is_no_id() {
        let stored = ids(&[BOARD, STAFF]);
        assert_eq!(GroupIds::from_stored(&stored.to_string()), stored);
        assert_eq!(GroupIds::from_stored(&format!("  {STAFF}  x")), ids(&[STAFF]));
        assert_eq!(GroupIds::from_stored("").len(), 0);
    }

    #[rstest]
    #[case("staff", true)]
    #[case("Grafana Admins", true)]
    #[case("지원팀", true)]
    #[case("", false)]
    #[case(" staff", false)]
    #[case("a,b", false)]
    #[case("a\nb", false)]
    fn name_is_one_line_without_a_comma(#[case] name: &str, #[case] allowed: bool) {
        assert_eq!(is_name(name), allowed);
        assert!(!is_name(&name.repeat(65)));
    }
}
