//! The device authorization endpoint (RFC 8628 §3.1): issues a device code and a user code.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use serde_json::{Value, json};
use writ_core::{
    Cause, Error, Params, ScopeSet,
    vocabulary::{authorization_details, client_metadata::GrantType},
};

use crate::{
    clients::authenticate,
    fault::{Fault, Stop},
    requests::UserCode,
    secret::Handle,
    server::Call,
    store::{
        Id,
        clients::Client,
        device_requests::{self, DeviceRequest},
    },
    web::{
        form::{self, Body},
        limits::of_strangers,
        oauth_error,
    },
};

const ENDPOINT: &str = "device_authorization";
/// Lifetime of the codes in seconds.
const LIFETIME: i64 = 600;
/// Minimum number of seconds between two polls (RFC 8628 §3.2).
const POLL_SECONDS: i64 = 5;
/// Maximum number of user codes to try. Even two collisions in a row are very unlikely.
const ATTEMPTS: usize = 5;

/// `POST /device_authorization`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    match respond(&call, &body).await {
        Ok(response) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(response),
        Err(failure) => oauth_error::respond(&call.server.refusals, ENDPOINT, failure),
    }
}

async fn respond(call: &Call, body: &Body) -> Result<Value, Stop> {
    let params = form::parse_strictly(&call.request, body)?;
    let client = authenticate::client(&call.server.clients, &call.request, &params).await?;
    store(call, &client, &params).await.map_err(|failure| failure.refuse_deleted(Cause::ClientNotFound).of(&client.id))
}

async fn store(call: &Call, client: &Client, params: &Params) -> Result<Value, Stop> {
    let server = &call.server;
    if !client.metadata.allows(GrantType::DeviceCode) {
        return Err(Error::new(Cause::GrantTypeUnregistered, "this client is not registered for device_code").into());
    }
    authorization_details::refuse(params.get("authorization_details")?)?;
    let resource = params.get("resource")?;
    let scope = {
        let snapshot = server.snapshot();
        let named: Vec<&str> = resource.into_iter().collect();
        let scope =
            snapshot.scopes.offer.requestable_at_device(ScopeSet::asked(params)?, &named, &client.metadata)?.scope;
        snapshot.scopes.audience(&scope, resource)?;
        scope
    };
    let handle = Handle::random();
    let now = server.clock.now();
    let row = DeviceRequest {
        id: Id(handle.id),
        secret_hash: handle.secret.hash().0.to_vec(),
        user_code: String::new(),
        client_id: client.id.clone(),
        scope: scope.to_string(),
        audience: resource.unwrap_or_default().to_owned(),
        network: call.network(),
        created_at: now,
        expires_at: now + LIFETIME,
        poll_seconds: POLL_SECONDS,
        next_poll_at: now,
        user_id: None,
        session_id: None,
        auth_time: None,
        evidence: None,
        granted: None,
        duration: None,
        scope_ids: None,
    };
    // Device clients do not authenticate, so any caller can send this request.
    let limits = of_strangers(&server.settings.throttle, "device", call.client_address());
    let user_code = server
        .store
        .decide(move |tx| {
            limits.admit_row(tx, device_requests::sweep_early)?;
            for _ in 0..ATTEMPTS {
                let code = UserCode::random();
                let row = DeviceRequest { user_code: code.as_str().to_owned(), ..row.clone() };
                if device_requests::insert(tx, &row)? {
                    return Ok(code);
                }
            }
            Err(Fault::Busy.into())
        })
        .await?;
    let issuer = &server.settings.server.issuer;
    Ok(json!({
        "device_code": handle.expose(),
        "user_code": user_code.to_string(),
        "verification_uri": issuer.join("/device"),
        // The page shows the code and asks the user to compare it, so the link alone approves
        // nothing.
        "verification_uri_complete": issuer.join(&format!("/device?user_code={user_code}")),
        "expires_in": LIFETIME,
        "interval": POLL_SECONDS,
    }))
}
