//! Sign-ins at another provider that have not returned yet.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::upstream_attempts::{self, table},
};

/// Seconds in which the user must return from the provider.
pub const LIFETIME: i64 = 900;

/// A sign-in at another provider, as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = upstream_attempts)]
pub struct Attempt {
    /// The first half of the state.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// SHA-256 of the cookie of the browser.
    pub browser: Vec<u8>,
    /// The id of the provider in the configuration.
    pub provider: String,
    /// The session whose user links the provider. `None` if it is a sign-in.
    pub session_id: Option<Id>,
    /// The user must authenticate there at this time or later, in seconds since the epoch.
    pub since: Option<i64>,
    /// The handle of the authorization request that waits. Empty without one.
    pub request: String,
    /// The account page that follows without a request.
    pub return_to: String,
    /// When it began.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

/// Stores an attempt.
pub fn insert(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(table).values(attempt).execute(conn))?;
    Ok(())
}

/// Deletes the attempt with this state and returns it, once. `None` if it has expired or was used,
/// or if it is of another browser or provider, which does not use it up.
pub fn take(
    tx: &mut Tx<'_>,
    id: Id,
    secret_hash: &[u8],
    browser: &[u8],
    provider: &str,
) -> Result<Option<Attempt>, Fault> {
    let now = tx.now;
    let own = upstream_attempts::id
        .eq(id)
        .and(upstream_attempts::secret_hash.eq(secret_hash))
        .and(upstream_attempts::browser.eq(browser))
        .and(upstream_attempts::provider.eq(provider))
        .and(upstream_attempts::expires_at.gt(now));
    Ok(on!(tx, |conn| diesel::delete(table.filter(own)).returning(Attempt::as_select()).get_result(conn).optional())?)
}

/// Deletes at most `batch` attempts that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = upstream_attempts::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, upstream_attempts::id, Id, expired)
}
