//! The versions of the terms that users have accepted, each with its time.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Id, Tx, on,
    schema::accepted_terms::{self, table},
};

/// A version that a user has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = accepted_terms)]
pub struct AcceptedTerms {
    /// The version.
    pub version: String,
    /// When it was accepted, in seconds since the epoch.
    pub accepted_at: i64,
}

/// Records that a user accepted a version at `at`. The first time stays.
pub fn insert(tx: &mut Tx<'_>, user_id: Id, version: &str, at: i64) -> Result<(), Fault> {
    let row =
        (accepted_terms::user_id.eq(user_id), accepted_terms::version.eq(version), accepted_terms::accepted_at.eq(at));
    on!(tx, |conn| diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// Whether a user has accepted a version.
pub fn are_accepted(tx: &mut Tx<'_>, user_id: Id, version: &str) -> Result<bool, Fault> {
    let found: Option<i64> =
        on!(tx, |conn| table.find((user_id, version)).select(accepted_terms::accepted_at).first(conn).optional())?;
    Ok(found.is_some())
}

/// Everything that a user has accepted, the latest last.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<AcceptedTerms>, Fault> {
    Ok(on!(tx, |conn| table
        .filter(accepted_terms::user_id.eq(user_id))
        .order((accepted_terms::accepted_at, accepted_terms::version))
        .select(AcceptedTerms::as_select())
        .load(conn))?)
}
