//! Changes of clients.

use serde_json::{Value, json};
use writ_core::{ClientMetadata, vocabulary::logo::Logo, vocabulary::scope::OPENID_SCOPES};

use super::{Actor, Change, audit};
use crate::{
    fault::Fault,
    secret::SecretHash,
    store::{
        Tx, client_logos,
        clients::{self, Client},
        resources,
    },
};

/// Why the metadata of a client was not stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A scope of the metadata does not exist.
    #[error("there is no scope {0}: see `writ scope list`")]
    UnknownScope(String),
    /// The client was changed or deleted since it was read.
    #[error("client {0} has changed meanwhile: try again")]
    Changed(String),
}

/// Registers a client. A `client_id` in use is a unique violation.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    metadata: &ClientMetadata,
    secret: Option<SecretHash>,
) -> Result<Result<(), Refusal>, Fault> {
    if let Some(scope) = unknown_scope(tx, metadata)? {
        return Ok(Err(Refusal::UnknownScope(scope)));
    }
    clients::insert(tx, id, metadata, secret)?;
    audit::record(tx, actor, "client.create", id, Change::creation(json(metadata)?))?;
    Ok(Ok(()))
}

/// Replaces the metadata of a client, if it is still that of `seen`. `secret` is added if the
/// client needs one and has none. A client without a secret loses those that it has.
pub fn update(
    tx: &mut Tx<'_>,
    actor: &Actor,
    seen: &Client,
    metadata: &ClientMetadata,
    secret: Option<SecretHash>,
) -> Result<Result<(), Refusal>, Fault> {
    if let Some(scope) = unknown_scope(tx, metadata)? {
        return Ok(Err(Refusal::UnknownScope(scope)));
    }
    if !clients::update_seen(tx, seen, metadata)? {
        return Ok(Err(Refusal::Changed(seen.id.clone())));
    }
    if !metadata.has_secret() && !seen.secret_hashes.is_empty() {
        clients::delete_secrets(tx, &seen.id)?;
    }
    if let Some(secret) = secret {
        clients::rotate_secret(tx, &seen.id, secret)?;
    }
    audit::record(tx, actor, "client.update", &seen.id, Change::between(json(&seen.metadata)?, json(metadata)?))?;
    Ok(Ok(()))
}

/// Approves a client, if its metadata is still that of `seen`. `false` if it is not.
pub fn approve(tx: &mut Tx<'_>, actor: &Actor, seen: &Client) -> Result<bool, Fault> {
    if !clients::approve(tx, seen)? {
        return Ok(false);
    }
    let change = Change::between(json!({"approved": seen.approved}), json!({"approved": true}));
    audit::record(tx, actor, "client.approve", &seen.id, change)?;
    Ok(true)
}

/// Adds a secret. The latest of the earlier ones is valid until the next rotation.
pub fn rotate_secret(tx: &mut Tx<'_>, actor: &Actor, id: &str, secret: SecretHash) -> Result<(), Fault> {
    clients::rotate_secret(tx, id, secret)?;
    audit::record(tx, actor, "client.rotate-secret", id, Change::default())
}

/// Replaces the logo.
pub fn set_logo(tx: &mut Tx<'_>, actor: &Actor, id: &str, logo: &Logo) -> Result<(), Fault> {
    client_logos::save(tx, id, logo)?;
    audit::record(tx, actor, "client.set-logo", id, Change::default())
}

/// Removes the logo. `false` if there is none.
pub fn remove_logo(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<bool, Fault> {
    if !client_logos::delete(tx, id)? {
        return Ok(false);
    }
    audit::record(tx, actor, "client.remove-logo", id, Change::default())?;
    Ok(true)
}

/// Deletes a client and its grants. `false` if there is no such client.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<bool, Fault> {
    let Some(client) = clients::find(tx, id)? else { return Ok(false) };
    clients::delete(tx, id)?;
    audit::record(tx, actor, "client.delete", id, Change::deletion(json(&client.metadata)?))?;
    Ok(true)
}

/// The first scope in the metadata that does not exist.
fn unknown_scope(tx: &mut Tx<'_>, metadata: &ClientMetadata) -> Result<Option<String>, Fault> {
    let servers = resources::list(tx)?;
    let known = |name: &str| {
        OPENID_SCOPES.contains(&name)
            || servers.iter().flat_map(|server| &server.scopes).any(|scope| scope.name == name)
    };
    Ok(metadata.scope.iter().find(|name| !known(name)).map(str::to_owned))
}

fn json(metadata: &ClientMetadata) -> Result<Value, Fault> {
    serde_json::to_value(metadata).map_err(|error| Fault::Corrupt(format!("client metadata: {error}")))
}
