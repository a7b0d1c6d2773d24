//! The life cycle of keys. Every step is safe if several nodes run it at once.

use std::sync::Arc;

use serde_json::json;

use super::{JWKS_MAX_AGE, KeySet, MasterKeys, SharedSecrets, master_keys::ENVIRONMENT_VARIABLE, signing_key::NewKey};
use writ_core::{SigningAlg, vocabulary::client_metadata::MAX_TOKEN_LIFETIME};

use crate::{
    fault::Fault,
    store::{
        Store, Tx, audit_events,
        keys::{self, KeyRow, KeyState},
        revision, shared_secrets,
    },
};

/// Seconds for which a retired key stays published: the longest lifetime of a token, and an hour
/// for nodes that learn of the change late.
pub const RETIRED_PUBLICATION: i64 = MAX_TOKEN_LIFETIME + 3600;

/// What [`rotate`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The next key is active, and the one before it retired.
    Rotated,
    /// There is no next key yet.
    NoNextKey,
    /// The next key was published too recently: a verifier may still lack it.
    TooEarly {
        /// Seconds until no cache lacks the key.
        wait: i64,
    },
}

/// Establishes the master keys and shared secrets of this database, and an active key for each
/// algorithm.
///
/// # Errors
/// As for [`unlock`].
pub async fn establish(store: &Store, master_keys: MasterKeys) -> Result<(Arc<MasterKeys>, SharedSecrets), Fault> {
    let (master_keys, secrets) = unlock(store, master_keys).await?;
    fill(store, &master_keys, KeyState::Active).await?;
    Ok((master_keys, secrets))
}

/// Unseals the shared secrets of this database. A new master key is only accepted, and written to
/// its file, if the database has neither keys nor shared secrets.
///
/// # Errors
/// [`Fault::Startup`] if the stored keys were sealed with another master key; nothing is written
/// then. [`Fault::Corrupt`], or a fault of the store.
pub async fn unlock(store: &Store, master_keys: MasterKeys) -> Result<(Arc<MasterKeys>, SharedSecrets), Fault> {
    let (rows, secrets) = store.read(|tx| Ok((keys::list(tx)?, shared_secrets::list(tx)?))).await?;
    check(&rows, &master_keys)?;
    let is_empty = rows.is_empty() && secrets.is_empty();
    if master_keys.is_new() && !is_empty {
        return Err(sealed_by_another("there is no such file"));
    }
    let master_keys = match is_empty {
        true => master_keys.saved().map_err(|error| Fault::Startup(error.to_string()))?,
        false => master_keys,
    };
    let master_keys = Arc::new(master_keys);
    let secrets = SharedSecrets::load(store, &master_keys).await?;
    Ok((master_keys, secrets))
}

/// Whether the master keys belong to a database with these keys.
///
/// # Errors
/// As for [`unlock`].
pub fn check(rows: &[KeyRow], master_keys: &MasterKeys) -> Result<(), Fault> {
    if !rows.is_empty() && master_keys.is_new() {
        return Err(sealed_by_another("there is no such file"));
    }
    check_opens(rows, master_keys)
}

/// Whether the master keys open these keys, even if the current one is new.
///
/// # Errors
/// As for [`unlock`].
pub fn check_opens(rows: &[KeyRow], master_keys: &MasterKeys) -> Result<(), Fault> {
    match KeySet::open(rows, master_keys) {
        Err(Fault::Keys(reason)) => Err(sealed_by_another(&reason)),
        opened => opened.map(drop),
    }
}

fn sealed_by_another(reason: &str) -> Fault {
    Fault::Startup(format!(
        "keys.master_key_file: {reason}: the keys in the database were sealed under another master key \
         (give the one they were made with, as file or in {ENVIRONMENT_VARIABLE})"
    ))
}

/// Deletes a key, so that nothing it signed is accepted any more. If it is active, the next key is
/// activated first. `false` if there is no such key.
///
/// # Errors
/// [`Fault::Keys`] if there is no next key, or a fault of the store.
pub fn revoke(tx: &mut Tx<'_>, kid: &str) -> Result<bool, Fault> {
    // Written first, as in `rotate`.
    revision::bump(tx)?;
    let rows = keys::list(tx)?;
    let Some(row) = rows.iter().find(|row| row.kid == kid) else { return Ok(false) };
    if row.state == KeyState::Active && !keys::promote(tx, &row.alg)? {
        return Err(Fault::Keys(format!("there is no next key of {} to activate", row.alg)));
    }
    keys::delete(tx, kid)
}

