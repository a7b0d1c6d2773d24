//! Users who have removed a link, or taken the account back. Their address alone links no more.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, on,
    schema::email_link_refusals::{self, table},
};

/// Records that the address of a user links no more.
pub(super) fn insert(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let row = (email_link_refusals::user_id.eq(user_id), email_link_refusals::created_at.eq(tx.now));
    on!(tx, |conn| diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}

/// Since when the address of a user links no more. `None` if it does.
pub fn refused_since(tx: &mut Tx<'_>, user_id: Id) -> Result<Option<i64>, Fault> {
    Ok(on!(tx, |conn| table.find(user_id).select(email_link_refusals::created_at).first(conn).optional())?)
}

/// Whether the address of a user links no more.
pub fn is_refused(tx: &mut Tx<'_>, user_id: Id) -> Result<bool, Fault> {
    Ok(refused_since(tx, user_id)?.is_some())
}

/// Lets the address link again, because the user or an administrator has made a link.
pub fn delete(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    on!(tx, |conn| diesel::delete(table.find(user_id)).execute(conn))?;
    Ok(())
}
