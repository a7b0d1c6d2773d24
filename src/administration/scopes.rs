//! Changes of scopes.

use serde_json::{Value, json};

use super::{Actor, Change, audit};
use crate::{
    fault::Fault,
    store::{
        Tx,
        resources::{self, Scope},
    },
};

/// Adds a scope. `false` if there is no such resource server. A name in use is a unique violation.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, resource: &str, scope: &Scope) -> Result<bool, Fault> {
    if !resources::list(tx)?.iter().any(|server| server.id == resource) {
        return Ok(false);
    }
    resources::insert_scope(tx, resource, scope)?;
    let mut after = json(scope);
    after["resource"] = json!(resource);
    audit::record(tx, actor, "scope.create", &scope.name, Change::creation(after))?;
    Ok(true)
}

/// Replaces the texts, the risk, and whether it is a default.
pub fn update(tx: &mut Tx<'_>, actor: &Actor, before: &Scope, after: &Scope) -> Result<(), Fault> {
    resources::update_scope(tx, after)?;
    audit::record(tx, actor, "scope.update", &after.name, Change::between(json(before), json(after)))
}

/// Deletes a scope, in registrations too. Returns the clients that lost it. `None` if there is no
/// such scope.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<Option<Vec<String>>, Fault> {
    let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
    let Some(scope) = scopes.into_iter().find(|scope| scope.name == name) else { return Ok(None) };
    let withdrawn = resources::delete_scope(tx, name)?;
    if let Some(clients) = &withdrawn {
        let mut before = json(&scope);
        before["withdrawn_from"] = json!(clients);
        audit::record(tx, actor, "scope.delete", name, Change::deletion(before))?;
    }
    Ok(withdrawn)
}

fn json(scope: &Scope) -> Value {
    json!({ "risk": scope.risk.as_str(), "default": scope.is_default, "texts": scope.texts })
}
