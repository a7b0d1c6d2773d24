//! A number that increases whenever an administrator changes clients, resource servers, scopes or
//! keys. Every node polls it and replaces its snapshot of an older revision.

use diesel::{prelude::*, sql_types::BigInt};

use super::{Fault, Tx, lock, on, schema::revision};

/// The current revision.
pub fn current(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    Ok(on!(tx, |conn| revision::table.find(1).select(revision::number).first(conn))?)
}

/// Increments the revision, so that every node replaces its snapshot.
pub fn bump(tx: &mut Tx<'_>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(revision::table.find(1))
        .set(revision::number.eq(revision::number + 1))
        .execute(conn))?;
    Ok(())
}

/// Locks the revision until commit, so that units of work that call this are serialized.
pub fn lock(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let _locked: Vec<i64> = lock!(tx, revision::table.find(1).select(revision::number))?;
    Ok(())
}

/// Writes the revision and keeps its value, which fails if the database is not writable. It is
/// changed on the way, because SQLite does not write a page for an update to the same value.
pub fn rewrite(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for difference in [1, -1] {
        on!(tx, |conn| diesel::update(revision::table.find(1))
            .set(revision::number.eq(revision::number + difference))
            .execute(conn))?;
    }
    Ok(())
}

/// The time of the database server, in seconds since the epoch.
pub(super) fn database_time(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let time = diesel::dsl::sql::<BigInt>("SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT)");
    Ok(on!(tx, |conn| time.get_result(conn))?)
}
