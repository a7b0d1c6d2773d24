//! Dynamic client registration (RFC 7591) and its management by the client (RFC 7592).

mod management;

use std::error::Error as _;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use self::management::{delete, read, update};
use writ_core::{ClientMetadata, Error, ErrorCode, clients::registration};

use crate::{
    clients::sector,
    config::RegistrationMode,
    fault::Stop,
    secret::{Handle, Secret},
    server::{Call, Server},
    store::{
        Id,
        clients::Origin,
        initial_access_tokens,
        registrations::{self, NewRegistration},
    },
    web::{
        bearer_error,
        client_address::{network, networks},
        error_page,
        form::Body,
        json, oauth_error,
    },
};

const ENDPOINT: &str = "registration";

/// `POST /register`.
pub async fn register(call: Call, body: Body) -> HttpResponse {
    if is_off(&call.server) {
        return error_page::not_found(call.page(None));
    }
    match answer(&call, &body).await {
        Ok(Some(answer)) => HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Ok(None) => bearer_error::no_token(),
        Err(failure) => refuse(&call.server, failure),
    }
}

fn is_off(server: &Server) -> bool {
    server.settings.registration.mode == RegistrationMode::Off
}

/// An invalid token is refused with a challenge, other errors as in RFC 7591 §3.2.2.
fn refuse(server: &Server, failure: Stop) -> HttpResponse {
    let refusals = &server.refusals;
    match &failure {
        Stop::Refused(Error { code: ErrorCode::InvalidToken, .. }) => {
            bearer_error::respond(refusals, ENDPOINT, failure, "")
        }
        Stop::Refused(Error { code: ErrorCode::AccessDenied, .. }) => {
            let mut response = oauth_error::respond(refusals, ENDPOINT, failure);
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        _ => oauth_error::respond(refusals, ENDPOINT, failure),
    }
}

/// Registers a client. `None` if the request needs an initial access token and has none.
async fn answer(call: &Call, body: &Body) -> Result<Option<Value>, Stop> {
    let server = &call.server;
    let token = bearer_error::token(&call.request)?;
    let ticket = match server.settings.registration.mode {
        RegistrationMode::InitialAccessToken => {
            let Some(token) = token else { return Ok(None) };
            Some(find_ticket(server, &token).await?)
        }
        RegistrationMode::Open | RegistrationMode::Off => None,
    };
    let address = call.client_address();
    if ticket.is_none() {
        server.clients.count_introduction(address).await?;
    }
    let id = Uuid::new_v4().to_string();
    let metadata = parse(server, &id, json::parse(&call.request, body)?).await?;
    let secret = metadata.has_secret().then(Secret::random);
    let token = Secret::random();
    let created_at = {
        let (id, metadata) = (id.clone(), metadata.clone());
        let (secret, token) = (secret.as_ref().map(Secret::hash), token.hash());
        let (quota, networks) = (server.clients.registration_quota(ticket.is_some()), networks(address));
        server
            .store
            .decide(move |tx| {
                registrations::room(tx, &networks, quota)?;
                if let Some(ticket) = ticket
                    && !initial_access_tokens::consume(tx, ticket)?
                {
                    return Err(not_a_ticket("another registration has just used it up").into());
                }
                let new = NewRegistration {
                    origin: Origin::SelfRegistered,
                    client_id: &id,
                    metadata: &metadata,
                    secret,
                    token: Some(token),
                    networks: &networks,
                };
                registrations::insert(tx, &new)?;
                Ok(tx.now)
            })
            .await?
    };
    tracing::info!(client = id, name = metadata.client_name, network = network(address), "registered itself");
    Ok(Some(describe(server, &id, created_at, &metadata, secret.as_ref(), &token)))
}

/// Finds a presented initial access token (RFC 7591 §3).
async fn find_ticket(server: &Server, token: &str) -> Result<Id, Stop> {
    let handle = Handle::parse(token).ok_or_else(|| not_a_ticket("it is malformed"))?;
    let row = server.store.read(move |tx| initial_access_tokens::find_live(tx, Id(handle.id))).await?;
    let row = row.filter(|row| handle.secret.matches(&row.secret_hash));
    Ok(row.ok_or_else(|| not_a_ticket("there is no valid token with this id"))?.id)
}

fn not_a_ticket(cause: &str) -> Error {
    Error::new(ErrorCode::InvalidToken, "the initial access token has expired, was used up, or is not valid")
        .because(cause)
}

/// Parses and validates the metadata that a client sent.
async fn parse(server: &Server, client_id: &str, members: Map<String, Value>) -> Result<ClientMetadata, Stop> {
    let metadata = registration::parse(members, &server.clients.registration_terms())?;
    sector::check(&server.fetcher, &metadata).await.map_err(|error| {
        let detail = error.source().map(ToString::to_string).unwrap_or_default();
        Error::new(ErrorCode::InvalidClientMetadata, error.to_string()).because(detail)
    })?;
    server.clients.check_look_alike(client_id, &metadata).await?;
    Ok(metadata)
}

/// The client information response (RFC 7591 §3.2.1, RFC 7592 §3).
fn describe(
    server: &Server,
    id: &str,
    created_at: i64,
    metadata: &ClientMetadata,
    secret: Option<&Secret>,
    token: &Secret,
) -> Value {
    let mut members = registration::describe(metadata);
    members.insert("client_id".to_owned(), json!(id));
    members.insert("client_id_issued_at".to_owned(), json!(created_at));
    if let Some(secret) = secret {
        members.insert("client_secret".to_owned(), json!(secret.expose()));
        members.insert("client_secret_expires_at".to_owned(), json!(0));
    }
    members.insert("registration_access_token".to_owned(), json!(token.expose()));
    let uri = server.settings.server.issuer.join(&format!("/register/{id}"));
    members.insert("registration_client_uri".to_owned(), json!(uri));
    Value::Object(members)
}
