//! How a self-registered client manages its registration (RFC 7592), with its registration access
//! token.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL, web::Path};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{ENDPOINT, describe, is_off, parse, refuse};
use writ_core::{Error, ErrorCode, vocabulary::client_metadata::AuthMethod};

use crate::{
    fault::Stop,
    secret::Secret,
    server::{Call, Server},
    store::{
        clients::{self, Client},
        registrations,
    },
    web::{bearer_error, error_page, form::Body, json},
};

/// Members of the response that an update must not repeat (RFC 7592 §2.2).
const NOT_REPEATED: [&str; 4] =
    ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"];

/// `GET /register/{client_id}` (§2.1). The response has no secret, because the server stores only
/// its hash.
pub async fn read(call: Call, id: Path<String>) -> HttpResponse {
    manage(&call, &id, async |owner: Owner| Ok(owner.information(&call.server, None))).await
}

/// `PUT /register/{client_id}` (§2.2).
pub async fn update(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    manage(&call, &id, async |owner: Owner| {
        call.server.clients.count_introduction(call.client_address()).await?;
        replace(&call.server, owner, json::parse(&call.request, &body)?).await
    })
    .await
}

/// `DELETE /register/{client_id}` (§2.3): deletes the client and all of its grants.
pub async fn delete(call: Call, id: Path<String>) -> HttpResponse {
    manage(&call, &id, async |owner: Owner| {
        let id = owner.client.id.clone();
        call.server.store.write(move |tx| clients::delete(tx, &id)).await?;
        call.server.clients.invalidate(&owner.client.id);
        tracing::info!(client = owner.client.id, "deleted itself");
        Ok(HttpResponse::NoContent().insert_header((CACHE_CONTROL, "no-store")).finish())
    })
    .await
}

/// A client that authenticated with its registration access token.
struct Owner {
    client: Client,
    token: Secret,
}

impl Owner {
    /// Authenticates with a registration access token. The error does not reveal which clients
    /// exist.
    async fn find(server: &Server, id: &str, token: &str) -> Result<Self, Stop> {
        let invalid = |cause: &str| {
            Error::new(ErrorCode::InvalidToken, "the registration access token is not valid for this client")
                .because(format!("{cause} {id:?}"))
        };
        let token = Secret::parse(token).ok_or_else(|| invalid("it is malformed, for client"))?;
        Uuid::parse_str(id).map_err(|_| invalid("no self-registered client has the id"))?;
        let owned = id.to_owned();
        let found = server
            .store
            .read(move |tx| Ok((registrations::find_token_hash(tx, &owned)?, clients::find(tx, &owned)?)))
            .await?;
        match found {
            (Some(hash), Some(client)) if token.matches(&hash) => {
                client.check_enabled()?;
                Ok(Self { client, token })
            }
            _ => Err(invalid("there is no such registration, or it has another token, client").into()),
        }
    }

    fn information(&self, server: &Server, secret: Option<&Secret>) -> HttpResponse {
        let Client { id, created_at, metadata, .. } = &self.client;
        let information = describe(server, id, *created_at, metadata, secret, &self.token);
        HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(information)
    }
}

async fn manage(call: &Call, id: &str, act: impl AsyncFnOnce(Owner) -> Result<HttpResponse, Stop>) -> HttpResponse {
    let server = &call.server;
    if is_off(server) {
        return error_page::not_found(call.page(None));
    }
    let token = match bearer_error::token(&call.request) {
        Ok(Some(token)) => token,
        Ok(None) => return bearer_error::no_token(),
        Err(error) => return bearer_error::respond(&server.refusals, ENDPOINT, error.into(), ""),
    };
    let acted = match Owner::find(server, id, &token).await {
        Ok(owner) => act(owner).await,
        Err(failure) => Err(failure),
    };
    acted.unwrap_or_else(|failure| refuse(server, failure))
}

/// Replaces all metadata. An omitted member gets its default.
async fn replace(server: &Server, owner: Owner, members: Map<String, Value>) -> Result<HttpResponse, Stop> {
    let Owner { client, token } = owner;
    check_repeated(&client, &members)?;
    let mut metadata = parse(server, &client.id, members).await?;
    // If the client repeats the default from the response, no method is pinned.
    if client.metadata.token_endpoint_auth_method.is_none()
        && metadata.token_endpoint_auth_method == Some(AuthMethod::ClientSecretBasic)
    {
        metadata.token_endpoint_auth_method = None;
    }
    let secret = (metadata.has_secret() && client.secret_hashes.is_empty()).then(Secret::random);
    let sheds_secret = !metadata.has_secret();
    if metadata != client.metadata {
        let (seen, changed, hash) = (client.clone(), metadata.clone(), secret.as_ref().map(Secret::hash));
        let updated = server
            .store
            .write(move |tx| {
                // Its keys and documents were fetched meanwhile, and another update may have been
                // faster.
                if !registrations::update_seen(tx, &seen, &changed)? {
                    return Ok(false);
                }
                if sheds_secret {
                    clients::delete_secrets(tx, &seen.id)?;
                }
                hash.map_or(Ok(()), |hash| clients::rotate_secret(tx, &seen.id, hash))?;
                Ok(true)
            })
            .await?;
        if !updated {
            let description = "the registration changed a moment ago: read it again";
            return Err(Error::new(ErrorCode::TemporarilyUnavailable, description).into());
        }
        server.clients.invalidate(&client.id);
        tracing::info!(client = client.id, "changed its registration");
    }
    let owner = Owner { client: Client { metadata, ..client }, token };
    Ok(owner.information(server, secret.as_ref()))
}

/// The members of an update that describe the registration itself must match it (RFC 7592 §2.2).
fn check_repeated(client: &Client, members: &Map<String, Value>) -> Result<(), Error> {
    if let Some(name) = NOT_REPEATED.into_iter().find(|name| members.contains_key(*name)) {
        return Err(Error::invalid_request(format!("an update must not have the member {name}")));
    }
    if members.get("client_id").and_then(Value::as_str) != Some(&client.id) {
        return Err(Error::invalid_request("client_id must be that of the client in the URL"));
    }
    let Some(secret) = members.get("client_secret") else { return Ok(()) };
    let secret = secret.as_str().and_then(Secret::parse);
    if !secret.is_some_and(|secret| client.secret_hashes.iter().any(|hash| secret.matches(hash))) {
        return Err(Error::invalid_request("client_secret is not the issued one, and cannot be chosen"));
    }
    Ok(())
}
