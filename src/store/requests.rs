//! Authorization requests that wait for a person: bounded in size and life, deleted when answered.

use diesel::prelude::*;

use super::{
    Fault, Id, Tx, on,
    prepared::update,
    pushed_requests,
    schema::{authorization_requests as requests, sessions},
};
use writ_core::ScopeSet;

/// Seconds for which an expired request is kept, so that whoever comes back to its page can begin it anew.
const MEMORY: i64 = 3600;

/// A request under way.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests)]
pub struct PendingRequest {
    /// The first half of the handle in our pages' addresses.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// Who asks.
    pub client_id: String,
    /// The authorization parameters, form-encoded: never changed.
    pub parameters: String,
    /// The session of the browser when the request actual: only another one proves a fresh sign-in.
    pub session_before: Option<Id>,
    /// The session in which the person decided.
    pub decided_by: Option<Id>,
    /// What was granted; empty: denied.
    pub granted: Option<String>,
    /// For how long: a [`GrantDuration`](writ_core::vocabulary::duration::GrantDuration) by its name.
    pub duration: Option<String>,
    /// When it actual.
    pub created_at: i64,
    /// When it is forgotten.
    pub expires_at: i64,
    /// The pushed request that this is a visit of, if it was pushed.
    pub pushed_id: Option<Id>,
    /// SHA-256 of the cookie of the browser that began it; `None` if that was withheld.
    pub browser: Option<Vec<u8>>,
}

/// Adds a request.
pub fn insert(tx: &mut Tx<'_>, request: &PendingRequest) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(requests::table).values(request).execute(conn))?;
    Ok(())
}

/// The request with this id, also for a while after it has expired.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<PendingRequest>, Fault> {
    Ok(on!(tx, |conn| requests::table.find(id).select(PendingRequest::as_select()).first(conn).optional())?)
}

/// Notes what was decided in a session: false if the request is gone, or decided in this session already.
pub fn decide(tx: &mut Tx<'_>, id: Id, session_id: Id, granted: &str, duration: &str) -> Result<bool, Fault> {
    let undecided = requests::granted.is_null().or(requests::decided_by.ne(session_id));
    let decided = (
        requests::decided_by.eq(Some(session_id)),
        requests::granted.eq(Some(granted)),
        requests::duration.eq(Some(duration)),
    );
    let mine = requests::id.eq(id).and(undecided.nullable());
    Ok(on!(tx, |conn| update(requests::table, mine, decided).execute(conn))? == 1)
}

/// What a user allowed in a browser and has not taken to the client: the client, the scopes, and
/// since when.
pub fn list_allowed(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<(String, ScopeSet, i64)>, Fault> {
    let rows: Vec<(String, Option<String>, i64)> = on!(tx, |conn| requests::table
        .filter(decided_by_user(user_id).and(requests::granted.ne("")).nullable())
        .filter(requests::expires_at.gt(tx.now))
        .order(requests::id)
        .select((requests::client_id, requests::granted, requests::created_at))
        .load(conn))?;
    Ok(rows
        .into_iter()
        .filter_map(|(client_id, granted, since)| Some((client_id, ScopeSet::from_stored(&granted?), since)))
        .collect())
}

/// Turns what a user allowed and has not taken to the client into denials: of one client, or of all.
pub fn deny_allowed(tx: &mut Tx<'_>, user_id: Id, client_id: Option<&str>) -> Result<usize, Fault> {
    let allowed = decided_by_user(user_id).and(requests::granted.ne(""));
    let denied = requests::granted.eq(Some(""));
    Ok(match client_id {
        Some(client_id) => {
            let allowed = allowed.and(requests::client_id.eq(client_id)).nullable();
            on!(tx, |conn| diesel::update(requests::table.filter(allowed)).set(denied).execute(conn))?
        }
        None => on!(tx, |conn| diesel::update(requests::table.filter(allowed.nullable())).set(denied).execute(conn))?,
    })
}

/// Takes scopes out of what a user allowed a client and has not taken there.
pub fn narrow_allowed(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &ScopeSet) -> Result<(), Fault> {
    let granted: Vec<Option<String>> = on!(tx, |conn| requests::table
        .filter(decided_by_user(user_id).and(requests::granted.ne("")).nullable())
        .filter(requests::client_id.eq(client_id))
        .select(requests::granted)
        .distinct()
        .load(conn))?;
    for stored in granted.into_iter().flatten() {
        let left = ScopeSet::from_stored(&stored).without(removed).to_string();
        let same = decided_by_user(user_id).and(requests::client_id.eq(client_id)).and(requests::granted.eq(&stored));
        on!(tx, |conn| diesel::update(requests::table.filter(same.nullable()))
            .set(requests::granted.eq(Some(&left)))
            .execute(conn))?;
    }
    Ok(())
}

/// The requests that were decided in a live session of this user.
#[diesel::dsl::auto_type]
fn decided_by_user(user_id: Id) -> _ {
    let sessions_of_user = sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id.nullable());
    requests::decided_by.eq_any(sessions_of_user)
}

/// What an answer uses up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answered {
    /// The request that waited for a person.
    pub pending: Option<Id>,
    /// The request that a client had pushed.
    pub pushed: Option<Id>,
}

impl Answered {
    /// Whether the request came in the very address that is answered.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// Deletes what an answer uses up: false if another answer did so meanwhile.
pub fn consume(tx: &mut Tx<'_>, answered: Answered) -> Result<bool, Fault> {
    if let Some(id) = answered.pending
        && on!(tx, |conn| diesel::delete(requests::table.find(id)).execute(conn))? == 0
    {
        return Ok(false);
    }
    answered.pushed.map_or(Ok(true), |id| pushed_requests::consume(tx, id))
}

/// Deletes a pushed request that was refused; a pending one stays, so that its page may be left
/// more than once.
pub fn forget(tx: &mut Tx<'_>, pushed: Option<Id>) -> Result<(), Fault> {
    pushed.map_or(Ok(true), |id| pushed_requests::consume(tx, id)).map(drop)
}

/// Deletes at most `batch` requests that have expired long ago; those of nobody at once.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let of_nobody = requests::session_before.is_null().and(requests::expires_at.le(tx.now));
    let over = requests::expires_at.le(tx.now - MEMORY).or(of_nobody);
    let expired = requests::table.filter(over).select(requests::id).limit(batch);
    let ids: Vec<Id> = on!(tx, |conn| expired.load(conn))?;
    Ok(on!(tx, |conn| diesel::delete(requests::table.filter(requests::id.eq_any(ids))).execute(conn))?)
}
