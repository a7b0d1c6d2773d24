//! The `jti` values of revoked access tokens, until the tokens expire.

use diesel::prelude::*;

use super::{Fault, Tx, delete_batch, on, schema::revoked_access_tokens as revoked};

/// Revokes a token. Revoking it twice is not an error.
pub fn insert(tx: &mut Tx<'_>, jti: &str, expires_at: i64) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(revoked::table)
        .values((revoked::jti.eq(jti), revoked::expires_at.eq(expires_at)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Whether the token was revoked.
pub fn contains(tx: &mut Tx<'_>, jti: &str) -> Result<bool, Fault> {
    let found: Option<i64> =
        on!(tx, |conn| revoked::table.find(jti).select(revoked::expires_at).first(conn).optional())?;
    Ok(found.is_some())
}

/// Deletes at most `batch` tokens that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = revoked::expires_at.le(tx.now);
    delete_batch!(tx, batch, revoked::table, revoked::jti, String, expired)
}
