//! Connections: what users allowed clients.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{
    ScopeSet,
    vocabulary::administration_scope::AdministrationScope::{UsersRead, UsersWrite},
};

use super::{
    authority::administer,
    page::{self, Page},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{no_body, query},
    unknown,
    users::{find_and_lock, id, no_user},
};
use crate::{
    administration::{self, connections::version},
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx,
        connections::{self, Connection},
        users,
    },
    web::form::Body,
};

/// What a user allowed a client.
#[derive(Serialize, ToSchema)]
struct ConnectionInformation {
    client_id: String,
    #[schema(value_type = String)]
    scope: ScopeSet,
    since_at: i64,
    last_used_at: Option<i64>,
    ends_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asserted_by: Option<String>,
}

impl ConnectionInformation {
    fn new(connection: Connection) -> Self {
        let Connection { client_id, scope, since, last_used_at, ends_at, asserted_by, .. } = connection;
        Self { client_id, scope, since_at: since, last_used_at, ends_at, asserted_by }
    }
}

/// Lists the clients that a user allowed something.
#[utoipa::path(
    get,
    path = "/admin/v1/users/{sub}/connections",
    operation_id = "connection.list",
    responses((status = 200, description = "All of them.", body = Page<ConnectionInformation>)),
    security(("administration" = ["writ:users:read"]))
)]
pub async fn list(call: Call, sub: Path<String>) -> HttpResponse {
    administer(&call, UsersRead, async |_| {
        query(&call, &[])?;
        let id = id(&sub)?;
        let found = call
            .server
            .store
            .read(move |tx| users::find(tx, id)?.map(|_| connections::list(tx, id)).transpose())
            .await?;
        let found = found.ok_or_else(no_user)?;
        Ok(Reply::ok(&page::whole(found.into_iter().map(ConnectionInformation::new).collect())))
    })
    .await
}

/// Shows what a user allowed a client.
#[utoipa::path(
    get,
    path = "/admin/v1/users/{sub}/connections/{client_id}",
    operation_id = "connection.show",
    responses((status = 200, description = "The connection.", body = ConnectionInformation)),
    security(("administration" = ["writ:users:read"]))
)]
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    administer(&call, UsersRead, async |_| {
        query(&call, &[])?;
        let (sub, client_id) = path.into_inner();
        let id = id(&sub)?;
        let found = call.server.store.read(move |tx| find(tx, id, &client_id)).await?;
        let found = found.ok_or_else(no_connection)?;
        Ok(Reply::versioned(StatusCode::OK, &version(&found), &ConnectionInformation::new(found)))
    })
    .await
}

/// Disconnects a client from a user, or revokes one `scope`.
#[utoipa::path(
    delete,
    path = "/admin/v1/users/{sub}/connections/{client_id}",
    operation_id = "connection.remove",
    params(IfMatch, ("scope" = Option<String>, Query, description = "Only this scope.")),
    responses((status = 204, description = "It was removed.")),
    security(("administration" = ["writ:users:write"]))
)]
pub async fn remove(call: Call, path: Path<(String, String)>, body: Body) -> HttpResponse {
    administer(&call, UsersWrite, async |authority| {
        let scope = query(&call, &["scope"])?.get("scope")?.map(str::to_owned);
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let (sub, client_id) = path.into_inner();
        let id = id(&sub)?;
        authority
            .change(&call.server, move |tx, actor| {
                let user = find_and_lock(tx, id)?;
                let found = find(tx, id, &client_id)?.ok_or_else(no_connection)?;
                precondition.check(&version(&found))?;
                match administration::users::disconnect(tx, actor, &user, &client_id, scope.as_deref())? {
                    true => Ok(()),
                    false => Err(unknown("the client does not have this scope")),
                }
            })
            .await?;
        Ok(Reply::no_content())
    })
    .await
}

fn find(tx: &mut Tx<'_>, user: Id, client_id: &str) -> Result<Option<Connection>, Fault> {
    Ok(connections::list(tx, user)?.into_iter().find(|connection| connection.client_id == client_id))
}

fn no_connection() -> Stop {
    unknown("the user has not connected this client")
}
