//! Administration: each change that an administrator can make, once.
//!
//! A change is a function of a unit of work and an [`Actor`]. It writes its entry in the audit log
//! in the same unit of work, so that no change is committed without one. The command line, the
//! administration API and the console are faces of these functions: they parse, ask and show.

mod actor;
pub mod administrators;
pub mod audit;
pub mod clients;
pub mod configuration;
pub mod connections;
pub mod groups;
pub mod initial_access_tokens;
pub mod keys;
pub mod mails;
pub mod resources;
pub mod scopes;
pub mod texts;
pub mod users;

pub use actor::{Actor, Face};

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::resources::Scope;

/// A deletion that only the command line makes: creating the same name again would lift a
/// restriction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is disabled, open to some groups only, or demands an acr: use the command line")]
pub struct Restricted;

impl Restricted {
    fn check(actor: &Actor, is_restricted: bool) -> Result<(), Self> {
        if actor.face != Face::CommandLine && is_restricted { Err(Self) } else { Ok(()) }
    }

    fn check_scopes(actor: &Actor, scopes: &[Scope]) -> Result<(), Self> {
        Self::check(actor, scopes.iter().any(|scope| scope.open_to.is_some() || scope.acr.is_some()))
    }
}

/// A digest that changes with the state of an object, to compare versions. It may be of hashes, but
/// not of secrets.
pub fn version_of(state: &impl Serialize) -> String {
    let json = serde_json::to_vec(state).unwrap_or_default();
    digest(&SHA256, &json).as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a change did to the members of an object.
#[derive(Debug, Default, PartialEq, Eq)]
struct Change {
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Change {
    /// The members that differ.
    fn between(before: Value, after: Value) -> Self {
        let (mut before, mut after) = (members(before), members(after));
        before.retain(|name, value| match after.get(name) {
            Some(same) if same == value => after.remove(name).is_none(),
            _ => true,
        });
        Self { before, after }
    }

    /// A new object.
    fn creation(after: Value) -> Self {
        Self::between(Value::Null, after)
    }

    /// An object that was deleted.
    fn deletion(before: Value) -> Self {
        Self::between(before, Value::Null)
    }

    fn json(self) -> String {
        serde_json::json!({ "before": self.before, "after": self.after }).to_string()
    }
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Change;

    #[test]
    fn change_has_only_the_members_that_differ() {
        for (before, after, changed) in [
            (json!({"a": 1, "b": 2}), json!({"a": 1, "b": 3}), json!({"before": {"b": 2}, "after": {"b": 3}})),
            (json!({"a": 1}), json!({"a": 1, "b": [2]}), json!({"before": {}, "after": {"b": [2]}})),
            (json!({"a": 1}), json!({}), json!({"before": {"a": 1}, "after": {}})),
            (json!(null), json!({"a": 1}), json!({"before": {}, "after": {"a": 1}})),
            (json!({"a": null}), json!({"a": null}), json!({"before": {}, "after": {}})),
        ] {
            assert_eq!(Change::between(before, after).json(), changed.to_string());
        }
    }
}
