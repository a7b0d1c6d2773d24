//! The identity of a scope at the time of consent. A scope that is deleted and created again under
//! the same name is a different one: it may have other texts, another risk or another resource
//! server. Earlier consent grants nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{ScopeSet, consent::Disclosure, token::audience::ScopeOwner};

/// The ids of the resource servers' scopes that a user allowed. OpenID Connect scopes need no id,
/// because they never change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeIds(BTreeSet<Uuid>);

impl FromIterator<Uuid> for ScopeIds {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl ScopeIds {
    /// The ids of the scopes in `granted`. `disclosed` has the state of each scope at the time of
    /// consent.
    pub fn of(granted: &ScopeSet, disclosed: &BTreeMap<String, Disclosure>) -> Self {
        let id = |name| Uuid::parse_str(&disclosed.get(name)?.scope_id).ok();
        granted.iter().filter_map(id).collect()
    }

    /// Adds the ids of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Reads the stored form. Without one, no scope of a resource server was allowed.
    pub fn from_stored(text: Option<&str>) -> Self {
        text.unwrap_or_default().split(' ').filter_map(|id| Uuid::parse_str(id).ok()).collect()
    }

    /// The stored form.
    pub fn to_stored(&self) -> String {
        self.0.iter().map(Uuid::to_string).collect::<Vec<_>>().join(" ")
    }

    /// The part of `granted` whose names still mean the same scopes.
    pub fn in_force<'a>(&self, granted: &ScopeSet, owner: impl Fn(&str) -> Option<ScopeOwner<'a>>) -> ScopeSet {
        granted.filter(|name| match owner(name) {
            None | Some(ScopeOwner::Administration { .. }) => false,
            Some(ScopeOwner::OpenId) => true,
            Some(ScopeOwner::Resource { scope_id, .. }) => self.0.contains(&scope_id),
        })
    }

    /// As [`ScopeIds::in_force`], with the current state of each scope in `disclosed`.
    pub fn among(&self, granted: &ScopeSet, disclosed: &BTreeMap<String, Disclosure>) -> ScopeSet {
        granted.filter(|name| {
            let today = disclosed.get(name);
            today.is_some_and(|today| Uuid::parse_str(&today.scope_id).map_or(true, |id| self.0.contains(&id)))
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const OLD: Uuid = Uuid::from_u128(1);
    const NEW: Uuid = Uuid::from_u128(2);

    fn recorded(ids: &[Uuid]) -> ScopeIds {
        ids.iter().copied().collect()
    }

    #[rstest]
    #[case::same_scope(recorded(&[OLD]), Some(OLD), "openid send")]
    #[case::created_again(recorded(&[OLD]), Some(NEW), "openid")]
    #[case::deleted(recorded(&[OLD]), None, "openid")]
    #[case::another_was_allowed(recorded(&[]), Some(OLD), "openid")]
    fn scope_is_in_force_while_its_name_stands_for_what_was_allowed(
        #[case] allowed: ScopeIds,
        #[case] today: Option<Uuid>,
        #[case] expected: &str,
    ) {
        let owner = |name: &str| match name {
            "openid" => Some(ScopeOwner::OpenId),
            _ => today.map(|scope_id| ScopeOwner::Resource { audience: "https://talk.example", scope_id }),
        };
        let granted = ScopeSet::from_stored("openid send");
        assert_eq!(allowed.in_force(&granted, owner).to_string(), expected);
        assert_eq!(ScopeIds::from_stored(Some(&allowed.to_stored())), allowed);
    }

    #[test]
    fn no_scope_of_a_resource_server_is_in_force_without_stored_ids() {
        assert_eq!(ScopeIds::from_stored(None), recorded(&[]));
    }
}
