//! Keys over time: made, published, put to work, retired, deleted. Each step is safe to race on several nodes.

use super::{JWKS_MAX_AGE, MasterKey, signing_key::NewKey};
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
    let wait = next.created_at + JWKS_MAX_AGE - tx.now;
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
        if interval > 0 && tx.now - since >= interval {
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
