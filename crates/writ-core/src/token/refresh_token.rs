//! Refresh token rotation: each refresh issues a new token and retires the old one
//! ([RFC 9700 §4.14.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2)).
//!
//! What is forgiven, and what proves theft, is argued in `docs/decisions/refresh-tokens.md`.

use crate::{Cause, Error, ScopeSet, grants::Grant};

/// How often a replaced token may yield its successor again.
pub const MAX_REPLAYS: i32 = 10;

/// Seconds after its replacement for which a refresh token may still be honoured: a day.
pub const LATEST_REPLACEMENT: i64 = 86_400;

/// How far a refresh token family has come: what a rotation changes, and what it is conditional on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The newest generation, from 1.
    pub generation: i32,
    /// The last replacement; none: the first token is the newest.
    pub replaced: Option<Replaced>,
}

/// The generation that the newest one replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// Which it was.
    pub generation: i32,
    /// When it was replaced, in seconds since the epoch.
    pub at: i64,
    /// How often it was presented again since.
    pub replays: i32,
}

impl Family {
    /// A family of which the first token is handed out.
    pub const FIRST: Self = Self { generation: 1, replaced: None };
}

/// How the tokens of a client rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Whether each use replaces the token.
    pub rotates: bool,
    /// Seconds in which a replaced token yields the same successor again; 0 forgives no replay.
    pub window: i64,
}

/// What to do with a refresh token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The newest: it stays, because this client's tokens do not rotate.
    Keep,
    /// The newest: replace it.
    Rotate(Family),
    /// The one before, within the window: the same successor again.
    Repeat(Family),
    /// The one before, after the window, its successor never presented: the successor is void, and
    /// another replaces it. The user is informed.
    Replace(Family),
    /// Two holders are proven, or seem to be: end the family. The user is informed.
    Revoke(&'static str),
}

impl Decision {
    /// The family's next state, if it changes.
    pub fn next(self) -> Option<Family> {
        match self {
            Self::Rotate(next) | Self::Repeat(next) | Self::Replace(next) => Some(next),
            Self::Keep | Self::Revoke(_) => None,
        }
    }
}

/// Decides about generation `presented` of a family at `now`.
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
            // The day counts from the first replacement.
            replaced: Some(Replaced { replays: 0, ..replaced }),
        });
    }
    if replaced.replays >= MAX_REPLAYS {
        return Decision::Revoke("a replaced refresh token was presented too often");
    }
    Decision::Repeat(Family { replaced: Some(Replaced { replays: replaced.replays + 1, ..replaced }), ..family })
}

/// The token belongs to the client that presents it
/// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6): "the refresh token is bound
/// to the client to which it was issued").
///
/// # Errors
/// `invalid_grant`.
pub fn check_client(grant: &Grant, client_id: &str) -> Result<(), Error> {
    if grant.client_id == client_id {
        return Ok(());
    }
    Err(Error::new(Cause::RefreshTokenForeign, "the refresh token is not valid")
        .because(format!("client {client_id} presented a token of client {}", grant.client_id)))
}

/// The scope of the new access token, never wider than the grant
/// ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)).
///
/// # Errors
/// `invalid_scope`: it is wider than the grant, or empty.
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

    const ROTATES: Rotation = Rotation { rotates: true, window: 60 };

    /// A family of `generation` that replaced another one, as `(generation, at, replays)`.
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
    fn forgiven(#[case] state: Family, #[case] presented: i32, #[case] expected: Decision) {
        assert_eq!(decide(state, presented, ROTATES, 1000), expected);
    }

    #[rstest]
    #[case::eleventh_replay(family(2, Some((1, 990, 10))), 1)]
    #[case::voided_successor(family(3, Some((1, 930, 0))), 2)]
    #[case::two_generations_back(family(3, Some((2, 990, 0))), 1)]
    #[case::generation_zero(family(1, None), 0)]
    #[case::unborn_generation(family(2, Some((1, 990, 0))), 3)]
    #[case::a_day_after_its_replacement(family(2, Some((1, 1000 - LATEST_REPLACEMENT, 0))), 1)]
    fn proves_two_holders(#[case] state: Family, #[case] presented: i32) {
        assert!(is_revoke(decide(state, presented, ROTATES, 1000)));
    }

    #[test]
    fn client_without_rotation_keeps_its_token_and_has_old_ones_refused() {
        let keeps = Rotation { rotates: false, window: 60 };
        assert_eq!(decide(family(1, None), 1, keeps, 1000), Keep);
        assert!(is_revoke(decide(family(3, Some((2, 1000, 0))), 1, keeps, 1001)));
    }

    #[test]
    fn window_of_zero_forgives_nothing() {
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

    proptest! {
        /// Whatever is presented in whatever order: generations only grow, nothing is handed out
        /// after a revocation, and a voided or twice replaced token never yields anything.
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
                    // The family ended: no decision follows.
                    prop_assert!(back > 0);
                    break;
                }
                let replaced = state.replaced.map(|replaced| replaced.generation);
                prop_assert!(presented == state.generation || Some(presented) == replaced);
                prop_assert!(presented >= used, "an older token came after a younger one was used");
                used = used.max(presented);
                let next = decision.next().expect("a rotating family changes at each use");
                prop_assert!(next.generation >= state.generation);
                prop_assert!(next.generation > presented);
                state = next;
            }
        }
    }
}
