//! Whether a client may act, and its users.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use writ_core::vocabulary::administration_scope::AdministrationScope::ClientsWrite;

use super::{
    authority::{Authority, administer},
    clients::{check_unused, describe, find_and_lock, find_in},
    ok,
    precondition::{IfMatch, Precondition},
    request::{Force, force, no_body, query},
};
use crate::{
    administration::clients::{
        self as administration, BATCH,
        information::{ClientInformation, version},
    },
    fault::Stop,
    server::Call,
    store::Id,
    web::form::Body,
};

/// The number of units of work in one request.
const BATCHES: usize = 50;

/// The users who were disconnected.
#[derive(Serialize, ToSchema)]
struct Disconnected {
    /// Their number.
    users: usize,
    /// Whether none is left. Otherwise repeat the request.
    complete: bool,
}

/// Disables a client: it gets no codes and no tokens, and those that it has are not active. Its
/// registration and its grants stay.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/disable",
    operation_id = "client.disable",
    params(Force, IfMatch),
    responses((status = 200, description = "The client.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn disable(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    let id = id.into_inner();
    administer(&call, ClientsWrite, async |authority| {
        let force = force(&call)?;
        set(&call, &authority, id, &body, Some(force)).await
    })
    .await
}

/// Enables a disabled client.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/enable",
    operation_id = "client.enable",
    params(IfMatch),
    responses((status = 200, description = "The client.", body = ClientInformation)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn enable(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    let id = id.into_inner();
    administer(&call, ClientsWrite, async |authority| {
        query(&call, &[])?;
        set(&call, &authority, id, &body, None).await
    })
    .await
}

/// Disables a client, if need be by `force`, or enables it.
async fn set(
    call: &Call,
    authority: &Authority,
    id: String,
    body: &Body,
    disable: Option<bool>,
) -> Result<HttpResponse, Stop> {
    no_body(body)?;
    let precondition = Precondition::of(&call.request)?;
    let changed = authority
        .change(&call.server, move |tx, actor| {
            let current = find_and_lock(tx, &id)?;
            precondition.check(&version(&current))?;
            match disable {
                Some(force) => {
                    check_unused(tx, &id, force)?;
                    administration::disable(tx, actor, &current)??;
                }
                None => administration::enable(tx, actor, &current)??,
            }
            find_in(tx, &id)
        })
        .await?;
    call.server.clients.invalidate(&changed.id);
    Ok(describe(StatusCode::OK, changed, None))
}

/// Disconnects all users from a client, at most 5000 in a request: what they allowed and its grants
/// end.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/disconnect-users",
    operation_id = "client.disconnect-users",
    params(IfMatch),
    responses((status = 200, description = "The number of users.", body = Disconnected)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn disconnect_users(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, ClientsWrite, async |authority| {
        query(&call, &[])?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let mut disconnected = Disconnected { users: 0, complete: false };
        let mut after = Id(Uuid::nil());
        for _ in 0..BATCHES {
            let (id, precondition) = (id.clone(), precondition.clone());
            let users = authority
                .change(&call.server, move |tx, actor| {
                    let current = find_and_lock(tx, &id)?;
                    precondition.check(&version(&current))?;
                    Ok(administration::disconnect_users(tx, actor, &id, after, BATCH)?)
                })
                .await?;
            disconnected.users += users.len();
            match users.last() {
                Some(last) if users.len() == BATCH => after = *last,
                _ => {
                    disconnected.complete = true;
                    break;
                }
            }
        }
        Ok(ok(&disconnected))
    })
    .await
}
