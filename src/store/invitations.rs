//! Addresses that an administrator has invited to create an account.

use diesel::prelude::*;
use writ_core::groups::GroupIds;

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::invitations::{self, table},
};

/// Seconds for which the link of an invitation holds: seven days.
pub const LIFETIME: i64 = 7 * 86_400;

/// An invitation as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// UUIDv7. The token of the link is derived from it.
    pub id: Id,
    /// The address, normalized.
    pub address: String,
    /// When it was made.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// When the account was created.
    pub used_at: Option<i64>,
    /// The groups of the new user: [`GroupIds`] as stored.
    pub group_ids: String,
}

/// Invites an address. The new user will be in `groups`.
pub fn insert(tx: &mut Tx<'_>, address: &str, groups: &GroupIds) -> Result<Id, Fault> {
    let (id, expires_at, group_ids) = (Id::now_v7(), tx.now + LIFETIME, groups.to_string());
    let row = Invitation { id, address: address.to_owned(), created_at: tx.now, expires_at, used_at: None, group_ids };
    on!(tx, |conn| diesel::insert_into(table).values(&row).execute(conn))?;
    Ok(id)
}

/// The invitation with this id, if its link still holds.
pub fn find_valid(tx: &mut Tx<'_>, id: Id) -> Result<Option<Invitation>, Fault> {
    let valid = invitations::id.eq(id).and(invitations::used_at.is_null()).and(invitations::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| table.filter(valid).select(Invitation::as_select()).first(conn).optional())?)
}

/// Uses an invitation and returns the groups of the new user, as stored. `None` if it was used, or
/// has expired.
pub(super) fn redeem(tx: &mut Tx<'_>, id: Id) -> Result<Option<String>, Fault> {
    let now = tx.now;
    let unused = invitations::id.eq(id).and(invitations::used_at.is_null()).and(invitations::expires_at.gt(now));
    Ok(on!(tx, |conn| diesel::update(table.filter(unused))
        .set(invitations::used_at.eq(now))
        .returning(invitations::group_ids)
        .get_result(conn)
        .optional())?)
}

/// Deletes at most `batch` invitations that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = invitations::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, invitations::id, Id, expired)
}
