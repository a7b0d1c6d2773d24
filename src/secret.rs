//! Random secrets and their hashes, which `Debug` does not show.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac, rand};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A secret of 256 random bits. The server stores only its hash.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

/// SHA-256 of a secret's 32 bytes, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl Secret {
    /// A new secret from the operating system's random numbers.
    pub fn random() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    /// Parses 43 base64url characters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// Encodes the secret as 43 characters. This is the only way to read it.
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(*self.0)
    }

    /// The hash to store.
    pub fn hash(&self) -> SecretHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, &*self.0).as_ref());
        SecretHash(hash)
    }

    /// Whether `stored` is the hash of this secret, compared in constant time.
    pub fn matches(&self, stored: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.hash().0, stored).is_ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `<row id>.<secret>`: the id finds the row, and the secret authenticates. Row ids are UUIDv7, so
/// that tables are appended to and no index on random hashes is needed.
#[derive(Debug, Clone)]
pub struct Handle {
    /// The id of the row.
    pub id: Uuid,
    /// The secret.
    pub secret: Secret,
}

impl Handle {
    /// A handle for a new row.
    pub fn random() -> Self {
        Self { id: Uuid::now_v7(), secret: Secret::random() }
    }

    /// The handle of the row `id`, derived from a key for one purpose, so that it need not be
    /// stored.
    pub fn derived(key: &hmac::Key, purpose: &str, id: Uuid) -> Self {
        let tag = hmac::sign(key, &[purpose.as_bytes(), b"\0", id.as_bytes()].concat());
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(tag.as_ref());
        Self { id, secret: Secret(secret) }
    }

    /// Parses `<22 characters>.<43 characters>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        let id = Uuid::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        Some(Self { id, secret: Secret::parse(secret)? })
    }

    /// Encodes the handle.
    pub fn expose(&self) -> String {
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(self.id), self.secret.expose())
    }
}

/// Authenticates fields for one purpose, with HMAC-SHA-256. Each field has its length in front, so
/// that no text can move from one field to the next.
pub fn mac<F: AsRef<[u8]>>(key: &hmac::Key, purpose: &str, fields: impl IntoIterator<Item = F>) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    let mut add = |field: &[u8]| {
        context.update(&(field.len() as u64).to_be_bytes());
        context.update(field);
    };
    add(purpose.as_bytes());
    fields.into_iter().for_each(|field| add(field.as_ref()));
    context.sign()
}

/// SHA-256 of a random text, as stored.
pub fn sha256(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system's random generator answers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handle_round_trips_and_matches_only_its_secret() {
        let handle = Handle::random();
        let parsed = Handle::parse(&handle.expose()).expect("our own text");
        assert_eq!(parsed.id, handle.id);
        assert!(parsed.secret.matches(&handle.secret.hash().0));
        assert!(!Secret::random().matches(&handle.secret.hash().0));
        assert!(!handle.secret.matches(&handle.secret.hash().0[..31]));
    }

    #[test]
    fn malformed_handle_is_refused() {
        let text = Handle::random().expose();
        for bad in ["", ".", "a.b", &text[1..], &text[..text.len() - 1], &text.replace('.', ""), &format!("{text}=")] {
            assert!(Handle::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let handle = Handle::random();
        assert!(!format!("{handle:?}").contains(&handle.secret.expose()));
    }
}
