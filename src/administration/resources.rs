//! Changes of resource servers.

use serde_json::{Value, json};
use writ_core::{SigningAlg, token::access_token::AccessTokenTyp};

use super::{Actor, Change, audit};
use crate::{
    fault::Fault,
    secret::SecretHash,
    store::{
        Tx,
        resources::{self, ResourceServer},
    },
};

/// Adds a resource server without scopes. An id or audience in use is a unique violation.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    server: &ResourceServer,
    secret: Option<SecretHash>,
) -> Result<(), Fault> {
    resources::insert(tx, &server.id, &server.audience, &server.names, secret, server.tokens)?;
    audit::record(tx, actor, "resource.create", &server.id, Change::creation(json(server)))
}

/// Replaces the audience, the names and the token format. An audience in use is a unique violation.
pub fn update(tx: &mut Tx<'_>, actor: &Actor, before: &ResourceServer, after: &ResourceServer) -> Result<(), Fault> {
    resources::update(tx, after)?;
    audit::record(tx, actor, "resource.update", &after.id, Change::between(json(before), json(after)))
}

/// Replaces the secret.
pub fn rotate_secret(tx: &mut Tx<'_>, actor: &Actor, id: &str, secret: SecretHash) -> Result<(), Fault> {
    resources::set_secret(tx, id, secret)?;
    audit::record(tx, actor, "resource.rotate-secret", id, Change::default())
}

/// Deletes a resource server and its scopes, in registrations too. Returns the clients that lost a
/// scope. `None` if there is no such resource server.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<Option<Vec<String>>, Fault> {
    let Some(server) = resources::list(tx)?.into_iter().find(|server| server.id == id) else { return Ok(None) };
    let withdrawn = resources::delete(tx, id)?;
    if let Some(clients) = &withdrawn {
        let mut before = json(&server);
        before["withdrawn_from"] = json!(clients);
        audit::record(tx, actor, "resource.delete", id, Change::deletion(before))?;
    }
    Ok(withdrawn)
}

fn json(server: &ResourceServer) -> Value {
    json!({
        "audience": server.audience,
        "names": server.names,
        "scopes": server.scopes.iter().map(|scope| &scope.name).collect::<Vec<_>>(),
        "token_typ": server.tokens.typ.map(AccessTokenTyp::as_str),
        "token_alg": server.tokens.alg.map(SigningAlg::as_str),
        "token_lifetime": server.tokens.lifetime,
    })
}
