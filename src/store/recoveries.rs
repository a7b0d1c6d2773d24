//! Links to choose a new password. A link holds once, while the account is in the session epoch in
//! which it was made, and while the address that it was sent to is the user's.

use diesel::prelude::*;

use super::{
    AfterSignIn, Fault, Id, Tx, delete_batch, on,
    schema::{
        recoveries::{self, table},
        users,
    },
    users::User,
};

/// Seconds for which a link holds.
pub const LIFETIME: i64 = 1800;

/// A link as stored. Its token is derived from its id, so only its holder and the server know it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = recoveries)]
pub struct Recovery {
    /// UUIDv7.
    pub id: Id,
    /// The user.
    pub user_id: Id,
    /// The session epoch of the user when the link was made. A change of the password voids it.
    pub session_epoch: i64,
    /// The address that it was sent to. `None` if an operator made it.
    pub recipient: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// When a new password was chosen with it.
    pub used_at: Option<i64>,
    /// The handle of the authorization request that waits for a sign-in. Empty without one.
    pub request: String,
    /// The data to restart that request after it has expired.
    pub again: String,
    /// The account page that follows without a request. Empty without one.
    pub return_to: String,
}

impl Recovery {
    /// What follows the sign-in with the new password.
    pub fn after_sign_in(&self) -> AfterSignIn {
        AfterSignIn { request: self.request.clone(), again: self.again.clone(), return_to: self.return_to.clone() }
    }
}

/// Adds a link for a user, who gets it at `recipient` or from an operator.
pub fn insert(tx: &mut Tx<'_>, user: &User, recipient: Option<&str>, next: AfterSignIn) -> Result<Id, Fault> {
    let row = Recovery {
        id: Id::now_v7(),
        user_id: user.id,
        session_epoch: user.session_epoch,
        recipient: recipient.map(str::to_owned),
        created_at: tx.now,
        expires_at: tx.now + LIFETIME,
        used_at: None,
        request: next.request,
        again: next.again,
        return_to: next.return_to,
    };
    on!(tx, |conn| diesel::insert_into(table).values(&row).execute(conn))?;
    Ok(row.id)
}

/// The link with its user, if it still holds.
pub fn find_valid(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Recovery, User)>, Fault> {
    let is_of_user = recoveries::recipient.eq(users::email).and(users::email_verified);
    let is_valid = recoveries::id
        .eq(id)
        .and(recoveries::used_at.is_null())
        .and(recoveries::expires_at.gt(tx.now))
        .and(recoveries::session_epoch.eq(users::session_epoch))
        .and(users::disabled_at.is_null())
        .and(recoveries::recipient.is_null().or(is_of_user.assume_not_null()));
    Ok(on!(tx, |conn| table
        .inner_join(users::table)
        .filter(is_valid)
        .select((Recovery::as_select(), User::as_select()))
        .first(conn)
        .optional())?)
}

/// Uses a link that [`find_valid`] finds. `false` if it was used, or has expired.
pub fn redeem(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    let now = tx.now;
    let unused = recoveries::id.eq(id).and(recoveries::used_at.is_null()).and(recoveries::expires_at.gt(now));
    let used = on!(tx, |conn| diesel::update(table.filter(unused)).set(recoveries::used_at.eq(now)).execute(conn))?;
    Ok(used == 1)
}

/// Deletes at most `batch` links that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = recoveries::expires_at.le(tx.now);
    delete_batch!(tx, batch, table, recoveries::id, Id, expired)
}
