//! How far the audit log was delivered to each sink.

use diesel::prelude::*;
use serde::Serialize;

use super::{
    Fault, Tx,
    audit_log::{self, AuditRow},
    on,
    schema::{
        audit_log as log,
        audit_sinks::{self, table},
    },
};

/// Seconds between a failed attempt and the next one. The last one repeats.
const DELAYS: [i64; 6] = [2, 10, 30, 60, 300, LONGEST_DELAY];
const LONGEST_DELAY: i64 = 900;

/// The state of a sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_sinks)]
pub struct Sink {
    /// Its name in the configuration.
    pub name: String,
    /// The number of the last delivered entry. 0 if there is none.
    pub sequence: i64,
    /// When that was delivered.
    pub delivered_at: Option<i64>,
    /// Failed attempts since then.
    pub attempts: i32,
    /// When the next attempt is due, after a failed one.
    pub next_attempt_at: i64,
    /// Why the last attempt failed. `None` if it did not.
    pub last_error: Option<String>,
}

/// A sink, and what it does not have yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The sink.
    #[serde(flatten)]
    pub sink: Sink,
    /// The number of entries that it does not have.
    pub behind: i64,
    /// When the oldest of them was made.
    pub oldest_at: Option<i64>,
}

impl Sink {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            sequence: 0,
            delivered_at: None,
            attempts: 0,
            next_attempt_at: 0,
            last_error: None,
        }
    }
}

/// The sink. Who changed the database must not be able to stop the delivery: a position beyond the
/// `end` of the log was not recorded here, and the sink gets everything again.
fn find(tx: &mut Tx<'_>, name: &str, end: i64) -> Result<Sink, Fault> {
    let found: Option<Sink> = on!(tx, |conn| table.find(name).select(Sink::as_select()).first(conn).optional())?;
    Ok(found.filter(|sink| (0..=end).contains(&sink.sequence)).unwrap_or_else(|| Sink::new(name)))
}

/// The sinks with these names, and all that were delivered to earlier.
pub fn progress(tx: &mut Tx<'_>, names: &[String]) -> Result<Vec<Progress>, Fault> {
    let mut known: Vec<String> = on!(tx, |conn| table.select(audit_sinks::name).load(conn))?;
    known.extend_from_slice(names);
    known.sort();
    known.dedup();
    let end = audit_log::head(tx)?.sequence;
    let mut found = Vec::new();
    for name in known {
        let sink = find(tx, &name, end)?;
        let next = log::table.filter(log::sequence.gt(sink.sequence)).order(log::sequence).select(log::created_at);
        let oldest_at = on!(tx, |conn| next.first(conn).optional())?;
        found.push(Progress { behind: end - sink.sequence, oldest_at, sink });
    }
    Ok(found)
}

/// Whether there are entries for the sink, and an attempt is due.
pub fn is_due(tx: &mut Tx<'_>, name: &str) -> Result<bool, Fault> {
    let end = audit_log::head(tx)?.sequence;
    let sink = find(tx, name, end)?;
    // A time further ahead than the longest delay was set by a fast clock.
    let is_due = sink.next_attempt_at <= tx.now || sink.next_attempt_at > tx.now + LONGEST_DELAY;
    Ok(is_due && end > sink.sequence)
}

/// The state of a sink, and at most `most` entries that it does not have.
pub fn next(tx: &mut Tx<'_>, name: &str, most: i64) -> Result<(Sink, Vec<AuditRow>), Fault> {
    let end = audit_log::head(tx)?.sequence;
    let sink = find(tx, name, end)?;
    let rows = audit_log::list_after(tx, sink.sequence, most)?;
    Ok((sink, rows))
}

/// Records that the sink has the entries up to `sequence`, unless another node did more.
pub fn delivered(tx: &mut Tx<'_>, name: &str, sequence: i64) -> Result<(), Fault> {
    insert(tx, name)?;
    let now = tx.now;
    let behind = table.find(name).filter(audit_sinks::sequence.lt(sequence));
    on!(tx, |conn| diesel::update(behind)
        .set((
            audit_sinks::sequence.eq(sequence),
            audit_sinks::delivered_at.eq(Some(now)),
            audit_sinks::attempts.eq(0),
            audit_sinks::next_attempt_at.eq(0_i64),
            audit_sinks::last_error.eq(None::<String>),
        ))
        .execute(conn))?;
    Ok(())
}

/// Records a failed attempt after the one that was `seen`. Returns the time of the next one.
pub fn failed(tx: &mut Tx<'_>, seen: &Sink, reason: &str) -> Result<i64, Fault> {
    insert(tx, &seen.name)?;
    let attempts = usize::try_from(seen.attempts).unwrap_or_default();
    let next = tx.now + DELAYS.get(attempts).copied().unwrap_or(LONGEST_DELAY);
    let same = table.find(&seen.name).filter(audit_sinks::sequence.eq(seen.sequence));
    on!(tx, |conn| diesel::update(same)
        .set((
            audit_sinks::attempts.eq(seen.attempts.saturating_add(1)),
            audit_sinks::next_attempt_at.eq(next),
            audit_sinks::last_error.eq(Some(reason)),
        ))
        .execute(conn))?;
    Ok(next)
}

/// Adds the row of a sink, unless there is one that was recorded here.
fn insert(tx: &mut Tx<'_>, name: &str) -> Result<(), Fault> {
    let end = audit_log::head(tx)?.sequence;
    let beyond = table.find(name).filter(audit_sinks::sequence.lt(0).or(audit_sinks::sequence.gt(end)));
    on!(tx, |conn| diesel::delete(beyond).execute(conn))?;
    let row = Sink::new(name);
    on!(tx, |conn| diesel::insert_into(table).values(&row).on_conflict_do_nothing().execute(conn))?;
    Ok(())
}
