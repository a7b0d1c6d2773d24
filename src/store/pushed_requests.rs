//! Pushed authorization requests (RFC 9126). Each can be opened for a minute and answered once.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, delete_batch, on,
    prepared::{constant, frequent},
    schema::pushed_requests as pushed,
};

/// A pushed request as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = pushed)]
pub struct PushedRequest {
    /// The first half of the handle in `request_uri`.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// The client that pushed it.
    pub client_id: String,
    /// The authorization parameters, form-encoded.
    pub parameters: String,
    /// Until when a browser may open the `request_uri`, in seconds since the epoch.
    pub visit_until: i64,
    /// When it is deleted: after the time that the user has to decide.
    pub expires_at: i64,
}

/// The name of the text of [`insert`].
struct InsertText;

/// Adds a request. Idempotent, because a statement whose response was lost is sent again.
pub fn insert(tx: &mut Tx<'_>, request: &PushedRequest) -> Result<(), Fault> {
    let insert = diesel::insert_into(pushed::table).values(request).on_conflict_do_nothing();
    on!(tx, |conn| constant::<InsertText, _>(insert).execute(conn))?;
    Ok(())
}

/// The request with this id, while it may be opened.
pub fn find_visitable(tx: &mut Tx<'_>, id: Id) -> Result<Option<PushedRequest>, Fault> {
    let visitable = pushed::id.eq(id).and(pushed::visit_until.gt(tx.now));
    Ok(on!(tx, |conn| pushed::table.filter(visitable).select(PushedRequest::as_select()).first(conn).optional())?)
}

/// The parameters of a request that was opened in time, until it is answered.
pub fn find_parameters(tx: &mut Tx<'_>, id: Id) -> Result<Option<String>, Fault> {
    let current = pushed::id.eq(id).and(pushed::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| pushed::table.filter(current).select(pushed::parameters).first(conn).optional())?)
}

/// Deletes the request. `false` if a response has already used it up.
pub fn consume(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| frequent(diesel::delete(pushed::table.find(id))).execute(conn))? == 1)
}

/// Deletes at most `batch` requests that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = pushed::expires_at.le(tx.now);
    delete_batch!(tx, batch, pushed::table, pushed::id, Id, expired)
}
