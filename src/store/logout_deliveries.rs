//! Logout tokens to deliver: a durable queue with the result of each delivery.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Id, Tx, clients, delete_batch, grants, on,
    schema::logout_deliveries::{self, table},
};

/// Seconds between a failed attempt and the next one. After the last one, the delivery is
/// abandoned.
const DELAYS: [i64; 7] = [10, 60, 300, 1800, 7200, 21_600, LONGEST_DELAY];
const LONGEST_DELAY: i64 = 86_400;

/// Retention of a finished delivery in seconds: thirty days.
pub(super) const MEMORY: i64 = 30 * 86_400;

/// A delivery as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = logout_deliveries)]
pub struct LogoutDelivery {
    /// Also the `jti` of its logout token in every attempt.
    pub id: Id,
    /// The client to inform.
    pub client_id: String,
    /// The user whose session ended.
    pub user_id: Id,
    /// The `sid` of the session.
    pub sid: Id,
    /// When it ended.
    pub created_at: i64,
    /// The number of attempts.
    pub attempts: i32,
    /// When the next attempt is due. `None` if the delivery is finished.
    pub next_attempt_at: Option<i64>,
    /// The result of the last attempt.
    pub last_outcome: Option<String>,
    /// When the client accepted it.
    pub delivered_at: Option<i64>,
}

/// Queues a delivery to every client in this session that registered for it (OpenID Connect
/// Back-Channel Logout §2.3).
pub fn queue(tx: &mut Tx<'_>, user_id: Id, sid: Id) -> Result<(), Fault> {
    for client_id in grants::clients_in_session(tx, user_id, sid)? {
        let client = clients::find(tx, &client_id)?;
        if client.is_none_or(|client| client.metadata.backchannel_logout_uri.is_none()) {
            continue;
        }
        let due_at = tx.now;
        queue_for(tx, &client_id, user_id, sid, due_at)?;
    }
    Ok(())
}

/// Queues a delivery to one client that is due at `due_at`.
pub fn queue_for(tx: &mut Tx<'_>, client_id: &str, user_id: Id, sid: Id, due_at: i64) -> Result<(), Fault> {
    let delivery = LogoutDelivery {
        id: Id::now_v7(),
        client_id: client_id.to_owned(),
        user_id,
        sid,
        created_at: tx.now,
        attempts: 0,
        next_attempt_at: Some(due_at),
        last_outcome: None,
        delivered_at: None,
    };
    on!(tx, |conn| diesel::insert_into(table).values(&delivery).execute(conn))?;
    Ok(())
}

/// At most `limit` due deliveries, the longest overdue first, without those to the clients in
/// `except`.
pub fn list_due(tx: &mut Tx<'_>, limit: i64, except: &[String]) -> Result<Vec<LogoutDelivery>, Fault> {
    // A time further ahead than the longest delay was set by a fast clock.
    let due =
        logout_deliveries::next_attempt_at.le(tx.now).or(logout_deliveries::next_attempt_at.gt(tx.now + LONGEST_DELAY));
    Ok(on!(tx, |conn| table
        .filter(due)
        .filter(logout_deliveries::client_id.ne_all(except))
        .order(logout_deliveries::next_attempt_at)
        .limit(limit)
        .select(LogoutDelivery::as_select())
        .load(conn))?)
}

/// The last `limit` deliveries to a client, newest first.
pub fn list_of_client(tx: &mut Tx<'_>, client_id: &str, limit: i64) -> Result<Vec<LogoutDelivery>, Fault> {
    Ok(on!(tx, |conn| table
        .filter(logout_deliveries::client_id.eq(client_id))
        .order(logout_deliveries::id.desc())
        .limit(limit)
        .select(LogoutDelivery::as_select())
        .load(conn))?)
}

/// Records that the client accepted the logout token.
pub fn succeeded(tx: &mut Tx<'_>, delivery: &LogoutDelivery, outcome: &str) -> Result<(), Fault> {
    let now = tx.now;
    on!(tx, |conn| diesel::update(table.find(delivery.id))
        .set((
            logout_deliveries::attempts.eq(delivery.attempts + 1),
            logout_deliveries::next_attempt_at.eq(None::<i64>),
            logout_deliveries::last_outcome.eq(outcome),
            logout_deliveries::delivered_at.eq(now),
        ))
        .execute(conn))?;
    Ok(())
}

/// Records a failed attempt. Returns the time of the next one, or `None` after the last.
pub fn failed(tx: &mut Tx<'_>, delivery: &LogoutDelivery, outcome: &str) -> Result<Option<i64>, Fault> {
    let delay = usize::try_from(delivery.attempts).ok().and_then(|attempts| DELAYS.get(attempts));
    let next = delay.map(|delay| tx.now + delay);
    on!(tx, |conn| diesel::update(table.find(delivery.id))
        .set((
            logout_deliveries::attempts.eq(delivery.attempts + 1),
            logout_deliveries::next_attempt_at.eq(next),
            logout_deliveries::last_outcome.eq(outcome),
        ))
        .execute(conn))?;
    Ok(next)
}

/// Deletes at most `batch` deliveries that finished more than thirty days ago.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = logout_deliveries::created_at.le(tx.now - MEMORY).and(logout_deliveries::next_attempt_at.is_null());
    delete_batch!(tx, batch, table, logout_deliveries::id, Id, expired)
}
