//! The scopes of resource servers.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use writ_core::{
    Cause, Error, ScopeSet,
    vocabulary::{
        administration_scope::AdministrationScope::{ResourcesRead, ResourcesWrite},
        merge_patch,
        scope::Risk,
    },
};

use super::{
    Withdrawn,
    authority::administer,
    created, ok,
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    request::{Force, force, if_taken, members, no_body, parse, patch, query},
    unknown, versioned,
};
use crate::{
    administration::scopes::{self as administration, Refusal, information::ScopeInformation, version},
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx,
        resources::{self, Scope, ScopeText},
        revision, usage,
    },
    web::form::Body,
};

/// What an administrator chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ScopeMetadata {
    /// The descriptions by language.
    texts: BTreeMap<String, ScopeText>,
    /// The risk of allowing it.
    #[serde(default = "low")]
    #[schema(value_type = String)]
    risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    default: Option<bool>,
}

fn low() -> Risk {
    Risk::Low
}

impl ScopeMetadata {
    fn into_scope(self, id: Id, name: String) -> Scope {
        let is_default = self.default.unwrap_or(self.risk.is_default());
        Scope { id, name, texts: self.texts, risk: self.risk, is_default, open_to: None, acr: None }
    }
}

/// A new scope.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewScope {
    /// The name, such as message:read.
    name: String,
    /// The id of its resource server.
    resource: String,
    /// The descriptions by language.
    texts: BTreeMap<String, ScopeText>,
    /// The risk of allowing it.
    #[serde(default = "low")]
    #[schema(value_type = String)]
    risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    default: Option<bool>,
}

/// Lists the scopes of all resource servers.
#[utoipa::path(
    get,
    path = "/admin/v1/scopes",
    operation_id = "scope.list",
    responses((status = 200, description = "All of them.", body = Page<ScopeInformation>)),
    security(("administration" = ["writ:resources:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, ResourcesRead, async |_| {
        query(&call, &[])?;
        let scopes = call.server.store.read(all).await?;
        Ok(ok(&page::whole(
            scopes.into_iter().map(|(resource, scope)| ScopeInformation::new(resource, scope)).collect(),
        )))
    })
    .await
}

/// Shows a scope.
#[utoipa::path(
    get,
    path = "/admin/v1/scopes/{name}",
    operation_id = "scope.show",
    responses((status = 200, description = "The scope.", body = ScopeInformation)),
    security(("administration" = ["writ:resources:read"]))
)]
pub async fn show(call: Call, name: Path<String>) -> HttpResponse {
    administer(&call, ResourcesRead, async |_| {
        query(&call, &[])?;
        let name = name.into_inner();
        let found = call.server.store.read(move |tx| find(tx, &name)).await?;
        Ok(describe(StatusCode::OK, found.ok_or_else(no_scope)?))
    })
    .await
}

/// Adds a scope to a resource server.
#[utoipa::path(
    post,
    path = "/admin/v1/scopes",
    operation_id = "scope.create",
    request_body = NewScope,
    responses((status = 201, description = "The scope.", body = ScopeInformation)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer(&call, ResourcesWrite, async |authority| {
        query(&call, &[])?;
        let NewScope { name, resource, texts, risk, default } = parse(members(&call, &body)?)?;
        let scope = ScopeMetadata { texts, risk, default }.into_scope(Id::now_v7(), name);
        let added = authority
            .change(&call.server, move |tx, actor| {
                administration::create(tx, actor, &resource, &scope)?.map_err(refuse)?;
                find(tx, &scope.name)?.ok_or_else(no_scope)
            })
            .await
            .map_err(|stop| if_taken(stop, "a scope with this name exists already"))?;
        let path = format!("/admin/v1/scopes/{}", utf8_percent_encode(&added.1.name, NON_ALPHANUMERIC));
        Ok(created(&call, describe(StatusCode::CREATED, added), &path))
    })
    .await
}

