//! Refresh token rotation: each refresh issues a new token and retires the old one
//! ([RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).
//!
//! `docs/decisions/refresh-tokens.md` explains which replays are tolerated and which prove theft.

use crate::{
    Cause, ClientMetadata, Error, ScopeSet,
    grants::{Grant, works_offline},
};

/// How often a replaced token may return its successor again.
pub const MAX_REPLAYS: i32 = 10;

/// Seconds for which a replaced refresh token may still be accepted: a day.
pub const LATEST_REPLACEMENT: i64 = 86_400;

/// The state of a refresh token family. Rotation updates it with a conditional update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The newest generation, starting at 1.
    pub generation: i32,
    /// The last replacement. `None` if the first token is the newest.
    pub replaced: Option<Replaced>,
}

/// The generation that the newest one replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Its number.
    pub generation: i32,
    /// When it was replaced, in seconds since the epoch.
    pub at: i64,
    /// How often it was presented again after that.
    pub replays: i32,
}

impl Family {
    /// A new family, of which only the first token has been issued.
    pub const FIRST: Self = Self { generation: 1, replaced: None };
}

/// How a client's refresh tokens rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Whether each use replaces the token.
    pub rotates: bool,
    /// Seconds in which a replaced token returns the same successor again. 0 tolerates no replay.
    pub window: i64,
}

/// The result of presenting a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The newest token of a client whose tokens do not rotate: keep it.
    Keep,
    /// The newest token: replace it.
    Rotate(Family),
    /// The previous token, within the window: return the same successor again.
    Repeat(Family),
    /// The previous token, after the window, and its successor was never presented: void the
    /// successor and issue another one. The user is informed.
    Replace(Family),
    /// There are, or may be, two holders: revoke the family. The user is informed.
    Revoke(&'static str),
}

impl Decision {
    /// The name, for those who count.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Rotate(_) => "rotate",
            Self::Repeat(_) => "repeat",
            Self::Replace(_) => "replace",
            Self::Revoke(_) => "revoke",
        }
    }

    /// The next state of the family. `None` if it does not change.
    pub fn next(self) -> Option<Family> {
        match self {
            Self::Rotate(next) | Self::Repeat(next) | Self::Replace(next) => Some(next),
            Self::Keep | Self::Revoke(_) => None,
        }
    }
}

/// Decides about the token of generation `presented` at `now`.
pub fn decide(family: Family, presented: i32, rotation: Rotation, now: i64) -> Decision {
    if presented == family.generation {
        if !rotation.rotates {
            return Decision::Keep;
        }
        return Decision::Rotate(Family {
            generation: presented + 1,
            replaced: Some(Replaced { generation: presented, at: now, replays: 0 }),
        });
    }
    let Some(replaced) = family.replaced.filter(|replaced| replaced.generation == presented) else {
        return Decision::Revoke("a refresh token that was replaced or voided earlier was presented: two holders");
    };
    if rotation.window == 0 {
        return Decision::Revoke("a replaced refresh token was presented, and this client forgives no replay");
    }
    let age = now - replaced.at;
    if age >= LATEST_REPLACEMENT {
        return Decision::Revoke("a refresh token was presented more than a day after its replacement");
    }
    if age >= rotation.window {
        return Decision::Replace(Family {
            generation: family.generation + 1,
            // The day starts at the first replacement.
            replaced: Some(Replaced { replays: 0, ..replaced }),
        });
    }
    if replaced.replays >= MAX_REPLAYS {
        return Decision::Revoke("a replaced refresh token was presented too often");
    }
    Decision::Repeat(Family { replaced: Some(Replaced { replays: replaced.replays + 1, ..replaced }), ..family })
}

/// A refresh token belongs to the client that presents it
/// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6): "the refresh token is bound
/// to the client to which it was issued").
///
/// # Errors
/// `invalid_grant` if it was issued to another client.
pub fn check_client(grant: &Grant, client_id: &str) -> Result<(), Error> {
    if grant.client_id == client_id {
        return Ok(());
    }
    Err(Error::new(Cause::RefreshTokenForeign, "the refresh token is not valid")
        .because(format!("client {client_id} presented a token of client {}", grant.client_id)))
}

/// Checks that the client may still refresh. `offline_access` may have been withdrawn from its
/// registration, or revoked by the user
/// ([OpenID Connect Core
/// §11](https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess)).
///
/// # Errors
/// `invalid_grant` if it may not.
pub fn check_registration(grant: &Grant, client: &ClientMetadata) -> Result<(), Error> {
    let scope = grant.scope.intersect(&client.scope);
    if client.refreshes(&scope) && (grant.bound_to.is_some() || works_offline(client, &scope)) {
        return Ok(());
    }
    Err(Error::new(Cause::GrantEnded, "the refresh token is not valid")
        .because(format!("client {} may no longer use grant {} while the user is away", grant.client_id, grant.id)))
}

