//! Token exchange: a client receives a token with at most the rights of the one it presents
//! ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)).

use super::{access_token::AccessTokenClaims, actor::Actor};
use crate::{Cause, Error, ScopeSet, vocabulary::administration_scope::first_reserved};

/// Maximum number of actors in the delegation chain of a token.
pub const MAX_ACTORS: usize = 4;

/// Maximum number of exchanges that lead to a token.
pub const MAX_EXCHANGES: usize = 8;

/// The `act` claim of a token that `actor` receives for `subject`. `may_act` lists the clients that
/// the holder of the subject token lets act for it: "the party being authorized to act on behalf of
/// another" ([RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4)). A holder that
/// narrows its own token keeps its `act`.
///
/// # Errors
/// `invalid_request` (RFC 8693 §2.2.2) if the holder did not list the actor, or if there are too
/// many actors.
pub fn delegate(subject: &AccessTokenClaims, may_act: &[String], actor: &str) -> Result<Option<Actor>, Error> {
    let holder = &subject.client_id;
    if actor == holder {
        return Ok(subject.act.clone());
    }
    if !may_act.iter().any(|named| named == actor) {
        return Err(Error::new(
            Cause::DelegationNotAllowed,
            "the client that holds subject_token does not let this client act for it",
        )
        .because(format!("may_act of client {holder} is {may_act:?}, without {actor}")));
    }
    // A client that acts for itself is the subject. A client that acts for a user is the first
    // actor.
    let holder = || (subject.sub != *holder).then(|| Actor::first(holder));
    let prior = subject.act.clone().or_else(holder);
    let act = Actor { sub: actor.to_owned(), act: prior.map(Box::new) };
    let actors = act.chain().count();
    if actors > MAX_ACTORS {
        let description = format!("more than {MAX_ACTORS} clients would act one for another");
        return Err(Error::new(Cause::DelegationNotAllowed, description).because(format!("{actors} act")));
    }
    Ok(Some(act))
}

/// The scope of a token that `actor` receives: the requested scope, by default everything that the
/// subject token allows now and the actor is registered for.
///
/// # Errors
/// `invalid_scope` if the scope is wider than that of the subject token, not registered for the
/// actor, or empty, or if the subject token is for the administration API.
pub fn narrow(subject: &ScopeSet, registered: &ScopeSet, requested: Option<ScopeSet>) -> Result<ScopeSet, Error> {
    if let Some(name) = first_reserved(subject) {
        let description = format!("a token with the scope {name} cannot be exchanged");
        return Err(Error::new(Cause::ScopeAdministrative, description));
    }
    let scope = requested.unwrap_or_else(|| subject.intersect(registered));
    if !scope.is_subset(subject) {
        return Err(Error::new(Cause::ScopeWidened, "scope is wider than that of subject_token")
            .expected(subject.to_string(), scope.to_string()));
    }
    if !scope.is_subset(registered) {
        return Err(Error::new(Cause::ScopeUnregistered, "scope has a name that is not registered for this client")
            .expected(registered.to_string(), scope.to_string()));
    }
    if scope.is_empty() {
        return Err(Error::new(
            Cause::ScopeUnregistered,
            "this client is not registered for any scope of subject_token",
        ));
    }
    Ok(scope)
}

