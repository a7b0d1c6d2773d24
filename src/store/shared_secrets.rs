//! Sealed secrets that all nodes share, besides the signing keys.

use diesel::prelude::*;

use super::{Fault, Tx, on, schema::shared_secrets as secrets};

/// A secret as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = secrets)]
pub struct SharedSecretRow {
    /// The purpose, which is bound to the sealed value.
    pub purpose: String,
    /// The secret, encrypted under the master key.
    pub sealed: Vec<u8>,
}

/// All secrets.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<SharedSecretRow>, Fault> {
    Ok(on!(tx, |conn| secrets::table.select(SharedSecretRow::as_select()).load(conn))?)
}

/// Adds a secret, unless there is one for its purpose.
pub fn insert(tx: &mut Tx<'_>, row: &SharedSecretRow) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(secrets::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// Replaces the sealed form of a secret.
pub fn reseal(tx: &mut Tx<'_>, purpose: &str, sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(secrets::table.find(purpose)).set(secrets::sealed.eq(&sealed)).execute(conn))?;
    Ok(())
}
