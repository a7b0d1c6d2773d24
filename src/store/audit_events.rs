//! What users and the server did and is not in the audit log yet. It is stored by the unit of work
//! that did it, and appended to the chain by a task, so that no request waits for another's entry.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{
    Fault, Id, Tx, on,
    schema::audit_events,
    throttle::{self, Key, Rate},
};

/// How a user acts, as the audit log names it.
pub const ACCOUNT: &str = "account";
/// How the server acts by itself.
pub const SERVER: &str = "server";

/// The refusals of a user that are recorded: twenty at once, then one in an hour.
const REFUSALS: Rate = Rate::new(20, 3600);

/// An event as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events)]
pub struct AuditEvent {
    /// UUIDv7.
    pub id: Id,
    /// When it happened, in seconds since the epoch.
    pub created_at: i64,
    /// The `sub` of the account with the network from which it happened, or the server.
    pub actor: String,
    /// [`ACCOUNT`] or [`SERVER`].
    pub face: String,
    /// What happened, such as `account.signed_in`.
    pub action: String,
    /// What it happened to.
    pub target: String,
    /// As in the audit log.
    pub change: String,
}

/// Records what a user did, or what was done in the user's name. `about` are its circumstances.
pub fn of_user(
    tx: &mut Tx<'_>,
    user_id: Id,
    network: &str,
    action: String,
    target: String,
    about: Value,
) -> Result<(), Fault> {
    let actor = if network.is_empty() { user_id.to_string() } else { format!("{user_id} from {network}") };
    insert(tx, actor, ACCOUNT, action, target, about)
}

/// Records that a policy refused a user something: twenty refusals of the user, then one in an
/// hour.
pub fn refusal(tx: &mut Tx<'_>, user_id: Id, network: &str, action: &str, target: &str) -> Result<(), Fault> {
    match throttle::attempt(tx, &Key::new("policy", &user_id.to_string()), REFUSALS)? {
        None => of_user(tx, user_id, network, action.to_owned(), target.to_owned(), json!({})),
        Some(_) => Ok(()),
    }
}

/// Records what the server did by itself.
pub fn of_server(tx: &mut Tx<'_>, action: &str, target: String, about: Value) -> Result<(), Fault> {
    insert(tx, SERVER.to_owned(), SERVER, action.to_owned(), target, about)
}

fn insert(
    tx: &mut Tx<'_>,
    actor: String,
    face: &str,
    action: String,
    target: String,
    about: Value,
) -> Result<(), Fault> {
    let change = json!({ "before": {}, "after": about }).to_string();
    let event =
        AuditEvent { id: Id::now_v7(), created_at: tx.now, actor, face: face.to_owned(), action, target, change };
    on!(tx, |conn| diesel::insert_into(audit_events::table).values(&event).execute(conn))?;
    Ok(())
}

/// Whether an event waits for the task.
pub fn is_any(tx: &mut Tx<'_>) -> Result<bool, Fault> {
    let first: Option<Id> = on!(tx, |conn| audit_events::table.select(audit_events::id).first(conn).optional())?;
    Ok(first.is_some())
}

/// Deletes the oldest events, at most `most`, and returns them in order.
pub fn take(tx: &mut Tx<'_>, most: i64) -> Result<Vec<AuditEvent>, Fault> {
    let oldest = audit_events::table.order(audit_events::id).limit(most);
    let events: Vec<AuditEvent> = on!(tx, |conn| oldest.select(AuditEvent::as_select()).load(conn))?;
    let ids: Vec<Id> = events.iter().map(|event| event.id).collect();
    on!(tx, |conn| diesel::delete(audit_events::table.filter(audit_events::id.eq_any(ids))).execute(conn))?;
    Ok(events)
}
