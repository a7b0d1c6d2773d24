//! Refresh tokens: derived, not stored, so that a successor can be given again to a client that lost the answer.
//!
//! A token names its grant and its generation and proves both with an HMAC under a key that the nodes share. What happens
//! when one is presented is [`decide`], a pure function. The ruling behind it is
//! `docs/decisions/0001-refresh-tokens-are-derived.md`.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::store::{Id, grants::Family};

/// How often a replaced token may be answered with its successor again.
const MAX_REPLAYS: i32 = 10;

const ID: usize = 16;
const BODY: usize = ID + 4;

/// A refresh token that we made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The grant, which is its family.
    pub grant_id: Id,
    /// Which of the family it is, from 1.
    pub generation: i32,
}

impl RefreshToken {
    /// The text to hand out: base64url of the grant's id, the generation, and their HMAC-SHA-256.
    pub fn expose(self, key: &hmac::Key) -> String {
        let body = self.body();
        BASE64_URL_SAFE_NO_PAD.encode([&body[..], hmac::sign(key, &body).as_ref()].concat())
    }

    /// The token behind a text, if we made it.
    pub fn parse(text: &str, key: &hmac::Key) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, proof) = bytes.split_at_checked(BODY)?;
        hmac::verify(key, body, proof).ok()?;
        Some(Self {
            grant_id: Id(Uuid::from_slice(&body[..ID]).ok()?),
            generation: i32::from_be_bytes(body[ID..].try_into().ok()?),
        })
    }

    fn body(self) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[..ID].copy_from_slice(self.grant_id.0.as_bytes());
        body[ID..].copy_from_slice(&self.generation.to_be_bytes());
        body
    }
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
    /// The one before, after the window, its successor never seen: the successor is void, here is another.
    Replace(Family),
    /// Two holders are proven, or seem to be: end the family.
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

/// Decides about generation `presented` of a family at `now`. `window` is in seconds; 0 forgives no replay at all.
pub fn decide(family: Family, presented: i32, rotates: bool, window: i64, now: i64) -> Decision {
    if presented == family.generation {
        if !rotates {
            return Decision::Keep;
        }
        return Decision::Rotate(Family {
            generation: presented + 1,
            predecessor: presented,
            rotated_at: now,
            replays: 0,
        });
    }
    if presented != family.predecessor || presented == 0 {
        return Decision::Revoke("a refresh token that was replaced or voided earlier came again: two holders");
    }
    if window == 0 {
        return Decision::Revoke("a replaced refresh token came again, and this client forgives no replay");
    }
    if now - family.rotated_at >= window {
        return Decision::Replace(Family { generation: family.generation + 1, rotated_at: now, replays: 0, ..family });
    }
    if family.replays >= MAX_REPLAYS {
        return Decision::Revoke("a replaced refresh token came again too often");
    }
    Decision::Repeat(Family { replays: family.replays + 1, ..family })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(generation: i32, predecessor: i32, rotated_at: i64, replays: i32) -> Family {
        Family { generation, predecessor, rotated_at, replays }
    }

    #[test]
    fn a_token_survives_its_text_and_nothing_else_parses() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key that the nodes share");
        let token = RefreshToken { grant_id: Id::now_v7(), generation: 7 };
        let text = token.expose(&key);
        assert_eq!(RefreshToken::parse(&text, &key), Some(token));
        assert_eq!(RefreshToken::parse(&text, &hmac::Key::new(hmac::HMAC_SHA256, b"another")), None);
        let next = RefreshToken { generation: 8, ..token }.expose(&key);
        let forged = format!("{}{}", &next[..28], &text[28..]);
        for bad in ["", "a.b", &text[1..], &text[..text.len() - 2], &forged] {
            assert_eq!(RefreshToken::parse(bad, &key), None, "{bad}");
        }
    }

    #[test]
    fn the_ruling_as_a_table() {
        use Decision::{Keep, Repeat, Replace, Revoke, Rotate};
        let revoke = |decision| matches!(decision, Revoke(_));
        // The newest one.
        assert_eq!(decide(family(1, 0, 0, 0), 1, true, 60, 1000), Rotate(family(2, 1, 1000, 0)));
        assert_eq!(decide(family(5, 4, 990, 3), 5, true, 60, 1000), Rotate(family(6, 5, 1000, 0)));
        assert_eq!(decide(family(1, 0, 0, 0), 1, false, 60, 1000), Keep);
        // (i) its predecessor, within the window: the same successor, ten times.
        assert_eq!(decide(family(2, 1, 1000, 0), 1, true, 60, 1000), Repeat(family(2, 1, 1000, 1)));
        assert_eq!(decide(family(2, 1, 1000, 9), 1, true, 60, 1059), Repeat(family(2, 1, 1000, 10)));
        assert!(revoke(decide(family(2, 1, 1000, 10), 1, true, 60, 1059)));
        // (ii) after the window, the successor never presented: another successor, the first one void.
        assert_eq!(decide(family(2, 1, 1000, 10), 1, true, 60, 1060), Replace(family(3, 1, 1060, 0)));
        assert!(revoke(decide(family(3, 1, 1060, 0), 2, true, 60, 1061)), "the void one proves two holders");
        assert_eq!(decide(family(3, 1, 1060, 0), 3, true, 60, 1061), Rotate(family(4, 3, 1061, 0)));
        // (iii) anything older.
        assert!(revoke(decide(family(3, 2, 1000, 0), 1, true, 60, 1001)));
        assert!(revoke(decide(family(1, 0, 0, 0), 0, true, 60, 1)), "generation 0 was never handed out");
        assert!(revoke(decide(family(2, 1, 1000, 0), 3, true, 60, 1001)), "a generation from a lost future");
        // A window of 0 forgives nothing.
        assert!(revoke(decide(family(2, 1, 1000, 0), 1, true, 0, 1000)));
        // A client that no longer rotates still has its old ones refused.
        assert!(revoke(decide(family(3, 2, 1000, 0), 1, false, 60, 1001)));
    }
}
