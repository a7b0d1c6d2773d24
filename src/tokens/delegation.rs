//! A token exchanged for a smaller one (RFC 8693): what the holder of an access token lets somebody else do for it.

use serde::{Deserialize, Serialize};

use super::{
    access_token::AccessTokenClaims,
    issue::{self, TokenResponse},
};
use writ_core::{Cause, Error, ScopeSet};

use crate::{fault::Fault, server::Server, store::clients::Client};

/// How many act for one subject at most, one after the other.
pub const MAX_DEPTH: usize = 4;

/// Who acts, and for whom they do (`act`, RFC 8693 §4.1): the present actor outermost, the first one innermost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The client.
    pub sub: String,
    /// The one it acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    fn depth(&self) -> usize {
        std::iter::successors(Some(self), |actor| actor.act.as_deref()).count()
    }
}

/// The `act` of a token that `actor` receives for `subject`, whose holder named in `may_act` who may act for it. A holder that
/// narrows its own token stays the actor that it was.
///
/// # Errors
/// `invalid_request` (RFC 8693 §2.2.2): the holder did not name the actor, or too many act already.
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
    // A client that acts for itself is the subject; one that acts for a person is the first actor.
    let holder = || (subject.sub != *holder).then(|| Actor { sub: holder.clone(), act: None });
    let before = subject.act.clone().or_else(holder);
    let act = Actor { sub: actor.to_owned(), act: before.map(Box::new) };
    if act.depth() > MAX_DEPTH {
        return Err(Error::new(
            Cause::DelegationNotAllowed,
            format!("more than {MAX_DEPTH} clients would act one for another"),
        )
        .because(format!("{} act", act.depth())));
    }
    Ok(Some(act))
}

/// The scope of a token that `actor` receives: what it asks for, else all it may have of what `subject` allows now.
///
/// # Errors
/// `invalid_scope`: it is wider than the subject token's, not registered for the actor, or empty.
pub fn narrow(subject: &ScopeSet, registered: &ScopeSet, asked: Option<ScopeSet>) -> Result<ScopeSet, Error> {
    let scope = asked.unwrap_or_else(|| subject.intersect(registered));
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
            "nothing of what subject_token allows is registered for this client",
        ));
    }
    Ok(scope)
}

/// Signs a token for `actor` in the name of `subject`: never for longer, never for another audience.
///
/// # Errors
/// A key is missing or a signature fails.
pub fn issue(
    server: &Server,
    subject: AccessTokenClaims,
    actor: &Client,
    scope: ScopeSet,
    act: Option<Actor>,
) -> Result<TokenResponse, Fault> {
    let now = server.clock.now();
    let exp = subject.exp.min(now + AccessTokenClaims::lifetime(server, actor));
    let claims = AccessTokenClaims {
        client_id: actor.id.clone(),
        jti: AccessTokenClaims::new_jti(),
        iat: now,
        exp,
        scope,
        act,
        ..subject
    };
    issue::access_token(server, actor, claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_core::ErrorCode;

    fn token(sub: &str, client_id: &str, act: Option<Actor>) -> AccessTokenClaims {
        AccessTokenClaims {
            iss: "https://id.example".to_owned(),
            sub: sub.to_owned(),
            aud: "https://talk.example".to_owned(),
            client_id: client_id.to_owned(),
            scope: ScopeSet::default(),
            jti: "1".to_owned(),
            iat: 0,
            exp: 300,
            auth_time: None,
            acr: None,
            grant_id: None,
            act,
        }
    }

    fn chain(act: Option<&Actor>) -> String {
        let actors = std::iter::successors(act, |actor| actor.act.as_deref());
        actors.map(|actor| actor.sub.as_str()).collect::<Vec<_>>().join(" for ")
    }

    #[test]
    fn each_actor_stands_before_the_one_it_acts_for() {
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
    fn the_chain_ends_somewhere() {
        let mut act = None;
        let mut holder = "c0".to_owned();
        for depth in 1.. {
            let actor = format!("c{depth}");
            match delegate(&token("alice", &holder, act.clone()), std::slice::from_ref(&actor), &actor) {
                Ok(next) => act = next,
                Err(error) => {
                    assert_eq!((depth, error.code), (MAX_DEPTH, ErrorCode::InvalidRequest));
                    break;
                }
            }
            holder = actor;
        }
        assert_eq!(chain(act.as_ref()), "c3 for c2 for c1 for c0");
    }

    #[test]
    fn a_scope_is_narrowed_and_never_widened() {
        let set = |text: &str| ScopeSet::parse(text).expect("a scope list");
        let narrow = |registered: &str, asked: Option<&str>| {
            narrow(&set("profile:read message:send"), &set(registered), asked.map(set))
                .map(|scope| scope.to_string())
                .ok()
        };
        assert_eq!(narrow("message:send message:read", None).as_deref(), Some("message:send"));
        assert_eq!(narrow("profile:read message:send", Some("message:send")).as_deref(), Some("message:send"));
        assert_eq!(narrow("message:read message:send", Some("message:read")), None);
        assert_eq!(narrow("message:send", Some("profile:read")), None);
        assert_eq!(narrow("message:send", Some("")), None);
        assert_eq!(narrow("message:read", None), None);
    }
}
