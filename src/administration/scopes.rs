//! Changes of scopes.

pub mod information;

use serde_json::{Value, json};
use writ_core::{
    scopes::conditions::Conditions,
    vocabulary::{
        acr::Acr,
        administration_scope::is_reserved,
        scope::{OPENID_SCOPES, is_scope_token},
    },
};

use super::{Actor, Change, Face, Restricted, audit, texts, version_of};
use crate::{
    fault::Fault,
    store::{
        Tx,
        resources::{self, Scope, ScopeText},
    },
};

/// Why a scope was not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name has characters that a scope cannot have.
    #[error("a scope's name is printable ASCII without space, quote and backslash")]
    Malformed,
    /// The name is one of OpenID Connect.
    #[error("{0} is a scope of OpenID Connect, which every server has")]
    OfOpenId(String),
    /// The name is reserved for the administration API.
    #[error("{0} starts like the scopes of the administration API: choose another name")]
    Reserved(String),
    /// A text cannot be shown.
    #[error("texts: {0}")]
    Texts(texts::Invalid),
    /// More users would get it. A leaked token must not let them in.
    #[error("more users would get it: use the command line or the console")]
    Loosened,
    /// There is no such resource server.
    #[error("there is no resource server {0}: see `writ resource list`")]
    UnknownResource(String),
}

/// Adds a scope. A name in use is a unique violation.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, resource: &str, scope: &Scope) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check_name(&scope.name).and_then(|()| check_texts(scope)) {
        return Ok(Err(refusal));
    }
    if !resources::list(tx)?.iter().any(|server| server.id == resource) {
        return Ok(Err(Refusal::UnknownResource(resource.to_owned())));
    }
    resources::insert_scope(tx, resource, scope)?;
    let mut after = json(scope);
    after["resource"] = json!(resource);
    audit::record(tx, actor, "scope.create", &scope.name, Change::creation(after))?;
    Ok(Ok(()))
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if !is_scope_token(name) {
        Err(Refusal::Malformed)
    } else if OPENID_SCOPES.contains(&name) {
        Err(Refusal::OfOpenId(name.to_owned()))
    } else if is_reserved(name) {
        Err(Refusal::Reserved(name.to_owned()))
    } else {
        Ok(())
    }
}

/// Replaces the texts, the risk, whether it is a default, the groups that it is open to, and what
/// it demands.
pub fn update(tx: &mut Tx<'_>, actor: &Actor, before: &Scope, after: &Scope) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check_texts(after) {
        return Ok(Err(refusal));
    }
    if actor.face == Face::Api && conditions(before).are_loosened_by(conditions(after)) {
        return Ok(Err(Refusal::Loosened));
    }
    resources::update_scope(tx, after)?;
    audit::record(tx, actor, "scope.update", &after.name, Change::between(json(before), json(after)))?;
    Ok(Ok(()))
}

fn conditions(scope: &Scope) -> Conditions<'_> {
    Conditions { open_to: scope.open_to.as_ref(), acr: scope.acr }
}

/// A digest of everything that an administrator can change about a scope.
pub fn version(scope: &Scope) -> String {
    version_of(&(scope.id, &scope.name, json(scope)))
}

fn check_texts(scope: &Scope) -> Result<(), Refusal> {
    let both = scope.texts.iter().flat_map(|(language, ScopeText { sentence, consequence })| {
        [(language.as_str(), sentence.as_str()), (language.as_str(), consequence.as_str())]
    });
    texts::check(both).map_err(Refusal::Texts)
}

/// Deletes a scope, in registrations too. Returns the clients that lost it. `None` if there is no
/// such scope.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<Result<Option<Vec<String>>, Restricted>, Fault> {
    let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
    let Some(scope) = scopes.into_iter().find(|scope| scope.name == name) else { return Ok(Ok(None)) };
    if let Err(restricted) = Restricted::check_scopes(actor, std::slice::from_ref(&scope)) {
        return Ok(Err(restricted));
    }
    let withdrawn = resources::delete_scope(tx, name)?;
    if let Some(clients) = &withdrawn {
        let mut before = json(&scope);
        before["withdrawn_from"] = json!(clients);
        audit::record(tx, actor, "scope.delete", name, Change::deletion(before))?;
    }
    Ok(Ok(withdrawn))
}

fn json(scope: &Scope) -> Value {
    json!({
        "risk": scope.risk.as_str(),
        "default": scope.is_default,
        "texts": scope.texts,
        "groups": scope.open_to.as_ref().map(|ids| ids.iter().collect::<Vec<_>>()),
        "acr": scope.acr.map(Acr::as_str),
    })
}
