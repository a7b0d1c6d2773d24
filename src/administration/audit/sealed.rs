//! Seals: signatures over the end of the log, which anyone can verify. A seal says that the log had
//! an entry, and therefore those before it.

use serde_json::json;

use super::{AuditRow, Key, Noted, append, is_end};
use crate::{
    fault::Fault,
    store::{
        Tx,
        audit_events::SERVER,
        audit_log::{self, Search},
    },
};

/// The action of an entry with a seal.
const ACTION: &str = "audit.seal";
/// Age in seconds of an entry at which it must be sealed: an hour without the time between two
/// looks.
const UNSEALED: i64 = 3600 - 120;

/// Whether an entry has waited for a seal for long enough. Times that are ahead came from another
/// clock, and count as old.
///
/// # Errors
/// A fault of the store.
pub fn is_due(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let seals = Search { faces: vec![SERVER], action: Some(ACTION.to_owned()), ..Search::default() };
    let sealed = audit_log::latest(tx, &seals, 1)?.pop().and_then(|seal| seal.target.parse().ok()).unwrap_or(0);
    // The seal itself follows what it seals.
    let waiting = audit_log::list_after(tx, sealed, 2)?.into_iter().find(|row| !is_seal(row));
    Ok(waiting.is_some_and(|entry| !(0..UNSEALED).contains(&(tx.now - entry.created_at))))
}

fn is_seal(row: &AuditRow) -> bool {
    row.face == SERVER && row.action == ACTION
}

/// Appends a seal over the end of the log, which `sign` signs. `false` if the end is not the
/// server's: what was changed in the database gets no signature.
///
/// # Errors
/// A fault of the store, or of `sign`.
pub fn seal(tx: &mut Tx<'_>, key: &Key, sign: impl FnOnce(&str) -> Result<String, Fault>) -> Result<bool, Fault> {
    let (end, mac) = audit_log::lock_end(tx)?;
    if end.sequence == 0 || !is_end(key, &end, &mac) {
        return Ok(false);
    }
    let noted = Noted::of(end.sequence, &mac).to_string();
    let jws = sign(&noted)?;
    let row = AuditRow {
        sequence: 0,
        created_at: tx.now,
        actor: SERVER.to_owned(),
        face: SERVER.to_owned(),
        action: ACTION.to_owned(),
        target: end.sequence.to_string(),
        change: json!({ "before": {}, "after": { "noted": noted, "jws": jws } }).to_string(),
        reason: String::new(),
        mac: Vec::new(),
    };
    append(tx, key, (end, mac), [row])?;
    Ok(true)
}
