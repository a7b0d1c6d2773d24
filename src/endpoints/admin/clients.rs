//! Clients: the apps that request tokens.

use std::error::Error as _;

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use writ_core::{
    Cause, Error, ErrorCode,
    vocabulary::administration_scope::AdministrationScope::{ClientsRead, ClientsWrite},
};

use super::{
    authority::{administer, administer_once},
    page::{self, Page, PageParams, PageRequest},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{self, Force, force, if_taken, members, no_body, patch, query},
    unknown,
};
use crate::{
    administration::clients::{
        self as administration,
        information::{ClientInformation, version},
        logo,
        registration::{self, Invalid},
        schema::ClientMetadataSchema,
    },
    fault::Stop,
    secret::Secret,
    server::{Call, Server},
    store::{
        Tx,
        clients::{self, Client},
        usage,
    },
    web::form::Body,
};

/// A new client.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body, whose members are parsed as metadata")]
struct NewClient {
    /// The identifier. Without one, one is generated.
    client_id: Option<String>,
    #[serde(flatten)]
    metadata: ClientMetadataSchema,
}

/// Lists the clients by `client_id`.
#[utoipa::path(
    get,
    path = "/admin/v1/clients",
    operation_id = "client.list",
    params(PageParams),
    responses((status = 200, description = "A page.", body = Page<ClientInformation>)),
    security(("administration" = ["writ:clients:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, ClientsRead, async |_| {
        let page = PageRequest::parse(&query(&call, &page::PARAMETERS)?)?;
        let (after, rows) = (page.after.clone(), page.rows());
        let found = call.server.store.read(move |tx| clients::page(tx, &after, rows)).await?;
        page.respond(found, |client| client.id.clone(), |client| Ok(ClientInformation::new(client, None)))
    })
    .await
}

/// Shows a client.
#[utoipa::path(
    get,
    path = "/admin/v1/clients/{client_id}",
    operation_id = "client.show",
    responses((status = 200, description = "The client.", body = ClientInformation)),
    security(("administration" = ["writ:clients:read"]))
)]
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    administer(&call, ClientsRead, async |_| {
        query(&call, &[])?;
        Ok(describe(StatusCode::OK, find(&call.server, &id).await?, None))
    })
    .await
}

/// Registers a client. A secret is shown once.
#[utoipa::path(
    post,
    path = "/admin/v1/clients",
    operation_id = "client.create",
    request_body = NewClient,
    responses((status = 201, description = "The client, with its secret.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, ClientsWrite, &body, async |authority| {
        query(&call, &[])?;
        let server = &call.server;
        let mut members = members(&call, &body)?;
        let id = match members.remove("client_id") {
            None => Uuid::new_v4().to_string(),
            Some(Value::String(id)) => {
                registration::check_client_id(&id).map_err(refuse)?;
                id
            }
            Some(_) => return Err(Error::new(Cause::BodyInvalid, "client_id must be a string").into()),
        };
        let metadata = registration::create(members, &server.settings, &server.fetcher).await.map_err(refuse)?;
        let secret = metadata.has_secret().then(Secret::random);
        authority
            .change_once(server, move |tx, actor| {
                let hash = secret.as_ref().map(Secret::hash);
                administration::create(tx, actor, &id, &metadata, hash)??;
                let path = format!("/admin/v1/clients/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC));
                Ok(describe(StatusCode::CREATED, find_in(tx, &id)?, secret.as_ref()).at(path))
            })
            .await
            .map_err(|stop| if_taken(stop, "a client with this client_id exists already"))
    })
    .await
}

/// Changes the metadata of a client by a merge patch. Grants and approval are kept.
#[utoipa::path(
    patch,
    path = "/admin/v1/clients/{client_id}",
    operation_id = "client.update",
    params(Force, IfMatch), request_body(content = ClientMetadataSchema, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The client. If it needs a secret and had none, with a new one.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn update(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ClientsWrite, async |authority| {
        let force = force(&call)?;
        let precondition = Precondition::of(&call.request)?;
        let patch = patch(&call, &body)?;
        let server = &call.server;
        let seen = find(server, &id).await?;
        precondition.check(&version(&seen))?;
        let metadata =
            registration::update(&seen.metadata, patch, &server.settings, &server.fetcher).await.map_err(refuse)?;
        let secret = (metadata.has_secret() && seen.secret_hashes.is_empty()).then(Secret::random);
        let hash = secret.as_ref().map(Secret::hash);
        let updated = authority
            .change(server, move |tx, actor| {
                // A document of the client may have been fetched meanwhile.
                let current = find_and_lock(tx, &seen.id)?;
                if version(&current) != version(&seen) {
                    return Err(administration::Refusal::Changed(current.id).into());
                }
                if registration::narrows(&current.metadata, &metadata) {
                    check_unused(tx, &current.id, force)?;
                }
                administration::update(tx, actor, &current, &metadata, hash)??;
                find_in(tx, &current.id)
            })
            .await?;
        server.clients.invalidate(&updated.id);
        Ok(describe(StatusCode::OK, updated, secret.as_ref()))
    })
    .await
}

