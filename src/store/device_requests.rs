//! Device authorization requests (RFC 8628). The user decides once, and the device redeems once.

use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};

use super::{
    Fault, Id, Tx, delete_batch, narrowing::Replaced, on, prepared::update, requests::Unfetched,
    schema::device_requests as requests, sessions::read_evidence, throttle::Limits,
};
use writ_core::{ScopeSet, authentication::Evidence, scopes::ScopeIds, vocabulary::duration::GrantDuration};

/// Seconds for which an expired request is kept, so that the device receives `expired_token`.
pub(super) const EXPIRED_MEMORY: i64 = 3600;

/// A request as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests)]
pub struct DeviceRequest {
    /// The first half of the device code.
    pub id: Id,
    /// SHA-256 of the second half.
    pub secret_hash: Vec<u8>,
    /// The user code, without its hyphen.
    pub user_code: String,
    /// The client.
    pub client_id: String,
    /// The requested scope.
    pub scope: String,
    /// The requested resource server. Empty if the device named none.
    pub audience: String,
    /// The device's network: an IPv4 address or IPv6 /64.
    pub network: String,
    /// When the request was made, in seconds since the epoch.
    pub created_at: i64,
    /// When the codes expire.
    pub expires_at: i64,
    /// Minimum number of seconds between two polls.
    pub poll_seconds: i64,
    /// The earliest time of the next poll.
    pub next_poll_at: i64,
    /// The user who decided.
    pub user_id: Option<Id>,
    /// The `sid` of the session in which the user decided.
    pub session_id: Option<Id>,
    /// When that user had authenticated.
    pub auth_time: Option<i64>,
    /// The granted scope. Empty if the user denied.
    pub granted: Option<String>,
    /// The chosen duration: the name of a [`GrantDuration`].
    pub duration: Option<String>,
    /// Which scopes of the granted names: [`ScopeIds`] as stored.
    pub scope_ids: Option<String>,
    /// How the user had authenticated: [`Evidence`] as stored.
    pub evidence: Option<String>,
}

impl DeviceRequest {
    /// The requested scope as a set.
    pub fn scope(&self) -> ScopeSet {
        ScopeSet::from_stored(&self.scope)
    }

    /// How the user who decided had authenticated at `auth_time`.
    pub fn evidence(&self, auth_time: i64) -> Evidence {
        read_evidence(self.evidence.as_deref(), auth_time)
    }
}

/// The user's decision.
#[derive(Clone)]
pub struct Answer {
    /// The user.
    pub user_id: Id,
    /// The `sid` of the session.
    pub session_id: Id,
    /// When the user authenticated.
    pub auth_time: i64,
    /// How the user authenticated.
    pub evidence: Evidence,
    /// The granted scope. Empty if the user denied.
    pub granted: ScopeSet,
    /// The ids of these scopes.
    pub scope_ids: ScopeIds,
    /// How long the grant lasts.
    pub duration: GrantDuration,
}

/// Inserts a request. `false` if its user code is in use.
pub fn insert(tx: &mut Tx<'_>, request: &DeviceRequest) -> Result<bool, Fault> {
    let inserted =
        on!(tx, |conn| diesel::insert_into(requests::table).values(request).on_conflict_do_nothing().execute(conn))?;
    Ok(inserted == 1)
}

/// The request with this id, even if it has expired.
pub fn find(tx: &mut Tx<'_>, id: Id) -> Result<Option<DeviceRequest>, Fault> {
    Ok(on!(tx, |conn| requests::table.find(id).select(DeviceRequest::as_select()).first(conn).optional())?)
}

/// The result of looking up a user code.
pub enum Lookup {
    /// A pending request.
    Waiting(Box<DeviceRequest>),
    /// No request: the code is wrong, expired or already used.
    Missing,
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
}

/// Finds the pending request with a user code. Every attempt counts until one succeeds, and nothing
/// else finds a request by its code, so that codes cannot be guessed ([RFC 8628
/// §5.1](https://www.rfc-editor.org/rfc/rfc8628#section-5.1)).
pub fn look_up(tx: &mut Tx<'_>, user_code: Option<&str>, limits: &Limits) -> Result<Lookup, Fault> {
    if let Some(seconds) = limits.attempt(tx)? {
        return Ok(Lookup::Throttled(seconds));
    }
    let found = user_code.map_or(Ok(None), |code| find_waiting(tx, code))?;
    let Some(request) = found else { return Ok(Lookup::Missing) };
    limits.refund(tx)?;
    Ok(Lookup::Waiting(Box::new(request)))
}

fn find_waiting(tx: &mut Tx<'_>, user_code: &str) -> Result<Option<DeviceRequest>, Fault> {
    let waiting =
        requests::user_code.eq(user_code).and(requests::expires_at.gt(tx.now)).and(requests::granted.is_null());
    Ok(on!(tx, |conn| requests::table.filter(waiting).select(DeviceRequest::as_select()).first(conn).optional())?)
}

