//! An entry of the audit log as sinks get it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::{administration::audit::Noted, store::audit_log::AuditRow};

/// An entry, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number in the chain.
    pub(super) sequence: i64,
    /// When the change was made, in RFC 3339.
    pub(super) time: String,
    /// What was done, such as `client.update`.
    pub(super) action: String,
    /// The whole entry as JSON on one line.
    pub(super) json: String,
    /// The same without what was changed, for channels that take no long messages.
    pub(super) short_json: String,
}

/// The members of an entry. Like the entry, they have no secret.
#[derive(Serialize)]
struct Members<'a> {
    issuer: &'a str,
    time: &'a str,
    #[serde(flatten)]
    row: &'a AuditRow,
    /// What `writ audit verify --noted` accepts.
    noted: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Value>,
}

impl Entry {
    pub(super) fn new(issuer: &str, row: &AuditRow) -> Self {
        let time = Timestamp::from_second(row.created_at).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
        // Someone who changed the database must not be able to stop the delivery.
        let change = serde_json::from_str(&row.change).unwrap_or_else(|_| Value::String(row.change.clone()));
        let noted = Noted::of(row.sequence, &row.mac).to_string();
        let mut members = Members { issuer, time: &time, row, noted, change: Some(change) };
        let json = text(&members);
        members.change = None;
        let short_json = text(&members);
        Self { sequence: row.sequence, action: row.action.clone(), json, short_json, time }
    }
}

fn text(members: &Members<'_>) -> String {
    serde_json::to_string(members).unwrap_or_default()
}
