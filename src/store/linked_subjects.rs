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

/// The subjects that are linked to a user, oldest first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<LinkedSubject>, Fault> {
    Ok(on!(tx, |conn| linked_subjects::table
        .filter(linked_subjects::user_id.eq(user_id))
        .order((linked_subjects::created_at, linked_subjects::issuer))
        .select(LinkedSubject::as_select())
        .load(conn))?)
}

/// Removes a link of a user. `false` if there was none.
pub fn delete(tx: &mut Tx<'_>, user_id: Id, issuer: &str, subject: &str) -> Result<bool, Fault> {
    let link = linked_subjects::table.find((issuer, subject)).filter(linked_subjects::user_id.eq(user_id));
    Ok(on!(tx, |conn| diesel::delete(link).execute(conn))? == 1)
}
