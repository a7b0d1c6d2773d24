//! The challenges that passkeys have answered, so that none is answered twice.

use diesel::prelude::*;

use super::{Fault, Id, Tx, delete_batch, on, schema::used_challenges as used};

/// Seconds by which the clock of another node may differ. It accepts a challenge for so long.
const SKEW: i64 = 60;

/// Whether a challenge was used.
pub fn is_used(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let found: i64 = on!(tx, |conn| used::table.filter(used::id.eq(id)).count().get_result(conn))?;
    Ok(found > 0)
}

/// Marks a challenge as used. `true` only for the first call.
pub fn consume(tx: &mut Tx<'_>, id: Id, expires_at: i64) -> Result<bool, Fault> {
    let row = (used::id.eq(id), used::expires_at.eq(expires_at + SKEW));
    let inserted = on!(tx, |conn| diesel::insert_into(used::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// Deletes at most `batch` challenges that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = used::expires_at.le(tx.now);
    delete_batch!(tx, batch, used::table, used::id, Id, expired)
}
