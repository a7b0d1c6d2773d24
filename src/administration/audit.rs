//! The audit log: a chain of entries that only the server's secrets can extend.
//!
//! The `mac` of an entry authenticates the entry and the `mac` of the one before it. The head
//! authenticates the number of the last entry. A change by someone who has only the database breaks
//! one of them. Who puts an earlier state of both tables back is found by a head that was noted
//! elsewhere.

mod pruned;
mod sealed;

use std::fmt;

use aws_lc_rs::{constant_time, hmac::Key};

pub use self::{
    pruned::{Old, prune, prune_run},
    sealed::{is_due, seal},
};
use super::{Actor, Change};
use crate::{
    fault::Fault,
    keys::SharedSecrets,
    secret::mac,
    store::{
        Store, Tx,
        audit_events::{self, AuditEvent},
        audit_log::{self, AuditRow, Head},
    },
};

/// The number of entries that are verified at a time.
const BATCH: i64 = 1000;
/// The number of events that are appended at a time. Administrators wait meanwhile.
const APPENDED: i64 = 200;
/// Maximum number of times that the chain is read for a verification.
const PASSES: u32 = 10;

/// Appends an entry: `actor` has done `action` to `target`.
pub(super) fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &str,
    target: impl fmt::Display,
    change: Change,
) -> Result<(), Fault> {
    let face: &'static str = actor.face.into();
    let row = AuditRow {
        sequence: 0,
        created_at: tx.now,
        actor: actor.name.clone(),
        face: face.to_owned(),
        action: action.to_owned(),
        target: target.to_string(),
        change: change.json(),
        reason: actor.reason.clone(),
        mac: Vec::new(),
    };
    let (end, previous) = audit_log::lock_end(tx)?;
    append(tx, &actor.key, (end, previous), [row])
}

/// Appends rows, which get their numbers and authentication, to the end that was locked. They can
/// be appended to a damaged chain, so that an administrator can act after an attack, but the end
/// remains invalid: an entry must not hide that others were removed before it.
fn append(
    tx: &mut Tx<'_>,
    key: &Key,
    (end, mut previous): (Head, Vec<u8>),
    rows: impl IntoIterator<Item = AuditRow>,
) -> Result<(), Fault> {
    let (is_whole, mut sequence) = (is_end(key, &end, &previous), end.sequence);
    for mut row in rows {
        sequence += 1;
        row.sequence = sequence;
        row.mac = mac_of_row(key, &previous, &row);
        audit_log::insert(tx, &row)?;
        previous = row.mac;
    }
    let mac = if is_whole { mac_of_head(key, sequence, &previous) } else { Vec::new() };
    audit_log::move_end(tx, &Head { sequence, mac })
}

/// Appends the oldest events of users and of the server, at most 200. Returns their number.
/// Those that the server did not store are dropped.
///
/// # Errors
/// A fault of the store.
pub fn append_events(tx: &mut Tx<'_>, key: &Key) -> Result<usize, Fault> {
    // Locked first, so that of two nodes each takes other events.
    let end = audit_log::lock_end(tx)?;
    let events = audit_events::take(tx, APPENDED)?;
    let count = events.len();
    if count == 0 {
        return Ok(0);
    }
    let (events, forged): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.is_authentic(key));
    for AuditEvent { actor, face, action, target, .. } in forged {
        tracing::error!(
            actor,
            face,
            action,
            target,
            "an event for the audit log is dropped: the server did not store it"
        );
    }
    let rows = events.into_iter().map(|event| {
        let AuditEvent { id: _, created_at, actor, face, action, target, change, mac: _ } = event;
        AuditRow {
            sequence: 0,
            created_at,
            actor,
            face,
            action,
            target,
            change,
            reason: String::new(),
            mac: Vec::new(),
        }
    });
    append(tx, key, end, rows)?;
    Ok(count)
}

/// What is wrong with the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Entries are missing, from the first number to the last.
    Missing(i64, i64),
    /// An entry is not the one that was written here: it, or the `mac` of the one before it, was
    /// changed.
    Changed(i64),
    /// The end of the chain was changed, or entries at the end were removed or added.
    End,
    /// The noted entry is not in the chain: an earlier state was put back.
    NotNoted(i64),
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(first, last) if first == last => write!(f, "entry {first} is missing"),
            Self::Missing(first, last) => write!(f, "the entries {first} to {last} are missing"),
            Self::Changed(sequence) => write!(f, "entry {sequence}, or the one before it, was changed"),
            Self::End => f.write_str("entries at the end were removed or added"),
            Self::NotNoted(sequence) => {
                write!(f, "entry {sequence} is not the noted one: an earlier state was put back")
            }
        }
    }
}

/// The number and the `mac` of an entry, to note outside of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    sequence: i64,
    mac: String,
}

impl Noted {
    /// The entry with this number and `mac`.
    pub fn of(sequence: i64, mac: &[u8]) -> Self {
        Self { sequence, mac: mac.iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}

impl fmt::Display for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sequence, self.mac)
    }
}

