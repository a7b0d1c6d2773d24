//! Addresses that users entered and have not confirmed. A user has at most one.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, delete_batch, on,
    schema::{
        email_verifications::{self, table},
        users as users_table,
    },
    users::{self, User},
};

/// Seconds in which the address must be confirmed.
pub const LIFETIME: i64 = 86_400;

/// An unconfirmed address as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = email_verifications)]
pub struct EmailVerification {
    /// UUIDv7. The link and the six digits are derived from it.
    pub id: Id,
    /// The user.
    pub user_id: Id,
    /// The address, normalized.
    pub address: String,
    /// The address of the user when this one was entered.
    pub previous: Option<String>,
    /// The session epoch of the user when this one was entered.
    pub session_epoch: i64,
    /// When it was entered.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
}

/// Stores the address that a user entered, in place of an earlier one. The same address keeps its
/// id, so that every mail about it has the same link and digits. The user must be locked.
pub fn insert(tx: &mut Tx<'_>, user: &User, address: &str) -> Result<Id, Fault> {
    let expires_at = tx.now + LIFETIME;
    if let Some(known) = find_of_user(tx, user)?
        && known.address == address
    {
        let later = email_verifications::expires_at.eq(expires_at);
        on!(tx, |conn| diesel::update(table.find(known.id)).set(later).execute(conn))?;
        return Ok(known.id);
    }
    delete_of_user(tx, user.id)?;
    let row = EmailVerification {
        id: Id::now_v7(),
        user_id: user.id,
        address: address.to_owned(),
        previous: user.email.clone(),
        session_epoch: user.session_epoch,
        created_at: tx.now,
        expires_at,
    };
    on!(tx, |conn| diesel::insert_into(table).values(&row).execute(conn))?;
    Ok(row.id)
}

/// The address that this user can confirm, if there is one.
pub fn find_of_user(tx: &mut Tx<'_>, user: &User) -> Result<Option<EmailVerification>, Fault> {
    let own = email_verifications::user_id.eq(user.id).and(email_verifications::expires_at.gt(tx.now));
    let found: Option<EmailVerification> =
        on!(tx, |conn| table.filter(own).select(EmailVerification::as_select()).first(conn).optional())?;
    Ok(found.filter(|found| found.is_of(user)))
}

/// The address with this id and its user, if it can be confirmed.
pub fn find_valid(tx: &mut Tx<'_>, id: Id) -> Result<Option<(EmailVerification, User)>, Fault> {
    let valid = email_verifications::id
        .eq(id)
        .and(email_verifications::expires_at.gt(tx.now))
        .and(users_table::disabled_at.is_null());
    let found: Option<(EmailVerification, User)> = on!(tx, |conn| table
        .inner_join(users_table::table)
        .filter(valid)
        .select((EmailVerification::as_select(), User::as_select()))
        .first(conn)
        .optional())?;
    Ok(found.filter(|(found, user)| found.is_of(user)))
}

/// Makes the address with this id the verified one of its user, once. Returns the user as before.
/// `None` if it can no longer be confirmed, or belongs to an account already. An address that
/// another unit of work confirms at the same time is a unique violation.
pub fn confirm(tx: &mut Tx<'_>, id: Id) -> Result<Option<(EmailVerification, User)>, Fault> {
    let Some((found, user)) = find_valid(tx, id)? else { return Ok(None) };
    if !users::lock_in_epoch(tx, user.id, found.session_epoch)? {
        return Ok(None);
    }
    // Read again, because the lock may have waited for another change.
    let Some((found, user)) = find_valid(tx, id)? else { return Ok(None) };
    if users::find_by_email(tx, &found.address)?.is_some() || delete_of_user(tx, user.id)? == 0 {
        return Ok(None);
    }
    users::set_email(tx, user.id, Some(&found.address), true)?;
    Ok(Some((found, user)))
}

/// Forgets the address that a user entered. Returns how many there were.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<usize, Fault> {
    let own = email_verifications::user_id.eq(user_id);
    Ok(on!(tx, |conn| diesel::delete(table.filter(own)).execute(conn))?)
}

/// Deletes at most `batch` addresses that were not confirmed in time.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = email_verifications::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, email_verifications::id, Id, expired)
}

impl EmailVerification {
    /// Whether the user has changed neither the address nor the password since.
    fn is_of(&self, user: &User) -> bool {
        self.session_epoch == user.session_epoch && self.previous == user.email
    }
}
