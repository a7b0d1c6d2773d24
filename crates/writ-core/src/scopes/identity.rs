//! The identity of a scope at the time of consent. A scope that is deleted and created again under
//! the same name is a different one: it may have other texts, another risk or another resource
//! server. Earlier consent grants nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{
    ScopeSet,
    consent::Disclosure,
    groups::{GroupIds, is_open},
    token::audience::ScopeOwner,
    vocabulary::acr::Acr,
};

/// What decides whether a user meets the conditions of a scope.
#[derive(Debug, Clone, Copy)]
pub struct Qualified<'a> {
    /// The groups that the user is directly in.
    pub groups: &'a GroupIds,
    /// How strongly the user authenticated for the grant.
    pub acr: Acr,
}

/// The ids of the resource servers' scopes that a user allowed, with the claims of the operator's
/// own that they disclosed then. OpenID Connect scopes need no id, because they never change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeIds {
    ids: BTreeSet<Uuid>,
    claims: BTreeSet<String>,
}

/// What is before a claim in the stored form, so that it is never read as an id.
const CLAIM: char = '+';

impl FromIterator<Uuid> for ScopeIds {
    fn from_iter<I: IntoIterator<Item = Uuid>>(ids: I) -> Self {
        Self { ids: ids.into_iter().collect(), claims: BTreeSet::new() }
    }
}

impl ScopeIds {
    /// The ids of the scopes in `granted`. `disclosed` has the state of each scope at the time of
    /// consent.
    pub fn of(granted: &ScopeSet, disclosed: &BTreeMap<String, Disclosure>) -> Self {
        let allowed = || granted.iter().filter_map(|name| disclosed.get(name));
        Self {
            ids: allowed().filter_map(|scope| Uuid::parse_str(&scope.scope_id).ok()).collect(),
            claims: allowed().flat_map(|scope| scope.claims.iter().cloned()).collect(),
        }
    }

    /// Adds the ids and the claims of `other`.
    pub fn extend(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.claims.extend(other.claims);
    }

    /// Reads the stored form. Without one, no scope of a resource server was allowed.
    pub fn from_stored(text: Option<&str>) -> Self {
        let words = || text.unwrap_or_default().split(' ');
        Self {
            ids: words().filter_map(|id| Uuid::parse_str(id).ok()).collect(),
            claims: words().filter_map(|word| word.strip_prefix(CLAIM)).map(str::to_owned).collect(),
        }
    }

    /// The stored form.
    pub fn to_stored(&self) -> String {
        let claims = self.claims.iter().map(|claim| format!("{CLAIM}{claim}"));
        self.ids.iter().map(Uuid::to_string).chain(claims).collect::<Vec<_>>().join(" ")
    }

    /// Whether the user read about this claim of the operator's own.
    pub fn discloses(&self, claim: &str) -> bool {
        self.claims.contains(claim)
    }

