//! Signing keys: sealed private keys, public keys, and their states.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    prelude::*,
    serialize::{self, Output, ToSql},
    sql_types::Text,
};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

use super::{Fault, Tx, on, schema::keys};

/// The state of a key, stored as [`KeyState::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
#[diesel(sql_type = Text)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, and not signing yet.
    Next,
    /// Signing.
    Active,
    /// Published, and no longer signing.
    Retired,
}

impl KeyState {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl<DB: Backend> ToSql<Text, DB> for KeyState
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        <str as ToSql<Text, DB>>::to_sql(self.as_str(), out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for KeyState
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let word = String::from_sql(bytes)?;
        word.parse().map_err(|_| format!("no key is in the state `{word}`").into())
    }
}

/// A signing key as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = keys)]
pub struct KeyRow {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// `RS256`, `ES256` or `EdDSA`.
    pub alg: String,
    /// The state.
    pub state: KeyState,
    /// PKCS#8, encrypted under the master key.
    pub sealed: Vec<u8>,
    /// The public JWK, as JSON.
    pub public_jwk: String,
    /// When it was created and published.
    pub created_at: i64,
    /// When it started to sign.
    pub activated_at: Option<i64>,
    /// When it stopped signing.
    pub retired_at: Option<i64>,
    /// Whether it was removed from the JWKS. It then only verifies ID tokens in hints.
    pub archived: bool,
}

/// Every published key, oldest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<KeyRow>, Fault> {
    Ok(on!(tx, |conn| keys::table.order((keys::created_at, keys::kid)).select(KeyRow::as_select()).load(conn))?)
}

/// Adds a key. `false` if another node has already added one for this algorithm and state.
pub fn insert(tx: &mut Tx<'_>, row: &KeyRow) -> Result<bool, Fault> {
    let inserted = on!(tx, |conn| diesel::insert_into(keys::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// Activates the next key of `alg` and retires the active one. `false` if there is no next key.
pub fn promote(tx: &mut Tx<'_>, alg: &str) -> Result<bool, Fault> {
    let now = tx.now;
    let waiting: Option<String> = on!(tx, |conn| keys::table
        .filter(keys::alg.eq(alg).and(keys::state.eq(KeyState::Next)))
        .select(keys::kid)
        .first(conn)
        .optional())?;
    let Some(kid) = waiting else { return Ok(false) };
    on!(tx, |conn| diesel::update(keys::table.filter(keys::alg.eq(alg).and(keys::state.eq(KeyState::Active))))
        .set((keys::state.eq(KeyState::Retired), keys::retired_at.eq(now)))
        .execute(conn))?;
    let promoted = on!(tx, |conn| diesel::update(keys::table.find(&kid).filter(keys::state.eq(KeyState::Next)))
        .set((keys::state.eq(KeyState::Active), keys::activated_at.eq(now)))
        .execute(conn))?;
    Ok(promoted == 1)
}

/// Replaces the sealed private part of a key.
pub fn reseal(tx: &mut Tx<'_>, kid: &str, sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(keys::table.find(kid)).set(keys::sealed.eq(&sealed)).execute(conn))?;
    Ok(())
}

/// Deletes a key. `false` if there is no such key.
pub fn delete(tx: &mut Tx<'_>, kid: &str) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(keys::table.find(kid)).execute(conn))? == 1)
}

/// Archives keys that retired at or before `before`, and returns their `kid`s.
pub fn archive_retired(tx: &mut Tx<'_>, before: i64) -> Result<Vec<String>, Fault> {
    let old = keys::state.eq(KeyState::Retired).and(keys::retired_at.le(before)).and(keys::archived.eq(false));
    let archive = diesel::update(keys::table.filter(old)).set(keys::archived.eq(true));
    Ok(on!(tx, |conn| archive.returning(keys::kid).get_results(conn))?)
}

/// Deletes archived keys that retired at or before `before`, and returns their `kid`s.
pub fn delete_archived(tx: &mut Tx<'_>, before: i64) -> Result<Vec<String>, Fault> {
    let old = keys::archived.eq(true).and(keys::retired_at.le(before));
    Ok(on!(tx, |conn| diesel::delete(keys::table.filter(old)).returning(keys::kid).get_results(conn))?)
}
