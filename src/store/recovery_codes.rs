//! Unused recovery codes. Using one deletes it.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::recovery_codes};

/// Replaces all codes of a user by those with these hashes.
pub fn replace(tx: &mut Tx<'_>, user_id: Id, hashes: &[Vec<u8>]) -> Result<(), Fault> {
    delete(tx, user_id)?;
    for hash in hashes {
        let row =
            (recovery_codes::user_id.eq(user_id), recovery_codes::hash.eq(hash), recovery_codes::created_at.eq(tx.now));
        on!(tx, |conn| diesel::insert_into(recovery_codes::table).values(row).execute(conn))?;
    }
    Ok(())
}

/// Uses up a code. `false` if it is not an unused code of this user.
pub fn take(tx: &mut Tx<'_>, user_id: Id, hash: &[u8]) -> Result<bool, Fault> {
    let code = recovery_codes::user_id.eq(user_id).and(recovery_codes::hash.eq(hash));
    Ok(on!(tx, |conn| diesel::delete(recovery_codes::table.filter(code)).execute(conn))? == 1)
}

/// The number of unused codes of a user.
pub fn count(tx: &mut Tx<'_>, user_id: Id) -> Result<i64, Fault> {
    let codes = recovery_codes::user_id.eq(user_id);
    Ok(on!(tx, |conn| recovery_codes::table.filter(codes).count().get_result(conn))?)
}

/// Deletes all codes of a user.
pub(super) fn delete(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let codes = recovery_codes::user_id.eq(user_id);
    on!(tx, |conn| diesel::delete(recovery_codes::table.filter(codes)).execute(conn))?;
    Ok(())
}