/// Marks a client that registered itself as verified. Its logo is fetched and stored.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/approve",
    operation_id = "client.approve",
    params(IfMatch),
    responses((status = 200, description = "The client.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn approve(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer_once(&call, ClientsWrite, &body, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let server = &call.server;
        let seen = find(server, &id).await?;
        precondition.check(&version(&seen))?;
        let logo = logo::fetch(&server.fetcher, &seen.metadata).await.unwrap_or_else(|reason| {
            tracing::info!(client = seen.id, reason, "approved without its logo");
            None
        });
        let approved = authority
            .change_once(server, move |tx, actor| {
                let current = find_and_lock(tx, &seen.id)?;
                precondition.check(&version(&current))?;
                if !administration::approve(tx, actor, &seen)? {
                    return Err(administration::Refusal::Changed(current.id).into());
                }
                if let Some(logo) = &logo {
                    administration::set_logo(tx, actor, &current.id, logo)?;
                }
                Ok(describe(StatusCode::OK, find_in(tx, &current.id)?, None))
            })
            .await?;
        server.clients.invalidate(&id);
        Ok(approved)
    })
    .await
}

/// Generates a secret and shows it once. The previous one is valid until the next rotation.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/rotate-secret",
    operation_id = "client.rotate-secret",
    params(IfMatch),
    responses((status = 200, description = "The client, with its secret.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn rotate_secret(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer_once(&call, ClientsWrite, &body, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let secret = Secret::random();
        let rotated = id.clone();
        let reply = authority
            .change_once(&call.server, move |tx, actor| {
                let current = find_and_lock(tx, &rotated)?;
                precondition.check(&version(&current))?;
                administration::rotate_secret(tx, actor, &current, secret.hash())??;
                Ok(describe(StatusCode::OK, find_in(tx, &rotated)?, Some(&secret)))
            })
            .await?;
        call.server.clients.invalidate(&id);
        Ok(reply)
    })
    .await
}

/// Deletes a client and all of its grants.
#[utoipa::path(
    delete,
    path = "/admin/v1/clients/{client_id}",
    operation_id = "client.delete",
    params(Force, IfMatch),
    responses((status = 204, description = "It was deleted.")),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn delete(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ClientsWrite, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let deleted = id.clone();
        let id = id.into_inner();
        authority
            .change(&call.server, move |tx, actor| {
                let current = find_and_lock(tx, &id)?;
                precondition.check(&version(&current))?;
                check_unused(tx, &id, force)?;
                administration::delete(tx, actor, &id)??;
                Ok(())
            })
            .await?;
        call.server.clients.invalidate(&deleted);
        Ok(Reply::no_content())
    })
    .await
}

async fn find(server: &Server, id: &str) -> Result<Client, Stop> {
    check_text(id)?;
    let id = id.to_owned();
    server.store.read(move |tx| clients::find(tx, &id)).await?.ok_or_else(no_client)
}

pub(super) fn find_in(tx: &mut Tx<'_>, id: &str) -> Result<Client, Stop> {
    clients::find(tx, id)?.ok_or_else(no_client)
}

pub(super) fn find_and_lock(tx: &mut Tx<'_>, id: &str) -> Result<Client, Stop> {
    check_text(id)?;
    clients::find_and_lock(tx, id)?.ok_or_else(no_client)
}

/// PostgreSQL refuses NUL in text, and no id has it.
fn check_text(id: &str) -> Result<(), Stop> {
    if id.contains('\0') { Err(no_client()) } else { Ok(()) }
}

fn no_client() -> Stop {
    unknown("there is no client with this client_id")
}

/// Refuses what takes something from users who allowed the client, unless the caller insists.
pub(super) fn check_unused(tx: &mut Tx<'_>, id: &str, force: bool) -> Result<(), Stop> {
    if force {
        return Ok(());
    }
    Ok(request::check_unused(usage::of_client(tx, id)?, "the client has")?)
}

fn refuse(invalid: Invalid) -> Stop {
    let detail = invalid.source().map(ToString::to_string).unwrap_or_default();
    Error::new(ErrorCode::InvalidClientMetadata, invalid.to_string()).because(detail).into()
}

pub(super) fn describe(status: StatusCode, client: Client, secret: Option<&Secret>) -> Reply {
    Reply::versioned(status, &version(&client), &ClientInformation::new(client, secret))
}
