//! Entries of the audit log, as the console shows them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Console, Place, path_of};
use crate::{
    administration::audit::Noted,
    fault::{Fault, Stop},
    server::Server,
    store::{
        Id, Tx,
        audit_log::{self, AuditRow, Search},
        users,
    },
};

/// Maximum number of characters of a value in a list.
const MAX_VALUE: usize = 120;
/// The number of entries in which one page searches. Only a search by target has an index.
pub(super) const SEARCHED: i64 = 20_000;
/// The number of changes of a kind that are shown.
const OF_KIND: i64 = 5;

/// A change by an administrator.
pub struct EntryView {
    /// The number in the chain.
    pub sequence: i64,
    /// When it was made.
    pub when: String,
    /// Who made it: a username, a client or a user of the operating system.
    pub who: String,
    /// How, such as `console`.
    pub face: String,
    /// What was done, such as `client.update`.
    pub action: String,
    /// What was changed: a username or an id.
    pub target: String,
    /// Its page.
    pub path: Option<String>,
    /// Why. Empty if no reason was given.
    pub reason: String,
    /// The changed members.
    pub members: Vec<MemberView>,
}

/// A changed member.
pub struct MemberView {
    /// Its name.
    pub name: String,
    /// Its value before. Empty if there was none.
    pub before: String,
    /// Its value after. Empty if there is none.
    pub after: String,
}

/// The latest changes of one object, the latest first.
pub(super) async fn of_target(
    server: &Server,
    console: &Console,
    target: String,
    most: i64,
) -> Result<Vec<EntryView>, Stop> {
    latest(server, console, Search { target: Some(target), ..Search::default() }, most).await
}

/// The latest changes of a kind, such as `key`, among the latest ones of all.
pub(super) async fn of_kind(server: &Server, console: &Console, kind: &str) -> Result<Vec<EntryView>, Stop> {
    let end = server.store.read(audit_log::head).await?.sequence;
    let search = Search { action: Some(kind.to_owned()), after: end - SEARCHED, ..Search::default() };
    latest(server, console, search, OF_KIND).await
}

/// The latest changes that match, the latest first.
pub(super) async fn latest(
    server: &Server,
    console: &Console,
    search: Search,
    most: i64,
) -> Result<Vec<EntryView>, Stop> {
    let (rows, names) = server
        .store
        .read(move |tx| {
            let rows = audit_log::latest(tx, &search, most)?;
            let names = names(tx, &rows)?;
            Ok((rows, names))
        })
        .await?;
    Ok(rows.into_iter().map(|row| view(console, row, &names, MAX_VALUE)).collect())
}

/// The entry with this number, with its `mac` and whole values.
pub(super) async fn find(
    server: &Server,
    console: &Console,
    sequence: i64,
) -> Result<Option<(EntryView, String)>, Stop> {
    let read = server.store.read(move |tx| {
        let mut rows = audit_log::list_after(tx, sequence.saturating_sub(1), 1)?;
        rows.retain(|row| row.sequence == sequence);
        let names = names(tx, &rows)?;
        Ok((rows.pop(), names))
    });
    let (Some(row), names) = read.await? else { return Ok(None) };
    let noted = Noted::of(row.sequence, &row.mac).to_string();
    Ok(Some((view(console, row, &names, usize::MAX), noted)))
}

/// The usernames of the users that entries name.
fn names(tx: &mut Tx<'_>, rows: &[AuditRow]) -> Result<HashMap<Id, String>, Fault> {
    let mut names = HashMap::new();
    for id in rows.iter().flat_map(|row| [user_of(&row.actor), user_of(&row.target)]).flatten() {
        if !names.contains_key(&id)
            && let Some(user) = users::find(tx, id)?
        {
            names.insert(id, user.username);
        }
    }
    Ok(names)
}

/// The id at the start of a text.
fn user_of(text: &str) -> Option<Id> {
    text.split(' ').next()?.parse().ok()
}

fn view(console: &Console, row: AuditRow, names: &HashMap<Id, String>, longest: usize) -> EntryView {
    let name = |text: &str| user_of(text).and_then(|id| names.get(&id)).cloned();
    let place = match row.action.split('.').next() {
        Some("client") => Some(Place::Apps),
        Some("group") if user_of(&row.target).is_some() => Some(Place::Groups),
        Some("resource") => Some(Place::Resources),
        Some("account" | "policy") if row.actor.split(' ').next() != Some(&*row.target) => Some(Place::Apps),
        Some("user" | "connection" | "account" | "policy") if name(&row.target).is_some() => Some(Place::Users),
        _ => None,
    };
    let network = row.actor.split_once(" from ").map(|(_, network)| network);
    EntryView {
        sequence: row.sequence,
        when: console.date_time(row.created_at),
        who: match (name(&row.actor), network) {
            (Some(name), Some(network)) => format!("{name} ({network})"),
            (Some(name), None) => name,
            (None, _) => row.actor,
        },
        path: place.map(|place| path_of(place, &row.target)),
        target: name(&row.target).unwrap_or(row.target),
        face: row.face,
        action: row.action,
        reason: row.reason,
        members: members(&row.change, longest),
    }
}

fn members(change: &str, longest: usize) -> Vec<MemberView> {
    let change: Map<String, Value> = serde_json::from_str(change).unwrap_or_default();
    let side = |name: &str| change.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (side("before"), side("after"));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let value =
        |side: &Map<String, Value>, name: &str| side.get(name).map(|value| shown(value, longest)).unwrap_or_default();
    let member =
        |name: &String| MemberView { name: name.clone(), before: value(&before, name), after: value(&after, name) };
    names.into_iter().map(member).collect()
}

fn shown(value: &Value, longest: usize) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
