//! The authenticator apps of users ([RFC 6238](https://www.rfc-editor.org/rfc/rfc6238)).

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::totp_factors};

/// The authenticator app of a user.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = totp_factors)]
pub struct TotpFactor {
    /// The user. Each has at most one.
    pub user_id: Id,
    /// Another one for each set-up.
    pub id: Id,
    /// The secret, sealed under the master key with the name [`sealed_name`].
    pub sealed: Vec<u8>,
    /// The last time step whose code was used.
    pub last_step: i64,
    /// When it was set up.
    pub created_at: i64,
}

/// The name that is bound to the sealed secret of this user.
pub fn sealed_name(user_id: Id) -> String {
    format!("totp of {user_id}")
}

/// Adds an authenticator app. A second one of the same user is a unique violation.
pub fn insert(tx: &mut Tx<'_>, factor: &TotpFactor) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(totp_factors::table).values(factor).execute(conn))?;
    Ok(())
}

/// The authenticator app of a user, if there is one.
pub fn find(tx: &mut Tx<'_>, user_id: Id) -> Result<Option<TotpFactor>, Fault> {
    Ok(on!(tx, |conn| totp_factors::table.find(user_id).select(TotpFactor::as_select()).first(conn).optional())?)
}

/// Uses up the code of a time step. `false` if it or a later one was used, or the app was removed
/// ([RFC 6238 §5.2](https://www.rfc-editor.org/rfc/rfc6238#section-5.2)).
pub fn use_step(tx: &mut Tx<'_>, id: Id, step: i64) -> Result<bool, Fault> {
    let unused = totp_factors::id.eq(id).and(totp_factors::last_step.lt(step));
    Ok(on!(tx, |conn| diesel::update(totp_factors::table.filter(unused))
        .set(totp_factors::last_step.eq(step))
        .execute(conn))?
        == 1)
}

/// Every authenticator app.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<TotpFactor>, Fault> {
    Ok(on!(tx, |conn| totp_factors::table.select(TotpFactor::as_select()).load(conn))?)
}

/// Replaces the sealed form of a secret.
pub fn reseal(tx: &mut Tx<'_>, user_id: Id, sealed: Vec<u8>) -> Result<(), Fault> {
    on!(tx, |conn| diesel::update(totp_factors::table.find(user_id))
        .set(totp_factors::sealed.eq(&sealed))
        .execute(conn))?;
    Ok(())
}

/// Removes the authenticator app of a user. `false` if there was none.
pub(super) fn delete(tx: &mut Tx<'_>, user_id: Id) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(totp_factors::table.find(user_id)).execute(conn))? == 1)
}
