//! The issuer's keys, except for the signing keys in the snapshot.

use aws_lc_rs::hmac;

use crate::keys::MasterKey;

/// Keys that all nodes share and that are never disclosed.
pub struct Secrets {
    /// Seals private keys.
    pub master_key: MasterKey,
    /// Authenticates refresh tokens.
    pub refresh_key: hmac::Key,
    /// Derives pairwise subjects ([OpenID Connect Core
    /// §8.1](https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg)).
    pub subject_key: hmac::Key,
}

impl Secrets {
    /// Derives the keys from the master key.
    pub fn new(master_key: MasterKey) -> Self {
        Self {
            refresh_key: master_key.derive_hmac("prove refresh tokens"),
            subject_key: master_key.derive_hmac("derive pairwise subjects"),
            master_key,
        }
    }
}
