//! Changes of clients.

pub mod information;
pub mod logo;
pub mod registration;
pub mod schema;

use serde_json::{Value, json};
use writ_core::{
    Cause, ClientMetadata, ErrorCode, ScopeSet,
    groups::GroupIds,
    vocabulary::{
        acr::Acr,
        administration_scope::{AdministrationScope, first_reserved},
        logo::Logo,
        scope::OPENID_SCOPES,
    },
};

use super::{Actor, Change, Face, Restricted, audit};
use crate::{
    fault::Fault,
    secret::SecretHash,
    store::{
        Id, Tx, client_logos,
        clients::{self, Client, Origin},
        connections, groups, requests, resources, revision,
    },
};

/// Why a client was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A scope of the metadata does not exist.
    #[error("there is no scope {0}: see `writ scope list`")]
    UnknownScope(String),
    /// The client was changed or deleted since it was read.
    #[error("client {0} has changed meanwhile: try again")]
    Changed(String),
    /// A client that registered itself cannot administer.
    #[error("client {0} was not registered by an operator: it cannot have scopes of the administration API")]
    NotByOperator(String),
    /// A client that administers cannot create or change one.
    #[error("client {0} has scopes of the administration API: use the command line")]
    CommandLineOnly(String),
    /// The client is open to some groups only.
    #[error(transparent)]
    Restricted(#[from] Restricted),
    /// The client has no secret to replace.
    #[error("client {0} is registered without a secret")]
    NoSecret(String),
}

impl Refusal {
    /// The cause, for callers of the API.
    pub fn cause(&self) -> Cause {
        match self {
            Self::UnknownScope(_) => Cause::ScopeUnknown,
            Self::Changed(_) => Cause::PreconditionFailed,
            Self::NotByOperator(_) | Self::CommandLineOnly(_) => Cause::ScopeAdministrative,
            Self::Restricted(_) => ErrorCode::AccessDenied.into(),
            Self::NoSecret(_) => ErrorCode::InvalidClientMetadata.into(),
        }
    }
}

/// The number of users in one unit of work.
const BATCH: usize = 100;

/// The result of a change that may be refused.
pub type Changed = Result<Result<(), Refusal>, Fault>;

/// Registers a client. A `client_id` in use is a unique violation.
pub fn create(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: &str,
    metadata: &ClientMetadata,
    secret: Option<SecretHash>,
) -> Changed {
    if let Err(refusal) = check_administrative(actor, id, Origin::Administrator, &[&metadata.scope]) {
        return Ok(Err(refusal));
    }
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
) -> Changed {
    if let Err(refusal) = check_administrative(actor, &seen.id, seen.origin, &[&seen.metadata.scope, &metadata.scope]) {
        return Ok(Err(refusal));
    }
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

/// Opens a client to some groups only, or to all users. `false` if there is no such client.
pub fn set_groups(tx: &mut Tx<'_>, actor: &Actor, id: &str, open_to: Option<&GroupIds>) -> Result<bool, Fault> {
    revision::lock(tx)?;
    let Some(client) = clients::find(tx, id)? else { return Ok(false) };
    clients::set_open_to(tx, id, open_to)?;
    let groups = groups::list(tx)?;
    let json = |open_to: Option<&GroupIds>| json!({ "groups": open_to.map(|ids| groups.names(ids)) });
    let change = Change::between(json(client.open_to.as_ref()), json(open_to));
    audit::record(tx, actor, "client.set-groups", id, change)?;
    Ok(true)
}

/// Sets the class of authentication that a client demands of all users. `false` if there is no such
/// client.
pub fn set_acr(tx: &mut Tx<'_>, actor: &Actor, id: &str, acr: Option<Acr>) -> Result<bool, Fault> {
    revision::lock(tx)?;
    let Some(client) = clients::find(tx, id)? else { return Ok(false) };
    clients::set_acr(tx, id, acr)?;
    let json = |acr: Option<Acr>| json!({ "acr": acr.map(Acr::as_str) });
    audit::record(tx, actor, "client.set-acr", id, Change::between(json(client.acr), json(acr)))?;
    Ok(true)
}

/// Disables a client: it gets nothing and its tokens are not active, but nothing is deleted.
pub fn disable(tx: &mut Tx<'_>, actor: &Actor, client: &Client) -> Changed {
    set_disabled(tx, actor, "client.disable", client, true)
}

/// Enables a disabled client.
pub fn enable(tx: &mut Tx<'_>, actor: &Actor, client: &Client) -> Changed {
    set_disabled(tx, actor, "client.enable", client, false)
}

fn set_disabled(tx: &mut Tx<'_>, actor: &Actor, action: &str, client: &Client, disabled: bool) -> Changed {
    if let Err(refusal) = check_administrative(actor, &client.id, client.origin, &[&client.metadata.scope]) {
        return Ok(Err(refusal));
    }
    if client.disabled_at.is_some() == disabled {
        return Ok(Ok(()));
    }
    if !clients::set_disabled(tx, &client.id, disabled)? {
        return Ok(Err(Refusal::Changed(client.id.clone())));
    }
    let change = Change::between(json!({ "disabled": !disabled }), json!({ "disabled": disabled }));
    audit::record(tx, actor, action, &client.id, change)?;
    Ok(Ok(()))
}

/// Adds a secret. The latest of the earlier ones is valid until the next rotation.
pub fn rotate_secret(tx: &mut Tx<'_>, actor: &Actor, client: &Client, secret: SecretHash) -> Changed {
    if let Err(refusal) = check_administrative(actor, &client.id, client.origin, &[&client.metadata.scope]) {
        return Ok(Err(refusal));
    }
    if !client.metadata.has_secret() {
        return Ok(Err(Refusal::NoSecret(client.id.clone())));
    }
    clients::rotate_secret(tx, &client.id, secret)?;
    audit::record(tx, actor, "client.rotate-secret", &client.id, Change::default())?;
    Ok(Ok(()))
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
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, id: &str) -> Result<Result<bool, Refusal>, Fault> {
    let Some(client) = clients::find(tx, id)? else { return Ok(Ok(false)) };
    if let Err(refusal) = check_administrative(actor, id, client.origin, &[&client.metadata.scope]) {
        return Ok(Err(refusal));
    }
    if let Err(restricted) =
        Restricted::check(actor, client.open_to.is_some() || client.disabled_at.is_some() || client.acr.is_some())
    {
        return Ok(Err(restricted.into()));
    }
    clients::delete(tx, id)?;
    audit::record(tx, actor, "client.delete", id, Change::deletion(json(&client.metadata)?))?;
    Ok(Ok(true))
}

/// What one unit of work disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disconnected {
    /// The number of users.
    pub users: usize,
    /// The last user, if there may be more.
    pub next: Option<Id>,
}

