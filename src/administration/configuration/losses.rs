//! What users lose by a plan.

use serde::Serialize;
use serde_json::{Map, Value};
use writ_core::ScopeSet;

use super::{
    desired::Desired,
    plan::{Action, Plan, Step},
    state::State,
};
use crate::{
    administration::clients::registration,
    fault::Fault,
    store::{
        Id, Tx, clients, groups,
        owners::Kind,
        usage::{self, Usage},
    },
};

/// What a step takes from users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// The kind of the object.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What is lost.
    pub what: &'static str,
    /// The number of live grants that end or lose something, counted as in [`Usage`].
    pub grants: i64,
    /// The number of their users, or of the members of a group.
    pub users: i64,
    /// The other clients whose registration loses a scope.
    pub clients: Vec<String>,
}

/// Counts what users lose. Large tables are read, so it is counted before the change, which locks
/// what others write.
///
/// # Errors
/// A fault of the store.
pub fn count(tx: &mut Tx<'_>, state: &State, desired: &Desired, plan: &Plan) -> Result<Vec<Loss>, Fault> {
    let mut losses = Vec::new();
    for step in &plan.steps {
        let Some(what) = what(tx, desired, step)? else { continue };
        let loss = |Usage { grants, users }: Usage, clients: Vec<String>| Loss {
            kind: step.kind,
            name: step.name.clone(),
            what,
            grants,
            users,
            clients,
        };
        let loss = match step.kind {
            Kind::Client => loss(usage::of_client(tx, &step.name)?, Vec::new()),
            Kind::Scope => {
                let scopes = std::iter::once(step.name.as_str()).collect();
                let is_deleted = step.action == Action::Delete;
                let clients = if is_deleted { other_clients(state, desired, &step.name) } else { Vec::new() };
                loss(usage::of_scopes(tx, &scopes)?, clients)
            }
            Kind::Resource => {
                let scopes = state.document.scopes.iter().filter(|(_, scope)| scope.resource == step.name);
                let scopes: ScopeSet = scopes.map(|(name, _)| name.as_str()).collect();
                loss(usage::of_scopes(tx, &scopes)?, Vec::new())
            }
            Kind::Group => {
                let id = groups::list(tx)?.find(&step.name).map(|group| Id(group.id));
                let users = id.map(|id| groups::count_members(tx, id)).transpose()?.unwrap_or_default();
                loss(Usage { grants: 0, users }, Vec::new())
            }
        };
        if loss.grants > 0 || loss.users > 0 || !loss.clients.is_empty() {
            losses.push(loss);
        }
    }
    Ok(losses)
}

/// What users lose by a step. `None` if nothing.
fn what(tx: &mut Tx<'_>, desired: &Desired, step: &Step) -> Result<Option<&'static str>, Fault> {
    Ok(match (step.action, step.kind) {
        (Action::Create, _) => None,
        (Action::Delete, Kind::Client) => Some("every grant ends"),
        (Action::Delete, Kind::Scope) => Some("grants lose the scope"),
        (Action::Delete, Kind::Group) => Some("it has no members any more"),
        // Its scopes are steps of their own.
        (Action::Delete, Kind::Resource) => None,
        (Action::Update, Kind::Group) => step.before.contains_key("in").then_some("its members leave the other group"),
        (Action::Update, Kind::Resource) => {
            step.before.contains_key("audience").then_some("tokens for the present audience are not renewed")
        }
        (Action::Update, Kind::Scope) => {
            (is_closed_to_some(step) || step.after.contains_key("acr")).then_some("it is open to fewer users")
        }
        (Action::Update, Kind::Client) if is_closed_to_some(step) => Some("it is open to fewer users"),
        (Action::Update, Kind::Client) => {
            let before = clients::find(tx, &step.name)?.map(|client| client.metadata);
            let after = desired.clients.get(&step.name);
            let narrows = before.zip(after).is_some_and(|(before, after)| registration::narrows(&before, after));
            narrows.then_some("the registration allows less")
        }
    })
}

/// Whether users lose what they were let into: it was open to all, or to a group that is left out.
fn is_closed_to_some(step: &Step) -> bool {
    let groups = |members: &Map<String, Value>| members.get("groups").and_then(Value::as_array).cloned();
    match (groups(&step.before), groups(&step.after)) {
        (Some(before), Some(after)) => before.iter().any(|group| !after.contains(group)),
        (None, after) => after.is_some(),
        (Some(_), None) => false,
    }
}

/// The clients that are registered for a scope and not in the document.
fn other_clients(state: &State, desired: &Desired, scope: &str) -> Vec<String> {
    let has = |members: &Map<String, Value>| {
        members.get("scope").and_then(Value::as_str).is_some_and(|scopes| scopes.split(' ').any(|name| name == scope))
    };
    let others = state.document.clients.iter().filter(|(id, _)| !desired.document.clients.contains_key(*id));
    others.filter(|(_, client)| has(&client.metadata)).map(|(id, _)| id.clone()).collect()
}
