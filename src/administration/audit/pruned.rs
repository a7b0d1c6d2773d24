//! Entries about users end after some time. One row with a proof takes the place of those that
//! follow each other: it has the `mac` of the last one, so that the chain goes on, and
//! authenticates which entries it stands for. Someone who has only the database cannot prune.

use serde::{Deserialize, Serialize};

use super::{AuditRow, BATCH, Chain, Key, is_same};
use crate::{
    fault::Fault,
    secret::mac,
    store::{
        Store, Tx,
        audit_events::{ACCOUNT, SERVER},
        audit_log,
    },
};

/// The action of a row that stands for pruned entries.
const ACTION: &str = "audit.prune";

/// What a row says about the entries that it stands for, up to its own number.
#[derive(Serialize, Deserialize)]
pub(super) struct Proof {
    /// The number of the first one.
    pub(super) first: i64,
    /// Authenticates the row, in hexadecimal.
    mac: String,
}

#[derive(Serialize, Deserialize)]
struct Change {
    after: Proof,
}

impl Proof {
    /// The proof of a row. `None` if the row is an entry, or says something impossible.
    pub(super) fn of(row: &AuditRow) -> Option<Self> {
        if row.face != SERVER || row.action != ACTION {
            return None;
        }
        let proof = serde_json::from_str::<Change>(&row.change).ok()?.after;
        (1..=row.sequence).contains(&proof.first).then_some(proof)
    }

    fn new(key: &Key, previous: &[u8], first: i64, row: &AuditRow) -> Self {
        let numbers = [first, row.sequence, row.created_at].map(i64::to_be_bytes).concat();
        let mac = mac(key, "pruned", [previous, &numbers, &row.mac]);
        Self { first, mac: mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect() }
    }

    /// Whether the server pruned the entries, which followed the one with the `mac` `previous`.
    pub(super) fn is_valid(&self, key: &Key, previous: &[u8], row: &AuditRow) -> bool {
        let expected = Self::new(key, previous, self.first, row);
        // The other members say nothing.
        is_same(expected.mac.as_bytes(), self.mac.as_bytes()) && *row == row_of(expected, row)
    }
}

/// The row that takes the place of the entries up to `last`.
fn row_of(proof: Proof, last: &AuditRow) -> AuditRow {
    AuditRow {
        actor: SERVER.to_owned(),
        face: SERVER.to_owned(),
        action: ACTION.to_owned(),
        target: format!("{}-{}", proof.first, last.sequence),
        change: serde_json::json!({ "before": {}, "after": proof }).to_string(),
        reason: String::new(),
        ..last.clone()
    }
}

/// Which entries can be pruned, if they are about users.
#[derive(Debug, Clone, Copy)]
pub struct Old {
    /// Those from before this time, in seconds since the epoch.
    pub before: i64,
    /// Those up to this number, because every sink has them.
    pub through: i64,
}

impl Old {
    /// Whether a row can be a part of one with a proof.
    fn can_join(self, row: &AuditRow) -> bool {
        let is_old = row.created_at < self.before && row.sequence <= self.through;
        is_old && (row.face == ACCOUNT || Proof::of(row).is_some())
    }
}

/// Prunes old entries about users. Those that were changed in the database are evidence, and kept.
/// Returns the number of pruned rows.
///
/// # Errors
/// A fault of the store.
pub async fn prune(store: &Store, key: &Key, old: Old) -> Result<usize, Fault> {
    let (mut after, mut pruned) = (0, 0);
    loop {
        let rows = store.read(move |tx| audit_log::list_after(tx, after, BATCH)).await?;
        let Some(last) = rows.last() else { return Ok(pruned) };
        after = last.sequence;
        let is_complete = last.created_at >= old.before || last.sequence >= old.through;
        for (first, last) in runs(&rows, old) {
            let key = key.clone();
            pruned += store.write(move |tx| prune_run(tx, &key, old, (first, last))).await?;
        }
        if is_complete {
            return Ok(pruned);
        }
    }
}

/// The first and last numbers of rows that follow each other and can become one.
fn runs(rows: &[AuditRow], old: Old) -> Vec<(i64, i64)> {
    let can_join = |row: &AuditRow| old.can_join(row);
    let runs = rows.chunk_by(|row, next| can_join(row) && can_join(next));
    // A single row with a proof stays as it is.
    let runs =
        runs.filter(|run| run.iter().all(can_join) && (run.len() > 1 || run.iter().all(|row| row.face == ACCOUNT)));
    runs.filter_map(|run| Some((run.first()?.sequence, run.last()?.sequence))).collect()
}

/// Prunes the rows from the first number to the last, if they can still be pruned. Returns their
/// number.
///
/// # Errors
/// A fault of the store.
pub fn prune_run(tx: &mut Tx<'_>, key: &Key, old: Old, (first, last): (i64, i64)) -> Result<usize, Fault> {
    // One node prunes at a time.
    audit_log::lock_end(tx)?;
    let previous = audit_log::before(tx, first)?;
    let rows = audit_log::between(tx, first, last)?;
    let mut chain = Chain::new(key, None);
    (chain.last, chain.mac) = previous.map_or_else(Default::default, |row| (row.sequence, row.mac));
    let before = chain.mac.clone();
    rows.iter().for_each(|row| chain.follow(row));
    let (Some(first_row), Some(last_row)) = (rows.first(), rows.last()) else { return Ok(0) };
    // The rows may have been others when they were chosen.
    if !rows.iter().all(|row| old.can_join(row)) {
        return Ok(0);
    }
    if let Some(damage) = chain.breaks.first() {
        tracing::error!(%damage, "entries of the audit log were not pruned");
        return Ok(0);
    }
    let proof = Proof::new(key, &before, super::first_of(first_row), last_row);
    let row = row_of(proof, last_row);
    audit_log::delete_between(tx, first, last)?;
    audit_log::insert(tx, &row)?;
    Ok(rows.len())
}
