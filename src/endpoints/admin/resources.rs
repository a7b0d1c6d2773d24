//! Resource servers: the APIs that accept access tokens.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use writ_core::{
    Cause, Error, ScopeSet, SigningAlg,
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::{
        administration_scope::AdministrationScope::{ResourcesRead, ResourcesWrite},
        client_metadata::GroupsClaim,
        merge_patch,
    },
};

use super::{
    Withdrawn,
    authority::{administer, administer_once},
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{self, Force, force, if_taken, members, no_body, parse, patch, query},
    unknown,
};
use crate::{
    administration::resources::{self as administration, check, information::ResourceInformation, version},
    fault::{Fault, Stop},
    secret::Secret,
    server::Call,
    store::{
        Tx,
        resources::{self, ResourceServer},
        revision, usage,
    },
    web::form::Body,
};

/// What an administrator chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResourceMetadata {
    /// The `aud` of its tokens.
    audience: String,
    /// The name for users, by language.
    names: BTreeMap<String, String>,
    /// The `typ` of its access tokens.
    token_typ: Option<String>,
    /// The algorithm that signs them.
    #[schema(value_type = Option<String>)]
    token_alg: Option<SigningAlg>,
    /// Their lifetime, in seconds.
    token_lifetime: Option<i64>,
    /// How they name the groups of the user, `names` or `ids`, if the user allowed that scope.
    #[schema(value_type = Option<String>)]
    token_groups: Option<GroupsClaim>,
}

impl ResourceMetadata {
    fn apply(self, server: &mut ResourceServer) -> Result<(), Error> {
        let typ = self.token_typ.map(|typ| typ.parse::<AccessTokenTyp>()).transpose();
        let typ = typ.map_err(|error| Error::new(Cause::BodyInvalid, format!("token_typ: {error}")))?;
        let Self { token_alg: alg, token_lifetime: lifetime, token_groups: groups, .. } = self;
        server.tokens = TokenProfile { typ, alg, lifetime, groups };
        server.audience = self.audience;
        server.names = self.names;
        Ok(())
    }
}

/// A new resource server.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewResource {
    /// A short unique name, which is its username at the introspection endpoint.
    id: String,
    /// Whether to generate a secret for that endpoint.
    #[serde(default)]
    secret: bool,
    /// The `aud` of its tokens.
    audience: String,
    /// The name for users, by language.
    names: BTreeMap<String, String>,
    /// The `typ` of its access tokens.
    token_typ: Option<String>,
    /// The algorithm that signs them.
    #[schema(value_type = Option<String>)]
    token_alg: Option<SigningAlg>,
    /// Their lifetime, in seconds.
    token_lifetime: Option<i64>,
    /// How they name the groups of the user, `names` or `ids`, if the user allowed that scope.
    #[schema(value_type = Option<String>)]
    token_groups: Option<GroupsClaim>,
}

/// Lists the resource servers.
#[utoipa::path(
    get,
    path = "/admin/v1/resources",
    operation_id = "resource.list",
    responses((status = 200, description = "All of them.", body = Page<ResourceInformation>)),
    security(("administration" = ["writ:resources:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, ResourcesRead, async |_| {
        query(&call, &[])?;
        let servers = call.server.store.read(resources::list).await?;
        Ok(Reply::ok(&page::whole(servers.into_iter().map(|server| ResourceInformation::new(server, None)).collect())))
    })
    .await
}

/// Shows a resource server.
#[utoipa::path(
    get,
    path = "/admin/v1/resources/{id}",
    operation_id = "resource.show",
    responses((status = 200, description = "The resource server.", body = ResourceInformation)),
    security(("administration" = ["writ:resources:read"]))
)]
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    administer(&call, ResourcesRead, async |_| {
        query(&call, &[])?;
        let id = id.into_inner();
        let found = call.server.store.read(move |tx| find(tx, &id)).await?;
        Ok(describe(StatusCode::OK, found.ok_or_else(no_resource)?, None))
    })
    .await
}

/// Adds a resource server. A secret is shown once.
#[utoipa::path(
    post,
    path = "/admin/v1/resources",
    operation_id = "resource.create",
    request_body = NewResource,
    responses((status = 201, description = "The resource server.", body = ResourceInformation)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, ResourcesWrite, &body, async |authority| {
        query(&call, &[])?;
        let NewResource { id, secret, audience, names, token_typ, token_alg, token_lifetime, token_groups } =
            parse(members(&call, &body)?)?;
        let secret = secret.then(Secret::random);
        let mut server = ResourceServer {
            id,
            audience: String::new(),
            names: BTreeMap::new(),
            secret_hash: None,
            tokens: TokenProfile::default(),
            scopes: Vec::new(),
        };
        ResourceMetadata { audience, names, token_typ, token_alg, token_lifetime, token_groups }.apply(&mut server)?;
        check(&server, &call.server.settings.server.issuer).map_err(refuse)?;
        authority
            .change_once(&call.server, move |tx, actor| {
                administration::create(tx, actor, &server, secret.as_ref().map(Secret::hash))?;
                let added = find(tx, &server.id)?.ok_or_else(no_resource)?;
                let path = format!("/admin/v1/resources/{}", added.id);
                Ok(describe(StatusCode::CREATED, added, secret.as_ref()).at(path))
            })
            .await
            .map_err(taken)
    })
    .await
}

