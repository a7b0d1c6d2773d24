//! Encryption of what the database keeps.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

const NONCE_LENGTH: usize = 12;

/// A key for AES-256-GCM.
pub struct SealingKey(RandomizedNonceKey);

impl SealingKey {
    /// The key with these bytes, which must be uniformly random.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(RandomizedNonceKey::new(&AES_256_GCM, bytes).expect("a key of 32 bytes"))
    }

    /// Encrypts a value. `name` is authenticated, so that values cannot be exchanged.
    pub fn seal(&self, name: &str, value: &[u8]) -> Vec<u8> {
        let mut sealed = value.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(name.as_bytes()), &mut sealed)
            .expect("AES-256-GCM seals a few kilobytes");
        sealed.extend_from_slice(nonce.as_ref());
        sealed
    }

    /// Decrypts the result of [`seal`](Self::seal). `None` if it belongs to another key or `name`,
    /// or was modified.
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (sealed, nonce) = sealed.split_at_checked(sealed.len().checked_sub(NONCE_LENGTH)?)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let length = self.0.open_in_place(nonce, Aad::from(name.as_bytes()), &mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}
