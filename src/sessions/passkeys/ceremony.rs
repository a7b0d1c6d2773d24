//! The ceremonies of passkeys: a page asks, and an authenticator responds. What the page asked is
//! authenticated and not stored, so that showing a page costs no row. Only an answered challenge is
//! one, until it expires.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::super::csrf;
use crate::{fault::Fault, secret::random_bytes, server::Server, store::Id};

/// Seconds in which a challenge must be answered.
const LIFETIME: i64 = 600;
/// The bytes of the time of issue.
const TIME: usize = 8;
/// The bytes of the time and a random id.
const HEAD: usize = TIME + 16;
/// The bytes of the tag.
const TAG: usize = 32;

/// What a page asks of an authenticator.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The options for the browser, in JSON with its binary members in base64url.
    pub options: String,
    /// The field that comes back with the response.
    pub ceremony: String,
}

impl Asked {
    pub(super) fn of(
        server: &Server,
        bound: &Bound<'_>,
        options: &impl Serialize,
        state: &impl Serialize,
    ) -> Result<Self, Fault> {
        let options = serde_json::to_string(options).map_err(|error| Fault::Corrupt(error.to_string()))?;
        Ok(Self { options, ceremony: bound.write(server, state)? })
    }
}

/// What a ceremony is for, and in which browser or session it may be completed.
pub struct Bound<'a> {
    purpose: &'static str,
    to: &'a str,
}

/// The challenge of a ceremony, to be answered once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Its random id.
    pub id: Id,
    /// When it expires.
    pub expires_at: i64,
}

impl<'a> Bound<'a> {
    /// A sign-in in the browser with this id.
    pub fn sign_in(browser: &'a str) -> Self {
        Self { purpose: "passkey signs in", to: browser }
    }

    /// A proof in this session.
    pub fn proof(session_id: &'a str) -> Self {
        Self { purpose: "passkey confirms", to: session_id }
    }

    /// A registration in this session.
    pub fn registration(session_id: &'a str) -> Self {
        Self { purpose: "passkey is registered", to: session_id }
    }

    /// A registration with a new account, in the browser with this id.
    pub fn sign_up(browser: &'a str) -> Self {
        Self { purpose: "passkey is registered with an account", to: browser }
    }

    /// The confirmation of the address of a new account, in the browser with this id.
    pub fn sign_up_link(browser: &'a str) -> Self {
        Self { purpose: "passkey confirms an address", to: browser }
    }

    /// Authenticates the state of the library, which holds the challenge, for a field of the page.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] if the state cannot be written as JSON.
    fn write(&self, server: &Server, state: &impl Serialize) -> Result<String, Fault> {
        let state = serde_json::to_string(state).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let mut head: [u8; HEAD] = random_bytes();
        head[..TIME].copy_from_slice(&server.clock.now().to_be_bytes());
        let tag = csrf::tag(&server.front.form_key, self.purpose, &[self.to, &encode(&head), &state]);
        Ok(encode(&[&head[..], tag.as_ref(), state.as_bytes()].concat()))
    }

    /// Reads the state from the field. `None` if it was not written for this purpose and browser,
    /// or has expired.
    pub(super) fn read<T: DeserializeOwned>(&self, server: &Server, field: &str) -> Option<(Challenge, T)> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(field).ok()?;
        let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
        let (tag, state) = rest.split_first_chunk::<TAG>()?;
        let state = std::str::from_utf8(state).ok()?;
        if !csrf::verify(&server.front.form_key, self.purpose, &[self.to, &encode(head), state], &encode(tag)) {
            return None;
        }
        let (time, id) = head.split_first_chunk::<TIME>()?;
        let expires_at = i64::from_be_bytes(*time) + LIFETIME;
        let id = Id(Uuid::from_slice(id).ok()?);
        let challenge = Challenge { id, expires_at };
        (server.clock.now() < expires_at).then_some(())?;
        Some((challenge, serde_json::from_str(state).ok()?))
    }
}

fn encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
