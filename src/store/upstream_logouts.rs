//! What has ended at other providers, so that a sign-in that is on its way does not begin a session
//! with it. A sign-in and a logout lock the same rows, and the later one sees the earlier.

use diesel::prelude::*;

use super::{
    Fault, Tx, on,
    schema::upstream_logouts::{self, table},
    unlinked_identities,
    upstream_sessions::UpstreamSession,
};

/// Seconds for which a row is kept: a sign-in may wait for its user until then.
const LIFETIME: i64 = unlinked_identities::LIFETIME + 60;

/// Marks a logout token as used. `true` only for the first call.
pub fn consume(tx: &mut Tx<'_>, issuer: &str, jti: &str, expires_at: i64) -> Result<bool, Fault> {
    let row = (
        upstream_logouts::issuer.eq(issuer),
        upstream_logouts::name.eq(format!("jti:{jti}")),
        upstream_logouts::expires_at.eq(expires_at),
    );
    Ok(on!(tx, |conn| diesel::insert_into(table).values(row).on_conflict_do_nothing().execute(conn))? == 1)
}

/// Records that a session has ended there, or every session of a user.
pub fn end(tx: &mut Tx<'_>, issuer: &str, subject: Option<&str>, sid: Option<&str>) -> Result<(), Fault> {
    let now = tx.now;
    if let Some(subject) = subject {
        touch(tx, issuer, &format!("sub:{subject}"), sid.is_none().then_some(now))?;
    }
    if let Some(sid) = sid {
        touch(tx, issuer, &format!("sid:{sid}"), Some(now))?;
    }
    Ok(())
}

/// Whether a session may begin here with one of a provider: not if that has ended there, or if
/// all of the user have ended since `since`, when the user authenticated there. In that second the
/// order is not known, so that the user signs in again.
pub fn may_begin(tx: &mut Tx<'_>, upstream: &UpstreamSession, since: i64) -> Result<bool, Fault> {
    let UpstreamSession { issuer, subject, sid } = upstream;
    let all_ended_at = touch(tx, issuer, &format!("sub:{subject}"), None)?;
    let ended_at = match sid {
        Some(sid) => touch(tx, issuer, &format!("sid:{sid}"), None)?,
        None => None,
    };
    Ok(ended_at.is_none() && all_ended_at.is_none_or(|at| at < since))
}

/// Locks a row, and returns when what it names has ended.
fn touch(tx: &mut Tx<'_>, issuer: &str, name: &str, ended_at: Option<i64>) -> Result<Option<i64>, Fault> {
    let expires_at = upstream_logouts::expires_at.eq(tx.now + LIFETIME);
    let row = (
        upstream_logouts::issuer.eq(issuer),
        upstream_logouts::name.eq(name),
        upstream_logouts::ended_at.eq(ended_at),
        expires_at,
    );
    let before = on!(tx, |conn| diesel::insert_into(table)
        .values(row)
        .on_conflict((upstream_logouts::issuer, upstream_logouts::name))
        .do_update()
        .set(expires_at)
        .returning(upstream_logouts::ended_at)
        .get_result::<Option<i64>>(conn))?;
    if ended_at.is_some() && before != ended_at {
        let ended = upstream_logouts::ended_at.eq(ended_at);
        on!(tx, |conn| diesel::update(table.find((issuer, name))).set(ended).execute(conn))?;
    }
    Ok(ended_at.or(before))
}

/// Deletes at most `batch` rows that have expired.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = table
        .filter(upstream_logouts::expires_at.le(tx.now))
        .select((upstream_logouts::issuer, upstream_logouts::name))
        .limit(batch);
    let keys: Vec<(String, String)> = on!(tx, |conn| expired.load(conn))?;
    for (issuer, name) in &keys {
        let still_expired = table.find((issuer, name)).filter(upstream_logouts::expires_at.le(tx.now));
        on!(tx, |conn| diesel::delete(still_expired).execute(conn))?;
    }
    Ok(keys.len())
}
