//! The audit log: a row for each change by an administrator, and for what users and the server did,
//! in a chain. What authenticates a row is computed by [`crate::administration`].

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Fault, Tx, on,
    schema::{audit_head, audit_log},
};

/// An entry as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log)]
pub struct AuditRow {
    /// The number in the chain, from 1.
    pub sequence: i64,
    /// When the change was made, in seconds since the epoch.
    pub created_at: i64,
    /// Who made it.
    pub actor: String,
    /// How: `command-line`, `api`, `console`, `account` or `server`.
    pub face: String,
    /// What was done, such as `client.update`.
    pub action: String,
    /// The id of what was changed.
    pub target: String,
    /// The changed members before and after, as a JSON object. Never a secret.
    #[serde(skip)]
    pub change: String,
    /// Why. Empty if no reason was given.
    pub reason: String,
    /// Authenticates this row and the one before it.
    #[serde(skip)]
    pub mac: Vec<u8>,
}

/// The end of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Head {
    /// The number of the last row. 0 if there is none.
    pub sequence: i64,
    /// Authenticates the number and the last row.
    pub mac: Vec<u8>,
}

/// Which entries to search. An unset member accepts all.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Who made the change: the whole name, or the part before the network.
    pub actor: Option<String>,
    /// The action, or its first part: `client` finds `client.update`.
    pub action: Option<String>,
    /// The id of what was changed.
    pub target: Option<String>,
    /// How the change was made: one of these. Empty accepts all.
    pub faces: Vec<&'static str>,
    /// The earliest time, in seconds since the epoch.
    pub since: i64,
    /// Only entries after the one with this number.
    pub after: i64,
    /// Only entries before the one with this number.
    pub before: Option<i64>,
}

/// Locks the end of the chain until commit, and returns it with the `mac` of the last row.
pub fn lock_end(tx: &mut Tx<'_>) -> Result<(Head, Vec<u8>), Fault> {
    let head: Head = on!(tx, |conn| diesel::update(audit_head::table.find(1))
        .set(audit_head::sequence.eq(audit_head::sequence))
        .returning((audit_head::sequence, audit_head::mac))
        .get_result(conn))?;
    let last = audit_log::table.find(head.sequence).select(audit_log::mac);
    let mac = on!(tx, |conn| last.first(conn).optional())?;
    Ok((head, mac.unwrap_or_default()))
}

/// Adds a row.
pub fn insert(tx: &mut Tx<'_>, row: &AuditRow) -> Result<(), Fault> {
    on!(tx, |conn| diesel::insert_into(audit_log::table).values(row).execute(conn))?;
    Ok(())
}

/// Moves the end of the chain, which [`lock_end`] has locked.
pub fn move_end(tx: &mut Tx<'_>, head: &Head) -> Result<(), Fault> {
    let moved = (audit_head::sequence.eq(head.sequence), audit_head::mac.eq(&head.mac));
    on!(tx, |conn| diesel::update(audit_head::table.find(1)).set(moved).execute(conn))?;
    Ok(())
}

/// The end of the chain.
pub fn head(tx: &mut Tx<'_>) -> Result<Head, Fault> {
    Ok(on!(tx, |conn| audit_head::table.find(1).select((audit_head::sequence, audit_head::mac)).first(conn))?)
}

/// At most `most` rows after the row with this number, in order.
pub fn list_after(tx: &mut Tx<'_>, sequence: i64, most: i64) -> Result<Vec<AuditRow>, Fault> {
    let next = audit_log::table.filter(audit_log::sequence.gt(sequence)).order(audit_log::sequence).limit(most);
    Ok(on!(tx, |conn| next.select(AuditRow::as_select()).load(conn))?)
}

/// The last row before the one with this number.
pub fn before(tx: &mut Tx<'_>, sequence: i64) -> Result<Option<AuditRow>, Fault> {
    let earlier = audit_log::table.filter(audit_log::sequence.lt(sequence)).order(audit_log::sequence.desc());
    Ok(on!(tx, |conn| earlier.select(AuditRow::as_select()).first(conn).optional())?)
}

/// The rows between two numbers, both included.
pub fn between(tx: &mut Tx<'_>, first: i64, last: i64) -> Result<Vec<AuditRow>, Fault> {
    let rows = audit_log::table.filter(audit_log::sequence.between(first, last)).order(audit_log::sequence);
    Ok(on!(tx, |conn| rows.select(AuditRow::as_select()).load(conn))?)
}

/// Deletes the rows between two numbers, both included.
pub fn delete_between(tx: &mut Tx<'_>, first: i64, last: i64) -> Result<usize, Fault> {
    let rows = audit_log::table.filter(audit_log::sequence.between(first, last));
    Ok(on!(tx, |conn| diesel::delete(rows).execute(conn))?)
}

/// The latest `most` rows that match, the latest first.
pub fn latest(tx: &mut Tx<'_>, search: &Search, most: i64) -> Result<Vec<AuditRow>, Fault> {
    on!(tx, |conn| {
        let mut rows = audit_log::table.select(AuditRow::as_select()).into_boxed();
        if let Some(actor) = &search.actor {
            let elsewhere = format!("{} from %", literal(actor));
            rows = rows.filter(audit_log::actor.eq(actor).or(audit_log::actor.like(elsewhere).escape('!')));
        }
        if let Some(action) = &search.action {
            rows = rows.filter(
                audit_log::action.eq(action).or(audit_log::action.like(format!("{}.%", literal(action))).escape('!')),
            );
        }
        if let Some(target) = &search.target {
            rows = rows.filter(audit_log::target.eq(target));
        }
        if !search.faces.is_empty() {
            rows = rows.filter(audit_log::face.eq_any(search.faces.clone()));
        }
        if let Some(before) = search.before {
            rows = rows.filter(audit_log::sequence.lt(before));
        }
        let within = audit_log::sequence.gt(search.after).and(audit_log::created_at.ge(search.since));
        let found = rows.filter(within).order(audit_log::sequence.desc()).limit(most);
        Ok(found.load(conn)?)
    })
}

/// A text as a pattern that matches only itself, with `!` as the escape character.
fn literal(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
