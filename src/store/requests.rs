//! Pending authorization requests. They are bounded in size and lifetime, and deleted when
//! answered.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};

use super::{
    Fault, Id, Tx, delete_batch,
    narrowing::Replaced,
    on,
    prepared::update,
    pushed_requests,
    schema::{authorization_requests as requests, sessions},
};
use writ_core::{ScopeSet, scopes::ScopeIds, vocabulary::duration::GrantDuration};

/// Seconds for which an expired request is kept, so that a user who returns to it can restart it.
pub(super) const MEMORY: i64 = 3600;

/// A pending authorization request.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests)]
pub struct PendingRequest {
    /// The first half of the handle in the URLs of pages.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// The client.
    pub client_id: String,
    /// The form-encoded authorization parameters, which never change.
    pub parameters: String,
    /// The browser's session when the request arrived. Only a different one proves a fresh sign-in.
    pub session_before: Option<Id>,
    /// The session in which the user decided.
    pub decided_by: Option<Id>,
    /// The granted scope. Empty if the user denied.
    pub granted: Option<String>,
    /// The chosen duration: the name of a [`GrantDuration`].
    pub duration: Option<String>,
    /// When it arrived.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// The pushed request, if it was pushed.
    pub pushed_id: Option<Id>,
    /// SHA-256 of the cookie of the browser that started it. `None` if the browser sent no cookies.
    pub browser: Option<Vec<u8>>,
    /// Which scopes of the granted names: [`ScopeIds`] as stored.
    pub scope_ids: Option<String>,
}

/// A decision that the client has not used yet.
pub struct Unfetched {
    /// The client.
    pub client_id: String,
    /// The granted scope.
    pub scope: ScopeSet,
    /// The ids of these scopes.
    pub scope_ids: ScopeIds,
    /// The time of the request, in seconds since the epoch.
    pub since: i64,
}

impl Unfetched {
    /// From the columns of a request.
    pub(super) fn parse(
        (client_id, granted, scope_ids, since): (String, Option<String>, Option<String>, i64),
    ) -> Option<Self> {
        let scope_ids = ScopeIds::from_stored(scope_ids.as_deref());
        Some(Self { client_id, scope: ScopeSet::from_stored(&granted?), scope_ids, since })
    }
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

/// Stores the decision. `false` if the request no longer exists or was decided in this session
/// already.
pub fn decide(
    tx: &mut Tx<'_>,
    id: Id,
    session_id: Id,
    (granted, scope_ids): (&ScopeSet, &ScopeIds),
    duration: GrantDuration,
) -> Result<bool, Fault> {
    let undecided = requests::granted.is_null().or(requests::decided_by.ne(session_id));
    let decided = (
        requests::decided_by.eq(Some(session_id)),
        requests::granted.eq(Some(granted.to_string())),
        requests::duration.eq(Some(duration.as_str())),
        requests::scope_ids.eq(Some(scope_ids.to_stored())),
    );
    let mine = requests::id.eq(id).and(undecided.nullable());
    Ok(on!(tx, |conn| update(requests::table, mine, decided).execute(conn))? == 1)
}

/// What a user allowed and the client has not received yet.
pub fn list_allowed(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Unfetched>, Fault> {
    let rows: Vec<(String, Option<String>, Option<String>, i64)> = on!(tx, |conn| requests::table
        .filter(decided_by_user(user_id).and(requests::granted.ne("")).nullable())
        .filter(requests::expires_at.gt(tx.now))
        .order(requests::id)
        .select((requests::client_id, requests::granted, requests::scope_ids, requests::created_at))
        .load(conn))?;
    Ok(rows.into_iter().filter_map(Unfetched::parse).collect())
}

/// Turns decisions of a user that the client has not received into denials, for one client or all.
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

/// Denies everything that users allowed a client and that it has not received.
pub fn deny_allowed_to(tx: &mut Tx<'_>, client_id: &str) -> Result<usize, Fault> {
    let allowed = requests::client_id.eq(client_id).and(requests::granted.ne("").assume_not_null());
    let denied = requests::granted.eq(Some(""));
    Ok(on!(tx, |conn| diesel::update(requests::table.filter(allowed)).set(denied).execute(conn))?)
}

/// Removes scopes from decisions of a user that a client has not received, in one statement. A
/// decision without remaining scopes is a denial.
pub fn narrow_allowed(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &ScopeSet) -> Result<(), Fault> {
    let allowed = decided_by_user(user_id).and(requests::client_id.eq(client_id)).nullable();
    let scopes: Vec<Option<String>> =
        on!(tx, |conn| requests::table.filter(allowed).select(requests::granted).distinct().load(conn))?;
    if let Some(left) = Replaced::<Nullable<Text>>::without("granted", scopes.into_iter().flatten(), removed) {
        on!(tx, |conn| diesel::update(requests::table.filter(allowed)).set(requests::granted.eq(left)).execute(conn))?;
    }
    Ok(())
}

/// The requests that were decided in an active session of this user.
#[diesel::dsl::auto_type]
fn decided_by_user(user_id: Id) -> _ {
    let sessions_of_user = sessions::table.filter(sessions::user_id.eq(user_id)).select(sessions::id.nullable());
    requests::decided_by.eq_any(sessions_of_user)
}

/// The stored requests that a response uses up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answered {
    /// The pending request.
    pub pending: Option<Id>,
    /// The pushed request.
    pub pushed: Option<Id>,
}

impl Answered {
    /// Whether the request is not stored.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// Deletes the requests that a response uses up. `false` if another response did so concurrently.
pub fn consume(tx: &mut Tx<'_>, answered: Answered) -> Result<bool, Fault> {
    if let Some(id) = answered.pending
        && on!(tx, |conn| diesel::delete(requests::table.find(id)).execute(conn))? == 0
    {
        return Ok(false);
    }
    answered.pushed.map_or(Ok(true), |id| pushed_requests::consume(tx, id))
}

/// Deletes a refused pushed request. A pending request is kept, so that its page works repeatedly.
pub fn forget(tx: &mut Tx<'_>, pushed: Option<Id>) -> Result<(), Fault> {
    pushed.map_or(Ok(true), |id| pushed_requests::consume(tx, id)).map(drop)
}

/// Deletes at most `batch` requests that expired an hour ago. If no user was signed in when it
/// arrived, a request is deleted as soon as it expires.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let unvisited = requests::session_before.is_null().and(requests::expires_at.le(tx.now));
    let expired = requests::expires_at.le(tx.now - MEMORY).or(unvisited);
    delete_batch!(tx, batch, requests::table, requests::id, Id, expired)
}
