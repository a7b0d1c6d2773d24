//! The users of other issuers that are users of this server.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Id, Tx, on,
    schema::{linked_subjects, users},
    users::User,
};

/// A user of another issuer.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = linked_subjects)]
pub struct LinkedSubject {
    /// The issuer identifier.
    pub issuer: String,
    /// The user's `sub` there.
    pub subject: String,
    /// When it was linked, in seconds since the epoch.
    pub created_at: i64,
    /// What the user is called there: an address or a name.
    pub account: Option<String>,
    /// When the user last signed in with it.
    pub last_used_at: Option<i64>,
}

/// Links a subject. One that is linked already is a unique violation.
pub fn insert(tx: &mut Tx<'_>, user_id: Id, issuer: &str, subject: &str) -> Result<(), Fault> {
    let row = (
        linked_subjects::issuer.eq(issuer),
        linked_subjects::subject.eq(subject),
        linked_subjects::user_id.eq(user_id),
        linked_subjects::created_at.eq(tx.now),
    );
    on!(tx, |conn| diesel::insert_into(linked_subjects::table).values(row).execute(conn))?;
    Ok(())
}

/// The user that a subject is linked to.
pub fn find_user(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<User>, Fault> {
    Ok(on!(tx, |conn| linked_subjects::table
        .find((issuer, subject))
        .inner_join(users::table)
        .select(User::as_select())
        .first(conn)
        .optional())?)
}

/// Records a sign-in with a linked subject, and what the user is called there. `false` if the
/// subject is not linked to this user.
pub fn use_link(
    tx: &mut Tx<'_>,
    user_id: Id,
    issuer: &str,
    subject: &str,
    account: Option<&str>,
) -> Result<bool, Fault> {
    let used = (linked_subjects::account.eq(account), linked_subjects::last_used_at.eq(tx.now));
    let link = linked_subjects::table.find((issuer, subject)).filter(linked_subjects::user_id.eq(user_id));
    Ok(on!(tx, |conn| diesel::update(link).set(used).execute(conn))? == 1)
}

/// The subjects that are linked to a user, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<LinkedSubject>, Fault> {
    Ok(on!(tx, |conn| linked_subjects::table
        .filter(linked_subjects::user_id.eq(user_id))
        .order((linked_subjects::created_at, linked_subjects::issuer))
        .select(LinkedSubject::as_select())
        .load(conn))?)
}

/// Removes every link of a user.
pub(super) fn delete_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<(), Fault> {
    let links = linked_subjects::table.filter(linked_subjects::user_id.eq(user_id));
    on!(tx, |conn| diesel::delete(links).execute(conn))?;
    Ok(())
}

/// Removes a link of a user. `false` if there was none.
pub(super) fn delete(tx: &mut Tx<'_>, user_id: Id, issuer: &str, subject: &str) -> Result<bool, Fault> {
    let link = linked_subjects::table.find((issuer, subject)).filter(linked_subjects::user_id.eq(user_id));
    Ok(on!(tx, |conn| diesel::delete(link).execute(conn))? == 1)
}
