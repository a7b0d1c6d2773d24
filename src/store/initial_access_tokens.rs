//! Initial access tokens (RFC 7591 §3), each for a limited number of registrations.

use diesel::prelude::*;

use super::{Fault, Id, Tx, delete_batch, lock, on, schema::initial_access_tokens as tokens};

/// A token as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tokens)]
pub struct InitialAccessToken {
    /// The first half of the handle.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// The remaining number of registrations.
    pub uses_left: i32,
    /// When it was created, in seconds since the epoch.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

/// Adds a token.
pub fn insert(tx: &mut Tx<'_>, token: &InitialAccessToken) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(tokens::table).values(token).execute(conn))?;
    Ok(())
}

/// The token with this id, if it can still be used.
pub fn find_live(tx: &mut Tx<'_>, id: Id) -> Result<Option<InitialAccessToken>, Fault> {
    let live = tokens::id.eq(id).and(tokens::uses_left.gt(0)).and(tokens::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| tokens::table.filter(live).select(InitialAccessToken::as_select()).first(conn).optional())?)
}

/// The token with this id, even if it is used up.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<InitialAccessToken>, Fault> {
    Ok(on!(tx, |conn| tokens::table.find(id).select(InitialAccessToken::as_select()).first(conn).optional())?)
}

/// As [`find`], locked until commit.
pub fn find_and_lock(tx: &mut Tx<'_>, id: Id) -> Result<Option<InitialAccessToken>, Fault> {
    let _locked: Vec<Id> = lock!(tx, tokens::table.find(id).select(tokens::id))?;
    find(tx, id)
}

/// Every token, oldest first.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<InitialAccessToken>, Fault> {
    Ok(on!(tx, |conn| tokens::table.order(tokens::id).select(InitialAccessToken::as_select()).load(conn))?)
}

/// Uses the token for one registration. `false` if none is left.
pub fn consume(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let live = tokens::id.eq(id).and(tokens::uses_left.gt(0)).and(tokens::expires_at.gt(tx.now));
    let consumed = on!(tx, |conn| diesel::update(tokens::table.filter(live))
        .set(tokens::uses_left.eq(tokens::uses_left - 1))
        .execute(conn))?;
    Ok(consumed == 1)
}

/// Deletes a token. `false` if there is no such token.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(tokens::table.find(id)).execute(conn))? == 1)
}

/// Deletes at most `batch` tokens that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = tokens::expires_at.le(tx.now);
    delete_batch!(tx, batch, tokens::table, tokens::id, Id, expired)
}