/// Creates the missing keys in `state`: at first start the active ones, later the next ones.
///
/// # Errors
/// A fault of the store.
pub async fn fill(store: &Store, master_keys: &Arc<MasterKeys>, state: KeyState) -> Result<(), Fault> {
    let rows = store.read(keys::list).await?;
    for alg in SigningAlg::ALL {
        if rows.iter().any(|row| row.alg == alg.as_str() && row.state == state) {
            continue;
        }
        let key = tokio::task::spawn_blocking(move || NewKey::generate(alg))
            .await
            .map_err(|error| Fault::Panicked(error.to_string()))??;
        let public_jwk = serde_json::to_string(&key.public_jwk).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let (key, master_keys) = (Arc::new(key), Arc::clone(master_keys));
        store
            .write(move |tx| {
                // A rotation of the master key holds the same lock, so this value is sealed like
                // the others.
                revision::lock(tx)?;
                let sealed = master_keys.sealing(tx)?.seal(&key.kid, &key.pkcs8);
                let row = KeyRow {
                    kid: key.kid.clone(),
                    alg: alg.as_str().to_owned(),
                    state,
                    sealed,
                    public_jwk,
                    created_at: tx.now,
                    activated_at: (state == KeyState::Active).then_some(tx.now),
                    retired_at: None,
                    archived: false,
                };
                if !keys::insert(tx, &row)? {
                    return Ok(());
                }
                let about = json!({ "alg": row.alg, "state": row.state.as_str() });
                audit_events::of_server(tx, "key.create", row.kid.clone(), about)?;
                revision::bump(tx)
            })
            .await?;
    }
    Ok(())
}

/// Activates the next key of `alg`, `at_once` also if it was published too recently.
///
/// # Errors
/// A fault of the store.
pub fn rotate(tx: &mut Tx<'_>, alg: SigningAlg, at_once: bool) -> Result<Rotation, Fault> {
    // Written first, so that rotations are serialized. One that read before another's commit would
    // retire the new key.
    revision::bump(tx)?;
    let rows = keys::list(tx)?;
    let Some(wait) = wait(&rows, alg, tx.now) else { return Ok(Rotation::NoNextKey) };
    if wait > 0 && !at_once {
        return Ok(Rotation::TooEarly { wait });
    }
    Ok(if keys::promote(tx, alg.as_str())? { Rotation::Rotated } else { Rotation::NoNextKey })
}

/// The `kid` of the active key of an algorithm.
///
/// # Errors
/// A fault of the store.
pub fn active_kid(tx: &mut Tx<'_>, alg: SigningAlg) -> Result<Option<String>, Fault> {
    let is_active = |row: &KeyRow| row.alg == alg.as_str() && row.state == KeyState::Active;
    Ok(keys::list(tx)?.into_iter().find(is_active).map(|row| row.kid))
}

/// Seconds until no cache lacks the next key of an algorithm. `None` if there is no next key.
pub fn wait(rows: &[KeyRow], alg: SigningAlg, now: i64) -> Option<i64> {
    let next = rows.iter().find(|row| row.alg == alg.as_str() && row.state == KeyState::Next)?;
    Some((next.created_at + JWKS_MAX_AGE - now).clamp(0, JWKS_MAX_AGE))
}

/// Rotates each algorithm whose key has been active for `interval` seconds. Keys that retired long
/// enough ago leave the JWKS, and are deleted when no session of `session_lifetime` seconds can
/// have one of their ID tokens as a hint. Returns whether anything changed.
///
/// # Errors
/// A fault of the store.
pub fn advance(tx: &mut Tx<'_>, interval: i64, session_lifetime: i64) -> Result<bool, Fault> {
    let mut changed = false;
    for row in keys::list(tx)?.iter().filter(|row| row.state == KeyState::Active) {
        let since = row.activated_at.unwrap_or(row.created_at);
        // An activation further ahead than the interval was dated by a fast clock.
        if interval > 0 && (tx.now - since >= interval || since - tx.now > interval) {
            let alg = row.alg.parse().map_err(Fault::Corrupt)?;
            if rotate(tx, alg, false)? == Rotation::Rotated {
                let about = json!({ "kid": active_kid(tx, alg)? });
                audit_events::of_server(tx, "key.rotate", row.alg.clone(), about)?;
                changed = true;
            }
        }
    }
    let archived = keys::archive_retired(tx, tx.now - RETIRED_PUBLICATION)?;
    let deleted = keys::delete_archived(tx, tx.now - RETIRED_PUBLICATION.max(session_lifetime))?;
    if !archived.is_empty() || !deleted.is_empty() {
        for (kids, state) in [(archived, "archived"), (deleted, "deleted")] {
            for kid in kids {
                audit_events::of_server(tx, "key.retire", kid, json!({ "state": state }))?;
            }
        }
        revision::bump(tx)?;
        changed = true;
    }
    Ok(changed)
}