/// Changes the texts, the risk or the default by a merge patch.
#[utoipa::path(
    patch,
    path = "/admin/v1/scopes/{name}",
    operation_id = "scope.update",
    params(IfMatch), request_body(content = ScopeMetadata, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The scope.", body = ScopeInformation)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn update(call: Call, name: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ResourcesWrite, async |authority| {
        query(&call, &[])?;
        let precondition = Precondition::of(&call.request)?;
        let patch = patch(&call, &body)?;
        let name = name.into_inner();
        let updated = authority
            .change(&call.server, move |tx, actor| {
                let (_, before) = find_and_lock(tx, &name)?;
                precondition.check(&version(&before))?;
                let current = json!({ "texts": before.texts, "risk": before.risk, "default": before.is_default });
                let Value::Object(mut merged) = current else { return Err(no_scope()) };
                merge_patch::apply(&mut merged, patch);
                let after = parse::<ScopeMetadata>(merged)?.into_scope(before.id, before.name.clone());
                // Only the command line changes these conditions.
                let after = Scope { open_to: before.open_to.clone(), acr: before.acr, ..after };
                administration::update(tx, actor, &before, &after)?.map_err(refuse)?;
                find(tx, &name)?.ok_or_else(no_scope)
            })
            .await?;
        Ok(describe(StatusCode::OK, updated))
    })
    .await
}

/// Deletes a scope, and removes it from the registrations of clients.
#[utoipa::path(
    delete,
    path = "/admin/v1/scopes/{name}",
    operation_id = "scope.delete",
    params(Force, IfMatch),
    responses((status = 200, description = "The clients that lost it.", body = Withdrawn)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn delete(call: Call, name: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ResourcesWrite, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let name = name.into_inner();
        if !force {
            // Counted before the change, which locks what others write.
            let named: ScopeSet = std::iter::once(name.as_str()).collect();
            let usage = call.server.store.read(move |tx| usage::of_scopes(tx, &named)).await?;
            if usage.grants > 0 {
                let description = format!("the scope is in {} live grants: repeat with force=true", usage.grants);
                return Err(Error::new(Cause::ObjectInUse, description).into());
            }
        }
        let withdrawn = authority
            .change(&call.server, move |tx, actor| {
                let (_, before) = find_and_lock(tx, &name)?;
                precondition.check(&version(&before))?;
                administration::delete(tx, actor, &name)??.ok_or_else(no_scope)
            })
            .await?;
        Ok(ok(&Withdrawn { withdrawn_from: withdrawn }))
    })
    .await
}

/// Every scope with the id of its resource server.
fn all(tx: &mut Tx<'_>) -> Result<Vec<(String, Scope)>, Fault> {
    let servers = resources::list(tx)?.into_iter();
    Ok(servers.flat_map(|server| server.scopes.into_iter().map(move |scope| (server.id.clone(), scope))).collect())
}

fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<(String, Scope)>, Fault> {
    Ok(all(tx)?.into_iter().find(|(_, scope)| scope.name == name))
}

/// Changes of scopes run one after the other.
fn find_and_lock(tx: &mut Tx<'_>, name: &str) -> Result<(String, Scope), Stop> {
    revision::lock(tx)?;
    find(tx, name)?.ok_or_else(no_scope)
}

fn no_scope() -> Stop {
    unknown("there is no scope with this name")
}

fn refuse(refusal: Refusal) -> Stop {
    let cause = match refusal {
        Refusal::Reserved(_) => Cause::ScopeAdministrative,
        Refusal::UnknownResource(_) => Cause::ResourceUnknown,
        Refusal::Malformed | Refusal::OfOpenId(_) | Refusal::Texts(_) => Cause::BodyInvalid,
    };
    Error::new(cause, refusal.to_string()).into()
}

fn describe(status: StatusCode, (resource, scope): (String, Scope)) -> HttpResponse {
    versioned(status, &version(&scope), &ScopeInformation::new(resource, scope))
}
