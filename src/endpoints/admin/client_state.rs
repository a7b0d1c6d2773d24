//! Whether a client may act, and its users.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use writ_core::vocabulary::administration_scope::AdministrationScope::ClientsWrite;

use super::{
    authority::{Authority, administer_once},
    clients::{check_unused, describe, find_and_lock, find_in},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{Force, force, no_body, query},
};
use crate::{
    administration::{
        Actor,
        clients::{
            self as administration,
            information::{ClientInformation, version},
        },
    },
    fault::Stop,
    server::Call,
    store::{Id, Tx},
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
    administer_once(&call, ClientsWrite, &body, async |authority| {
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
    administer_once(&call, ClientsWrite, &body, async |authority| {
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
) -> Result<Reply, Stop> {
    no_body(body)?;
    let precondition = Precondition::of(&call.request)?;
    let changed = id.clone();
    let reply = authority
        .change_once(&call.server, move |tx, actor| {
            let current = find_and_lock(tx, &id)?;
            precondition.check(&version(&current))?;
            match disable {
                Some(force) => {
                    check_unused(tx, &id, force)?;
                    administration::disable(tx, actor, &current)??;
                }
                None => administration::enable(tx, actor, &current)??,
            }
            Ok(describe(StatusCode::OK, find_in(tx, &id)?, None))
        })
        .await?;
    call.server.clients.invalidate(&changed);
    Ok(reply)
}

/// Disconnects all users from a client, at most 5000 in a request: what they allowed and its grants
/// end. The version counts at the beginning.
#[utoipa::path(
    post,
    path = "/admin/v1/clients/{client_id}/disconnect-users",
    operation_id = "client.disconnect-users",
    params(Force, IfMatch),
    responses((status = 200, description = "The number of users.", body = Disconnected)),
    security(("administration" = ["writ:clients:write"]))
)]
pub async fn disconnect_users(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer_once(&call, ClientsWrite, &body, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let (mut total, mut after) = (0, Id(Uuid::nil()));
        for batch in 1..=BATCHES {
            let (id, precondition) = (id.clone(), precondition.clone());
            let part = move |tx: &mut Tx<'_>, actor: &Actor| {
                let current = find_and_lock(tx, &id)?;
                if batch == 1 {
                    precondition.check(&version(&current))?;
                    check_unused(tx, &id, force)?;
                }
                Ok(administration::disconnect_users(tx, actor, &current, after)??)
            };
            let reply = move |done: &administration::Disconnected| {
                let disconnected = Disconnected { users: total + done.users, complete: done.next.is_none() };
                (disconnected.complete || batch == BATCHES).then(|| Reply::ok(&disconnected))
            };
            let done = authority.change_in_parts(&call.server, part, reply).await?;
            if let Some(reply) = reply(&done) {
                return Ok(reply);
            }
            total += done.users;
            after = done.next.unwrap_or(after);
        }
        Ok(Reply::ok(&Disconnected { users: total, complete: false }))
    })
    .await
}