    /// The part of `granted` whose names still mean the same scopes.
    pub fn unchanged<'a>(&self, granted: &ScopeSet, owner: impl Fn(&str) -> Option<ScopeOwner<'a>>) -> ScopeSet {
        granted.filter(|name| match owner(name) {
            None | Some(ScopeOwner::Administration { .. }) => false,
            Some(ScopeOwner::OpenId) => true,
            Some(ScopeOwner::Resource { scope_id, .. }) => self.ids.contains(&scope_id),
        })
    }

    /// The part of `granted` that is unchanged, and whose conditions the user meets. Whatever
    /// issues a token, or says what one allows, looks here.
    pub fn in_force<'a>(
        &self,
        granted: &ScopeSet,
        user: Qualified<'_>,
        owner: impl Fn(&str) -> Option<ScopeOwner<'a>>,
    ) -> ScopeSet {
        let unchanged = self.unchanged(granted, &owner);
        unchanged.filter(|name| match owner(name) {
            Some(ScopeOwner::Resource { open_to, acr, .. }) => is_open(open_to, user.groups) && user.acr.meets(acr),
            Some(ScopeOwner::OpenId | ScopeOwner::Administration { .. }) | None => true,
        })
    }

    /// As [`ScopeIds::unchanged`], with the current state of each scope in `disclosed`, which
    /// discloses no further claim.
    pub fn among(&self, granted: &ScopeSet, disclosed: &BTreeMap<String, Disclosure>) -> ScopeSet {
        let is_same = |today: &Disclosure| {
            Uuid::parse_str(&today.scope_id).map_or(true, |id| self.ids.contains(&id))
                && today.claims.is_subset(&self.claims)
        };
        granted.filter(|name| disclosed.get(name).is_some_and(is_same))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vocabulary::scope::Risk;

    const OLD: Uuid = Uuid::from_u128(1);
    const NEW: Uuid = Uuid::from_u128(2);

    fn of_talk(scope_id: Uuid, open_to: Option<&GroupIds>) -> ScopeOwner<'_> {
        ScopeOwner::Resource { audience: "https://talk.example", scope_id, open_to, acr: None }
    }

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
            _ => today.map(|scope_id| of_talk(scope_id, None)),
        };
        let granted = ScopeSet::from_stored("openid send");
        let user = Qualified { groups: &GroupIds::default(), acr: Acr::Password };
        assert_eq!(allowed.in_force(&granted, user, owner).to_string(), expected);
        assert_eq!(ScopeIds::from_stored(Some(&allowed.to_stored())), allowed);
    }

    #[test]
    fn claims_are_stored_beside_the_ids_and_a_further_one_needs_consent() {
        let disclosed = |claims: &[&str]| {
            let disclosure = Disclosure {
                scope_id: OLD.to_string(),
                audience: "https://talk.example".to_owned(),
                risk: Risk::Low,
                texts: String::new(),
                claims: claims.iter().map(|claim| (*claim).to_owned()).collect(),
            };
            BTreeMap::from([("send".to_owned(), disclosure)])
        };
        let granted = ScopeSet::from_stored("send");
        let allowed = ScopeIds::of(&granted, &disclosed(&["department", "https://acme.example/level"]));
        assert_eq!(ScopeIds::from_stored(Some(&allowed.to_stored())), allowed);
        assert!(allowed.discloses("department") && !allowed.discloses("salary"));
        assert_eq!(allowed.among(&granted, &disclosed(&["department"])), granted);
        assert!(allowed.among(&granted, &disclosed(&["department", "salary"])).is_empty());
        assert!(ScopeIds::of(&ScopeSet::default(), &disclosed(&["department"])).to_stored().is_empty());
        // A claim that is named like an id is none.
        let named_like_an_id = ScopeIds::of(&granted, &disclosed(&[&NEW.to_string()]));
        assert!(!ScopeIds::from_stored(Some(&named_like_an_id.to_stored())).ids.contains(&NEW));
    }

    #[test]
    fn restricted_scope_is_in_force_while_the_user_is_in_the_group() {
        let (staff, granted) = (GroupIds::from_iter([OLD]), ScopeSet::from_stored("send"));
        let in_force = |groups: &GroupIds| {
            let owner = |_: &str| Some(of_talk(OLD, Some(&staff)));
            recorded(&[OLD]).in_force(&granted, Qualified { groups, acr: Acr::Password }, owner)
        };
        assert_eq!(in_force(&staff), granted);
        assert!(in_force(&GroupIds::default()).is_empty());
    }

    #[test]
    fn scope_that_demands_a_class_is_in_force_only_if_the_grant_has_it() {
        let granted = ScopeSet::from_stored("send");
        let in_force = |acr: Acr| {
            let owner = |_: &str| {
                let audience = "https://talk.example";
                Some(ScopeOwner::Resource { audience, scope_id: OLD, open_to: None, acr: Some(Acr::Mfa) })
            };
            recorded(&[OLD]).in_force(&granted, Qualified { groups: &GroupIds::default(), acr }, owner)
        };
        assert_eq!(in_force(Acr::Mfa), granted);
        assert!(in_force(Acr::Password).is_empty());
    }

    #[test]
    fn no_scope_of_a_resource_server_is_in_force_without_stored_ids() {
        assert_eq!(ScopeIds::from_stored(None), recorded(&[]));
    }
}
