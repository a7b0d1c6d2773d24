//! The scope and audience of an access token, restricted to the requested resource
//! ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).

use uuid::Uuid;

use crate::{
    Cause, Error, ScopeSet,
    groups::GroupIds,
    vocabulary::{acr::Acr, jwt::Audience},
};

/// The owner of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeOwner<'a> {
    /// OpenID Connect: the scope discloses something about a user.
    OpenId,
    /// A resource server.
    Resource {
        /// Its audience.
        audience: &'a str,
        /// Which scope of its name it is.
        scope_id: Uuid,
        /// The groups that the scope is open to. `None` if it is open to all.
        open_to: Option<&'a GroupIds>,
        /// The class of authentication that the scope demands.
        acr: Option<Acr>,
    },
    /// The administration API of this server. No user grants its scopes.
    Administration {
        /// Its audience.
        audience: &'a str,
    },
}

/// The scope that a token for `resource` has now: the granted scope, as far as the client is still
/// registered for it and the resource server still offers it.
pub fn remaining<'a>(
    granted: &ScopeSet,
    registered: &ScopeSet,
    resource: &str,
    owner: impl Fn(&str) -> Option<ScopeOwner<'a>>,
) -> ScopeSet {
    granted.intersect(registered).filter(|name| match owner(name) {
        None => false,
        Some(ScopeOwner::OpenId) => true,
        Some(ScopeOwner::Resource { audience, .. } | ScopeOwner::Administration { audience }) => audience == resource,
    })
}

/// As [`remaining`], for a token that is being issued.
///
/// # Errors
/// `invalid_scope` if no scope remains.
pub fn scope<'a>(
    granted: &ScopeSet,
    registered: &ScopeSet,
    resource: &str,
    owner: impl Fn(&str) -> Option<ScopeOwner<'a>>,
) -> Result<ScopeSet, Error> {
    let scope = remaining(granted, registered, resource, owner);
    if scope.is_empty() {
        return Err(Error::new(Cause::ScopeUnknown, "none of the granted scopes is available any more")
            .because(format!("granted: {granted}; registered: {registered}; resource: {resource}")));
    }
    Ok(scope)
}

/// The `aud` of an access token: its resource server, and the userinfo endpoint if the token opens
/// that as well, because each of them accepts only tokens that name it
/// ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)).
pub fn audience(resource: &str, userinfo: &str, scope: &ScopeSet) -> Audience {
    if resource != userinfo && scope.contains("openid") {
        Audience::Many(vec![resource.to_owned(), userinfo.to_owned()])
    } else {
        Audience::One(resource.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const TALK: &str = "https://talk.example";
    const BANK: &str = "https://bank.example";
    const USERINFO: &str = "https://id.example/userinfo";

    fn of(audience: &str) -> ScopeOwner<'_> {
        ScopeOwner::Resource { audience, scope_id: Uuid::nil(), open_to: None, acr: None }
    }

    fn owner(name: &str) -> Option<ScopeOwner<'static>> {
        match name {
            "openid" | "email" => Some(ScopeOwner::OpenId),
            "send" | "read" => Some(of(TALK)),
            "pay" => Some(of(BANK)),
            _ => None,
        }
    }

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    #[rstest]
    #[case::all("openid send", "openid send", TALK, Some("openid send"))]
    #[case::other_resource("openid send pay", "openid send pay", BANK, Some("openid pay"))]
    #[case::registration_withdrawn("openid send", "openid", TALK, Some("openid"))]
    #[case::scope_deleted("openid gone", "openid gone", TALK, Some("openid"))]
    #[case::nothing_left("send", "openid", TALK, None)]
    fn token_carries_what_is_granted_registered_and_offered(
        #[case] granted: &str,
        #[case] registered: &str,
        #[case] resource: &str,
        #[case] expected: Option<&str>,
    ) {
        let scope = scope(&set(granted), &set(registered), resource, owner).map(|scope| scope.to_string());
        assert_eq!(scope.ok().as_deref(), expected);
    }

    #[rstest]
    #[case(TALK, "send", Audience::One(TALK.to_owned()))]
    #[case(TALK, "openid send", Audience::Many(vec![TALK.to_owned(), USERINFO.to_owned()]))]
    #[case(USERINFO, "openid", Audience::One(USERINFO.to_owned()))]
    fn userinfo_is_an_audience_of_its_own(#[case] resource: &str, #[case] scope: &str, #[case] expected: Audience) {
        assert_eq!(audience(resource, USERINFO, &set(scope)), expected);
    }

    proptest! {
        /// No resource server sees a scope of another one, or a scope that was not granted.
        #[test]
        fn token_never_carries_a_foreign_scope(
            granted in prop::collection::hash_set("openid|email|send|read|pay|gone", 0..6),
            registered in prop::collection::hash_set("openid|email|send|read|pay|gone", 0..6),
        ) {
            let (granted, registered): (ScopeSet, ScopeSet) =
                (granted.into_iter().collect(), registered.into_iter().collect());
            for resource in [TALK, BANK, USERINFO] {
                let Ok(scope) = scope(&granted, &registered, resource, owner) else { continue };
                prop_assert!(scope.is_subset(&granted) && scope.is_subset(&registered));
                let foreign = scope.iter().any(|name| !matches!(owner(name),
                    Some(ScopeOwner::OpenId)) && owner(name) != Some(of(resource)));
                prop_assert!(!foreign);
            }
        }
    }
}
