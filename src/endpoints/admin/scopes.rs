//! The scopes of resource servers.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use writ_core::{
    Cause, Error, ErrorCode, ScopeSet,
    groups::Groups,
    vocabulary::{
        acr::Acr,
        administration_scope::AdministrationScope::{ResourcesRead, ResourcesWrite},
        merge_patch,
        scope::Risk,
    },
};

use super::{
    Withdrawn,
    authority::{administer, administer_once},
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{Force, check_unused, force, if_taken, members, no_body, parse, patch, query},
    unknown,
};
use crate::{
    administration::scopes::{self as administration, Refusal, information::ScopeInformation, version},
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx, groups,
        resources::{self, Scope, ScopeText},
        revision, usage,
    },
    web::form::Body,
};

/// What an administrator chooses.
#[derive(Clone, Deserialize, ToSchema)]
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
    /// The names of the groups that it is open to. Without them, it is open to all users. An update
    /// cannot let in more users.
    groups: Option<Vec<String>>,
    /// The class of authentication that it demands, such as urn:writ:acr:mfa.
    acr: Option<String>,
}

fn low() -> Risk {
    Risk::Low
}

impl ScopeMetadata {
    fn into_scope(self, id: Id, name: String, all: &Groups) -> Result<Scope, Error> {
        let Self { texts, risk, default, groups, acr } = self;
        let invalid = |description: String| Error::new(Cause::BodyInvalid, description);
        let id_of = |name: String| match all.find(&name) {
            Some(group) => Ok(group.id),
            None => Err(invalid(format!("groups: there is no group {name}"))),
        };
        let open_to = groups.map(|names| names.into_iter().map(id_of).collect()).transpose()?;
        let acr =
            acr.map(|acr| acr.parse().map_err(|_| invalid("acr: there is no such class".to_owned()))).transpose()?;
        Ok(Scope { id, name, texts, risk, is_default: default.unwrap_or(risk.is_default()), open_to, acr })
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
    /// The names of the groups that it is open to. Without them, it is open to all users.
    groups: Option<Vec<String>>,
    /// The class of authentication that it demands, such as urn:writ:acr:mfa.
    acr: Option<String>,
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
        let (scopes, groups) = call.server.store.read(|tx| Ok((all(tx)?, groups::list(tx)?))).await?;
        let information = |(resource, scope)| ScopeInformation::new(resource, scope).with_groups(&groups);
        Ok(Reply::ok(&page::whole(scopes.into_iter().map(information).collect())))
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
        let (found, groups) = call.server.store.read(move |tx| Ok((find(tx, &name)?, groups::list(tx)?))).await?;
        Ok(describe(StatusCode::OK, &groups, found.ok_or_else(no_scope)?))
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
    administer_once(&call, ResourcesWrite, &body, async |authority| {
        query(&call, &[])?;
        let NewScope { name, resource, texts, risk, default, groups, acr } = parse(members(&call, &body)?)?;
        let metadata = ScopeMetadata { texts, risk, default, groups, acr };
        authority
            .change_once(&call.server, move |tx, actor| {
                revision::lock(tx)?;
                let groups = groups::list(tx)?;
                let scope = metadata.into_scope(Id::now_v7(), name, &groups)?;
                administration::create(tx, actor, &resource, &scope)?.map_err(refuse)?;
                let path = format!("/admin/v1/scopes/{}", utf8_percent_encode(&scope.name, NON_ALPHANUMERIC));
                Ok(describe(StatusCode::CREATED, &groups, find(tx, &scope.name)?.ok_or_else(no_scope)?).at(path))
            })
            .await
            .map_err(|stop| if_taken(stop, "a scope with this name exists already"))
    })
    .await
}

/// Changes the texts, the risk, the default, the groups or the demand by a merge patch.
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
        authority
            .change(&call.server, move |tx, actor| {
                let (_, before) = find_and_lock(tx, &name)?;
                precondition.check(&version(&before))?;
                let groups = groups::list(tx)?;
                let current = json!({
                    "texts": before.texts,
                    "risk": before.risk,
                    "default": before.is_default,
                    "acr": before.acr.map(Acr::as_str),
                });
                let Value::Object(mut merged) = current else { return Err(no_scope()) };
                let names_groups = patch.contains_key("groups");
                merge_patch::apply(&mut merged, patch);
                let after = parse::<ScopeMetadata>(merged)?.into_scope(before.id, before.name.clone(), &groups)?;
                let open_to = if names_groups { after.open_to } else { before.open_to.clone() };
                let after = Scope { open_to, ..after };
                administration::update(tx, actor, &before, &after)?.map_err(refuse)?;
                Ok(describe(StatusCode::OK, &groups, find(tx, &name)?.ok_or_else(no_scope)?))
            })
            .await
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
            check_unused(usage, "the scope is in")?;
        }
        let withdrawn = authority
            .change(&call.server, move |tx, actor| {
                let (_, before) = find_and_lock(tx, &name)?;
                precondition.check(&version(&before))?;
                administration::delete(tx, actor, &name)??.ok_or_else(no_scope)
            })
            .await?;
        Ok(Reply::ok(&Withdrawn { withdrawn_from: withdrawn }))
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
        Refusal::Loosened => ErrorCode::AccessDenied.into(),
    };
    Error::new(cause, refusal.to_string()).into()
}

fn describe(status: StatusCode, groups: &Groups, (resource, scope): (String, Scope)) -> Reply {
    Reply::versioned(status, &version(&scope), &ScopeInformation::new(resource, scope).with_groups(groups))
}
