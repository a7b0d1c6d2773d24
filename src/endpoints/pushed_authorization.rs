//! Pushed authorization requests (RFC 9126): what would stand in an address comes over a channel of its own, from a client that
//! proves who it is.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde_json::{Value, json};
use writ_core::{Cause, Error, Params};

use crate::{
    clients::authenticate,
    fault::Stop,
    requests::{AuthorizationRequest, Pushed, authorization_request, pushed, request_object},
    server::Server,
    store::clients::Client,
    tokens::id_token::IdTokenHint,
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "pushed_authorization";

/// `POST /par`.
pub async fn push(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match answer(&server, &request, &body).await {
        Ok(answer) => HttpResponse::Created().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

/// Everything that the authorization endpoint would refuse is refused here (RFC 9126 §2.1, §2.3).
async fn answer(server: &Server, request: &HttpRequest, body: &Body) -> Result<Value, Stop> {
    let params = form::parse_strictly(request, body)?;
    let client = authenticate::client(&server.clients, request, &params).await?;
    let request_uri = store(server, &client, params).await.map_err(|failure| failure.of(&client.id))?;
    Ok(json!({ "request_uri": request_uri, "expires_in": pushed::LIFETIME }))
}

/// The `request_uri` of a request that `client` may send.
async fn store(server: &Server, client: &Client, params: Params) -> Result<String, Stop> {
    if params.get("request_uri")?.is_some() {
        return Err(Error::new(Cause::RequestUriPushed, "request_uri cannot be pushed").into());
    }
    let params = request_object::open(server, client, params).await?;
    authorization_request::redirect_uri(client, &params)?;
    AuthorizationRequest::parse(&params, &client.metadata, &server.snapshot().scopes)?
        .check_binding(&client.metadata, server.settings.tokens.require_pkce)?;
    IdTokenHint::of_request(&server.snapshot().keys, &params, &client.id)?;
    Pushed::store(server, &client.id, &params).await
}
