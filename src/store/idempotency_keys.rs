//! First responses to requests with an `Idempotency-Key`, to send them again.

use diesel::prelude::*;

use super::{Fault, Tx, delete_batch, on, schema::idempotency_keys as keys};

/// Seconds for which a response can be sent again.
pub const LIFETIME: i64 = 86_400;
/// The number of keys of a client that are kept. More replace its oldest ones.
pub const MOST: i64 = 1000;
/// The number of replaced keys in one unit of work.
const BATCH: i64 = 10;

/// A request and its first response.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = keys)]
pub struct FirstResponse {
    /// SHA-256 of the client and its key.
    pub id: Vec<u8>,
    /// The client.
    pub client_id: String,
    /// SHA-256 of the request.
    pub fingerprint: Vec<u8>,
    /// The response. Empty until the end of the unit of work.
    pub sealed: Vec<u8>,
    /// When it is deleted.
    pub expires_at: i64,
}

/// The first response to the request with this key.
pub fn find(tx: &mut Tx<'_>, id: &[u8]) -> Result<Option<FirstResponse>, Fault> {
    let current = keys::id.eq(id).and(keys::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| keys::table.filter(current).select(FirstResponse::as_select()).first(conn).optional())?)
}

/// Takes a key. `false` if another request has it: that one has ended, because this waits for it.
pub fn take(tx: &mut Tx<'_>, id: &[u8], client_id: &str, fingerprint: &[u8]) -> Result<bool, Fault> {
    let expired = keys::id.eq(id).and(keys::expires_at.le(tx.now));
    on!(tx, |conn| diesel::delete(keys::table.filter(expired)).execute(conn))?;
    let of_client = keys::table.filter(keys::client_id.eq(client_id)).order(keys::expires_at.desc());
    let surplus = of_client.offset(MOST - 1).limit(BATCH).select(keys::id);
    let surplus: Vec<Vec<u8>> = on!(tx, |conn| surplus.load(conn))?;
    if !surplus.is_empty() {
        on!(tx, |conn| diesel::delete(keys::table.filter(keys::id.eq_any(surplus))).execute(conn))?;
    }
    let row = FirstResponse {
        id: id.to_owned(),
        client_id: client_id.to_owned(),
        fingerprint: fingerprint.to_owned(),
        sealed: Vec::new(),
        expires_at: tx.now + LIFETIME,
    };
    let inserted =
        on!(tx, |conn| diesel::insert_into(keys::table).values(&row).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// Stores the response to the request that took a key in this unit of work.
pub fn complete(tx: &mut Tx<'_>, id: &[u8], sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(keys::table.find(id)).set(keys::sealed.eq(sealed)).execute(conn))?;
    Ok(())
}

/// Gives a key back that was taken in this unit of work, because nothing was changed.
pub fn give_back(tx: &mut Tx<'_>, id: &[u8]) -> Result<(), Fault> {
    on!(tx, |conn| diesel::delete(keys::table.find(id)).execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` responses that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = keys::expires_at.le(tx.now);
    delete_batch!(tx, batch, keys::table, keys::id, Vec<u8>, expired)
}