impl std::str::FromStr for Noted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once(':').and_then(|(sequence, mac)| Some((sequence.parse().ok()?, mac.to_owned())));
        let (sequence, mac) = parts.ok_or("expected NUMBER:MAC, as `writ audit verify` prints it")?;
        Ok(Self { sequence, mac })
    }
}

/// The result of a verification.
#[derive(Debug, PartialEq, Eq)]
pub struct Verified {
    /// The number of entries, also of those that were pruned.
    pub entries: i64,
    /// The last one. `None` if there is none.
    pub last: Option<Noted>,
    /// What is wrong. Empty if the chain is whole.
    pub breaks: Vec<Break>,
    /// Whether the noted entry was pruned, so that it cannot be compared any more.
    pub noted_was_pruned: bool,
}

/// Verifies the chain, and that it contains the `noted` entry.
///
/// # Errors
/// A fault of the store.
pub async fn verify(store: &Store, secrets: &SharedSecrets, noted: Option<Noted>) -> Result<Verified, Fault> {
    let mut verified = verify_once(store, secrets, noted.clone()).await?;
    for _ in 1..PASSES {
        if verified.breaks.is_empty() {
            break;
        }
        // Rows that are pruned meanwhile look like damage, each time elsewhere. Damage stays.
        let again = verify_once(store, secrets, noted.clone()).await?;
        let is_damage = again.breaks.iter().any(|one| verified.breaks.contains(one));
        verified = again;
        if is_damage {
            break;
        }
    }
    Ok(verified)
}

async fn verify_once(store: &Store, secrets: &SharedSecrets, noted: Option<Noted>) -> Result<Verified, Fault> {
    let mut chain = Chain::new(&secrets.audit_log, noted);
    // Also rows with a number that no entry has.
    let mut after = i64::MIN;
    // No request waits for the log to be read. Only its end is read while no entry is appended.
    loop {
        let rows = store.read(move |tx| audit_log::list_after(tx, after, BATCH)).await?;
        rows.iter().for_each(|row| chain.follow(row));
        after = rows.last().map_or(after, |last| last.sequence);
        if i64::try_from(rows.len()).is_ok_and(|rows| rows < BATCH) {
            break;
        }
    }
    let rest = move |tx: &mut Tx<'_>| {
        audit_log::lock_end(tx)?;
        Ok((audit_log::list_after(tx, after, i64::MAX)?, audit_log::head(tx)?))
    };
    let (rows, head) = store.write(rest).await?;
    rows.iter().for_each(|row| chain.follow(row));
    Ok(chain.end(&head))
}

/// A chain that is being followed.
struct Chain<'a> {
    key: &'a Key,
    noted: Option<Noted>,
    noted_was_pruned: bool,
    entries: i64,
    last: i64,
    mac: Vec<u8>,
    breaks: Vec<Break>,
}

impl<'a> Chain<'a> {
    fn new(key: &'a Key, noted: Option<Noted>) -> Self {
        Self { key, noted, noted_was_pruned: false, entries: 0, last: 0, mac: Vec::new(), breaks: Vec::new() }
    }

    fn follow(&mut self, row: &AuditRow) {
        if row.sequence <= self.last {
            // It has no place in the chain.
            self.breaks.push(Break::Changed(row.sequence));
            return;
        }
        let first = first_of(row);
        let is_authentic = first == self.last + 1 && is_authentic(self.key, &self.mac, row);
        if first != self.last + 1 {
            self.breaks.push(Break::Missing(self.last + 1, first - 1));
        } else if !is_authentic {
            self.breaks.push(Break::Changed(row.sequence));
        }
        let own = Noted::of(row.sequence, &row.mac);
        let was_pruned = |noted: &Noted| is_authentic && (first..row.sequence).contains(&noted.sequence);
        self.noted_was_pruned |= self.noted.as_ref().is_some_and(was_pruned);
        if self.noted.as_ref().is_some_and(|noted| *noted == own || was_pruned(noted)) {
            self.noted = None;
        }
        self.entries = self.entries.saturating_add((row.sequence - first).saturating_add(1));
        self.last = row.sequence;
        self.mac.clone_from(&row.mac);
    }

    fn end(mut self, head: &Head) -> Verified {
        if head.sequence != self.last || !is_end(self.key, head, &self.mac) {
            self.breaks.push(Break::End);
        }
        self.breaks.extend(self.noted.map(|noted| Break::NotNoted(noted.sequence)));
        let last = (self.entries > 0).then(|| Noted::of(self.last, &self.mac));
        let Self { entries, breaks, noted_was_pruned, .. } = self;
        Verified { entries, last, breaks, noted_was_pruned }
    }
}

/// Whether `head` authenticates the chain whose last `mac` is `last`. Nothing authenticates the end
/// of an unused chain.
fn is_end(key: &Key, head: &Head, last: &[u8]) -> bool {
    let is_unused = head.sequence == 0 && head.mac.is_empty() && last.is_empty();
    is_unused || is_same(&mac_of_head(key, head.sequence, last), &head.mac)
}

fn is_same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