/// The scope of the new access token, never wider than the grant
/// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
///
/// # Errors
/// `invalid_scope` if the requested scope is wider than the grant, or empty.
pub fn scope(granted: &ScopeSet, requested: Option<ScopeSet>) -> Result<ScopeSet, Error> {
    let Some(requested) = requested else { return Ok(granted.clone()) };
    if requested.is_empty() || !requested.is_subset(granted) {
        return Err(Error::new(Cause::ScopeWidened, "scope is wider than what was granted")
            .expected(granted.to_string(), requested.to_string()));
    }
    Ok(requested)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Decision::*, *};
    use crate::grants::tests::live_grant;

    const ROTATES: Rotation = Rotation { rotates: true, window: 60 };

    /// A family at `generation`. `replaced` is the last replacement as `(generation, at, replays)`.
    fn family(generation: i32, replaced: Option<(i32, i64, i32)>) -> Family {
        let replaced = replaced.map(|(generation, at, replays)| Replaced { generation, at, replays });
        Family { generation, replaced }
    }

    fn is_revoke(decision: Decision) -> bool {
        matches!(decision, Revoke(_))
    }

    #[rstest]
    #[case::first(family(1, None), 1, Rotate(family(2, Some((1, 1000, 0)))))]
    #[case::later(family(5, Some((4, 990, 3))), 5, Rotate(family(6, Some((5, 1000, 0)))))]
    #[case::first_replay(family(2, Some((1, 990, 0))), 1, Repeat(family(2, Some((1, 990, 1)))))]
    #[case::last_replay(family(2, Some((1, 941, 9))), 1, Repeat(family(2, Some((1, 941, 10)))))]
    #[case::after_the_window(family(2, Some((1, 940, 10))), 1, Replace(family(3, Some((1, 940, 0)))))]
    fn replay_is_tolerated_within_the_window(
        #[case] state: Family,
        #[case] presented: i32,
        #[case] expected: Decision,
    ) {
        assert_eq!(decide(state, presented, ROTATES, 1000), expected);
    }

    #[rstest]
    #[case::eleventh_replay(family(2, Some((1, 990, 10))), 1)]
    #[case::voided_successor(family(3, Some((1, 930, 0))), 2)]
    #[case::two_generations_back(family(3, Some((2, 990, 0))), 1)]
    #[case::generation_zero(family(1, None), 0)]
    #[case::unborn_generation(family(2, Some((1, 990, 0))), 3)]
    #[case::a_day_after_its_replacement(family(2, Some((1, 1000 - LATEST_REPLACEMENT, 0))), 1)]
    fn replay_revokes_when_two_holders_are_proven(#[case] state: Family, #[case] presented: i32) {
        assert!(is_revoke(decide(state, presented, ROTATES, 1000)));
    }

    #[test]
    fn client_without_rotation_keeps_its_token_and_has_old_ones_refused() {
        let keeps = Rotation { rotates: false, window: 60 };
        assert_eq!(decide(family(1, None), 1, keeps, 1000), Keep);
        assert!(is_revoke(decide(family(3, Some((2, 1000, 0))), 1, keeps, 1001)));
    }

    #[test]
    fn window_of_zero_tolerates_no_replay() {
        let strict = Rotation { rotates: true, window: 0 };
        assert!(is_revoke(decide(family(2, Some((1, 1000, 0))), 1, strict, 1000)));
    }

    #[rstest]
    #[case(None, Some("a b"))]
    #[case(Some("b"), Some("b"))]
    #[case(Some("b c"), None)]
    #[case(Some("c"), None)]
    #[case(Some(""), None)]
    fn refreshed_scope_is_never_wider_than_the_grant(#[case] requested: Option<&str>, #[case] expected: Option<&str>) {
        let set = |text: &str| ScopeSet::parse(text).expect("a scope list");
        let scope = scope(&set("a b"), requested.map(set)).map(|scope| scope.to_string());
        assert_eq!(scope.ok().as_deref(), expected);
    }

    #[rstest]
    #[case::bound_to_a_session(true, "openid", "openid", "{}", true)]
    #[case::offline_access(false, "openid offline_access", "openid offline_access", "{}", true)]
    #[case::taken_back(false, "openid", "openid offline_access", "{}", false)]
    #[case::withdrawn(false, "openid offline_access", "openid", "{}", false)]
    #[case::by_registration(false, "openid", "openid", r#"{"implicit_offline_access":true}"#, true)]
    #[case::required(true, "openid", "openid offline_access", r#"{"require_offline_access":true}"#, false)]
    #[case::grant_type_withdrawn(true, "openid", "openid", r#"{"grant_types":["authorization_code"]}"#, false)]
    fn refresh_needs_offline_access_where_no_session_bounds_the_grant(
        #[case] is_bound: bool,
        #[case] granted: &str,
        #[case] registered: &str,
        #[case] members: &str,
        #[case] expected: bool,
    ) {
        let mut metadata: serde_json::Value = serde_json::from_str(members).expect("JSON");
        metadata["client_name"] = "Shop".into();
        metadata["scope"] = registered.into();
        if metadata.get("grant_types").is_none() {
            metadata["grant_types"] = serde_json::json!(["authorization_code", "refresh_token"]);
        }
        let client: ClientMetadata = serde_json::from_value(metadata).expect("metadata");
        let bound_to = is_bound.then(|| uuid::Uuid::from_u128(3));
        let grant = Grant { bound_to, ..live_grant(granted, Some(Family::FIRST)) };
        assert_eq!(check_registration(&grant, &client).is_ok(), expected);
    }

    proptest! {
        /// For any sequence of tokens: generations only grow, nothing is issued after a revocation,
        /// and a token that was voided or replaced twice yields nothing.
        #[test]
        fn family_yields_nothing_to_a_second_holder(steps in prop::collection::vec((0..8_i32, 0..90_i64), 1..60)) {
            let mut state = Family::FIRST;
            let mut now = 1000;
            let mut used = 0;
            for (back, pause) in steps {
                now += pause;
                let presented = state.generation - back;
                let decision = decide(state, presented, ROTATES, now);
                if let Revoke(_) = decision {
                    // The family was revoked, so there is no decision to check.
                    prop_assert!(back > 0);
                    break;
                }
                let replaced = state.replaced.map(|replaced| replaced.generation);
                prop_assert!(presented == state.generation || Some(presented) == replaced);
                prop_assert!(presented >= used, "an older token was presented after a newer one");
                used = used.max(presented);
                let next = decision.next().expect("a rotating family changes at each use");
                prop_assert!(next.generation >= state.generation);
                prop_assert!(next.generation > presented);
                state = next;
            }
        }
    }
}
