//! Pushed authorization requests ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)): the client
//! sends the request directly and may authenticate.

use actix_web::{HttpResponse, http::header::CACHE_CONTROL};
use serde_json::{Value, json};
use writ_core::{
    Cause, Error, Params,
    authorization::{AuthorizationRequest, Target, binding},
};

use crate::{
    clients::authenticate,
    fault::Stop,
    requests::{Pushed, pushed, request_object},
    server::Call,
    store::clients::Client,
    tokens::id_token::IdTokenHint,
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "pushed_authorization";

/// `POST /par`.
pub async fn post(call: Call, body: Body) -> HttpResponse {
    match respond(&call, &body).await {
        Ok(response) => HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(response),
        Err(failure) => oauth_error::respond(&call.server.refusals, ENDPOINT, failure),
    }
}

async fn respond(call: &Call, body: &Body) -> Result<Value, Stop> {
    let params = form::parse(&call.request, body)?;
    params.check_unrepeated_but("resource")?;
    let client = authenticate::client(&call.server.clients, &call.request, &params).await?;
    let params = check(call, &client, params).await.map_err(|failure| failure.of(&client.id))?;
    let request_uri =
        Pushed::store(call, &client, &params).await.map_err(|failure| failure.refuse_deleted(Cause::ClientNotFound))?;
    Ok(json!({ "request_uri": request_uri, "expires_in": pushed::LIFETIME }))
}

/// Refuses what the authorization endpoint would refuse
/// ([RFC 9126 §2.1](https://www.rfc-editor.org/rfc/rfc9126#section-2.1)).
async fn check(call: &Call, client: &Client, params: Params) -> Result<Params, Stop> {
    let server = &call.server;
    if params.get("request_uri")?.is_some() {
        return Err(Error::new(Cause::RequestUriPushed, "request_uri cannot be pushed").into());
    }
    let params = request_object::open(call, client, params).await?;
    Target::find(&params, &client.id, &client.metadata, client.varies_loopback_port())?;
    let request = AuthorizationRequest::parse(&params, &client.metadata, &server.snapshot().scopes.offer)?;
    binding::check(request.binding(), &client.metadata, server.settings.tokens.require_pkce)?;
    IdTokenHint::of_request(&server.snapshot().keys, &params, &client.id)?;
    Ok(params)
}
