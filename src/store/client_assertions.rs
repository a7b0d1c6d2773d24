//! The `jti` values of accepted client assertions, so that none is accepted twice.

use diesel::prelude::*;

use super::{Fault, Tx, on, schema::client_assertions as assertions};

/// Marks an assertion as used. `true` only for the first call.
pub fn consume(tx: &mut Tx<'_>, client_id: &str, jti: &str, expires_at: i64) -> Result<bool, Fault> {
    let row = (assertions::client_id.eq(client_id), assertions::jti.eq(jti), assertions::expires_at.eq(expires_at));
    let inserted =
        on!(tx, |conn| diesel::insert_into(assertions::table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// Deletes at most `batch` assertions that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = assertions::table
        .filter(assertions::expires_at.le(tx.now))
        .select((assertions::client_id, assertions::jti))
        .limit(batch);
    let keys: Vec<(String, String)> = on!(tx, |conn| expired.load(conn))?;
    for (client_id, jti) in &keys {
        on!(tx, |conn| diesel::delete(assertions::table.find((client_id, jti))).execute(conn))?;
    }
    Ok(keys.len())
}
