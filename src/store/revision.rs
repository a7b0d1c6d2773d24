//! One number that grows whenever an administrator changes clients, resource servers, scopes or keys. Every node
//! looks at it often and drops what it remembers of an older revision.

use diesel::prelude::*;

use super::{Fault, Tx, on, schema::revision};

/// The present number.
pub fn current(tx: &mut Tx<'_>) -> Result<i64, Fault> {
    Ok(on!(tx, |conn| revision::table.find(1).select(revision::number).first(conn))?)
}

/// Tells every node that what it remembers is old.
pub fn bump(tx: &mut Tx<'_>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(revision::table.find(1))
        .set(revision::number.eq(revision::number + 1))
        .execute(conn))?;
    Ok(())
}
