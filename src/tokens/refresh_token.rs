//! Refresh tokens. They are derived and not stored, so that the server can return the same
//! successor again to a client that lost the response.
//!
//! A token contains its grant and its generation, authenticated with an HMAC under a key that all
//! nodes share. `writ_core::token::refresh_token` decides what happens when one is presented.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::store::Id;

const ID: usize = 16;
const BODY: usize = ID + 4;

/// A refresh token of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The grant, which is its family.
    pub grant_id: Id,
    /// Its number in the family, starting at 1.
    pub generation: i32,
}

impl RefreshToken {
    /// The encoded token: base64url of the grant's id, the generation, and their HMAC-SHA-256.
    pub fn expose(self, key: &hmac::Key) -> String {
        let body = self.body();
        BASE64_URL_SAFE_NO_PAD.encode([&body[..], hmac::sign(key, &body).as_ref()].concat())
    }

    /// Parses a token. `None` if this server did not issue it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_round_trips_and_malformed_ones_are_refused() {
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
}
