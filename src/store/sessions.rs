//! Browser sessions.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx,
    consents::{Consent, ConsentRow},
    logout_deliveries, on,
    prepared::update,
    schema::{consents, sessions, users},
    users::User,
};

/// Who sits at a browser.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// The first half of the cookie.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// Whose it is.
    pub user_id: Id,
    /// When the person proved who they are.
    pub auth_time: i64,
    /// When the browser last actual, to within some minutes.
    pub last_seen_at: i64,
    /// When it ends unless used.
    pub expires_at: i64,
    /// What the browser called itself, cut to 200 characters.
    pub user_agent: String,
    /// Where it signed in from: an IPv4 address or IPv6 /64.
    pub network: String,
    /// What ID tokens call it (`sid`): kept when the same person signs in again.
    pub sid: Id,
}

/// Adds a session.
pub fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(sessions::table).values(session).execute(conn))?;
    Ok(())
}

/// The session with this id and its person, unless it has ended or the account is disabled.
pub fn find_live(tx: &mut Tx<'_>, id: Id) -> Result<Option<(Session, User)>, Fault> {
    let live = sessions::id.eq(id).and(sessions::expires_at.gt(tx.now)).and(users::disabled_at.is_null());
    Ok(on!(tx, |conn| sessions::table
        .inner_join(users::table)
        .filter(live)
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional())?)
}

/// As [`find_live`], without the person, but with what they decided about an app.
pub fn find_live_with_consent(
    tx: &mut Tx<'_>,
    id: Id,
    client_id: &str,
) -> Result<Option<(Session, Option<Consent>)>, Fault> {
    let live = sessions::id.eq(id).and(sessions::expires_at.gt(tx.now)).and(users::disabled_at.is_null());
    let decided = consents::user_id
        .eq(sessions::user_id)
        .and(consents::client_id.eq(client_id))
        .and(consents::expires_at.is_null().or(consents::expires_at.gt(tx.now)));
    let found: Option<(Session, Option<ConsentRow>)> = on!(tx, |conn| sessions::table
        .inner_join(users::table)
        .left_join(consents::table.on(decided))
        .filter(live)
        .select((Session::as_select(), Option::<ConsentRow>::as_select()))
        .first(conn)
        .optional())?;
    Ok(found.map(|(session, row)| (session, row.map(Consent::from))))
}

/// Notes that the browser actual, and when the session ends now.
pub fn touch(tx: &mut Tx<'_>, id: Id, expires_at: i64) -> Result<(), Fault> {
    let seen = (sessions::last_seen_at.eq(tx.now), sessions::expires_at.eq(expires_at));
    on!(tx, |conn| update(sessions::table, sessions::id.eq(id), seen).execute(conn))?;
    Ok(())
}

/// A person's sessions that have not ended, the last used first.
pub fn list_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Session>, Fault> {
    let live = sessions::user_id.eq(user_id).and(sessions::expires_at.gt(tx.now));
    Ok(on!(tx, |conn| sessions::table
        .filter(live)
        .order(sessions::last_seen_at.desc())
        .select(Session::as_select())
        .load(conn))?)
}

/// Notes that the person has just proven again who they are.
pub fn confirm(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    let now = tx.now;
    on!(tx, |conn| diesel::update(sessions::table.find(id)).set(sessions::auth_time.eq(now)).execute(conn))?;
    Ok(())
}

/// Ends a session, and has its apps told.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    let found = on!(tx, |conn| sessions::table.find(id).select(Session::as_select()).load(conn))?;
    end(tx, found).map(drop)
}

/// Ends a session that goes on in another row: no app has to know.
pub fn supersede(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    on!(tx, |conn| diesel::delete(sessions::table.find(id)).execute(conn))?;
    Ok(())
}

/// Ends every session of a person, and has their apps told.
pub fn delete_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<usize, Fault> {
    let theirs = sessions::user_id.eq(user_id);
    let found = on!(tx, |conn| sessions::table.filter(theirs).select(Session::as_select()).load(conn))?;
    end(tx, found)
}

/// Ends one session of a person, and has its apps told: false if it is not theirs.
pub fn delete_one_of_user(tx: &mut Tx<'_>, user_id: Id, id: Id) -> Result<bool, Fault> {
    let theirs = sessions::id.eq(id).and(sessions::user_id.eq(user_id));
    let found = on!(tx, |conn| sessions::table.filter(theirs).select(Session::as_select()).load(conn))?;
    Ok(end(tx, found)? == 1)
}

/// Ends every session of a person but one, and has their apps told.
pub fn delete_others_of_user(tx: &mut Tx<'_>, user_id: Id, kept: Id) -> Result<usize, Fault> {
    let others = sessions::user_id.eq(user_id).and(sessions::id.ne(kept));
    let found = on!(tx, |conn| sessions::table.filter(others).select(Session::as_select()).load(conn))?;
    end(tx, found)
}

/// Whoever deletes the row has the apps told: two who end a session at once tell them once.
fn end(tx: &mut Tx<'_>, found: Vec<Session>) -> Result<usize, Fault> {
    let mut ended = 0;
    for session in found {
        if on!(tx, |conn| diesel::delete(sessions::table.find(session.id)).execute(conn))? == 1 {
            logout_deliveries::queue(tx, &session)?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Deletes at most `batch` sessions that have ended.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let ended = sessions::table.filter(sessions::expires_at.le(tx.now)).select(sessions::id).limit(batch);
    let ids: Vec<Id> = on!(tx, |conn| ended.load(conn))?;
    Ok(on!(tx, |conn| diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(conn))?)
}