/// Stores the decision. `false` if the request has expired or was decided already.
pub fn answer(tx: &mut Tx<'_>, id: Id, answer: &Answer) -> Result<bool, Fault> {
    let waiting = requests::id.eq(id).and(requests::expires_at.gt(tx.now)).and(requests::granted.is_null());
    let answered = on!(tx, |conn| diesel::update(requests::table.filter(waiting))
        .set((
            requests::user_id.eq(Some(answer.user_id)),
            requests::session_id.eq(Some(answer.session_id)),
            requests::auth_time.eq(Some(answer.auth_time)),
            requests::granted.eq(Some(answer.granted.to_string())),
            requests::duration.eq(Some(answer.duration.as_str())),
            requests::scope_ids.eq(Some(answer.scope_ids.to_stored())),
            requests::evidence.eq(Some(answer.evidence.to_string())),
        ))
        .execute(conn))?;
    Ok(answered == 1)
}

/// What a user allowed and the device has not redeemed.
pub fn list_allowed(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Unfetched>, Fault> {
    let allowed = requests::user_id.eq(user_id).and(requests::granted.ne("")).and(requests::expires_at.gt(tx.now));
    let rows: Vec<(String, Option<String>, Option<String>, i64)> = on!(tx, |conn| requests::table
        .filter(allowed.nullable())
        .order(requests::id)
        .select((requests::client_id, requests::granted, requests::scope_ids, requests::created_at))
        .load(conn))?;
    Ok(rows.into_iter().filter_map(Unfetched::parse).collect())
}

/// Counts a poll of this client in time, if the user has not decided yet. One statement, because
/// most polls are such polls.
pub fn poll_pending(tx: &mut Tx<'_>, id: Id, secret_hash: &[u8], client_id: &str) -> Result<bool, Fault> {
    let now = tx.now;
    let known = requests::id.eq(id).and(requests::secret_hash.eq(secret_hash)).and(requests::client_id.eq(client_id));
    let pending = requests::granted.is_null().and(requests::expires_at.gt(now)).and(requests::next_poll_at.le(now));
    let next = requests::next_poll_at.eq(requests::poll_seconds + now);
    Ok(on!(tx, |conn| update(requests::table, known.and(pending), next).execute(conn))? == 1)
}

/// Counts a poll. `false` if another poll was counted concurrently.
pub fn poll(tx: &mut Tx<'_>, request: &DeviceRequest, poll_seconds: i64) -> Result<bool, Fault> {
    let now = tx.now;
    let unchanged = requests::id.eq(request.id).and(requests::next_poll_at.eq(request.next_poll_at));
    let polled = on!(tx, |conn| diesel::update(requests::table.filter(unchanged))
        .set((requests::poll_seconds.eq(poll_seconds), requests::next_poll_at.eq(now + poll_seconds)))
        .execute(conn))?;
    Ok(polled == 1)
}

/// Deletes what a user granted to a client and the device has not redeemed.
pub fn revoke_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str) -> Result<(), Fault> {
    let granted = requests::user_id.eq(user_id).and(requests::client_id.eq(client_id));
    on!(tx, |conn| diesel::delete(requests::table.filter(granted)).execute(conn))?;
    Ok(())
}

/// At most `most` users after `after` who granted a client something that no device has redeemed,
/// by id.
pub(super) fn users_of(tx: &mut Tx<'_>, client_id: &str, after: Id, most: i64) -> Result<Vec<Id>, Fault> {
    let granted = requests::client_id.eq(client_id).and(requests::user_id.gt(after).assume_not_null());
    let next = requests::table.filter(granted).order(requests::user_id).limit(most);
    Ok(on!(tx, |conn| next.select(requests::user_id.assume_not_null()).distinct().load(conn))?)
}

/// Deletes everything that a user granted and no device has redeemed.
pub fn revoke_of_user(tx: &mut Tx<'_>, user_id: Id) -> Result<usize, Fault> {
    Ok(on!(tx, |conn| diesel::delete(requests::table.filter(requests::user_id.eq(user_id))).execute(conn))?)
}

/// Removes scopes from what a user granted to a client and the device has not redeemed, in one
/// statement. A request without remaining scopes is denied.
pub fn narrow_between(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &ScopeSet) -> Result<(), Fault> {
    let granted = requests::user_id.eq(user_id).and(requests::client_id.eq(client_id));
    let scopes: Vec<Option<String>> =
        on!(tx, |conn| requests::table.filter(granted).select(requests::granted).distinct().load(conn))?;
    if let Some(left) = Replaced::<Nullable<Text>>::without("granted", scopes.into_iter().flatten(), removed) {
        on!(tx, |conn| diesel::update(requests::table.filter(granted)).set(requests::granted.eq(left)).execute(conn))?;
    }
    Ok(())
}

/// Deletes a request when it is redeemed. `true` only for the first call.
pub fn consume(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    Ok(on!(tx, |conn| diesel::delete(requests::table.find(id)).execute(conn))? == 1)
}

/// Deletes at most `batch` requests that expired a while ago.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let before = tx.now - EXPIRED_MEMORY;
    delete_expired(tx, before, batch)
}

/// As [`sweep`] under pressure: deletes requests as soon as they have expired. Their devices then
/// get `invalid_grant` instead of `expired_token`.
pub fn sweep_early(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let before = tx.now;
    delete_expired(tx, before, batch)
}

fn delete_expired(tx: &mut Tx<'_>, before: i64, batch: i64) -> Result<usize, Fault> {
    delete_batch!(tx, batch, requests::table, requests::id, Id, requests::expires_at.le(before))
}