/// The `exchanged_from` of a token that is exchanged for `subject`. Revoking a token of the chain
/// revokes the tokens after it.
///
/// # Errors
/// `invalid_request` if the chain would be too long.
pub fn lineage(subject: &AccessTokenClaims) -> Result<Vec<String>, Error> {
    if subject.exchanged_from.len() >= MAX_EXCHANGES {
        let description = format!("subject_token was exchanged {MAX_EXCHANGES} times already");
        return Err(Error::new(Cause::DelegationNotAllowed, description));
    }
    let mut lineage = subject.exchanged_from.clone();
    lineage.push(subject.jti.clone());
    Ok(lineage)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::{ErrorCode, vocabulary::jwt::Audience};

    fn token(sub: &str, client_id: &str, act: Option<Actor>) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: "https://id.example".to_owned(),
            sub: sub.to_owned(),
            aud: Audience::One("https://talk.example".to_owned()),
            client_id: client_id.to_owned(),
            scope: ScopeSet::default(),
            jti: "1".to_owned(),
            iat: 0,
            exp: 300,
            auth_time: None,
            acr: None,
            groups: None,
            grant_id: None,
            act,
            exchanged_from: Vec::new(),
            own: serde_json::Map::new(),
        }
    }

    fn chain(act: Option<&Actor>) -> String {
        act.map(|act| act.chain().collect::<Vec<_>>().join(" for ")).unwrap_or_default()
    }

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).expect("a scope list")
    }

    #[test]
    fn current_actor_stands_before_the_prior_one() {
        let named = ["helper".to_owned()];
        let first = delegate(&token("alice", "shop", None), &named, "helper").expect("it may act");
        assert_eq!(chain(first.as_ref()), "helper for shop");
        let own = delegate(&token("shop", "shop", None), &named, "helper").expect("it may act");
        assert_eq!(chain(own.as_ref()), "helper", "the shop is the subject");
        let narrowed = delegate(&token("alice", "helper", first.clone()), &[], "helper").expect("its own token");
        assert_eq!(narrowed, first);
        assert!(delegate(&token("alice", "shop", None), &[], "helper").is_err());
        assert!(delegate(&token("alice", "shop", None), &named, "other").is_err());
    }

    #[test]
    fn chain_of_actors_is_bounded() {
        let mut act = None;
        let mut holder = "c0".to_owned();
        for depth in 1.. {
            let actor = format!("c{depth}");
            match delegate(&token("alice", &holder, act.clone()), std::slice::from_ref(&actor), &actor) {
                Ok(next) => act = next,
                Err(error) => {
                    assert_eq!((depth, error.code), (MAX_ACTORS, ErrorCode::InvalidRequest));
                    break;
                }
            }
            holder = actor;
        }
        assert_eq!(chain(act.as_ref()), "c3 for c2 for c1 for c0");
    }

    #[test]
    fn lineage_names_every_ancestor_and_is_bounded() {
        let mut subject = token("alice", "shop", None);
        for exchange in 0..MAX_EXCHANGES {
            let jti = subject.jti.clone();
            subject.exchanged_from = lineage(&subject).expect("a lineage");
            subject.jti = format!("token {exchange}");
            assert_eq!(subject.exchanged_from.last(), Some(&jti));
            assert_eq!(subject.exchanged_from.len(), exchange + 1);
        }
        assert!(lineage(&subject).is_err());
    }

    #[rstest]
    #[case("b c", None, Some("b"))]
    #[case("a b", Some("b"), Some("b"))]
    #[case("c b", Some("c"), None)]
    #[case("b", Some("a"), None)]
    #[case("b", Some(""), None)]
    #[case("c", None, None)]
    fn scope_is_narrowed_and_never_widened(
        #[case] registered: &str,
        #[case] requested: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        let scope = narrow(&set("a b"), &set(registered), requested.map(set)).map(|scope| scope.to_string());
        assert_eq!(scope.ok().as_deref(), expected);
    }

    proptest! {
        /// No sequence of exchanges yields a scope that the first token does not have.
        #[test]
        fn exchange_never_yields_a_scope_that_was_not_granted(
            granted in prop::collection::hash_set("[a-f]", 1..6),
            exchanges in prop::collection::vec(
                (prop::collection::hash_set("[a-f]", 0..6), prop::option::of(prop::collection::hash_set("[a-f]", 0..4))),
                0..8,
            ),
        ) {
            let granted: ScopeSet = granted.into_iter().collect();
            let mut scope = granted.clone();
            for (registered, requested) in exchanges {
                let registered: ScopeSet = registered.into_iter().collect();
                let requested = requested.map(|names| names.into_iter().collect::<ScopeSet>());
                if let Ok(narrower) = narrow(&scope, &registered, requested) {
                    prop_assert!(narrower.is_subset(&scope) && narrower.is_subset(&registered));
                    scope = narrower;
                }
            }
            prop_assert!(scope.is_subset(&granted));
        }
    }
}