fn mac_of_row(key: &Key, previous: &[u8], row: &AuditRow) -> Vec<u8> {
    let AuditRow { sequence, created_at, actor, face, action, target, change, reason, mac: _ } = row;
    let numbers = [sequence.to_be_bytes(), created_at.to_be_bytes()].concat();
    let texts = [actor, face, action, target, change, reason].map(String::as_bytes);
    mac(key, "row", [previous, &numbers].into_iter().chain(texts)).as_ref().to_vec()
}

/// Whether the server wrote the row after the one with the `mac` `previous`.
fn is_authentic(key: &Key, previous: &[u8], row: &AuditRow) -> bool {
    match pruned::Proof::of(row) {
        Some(proof) => proof.is_valid(key, previous, row),
        None => is_same(&mac_of_row(key, previous, row), &row.mac),
    }
}

/// The number of the first entry that a row stands for.
fn first_of(row: &AuditRow) -> i64 {
    pruned::Proof::of(row).map_or(row.sequence, |proof| proof.first)
}

fn mac_of_head(key: &Key, sequence: i64, last: &[u8]) -> Vec<u8> {
    mac(key, "head", [&sequence.to_be_bytes(), last]).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;

    use super::*;

    fn chain(key: &Key, length: i64) -> (Vec<AuditRow>, Head) {
        let mut rows: Vec<AuditRow> = Vec::new();
        for sequence in 1..=length {
            let mut row = AuditRow {
                sequence,
                created_at: 1_800_000_000 + sequence,
                actor: "ada".to_owned(),
                face: "command-line".to_owned(),
                action: "client.update".to_owned(),
                target: format!("client-{sequence}"),
                change: r#"{"after":{"client_name":"Shop"},"before":{}}"#.to_owned(),
                reason: "renamed".to_owned(),
                mac: Vec::new(),
            };
            let previous = rows.last().map(|row| row.mac.clone()).unwrap_or_default();
            row.mac = mac_of_row(key, &previous, &row);
            rows.push(row);
        }
        let last = rows.last().map(|row| row.mac.clone()).unwrap_or_default();
        (rows, Head { sequence: length, mac: mac_of_head(key, length, &last) })
    }

    fn breaks(key: &Key, rows: &[AuditRow], head: &Head, noted: Option<Noted>) -> Vec<Break> {
        let mut chain = Chain::new(key, noted);
        rows.iter().for_each(|row| chain.follow(row));
        chain.end(head).breaks
    }

    type Damage = fn(&mut Vec<AuditRow>, &mut Head);

    #[test]
    fn every_damage_to_the_chain_is_found() {
        let key = Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let (rows, head) = chain(&key, 6);
        let noted = Noted::of(4, &rows[3].mac);
        assert_eq!(breaks(&key, &rows, &head, Some(noted.clone())), []);
        let damages: [(Damage, &[Break]); 13] = [
            (|rows, _| rows.insert(0, AuditRow { sequence: -1, ..rows[0].clone() }), &[Break::Changed(-1)]),
            (|rows, _| rows[2].actor = "bob".to_owned(), &[Break::Changed(3)]),
            (|rows, _| rows[2].created_at -= 1, &[Break::Changed(3)]),
            (|rows, _| rows[2].change = "{}".to_owned(), &[Break::Changed(3)]),
            (|rows, _| rows[2].reason = String::new(), &[Break::Changed(3)]),
            // The texts are the same, with another border.
            (
                |rows, _| (rows[2].action, rows[2].target) = ("client.updatec".to_owned(), "lient-3".to_owned()),
                &[Break::Changed(3)],
            ),
            (|rows, _| rows[2].mac[0] ^= 1, &[Break::Changed(3), Break::Changed(4)]),
            (|rows, _| drop(rows.remove(2)), &[Break::Missing(3, 3)]),
            (|rows, _| drop(rows.drain(..2)), &[Break::Missing(1, 2)]),
            (|rows, _| drop(rows.pop()), &[Break::End]),
            (
                |rows, head| {
                    rows.push(AuditRow { sequence: 7, ..rows[5].clone() });
                    head.sequence = 7;
                },
                &[Break::Changed(7), Break::End],
            ),
            // Two entries change places.
            (
                |rows, _| {
                    rows.swap(2, 3);
                    (rows[2].sequence, rows[3].sequence) = (3, 4);
                },
                &[Break::Changed(3), Break::Changed(4), Break::Changed(5), Break::NotNoted(4)],
            ),
            (|rows, head| (*rows, *head) = (Vec::new(), Head { sequence: 0, mac: Vec::new() }), &[Break::NotNoted(4)]),
        ];
        for (index, (damage, expected)) in damages.into_iter().enumerate() {
            let (mut rows, mut head) = (rows.clone(), head.clone());
            damage(&mut rows, &mut head);
            assert_eq!(breaks(&key, &rows, &head, Some(noted.clone())), expected, "damage {index}");
        }
    }

    #[test]
    fn chain_of_another_key_is_refused() {
        let (rows, head) = chain(&Key::new(hmac::HMAC_SHA256, &[7; 32]), 1);
        let other = Key::new(hmac::HMAC_SHA256, &[8; 32]);
        assert_eq!(breaks(&other, &rows, &head, None), [Break::Changed(1), Break::End]);
    }
}
