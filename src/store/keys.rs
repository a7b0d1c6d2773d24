//! Signing keys: sealed private parts, public parts, and the state of each.

use diesel::prelude::*;

use super::{Fault, Tx, on, schema::keys};

/// A signing key as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = keys)]
pub struct KeyRow {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// `RS256`, `ES256` or `EdDSA`.
    pub alg: String,
    /// `next`, `active` or `retired`.
    pub state: String,
    /// PKCS#8, encrypted under the master key.
    pub sealed: Vec<u8>,
    /// The public JWK, as JSON.
    pub public_jwk: String,
    /// When it was made, and published.
    pub created_at: i64,
    /// When it began to sign.
    pub activated_at: Option<i64>,
    /// When it stopped signing.
    pub retired_at: Option<i64>,
}

/// Every key that is published, oldest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<KeyRow>, Fault> {
    Ok(on!(tx, |conn| keys::table.order((keys::created_at, keys::kid)).select(KeyRow::as_select()).load(conn))?)
}

/// Adds a key; false if another node was faster and the algorithm has a key in that state.
pub fn insert(tx: &mut Tx<'_>, row: &KeyRow) -> Result<bool, Fault> {
    let inserted = on!(tx, |conn| diesel::insert_into(keys::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// The waiting key of `alg` begins to sign, the signing one retires; false if there is none waiting.
pub fn promote(tx: &mut Tx<'_>, alg: &str) -> Result<bool, Fault> {
    let now = tx.now;
    let waiting: Option<String> = on!(tx, |conn| keys::table
        .filter(keys::alg.eq(alg).and(keys::state.eq("next")))
        .select(keys::kid)
        .first(conn)
        .optional())?;
    let Some(kid) = waiting else { return Ok(false) };
    on!(tx, |conn| diesel::update(keys::table.filter(keys::alg.eq(alg).and(keys::state.eq("active"))))
        .set((keys::state.eq("retired"), keys::retired_at.eq(now)))
        .execute(conn))?;
    let promoted = on!(tx, |conn| diesel::update(keys::table.find(&kid).filter(keys::state.eq("next")))
        .set((keys::state.eq("active"), keys::activated_at.eq(now)))
        .execute(conn))?;
    Ok(promoted == 1)
}

/// Deletes keys that retired at or before `before`.
pub fn delete_retired(tx: &mut Tx<'_>, before: i64) -> Result<usize, Fault> {
    let old = keys::state.eq("retired").and(keys::retired_at.le(before));
    Ok(on!(tx, |conn| diesel::delete(keys::table.filter(old)).execute(conn))?)
}
