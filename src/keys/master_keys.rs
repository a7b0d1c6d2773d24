//! The master keys of a node: the current one and, during a rotation, the previous one.
//!
//! A node with both unseals the values of either. It seals with the key of the stored values, so
//! that nodes without the new key keep working until [`reseal`] has run.

use std::io;

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::{MasterKey, master_key::MasterKeyError};
use crate::{
    config::KeysSettings,
    fault::Fault,
    store::{
        Tx, acme, keys, revision, shared_secrets,
        totp_factors::{self, sealed_name},
    },
};

/// The environment variable with the current key. It has priority over the file.
pub const ENVIRONMENT_VARIABLE: &str = "WRIT_MASTER_KEY";
/// The environment variable with the previous key. It has priority over the file.
pub const PREVIOUS_ENVIRONMENT_VARIABLE: &str = "WRIT_PREVIOUS_MASTER_KEY";

/// The current master key, and the previous one if it is configured.
pub struct MasterKeys {
    current: MasterKey,
    previous: Option<MasterKey>,
}

impl From<MasterKey> for MasterKeys {
    fn from(current: MasterKey) -> Self {
        Self { current, previous: None }
    }
}

impl MasterKeys {
    /// A key that replaces another one.
    pub fn rotated(current: MasterKey, previous: MasterKey) -> Self {
        Self { current, previous: Some(previous) }
    }

    /// Reads the keys from the environment or from the configured files.
    ///
    /// # Errors
    /// [`MasterKeyError`] if a key is malformed, unreadable or readable by others, or if the file
    /// of the previous key is missing.
    pub fn load(variable: impl Fn(&str) -> Option<String>, settings: &KeysSettings) -> Result<Self, MasterKeyError> {
        let read = |name: &str| variable(name).map(Zeroizing::new).filter(|text| !text.trim().is_empty());
        let parse =
            |name: &str, text: &str| MasterKey::parse(text).ok_or_else(|| MasterKeyError::Malformed(name.to_owned()));
        let current = match read(ENVIRONMENT_VARIABLE) {
            Some(text) => parse(ENVIRONMENT_VARIABLE, &text)?,
            None => MasterKey::load(&settings.master_key_file)?,
        };
        let previous = match (read(PREVIOUS_ENVIRONMENT_VARIABLE), &settings.previous_master_key_file) {
            (Some(text), _) => Some(parse(PREVIOUS_ENVIRONMENT_VARIABLE, &text)?),
            (None, Some(file)) => Some(MasterKey::load(file)?),
            (None, None) => None,
        };
        match (&previous, &settings.previous_master_key_file) {
            (Some(previous), Some(file)) if previous.is_new() => {
                Err(MasterKeyError::File { path: file.display().to_string(), error: io::ErrorKind::NotFound.into() })
            }
            _ => Ok(Self { current, previous }),
        }
    }

    /// Whether the current key was just created, so that no database can use it.
    pub fn is_new(&self) -> bool {
        self.current.is_new()
    }

    /// A name of the current key, which discloses nothing about it.
    pub fn fingerprint(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.current.derive("fingerprint")[..12])
    }

    /// The key that authenticates backups.
    pub fn backup_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &*self.current.derive("authenticate backups"))
    }

    /// Whether a previous key is configured.
    pub fn has_previous(&self) -> bool {
        self.previous.is_some()
    }

    /// Writes a new current key to its file.
    ///
    /// # Errors
    /// As for [`MasterKey::saved`].
    pub fn saved(self) -> Result<Self, MasterKeyError> {
        Ok(Self { current: self.current.saved()?, ..self })
    }

    /// Decrypts a value that either key sealed under this `name`.
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let previous = || self.previous.as_ref()?.unseal(name, sealed);
        self.current.unseal(name, sealed).or_else(previous)
    }

    /// The key that sealed the stored values. The current one if there are none.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn sealing(&self, tx: &mut Tx<'_>) -> Result<&MasterKey, Fault> {
        let rows = keys::list(tx)?;
        let is_of_previous =
            |previous: &&MasterKey| rows.first().is_some_and(|row| previous.unseal(&row.kid, &row.sealed).is_some());
        Ok(self.previous.as_ref().filter(is_of_previous).unwrap_or(&self.current))
    }

    /// The value, sealed with the current key. `None` if it already is.
    fn resealed(&self, name: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        if self.current.unseal(name, sealed).is_some() {
            return Ok(None);
        }
        let value = self.unseal(name, sealed);
        let value = value.ok_or_else(|| Fault::Keys(format!("{name} was sealed under another master key")))?;
        Ok(Some(self.current.seal(name, &value)))
    }
}

/// Seals every stored value with the current key and returns the number of changes. Nodes that have
/// both keys notice it.
///
/// # Errors
/// [`Fault::Keys`] if neither key unseals a value; nothing is changed then. Otherwise a fault of
/// the store.
pub fn reseal(tx: &mut Tx<'_>, master_keys: &MasterKeys) -> Result<usize, Fault> {
    // Everything that seals holds the same lock, so no value is stored with the previous key
    // afterwards.
    revision::lock(tx)?;
    let mut changed = 0;
    for row in keys::list(tx)? {
        if let Some(sealed) = master_keys.resealed(&row.kid, &row.sealed)? {
            keys::reseal(tx, &row.kid, sealed)?;
            changed += 1;
        }
    }
    for row in shared_secrets::list(tx)? {
        if let Some(sealed) = master_keys.resealed(&row.purpose, &row.sealed)? {
            shared_secrets::reseal(tx, &row.purpose, sealed)?;
            changed += 1;
        }
    }
    for factor in totp_factors::list(tx)? {
        if let Some(sealed) = master_keys.resealed(&sealed_name(factor.user_id), &factor.sealed)? {
            totp_factors::reseal(tx, factor.user_id, sealed)?;
            changed += 1;
        }
    }
    for account in acme::accounts(tx)? {
        if let Some(sealed) = master_keys.resealed(&acme::account_name(&account.directory), &account.sealed)? {
            acme::reseal_account(tx, &account.directory, sealed)?;
            changed += 1;
        }
    }
    for certificate in acme::certificates(tx)? {
        let id = certificate.id();
        let Some(sealed) = certificate.sealed else { continue };
        if let Some(sealed) = master_keys.resealed(&id.sealed_name(), &sealed)? {
            acme::reseal_certificate(tx, &id, sealed)?;
            changed += 1;
        }
    }
    revision::bump(tx)?;
    Ok(changed)
}