/// Changes the audience, names or token format by a merge patch.
#[utoipa::path(
    patch,
    path = "/admin/v1/resources/{id}",
    operation_id = "resource.update",
    params(Force, IfMatch), request_body(content = ResourceMetadata, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The resource server.", body = ResourceInformation)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn update(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ResourcesWrite, async |authority| {
        let force = force(&call)?;
        let precondition = Precondition::of(&call.request)?;
        let patch = patch(&call, &body)?;
        let id = id.into_inner();
        if !force && patch.contains_key("audience") {
            check_unused(&call, &id).await?;
        }
        let issuer = call.server.settings.server.issuer.clone();
        let updated = authority
            .change(&call.server, move |tx, actor| {
                let before = find_and_lock(tx, &id)?;
                precondition.check(&version(&before))?;
                let current = json!({
                    "audience": before.audience,
                    "names": before.names,
                    "token_typ": before.tokens.typ.map(AccessTokenTyp::as_str),
                    "token_alg": before.tokens.alg,
                    "token_lifetime": before.tokens.lifetime,
                    "token_groups": before.tokens.groups,
                });
                let Value::Object(mut merged) = current else { return Err(no_resource()) };
                merge_patch::apply(&mut merged, patch);
                let mut after = before.clone();
                parse::<ResourceMetadata>(merged)?.apply(&mut after)?;
                check(&after, &issuer).map_err(refuse)?;
                administration::update(tx, actor, &before, &after)?;
                find(tx, &id)?.ok_or_else(no_resource)
            })
            .await
            .map_err(taken)?;
        Ok(describe(StatusCode::OK, updated, None))
    })
    .await
}

/// Generates a secret and shows it once. The previous one is revoked.
#[utoipa::path(
    post,
    path = "/admin/v1/resources/{id}/rotate-secret",
    operation_id = "resource.rotate-secret",
    params(IfMatch),
    responses((status = 200, description = "The resource server, with its secret.", body = ResourceInformation)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn rotate_secret(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer_once(&call, ResourcesWrite, &body, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let secret = Secret::random();
        let id = id.into_inner();
        authority
            .change_once(&call.server, move |tx, actor| {
                let before = find_and_lock(tx, &id)?;
                precondition.check(&version(&before))?;
                administration::rotate_secret(tx, actor, &id, secret.hash())?;
                let rotated = find(tx, &id)?.ok_or_else(no_resource)?;
                Ok(describe(StatusCode::OK, rotated, Some(&secret)))
            })
            .await
    })
    .await
}

/// Deletes a resource server and its scopes, which are removed from the registrations of clients.
#[utoipa::path(
    delete,
    path = "/admin/v1/resources/{id}",
    operation_id = "resource.delete",
    params(Force, IfMatch),
    responses((status = 200, description = "The clients that lost a scope.", body = Withdrawn)),
    security(("administration" = ["writ:resources:write"]))
)]
pub async fn delete(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ResourcesWrite, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = id.into_inner();
        if !force {
            check_unused(&call, &id).await?;
        }
        let withdrawn = authority
            .change(&call.server, move |tx, actor| {
                let before = find_and_lock(tx, &id)?;
                precondition.check(&version(&before))?;
                administration::delete(tx, actor, &id)??.ok_or_else(no_resource)
            })
            .await?;
        Ok(Reply::ok(&Withdrawn { withdrawn_from: withdrawn }))
    })
    .await
}

fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<ResourceServer>, Fault> {
    Ok(resources::list(tx)?.into_iter().find(|server| server.id == id))
}

/// Changes of resource servers run one after the other.
fn find_and_lock(tx: &mut Tx<'_>, id: &str) -> Result<ResourceServer, Stop> {
    revision::lock(tx)?;
    find(tx, id)?.ok_or_else(no_resource)
}

/// Refuses what takes scopes from users. Counted before the change, which locks what others write.
async fn check_unused(call: &Call, id: &str) -> Result<(), Stop> {
    let id = id.to_owned();
    let counted = call.server.store.read(move |tx| {
        let Some(server) = find(tx, &id)? else { return Ok(None) };
        let scopes: ScopeSet = server.scopes.iter().map(|scope| scope.name.as_str()).collect();
        usage::of_scopes(tx, &scopes).map(Some)
    });
    Ok(request::check_unused(counted.await?.ok_or_else(no_resource)?, "its scopes are in")?)
}

fn taken(stop: Stop) -> Stop {
    if_taken(stop, "a resource server with this id or audience exists already")
}

fn refuse(refusal: administration::Refusal) -> Stop {
    Error::new(Cause::BodyInvalid, refusal.to_string()).into()
}

fn no_resource() -> Stop {
    unknown("there is no resource server with this id")
}

fn describe(status: StatusCode, server: ResourceServer, secret: Option<&Secret>) -> Reply {
    Reply::versioned(status, &version(&server), &ResourceInformation::new(server, secret))
}