/// Disconnects a client from a batch of users after `after`, by id.
pub fn disconnect_users(
    tx: &mut Tx<'_>,
    actor: &Actor,
    client: &Client,
    after: Id,
) -> Result<Result<Disconnected, Refusal>, Fault> {
    let id = &client.id;
    if let Err(refusal) = check_administrative(actor, id, client.origin, &[&client.metadata.scope]) {
        return Ok(Err(refusal));
    }
    requests::deny_allowed_to(tx, id)?;
    let batch = connections::users_of(tx, id, after, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
    let mut users = 0;
    for user in &batch {
        users += usize::from(connections::disconnect(tx, *user, id, "")?);
    }
    if users > 0 {
        audit::record(tx, actor, "client.disconnect-users", id, Change::deletion(json!({ "users": users })))?;
    }
    Ok(Ok(Disconnected { users, next: batch.last().copied().filter(|_| batch.len() == BATCH) }))
}

/// Only an operator decides which clients administer: the command line alone creates and changes
/// those with scopes of the administration API, and only those that it registered can have one.
fn check_administrative(actor: &Actor, id: &str, origin: Origin, scopes: &[&ScopeSet]) -> Result<(), Refusal> {
    if scopes.iter().all(|scope| first_reserved(scope).is_none()) {
        return Ok(());
    }
    match (actor.face, origin) {
        (Face::Api | Face::Console, _) => Err(Refusal::CommandLineOnly(id.to_owned())),
        (Face::CommandLine, Origin::Administrator) => Ok(()),
        (Face::CommandLine, _) => Err(Refusal::NotByOperator(id.to_owned())),
    }
}

/// The first scope in the metadata that does not exist.
fn unknown_scope(tx: &mut Tx<'_>, metadata: &ClientMetadata) -> Result<Option<String>, Fault> {
    let servers = resources::list(tx)?;
    let known = |name: &str| {
        OPENID_SCOPES.contains(&name)
            || name.parse::<AdministrationScope>().is_ok()
            || servers.iter().flat_map(|server| &server.scopes).any(|scope| scope.name == name)
    };
    Ok(metadata.scope.iter().find(|name| !known(name)).map(str::to_owned))
}

fn json(metadata: &ClientMetadata) -> Result<Value, Fault> {
    serde_json::to_value(metadata).map_err(|error| Fault::Corrupt(format!("client metadata: {error}")))
}
