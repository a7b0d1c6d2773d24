//! Secrets that all nodes share, besides the signing keys. They are stored sealed and do not change
//! when the master key is rotated, so refresh tokens, pairwise subjects and open pages stay valid.

use std::sync::Arc;

use aws_lc_rs::hmac;

use super::{MasterKeys, SealingKey};
use crate::{
    fault::Fault,
    secret::random_bytes,
    store::{
        Store, Tx, keys, revision,
        shared_secrets::{self, SharedSecretRow},
    },
};

const AUDIT_LOG: &str = "prove the audit log";
const FIRST_RESPONSES: &str = "seal first responses";
const FORMS: &str = "prove page forms";
const REFRESH_TOKENS: &str = "prove refresh tokens";
const SUBJECTS: &str = "derive pairwise subjects";
const PURPOSES: [&str; 5] = [AUDIT_LOG, FIRST_RESPONSES, FORMS, REFRESH_TOKENS, SUBJECTS];

/// The secrets, as keys for HMAC-SHA-256 or AES-256-GCM.
pub struct SharedSecrets {
    /// Authenticates the audit log.
    pub audit_log: hmac::Key,
    /// Seals responses of the administration API that may be sent again.
    pub first_responses: Arc<SealingKey>,
    /// Authenticates forms and values in URLs.
    pub forms: hmac::Key,
    /// Authenticates refresh tokens.
    pub refresh_tokens: hmac::Key,
    /// Derives pairwise subjects.
    pub subjects: hmac::Key,
}

impl SharedSecrets {
    /// Reads the secrets, and creates the missing ones.
    ///
    /// # Errors
    /// [`Fault::Keys`] if one was sealed with another master key. Otherwise a fault of the store.
    pub async fn load(store: &Store, master_keys: &Arc<MasterKeys>) -> Result<Self, Fault> {
        let mut rows = store.read(shared_secrets::list).await?;
        if rows.len() < PURPOSES.len() {
            let master_keys = Arc::clone(master_keys);
            rows = store.write(move |tx| fill(tx, &master_keys)).await?;
        }
        let secret = |purpose: &str| {
            let row = rows.iter().find(|row| row.purpose == purpose);
            let secret = row.and_then(|row| master_keys.unseal(purpose, &row.sealed));
            secret.ok_or_else(|| Fault::Keys(format!("{purpose} was sealed under another master key")))
        };
        let key = |purpose: &str| Ok::<_, Fault>(hmac::Key::new(hmac::HMAC_SHA256, &secret(purpose)?));
        let first_responses = secret(FIRST_RESPONSES)?;
        let bytes: &[u8; 32] = first_responses
            .as_slice()
            .try_into()
            .map_err(|_| Fault::Corrupt(format!("{FIRST_RESPONSES} has another length")))?;
        let audit_log = key(AUDIT_LOG)?;
        store.authenticate_events(&audit_log);
        Ok(Self {
            audit_log,
            first_responses: Arc::new(SealingKey::new(bytes)),
            forms: key(FORMS)?,
            refresh_tokens: key(REFRESH_TOKENS)?,
            subjects: key(SUBJECTS)?,
        })
    }
}

/// Creates the missing secrets. A database with signing keys is from a version that derived the
/// secrets from the master key, so they keep these values.
fn fill(tx: &mut Tx<'_>, master_keys: &MasterKeys) -> Result<Vec<SharedSecretRow>, Fault> {
    revision::lock(tx)?;
    let is_derived = !keys::list(tx)?.is_empty();
    let sealing = master_keys.sealing(tx)?;
    for purpose in PURPOSES {
        let secret = if is_derived { sealing.derive(purpose) } else { random_bytes().into() };
        let row = SharedSecretRow { purpose: purpose.to_owned(), sealed: sealing.seal(purpose, &*secret) };
        shared_secrets::insert(tx, &row)?;
    }
    shared_secrets::list(tx)
}
