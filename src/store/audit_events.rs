//! What users and the server did and is not in the audit log yet. It is stored by the unit of work
//! that did it, and appended to the chain by a task, so that no request waits for another's entry.

use aws_lc_rs::{constant_time, hmac};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{
    Fault, Id, Tx, on,
    schema::audit_events,
    throttle::{self, Key, Rate},
};
use crate::secret::mac;

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
    /// Authenticates the others.
    pub mac: Vec<u8>,
}

impl AuditEvent {
    fn tag(&self, key: &hmac::Key) -> hmac::Tag {
        let Self { id, created_at, actor, face, action, target, change, mac: _ } = self;
        let texts = [actor, face, action, target, change].map(String::as_bytes);
        mac(key, "event", [&id.0.as_bytes()[..], &created_at.to_be_bytes()].into_iter().chain(texts))
    }

    /// Whether the server stored it. Someone who has only the database cannot.
    pub fn is_authentic(&self, key: &hmac::Key) -> bool {
        constant_time::verify_slices_are_equal(self.tag(key).as_ref(), &self.mac).is_ok()
    }
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
    let (id, created_at, face) = (Id::now_v7(), tx.now, face.to_owned());
    let mut event = AuditEvent { id, created_at, actor, face, action, target, change, mac: Vec::new() };
    let key = tx.event_key().ok_or_else(|| Fault::Keys("none authenticates events for the audit log".to_owned()))?;
    event.mac = event.tag(key).as_ref().to_vec();
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
