//! Token introspection (RFC 7662): whether a token is good now, for those whom it concerns.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use serde_json::{Value, json};

use crate::{
    clients::{Caller, authenticate},
    server::Server,
    store::grants,
    tokens::{
        access_token::{AccessTokenClaims, Standing, standing},
        refresh_token::RefreshToken,
        subject_identifier::sub,
    },
    web::{
        Failure,
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "introspection";

/// `POST /introspect`.
pub async fn introspect(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match answer(&server, &request, &body).await {
        Ok(answer) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

async fn answer(server: &Server, request: &HttpRequest, body: &Body) -> Result<Value, Failure> {
    let params = form::parse_strictly(request, body)?;
    let caller = authenticate::caller(server, request, &params).await?;
    let token = params.require("token")?;
    let found = match RefreshToken::parse(token, &server.refresh_key) {
        Some(token) => refresh_token(server, &caller, token).await?,
        None => access_token(server, &caller, token).await?,
    };
    // An inactive answer never says why (RFC 7662 §2.2); the log does.
    Ok(found.unwrap_or_else(|cause| {
        tracing::info!(endpoint = ENDPOINT, cause, "inactive");
        json!({ "active": false })
    }))
}

async fn access_token(server: &Server, caller: &Caller, token: &str) -> Result<Result<Value, String>, Failure> {
    let claims = match AccessTokenClaims::parse(&server.remembered().keys, token, server.clock.now()) {
        Ok(claims) => claims,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let concerned = match caller {
        Caller::Client(client) => client.id == claims.client_id,
        Caller::ResourceServer(audience) => *audience == claims.aud,
    };
    if !concerned {
        return Ok(Err(format!("the token is for {} and client {}", claims.aud, claims.client_id)));
    }
    if server.client(&claims.client_id).await?.is_none() {
        return Ok(Err(format!("client {} was deleted", claims.client_id)));
    }
    if claims.is_of_client() && server.client(&claims.sub).await?.is_none() {
        return Ok(Err(format!("client {} was deleted", claims.sub)));
    }
    let asked = claims.clone();
    let scope = match server.store.read(move |tx| standing(tx, &asked)).await? {
        Standing::Revoked => return Ok(Err("the token or its grant was revoked".to_owned())),
        Standing::Client => claims.scope.clone(),
        Standing::Grant(grant) => claims.scope.intersect(&grant.scope()),
    };
    let mut answer = json!({
        "active": true,
        "token_type": "Bearer",
        "iss": claims.iss,
        "sub": claims.sub,
        "aud": claims.aud,
        "client_id": claims.client_id,
        "scope": scope,
        "jti": claims.jti,
        "iat": claims.iat,
        "exp": claims.exp,
    });
    if let Some(auth_time) = claims.auth_time {
        answer["auth_time"] = json!(auth_time);
    }
    if let Some(act) = claims.act {
        answer["act"] = json!(act);
    }
    Ok(Ok(answer))
}

async fn refresh_token(
    server: &Server,
    caller: &Caller,
    token: RefreshToken,
) -> Result<Result<Value, String>, Failure> {
    let Caller::Client(client) = caller else {
        return Ok(Err("a refresh token concerns its client alone".to_owned()));
    };
    let grant = server.store.read(move |tx| grants::find_live(tx, token.grant_id)).await?;
    let Some(grant) = grant.filter(|grant| grant.client_id == client.id && grant.generation == token.generation) else {
        return Ok(Err("the refresh token is another client's, was replaced, or its grant is over".to_owned()));
    };
    Ok(Ok(json!({
        "active": true,
        "iss": server.issuer(),
        "sub": sub(server, client, grant.user_id),
        "client_id": grant.client_id,
        "scope": grant.scope,
        "iat": grant.created_at,
        "exp": grant.expires_at,
    })))
}
