//! Keys over time: made, published, put to work, retired, deleted. Each step is safe to race on several nodes.

use super::{JWKS_MAX_AGE, KeySet, MasterKey, master_key::ENVIRONMENT_VARIABLE, signing_key::NewKey};
use writ_core::{SigningAlg, vocabulary::client_metadata::MAX_TOKEN_LIFETIME};

use crate::{
    fault::Fault,
    store::{
        Store, Tx,
        keys::{self, KeyRow, KeyState},
        revision,
    },
};

/// Seconds for which a retired key stays published: the longest life of a token it may have signed, and an hour for a node that
/// learned of the change late.
pub const RETIRED_PUBLICATION: i64 = MAX_TOKEN_LIFETIME + 3600;

/// Why a rotation by hand was refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the next key of {alg} was published too short a time ago: wait {wait} s, or tokens may meet verifiers that do not know it yet"
)]
pub struct TooEarly {
    /// The algorithm.
    pub alg: SigningAlg,
    /// Seconds until every cache has seen the key.
    pub wait: i64,
}

/// The master key of this database, and an active key for each algorithm. Only a database without
/// keys takes a new master key, which is written to its file then.
///
/// # Errors
/// [`Fault::Startup`] if the stored keys were sealed under another master key, before anything is
/// written; [`Fault::Corrupt`], or the store's faults.
pub async fn establish(store: &Store, master_key: MasterKey) -> Result<MasterKey, Fault> {
    let master_key = match check(store, &master_key).await? {
        Fit::Any => master_key.saved().map_err(|error| Fault::Startup(error.to_string()))?,
        Fit::This => master_key,
    };
    fill(store, &master_key, KeyState::Active).await?;
    Ok(master_key)
}

/// Which master keys a database takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Fit {
    /// It has no keys yet.
    Any,
    /// This one sealed its keys.
    This,
}

/// Whether `master_key` is the one of this database. Writes nothing.
///
/// # Errors
/// As [`establish`].
pub async fn check(store: &Store, master_key: &MasterKey) -> Result<Fit, Fault> {
    let rows = store.read(keys::list).await?;
    if rows.is_empty() {
        return Ok(Fit::Any);
    }
    let other = |what: &str| {
        Fault::Startup(format!(
            "keys.master_key_file: {what}: the keys in the database were sealed under another master key \
             (give the one they were made with, as file or in {ENVIRONMENT_VARIABLE})"
        ))
    };
    if master_key.is_new() {
        return Err(other("there is no such file"));
    }
    match KeySet::open(&rows, master_key) {
        Err(Fault::Keys(reason)) => Err(other(&reason)),
        Err(fault) => Err(fault),
        Ok(_) => Ok(Fit::This),
    }
}

/// Deletes a key, so that nothing it signed is believed any more; a signing key hands over to the
/// next one first. False if there is no such key.
///
/// # Errors
/// [`Fault::Keys`] if no next key is there to sign, or the store's faults.
pub fn revoke(tx: &mut Tx<'_>, kid: &str) -> Result<bool, Fault> {
    // Written first, as in `rotate`.
    revision::bump(tx)?;
    let rows = keys::list(tx)?;
    let Some(row) = rows.iter().find(|row| row.kid == kid) else { return Ok(false) };
    if row.state == KeyState::Active && !keys::promote(tx, &row.alg)? {
        return Err(Fault::Keys(format!("no next key of {} can take over", row.alg)));
    }
    keys::delete(tx, kid)
}

/// Makes the keys that are missing in `state`: at first start the active ones, later the next ones.
///
/// # Errors
/// The store's faults.
pub async fn fill(store: &Store, master_key: &MasterKey, state: KeyState) -> Result<(), Fault> {
    let rows = store.read(keys::list).await?;
    for alg in SigningAlg::ALL {
        if rows.iter().any(|row| row.alg == alg.as_str() && row.state == state) {
            continue;
        }
        let key = tokio::task::spawn_blocking(move || NewKey::generate(alg))
            .await
            .map_err(|error| Fault::Panicked(error.to_string()))??;
        let sealed = master_key.seal(&key.kid, &key.pkcs8);
        let public_jwk = serde_json::to_string(&key.public_jwk).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let kid = key.kid;
        store
            .write(move |tx| {
                let row = KeyRow {
                    kid,
                    alg: alg.as_str().to_owned(),
                    state,
                    sealed,
                    public_jwk,
                    created_at: tx.now,
                    activated_at: (state == KeyState::Active).then_some(tx.now),
                    retired_at: None,
                };
                keys::insert(tx, &row)?;
                revision::bump(tx)
            })
            .await?;
    }
    Ok(())
}

/// Puts the next key of `alg` to work.
///
/// # Errors
/// Inside: it was published too short a time ago, unless `at_once`. Outside: the store's faults.
pub fn rotate(tx: &mut Tx<'_>, alg: SigningAlg, at_once: bool) -> Result<Result<bool, TooEarly>, Fault> {
    // Written first, so that rotations wait for each other: one that read before another's commit would retire the new key.
    revision::bump(tx)?;
    let rows = keys::list(tx)?;
    let next = rows.iter().find(|row| row.alg == alg.as_str() && row.state == KeyState::Next);
    let Some(next) = next else { return Ok(Ok(false)) };
    let wait = (next.created_at + JWKS_MAX_AGE - tx.now).min(JWKS_MAX_AGE);
    if wait > 0 && !at_once {
        return Ok(Err(TooEarly { alg, wait }));
    }
    Ok(Ok(keys::promote(tx, alg.as_str())?))
}

/// Rotates each algorithm whose active key has worked for `interval` seconds, and deletes keys that retired long enough ago.
/// Answers whether anything changed.
///
/// # Errors
/// The store's faults.
pub fn advance(tx: &mut Tx<'_>, interval: i64) -> Result<bool, Fault> {
    let mut changed = false;
    for row in keys::list(tx)?.iter().filter(|row| row.state == KeyState::Active) {
        let since = row.activated_at.unwrap_or(row.created_at);
        // An activation further ahead than the interval was dated by a clock that ran ahead.
        if interval > 0 && (tx.now - since >= interval || since - tx.now > interval) {
            let alg = row.alg.parse().map_err(Fault::Corrupt)?;
            changed |= rotate(tx, alg, false)? == Ok(true);
        }
    }
    if keys::delete_retired(tx, tx.now - RETIRED_PUBLICATION)? > 0 {
        revision::bump(tx)?;
        changed = true;
    }
    Ok(changed)
}
