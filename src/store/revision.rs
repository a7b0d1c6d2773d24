//! One number that grows whenever an administrator changes clients, resource servers, scopes or keys.
//! Every node reads it often and drops its snapshot of an older revision.

use diesel::{prelude::*, sql_types::BigInt};

use super::{Fault, Tx, on, schema::revision};

/// The current number.
pub fn current(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    Ok(on!(tx, |conn| revision::table.find(1).select(revision::number).first(conn))?)
}

/// Tells every node that its snapshot is old.
pub fn bump(tx: &mut Tx<'_>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(revision::table.find(1))
        .set(revision::number.eq(revision::number + 1))
        .execute(conn))?;
    Ok(())
}

/// Writes the number as it is, which fails where nothing can be written.
pub(super) fn touch(tx: &mut Tx<'_>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(revision::table.find(1)).set(revision::number.eq(revision::number)).execute(conn))?;
    Ok(())
}

/// The time of the database, in seconds since the epoch.
pub(super) fn database_time(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    let time = diesel::dsl::sql::<BigInt>("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)");
    Ok(on!(tx, |conn| time.get_result(conn))?)
}
