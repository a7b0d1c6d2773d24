//! The passkeys of users ([Web Authentication](https://www.w3.org/TR/webauthn-3/)).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    Fault, Id, Tx, on,
    schema::{passkeys, users},
    users::User,
};

/// A passkey as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = passkeys)]
pub struct Passkey {
    /// UUIDv7.
    pub id: Id,
    /// The user.
    pub user_id: Id,
    /// The authenticator's name for it.
    pub credential_id: Vec<u8>,
    /// The credential of the library in JSON: the public key, the signature counter.
    pub credential: String,
    /// The model of the authenticator, as it stated.
    pub aaguid: Id,
    /// The name that the user sees.
    pub name: String,
    /// Whether it can be copied to other devices of the user.
    pub backup_eligible: bool,
    /// Whether it was copied at the last use.
    pub backed_up: bool,
    /// Whether it does not sign in, because the account was taken back and has no new password yet.
    pub suspended: bool,
    /// When it was registered.
    pub created_at: i64,
    /// When it was last used.
    pub last_used_at: Option<i64>,
}

/// Adds a passkey. A credential ID in use is a unique violation.
pub fn insert(tx: &mut Tx<'_>, passkey: &Passkey) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(passkeys::table).values(passkey).execute(conn))?;
    Ok(())
}

/// The passkey with this credential ID, and its user.
pub fn find_with_user(tx: &mut Tx<'_>, credential_id: &[u8]) -> Result<Option<(Passkey, User)>, Fault> {
    Ok(on!(tx, |conn| passkeys::table
        .inner_join(users::table)
        .filter(passkeys::credential_id.eq(credential_id))
        .select((Passkey::as_select(), User::as_select()))
        .first(conn)
        .optional())?)
}

/// The passkeys of a user, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Passkey>, Fault> {
    Ok(on!(tx, |conn| passkeys::table
        .filter(passkeys::user_id.eq(user_id))
        .order((passkeys::created_at, passkeys::id))
        .select(Passkey::as_select())
        .load(conn))?)
}

/// The passkeys that sign the user in: those that are not suspended.
pub fn list_usable(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Passkey>, Fault> {
    Ok(list_of_user(tx, user_id)?.into_iter().filter(|passkey| !passkey.suspended).collect())
}

/// Records a use of the passkey that was read as `seen`. `false` if its counter increased
/// meanwhile, or it was removed or suspended.
pub fn record_use(tx: &mut Tx<'_>, seen: &Passkey, credential: &str, backed_up: bool) -> Result<bool, Fault> {
    let unchanged =
        passkeys::id.eq(seen.id).and(passkeys::credential.eq(&seen.credential)).and(passkeys::suspended.eq(false));
    let used = (
        passkeys::credential.eq(credential),
        passkeys::backed_up.eq(backed_up),
        passkeys::last_used_at.eq(Some(tx.now)),
    );
    Ok(on!(tx, |conn| diesel::update(passkeys::table.filter(unchanged)).set(used).execute(conn))? == 1)
}

/// Suspends every passkey of a user, or lets them sign in again.
pub(super) fn set_suspended(tx: &mut Tx<'_>, user_id: Id, suspended: bool) -> Result<(), Fault> {
    let of_user = passkeys::user_id.eq(user_id);
    let suspended = passkeys::suspended.eq(suspended);
    on!(tx, |conn| diesel::update(passkeys::table.filter(of_user)).set(suspended).execute(conn))?;
    Ok(())
}

/// Names a passkey of this user. `false` if it is not one of this user's.
pub fn rename(tx: &mut Tx<'_>, user_id: Id, id: Id, name: &str) -> Result<bool, Fault> {
    let own = passkeys::id.eq(id).and(passkeys::user_id.eq(user_id));
    let name = passkeys::name.eq(name);
    Ok(on!(tx, |conn| diesel::update(passkeys::table.filter(own)).set(name).execute(conn))? == 1)
}

/// Removes a passkey of this user. `false` if it is not one of this user's.
pub fn delete(tx: &mut Tx<'_>, user_id: Id, id: Id) -> Result<bool, Fault> {
    let own = passkeys::id.eq(id).and(passkeys::user_id.eq(user_id));
    Ok(on!(tx, |conn| diesel::delete(passkeys::table.filter(own)).execute(conn))? == 1)
}

/// Removes the passkeys that a user registered at `since` or later. Returns their number.
pub(super) fn delete_since(tx: &mut Tx<'_>, user_id: Id, since: i64) -> Result<usize, Fault> {
    let later = passkeys::user_id.eq(user_id).and(passkeys::created_at.ge(since));
    Ok(on!(tx, |conn| diesel::delete(passkeys::table.filter(later)).execute(conn))?)
}
