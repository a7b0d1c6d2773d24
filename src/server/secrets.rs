//! The issuer's keys, except for the signing keys in the snapshot.

use std::sync::Arc;

use aws_lc_rs::hmac;

use crate::keys::{MasterKeys, SealingKey, SharedSecrets};

/// Keys that all nodes share and that are never disclosed.
pub struct Secrets {
    /// Seal private keys.
    pub master_keys: Arc<MasterKeys>,
    /// Authenticates refresh tokens.
    pub refresh_key: hmac::Key,
    /// Derives pairwise subjects ([OpenID Connect Core
    /// §8.1](https://openid.net/specs/openid-connect-core-1_0.html#PairwiseAlg)).
    pub subject_key: hmac::Key,
    /// Authenticates the audit log.
    pub audit_key: hmac::Key,
    /// Seals responses of the administration API that may be sent again.
    pub response_key: Arc<SealingKey>,
}

impl Secrets {
    /// The keys of this database.
    pub fn new(master_keys: Arc<MasterKeys>, shared: SharedSecrets) -> Self {
        Self {
            master_keys,
            refresh_key: shared.refresh_tokens,
            subject_key: shared.subjects,
            audit_key: shared.audit_log,
            response_key: shared.first_responses,
        }
    }
}
