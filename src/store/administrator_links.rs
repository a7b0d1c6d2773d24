//! Links with which a signed-in user becomes an administrator. A link holds once.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::administrator_links::{self, table},
};

/// Seconds for which a link holds.
pub const LIFETIME: i64 = 1800;

/// A link as stored. Its token is derived from its id, so only its holder and the server know it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = administrator_links)]
pub struct AdministratorLink {
    /// UUIDv7.
    pub id: Id,
    /// The only user who can use it. `None` if all users can.
    pub user_id: Option<Id>,
    /// When it was made.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// When it was used.
    pub used_at: Option<i64>,
}

/// Adds a link for a user, or for the user who opens it.
pub fn insert(tx: &mut Tx<'_>, user_id: Option<Id>) -> Result<Id, Fault> {
    let (id, expires_at) = (Id::now_v7(), tx.now + LIFETIME);
    let row = AdministratorLink { id, user_id, created_at: tx.now, expires_at, used_at: None };
    on!(tx, |conn| diesel::insert_into(table).values(&row).execute(conn))?;
    Ok(id)
}

/// Whether the link holds for this user.
pub fn holds(tx: &mut Tx<'_>, id: Id, user_id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let for_user = administrator_links::user_id.is_null().or(administrator_links::user_id.eq(user_id));
    let unused = administrator_links::used_at.is_null().and(administrator_links::expires_at.gt(now));
    let valid = table.filter(administrator_links::id.eq(id)).filter(unused).filter(for_user.assume_not_null());
    let found: Option<Id> = on!(tx, |conn| valid.select(administrator_links::id).first(conn).optional())?;
    Ok(found.is_some())
}

/// Uses a link. `false` if it was used, has expired, or is for another user.
pub fn redeem(tx: &mut Tx<'_>, id: Id, user_id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let for_user = administrator_links::user_id.is_null().or(administrator_links::user_id.eq(user_id));
    let unused = administrator_links::used_at.is_null().and(administrator_links::expires_at.gt(now));
    let valid = administrator_links::id.eq(id).and(unused).and(for_user.assume_not_null());
    let used =
        on!(tx, |conn| diesel::update(table.filter(valid)).set(administrator_links::used_at.eq(now)).execute(conn))?;
    Ok(used == 1)
}

/// Deletes at most `batch` links that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = administrator_links::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, administrator_links::id, Id, expired)
}
