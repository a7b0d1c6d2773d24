//! Changes of signing keys and the master key.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use writ_core::SigningAlg;

use super::{Actor, Change, audit, version_of};
use crate::{
    fault::Fault,
    keys::{
        MasterKeys, master_keys,
        rotation::{self, Rotation},
    },
    store::{
        Tx,
        keys::{KeyRow, KeyState},
    },
};

/// What an administrator sees of a signing key. Times are seconds since the epoch.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyInformation {
    /// The key id, a thumbprint.
    pub kid: String,
    /// The algorithm.
    pub alg: String,
    /// Whether it signs.
    #[schema(value_type = String)]
    pub state: KeyState,
    /// When it was created.
    pub created_at: i64,
    /// When it began to sign.
    pub activated_at: Option<i64>,
    /// When it stopped.
    pub retired_at: Option<i64>,
    /// Whether it has left the JWKS.
    pub archived: bool,
}

impl From<KeyRow> for KeyInformation {
    fn from(key: KeyRow) -> Self {
        let KeyRow { kid, alg, state, created_at, activated_at, retired_at, archived, .. } = key;
        Self { kid, alg, state, created_at, activated_at, retired_at, archived }
    }
}

/// The version of all keys.
pub fn version(rows: &[KeyRow]) -> String {
    version_of(&rows.iter().map(|key| (&key.kid, key.state)).collect::<Vec<_>>())
}

/// Activates the next key of an algorithm, if it was published long enough ago or `at_once`.
pub fn rotate(tx: &mut Tx<'_>, actor: &Actor, alg: SigningAlg, at_once: bool) -> Result<Rotation, Fault> {
    let rotated = rotation::rotate(tx, alg, at_once)?;
    if rotated == Rotation::Rotated {
        let change = Change::creation(json!({ "at_once": at_once, "kid": rotation::active_kid(tx, alg)? }));
        audit::record(tx, actor, "key.rotate", alg.as_str(), change)?;
    }
    Ok(rotated)
}

/// Deletes a key. `false` if there is no such key.
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, kid: &str) -> Result<bool, Fault> {
    if !rotation::revoke(tx, kid)? {
        return Ok(false);
    }
    audit::record(tx, actor, "key.revoke", kid, Change::default())?;
    Ok(true)
}

/// Seals every stored secret with the current master key, and returns the number of changes.
pub fn reseal(tx: &mut Tx<'_>, actor: &Actor, master_keys: &MasterKeys) -> Result<usize, Fault> {
    let changed = master_keys::reseal(tx, master_keys)?;
    audit::record(tx, actor, "master-key.rotate", "", Change::creation(json!({ "sealed": changed })))?;
    Ok(changed)
}
