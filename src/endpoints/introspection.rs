//! Token introspection (RFC 7662): whether a token is good now, for those whom it concerns.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{Accept, CACHE_CONTROL, Header, Quality},
    web::Data,
};
use serde::Serialize;
use serde_json::{Value, json};
use writ_core::SigningAlg;

use crate::{
    clients::{Caller, authenticate},
    fault::Stop,
    keys::TokenType,
    server::Server,
    store::grants,
    tokens::{
        access_token::{AccessTokenClaims, TokenStatus, token_status},
        refresh_token::RefreshToken,
        subject_identifier::sub,
    },
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "introspection";
/// The media type of a signed answer (RFC 9701 §5).
const SIGNED: &str = "application/token-introspection+jwt";

/// `POST /introspect`.
pub async fn introspect(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match answer(&server, &request, &body).await {
        Ok(Answer::Json(answer)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(answer),
        Ok(Answer::Signed(jwt)) => {
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type(SIGNED).body(jwt)
        }
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

/// What is told, in the form that the caller asked for.
enum Answer {
    Json(Value),
    Signed(String),
}

/// The claims of a signed answer (RFC 9701 §5): neither `sub` nor `exp`, so that it is never taken for the token.
#[derive(Serialize)]
struct SignedAnswer<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: Value,
}

async fn answer(server: &Server, request: &HttpRequest, body: &Body) -> Result<Answer, Stop> {
    let params = form::parse_strictly(request, body)?;
    let caller = authenticate::caller(&server.clients, request, &params).await?;
    let token = params.require("token")?;
    let found = match RefreshToken::parse(token, &server.secrets.refresh_key) {
        Some(token) => refresh_token(server, &caller, token).await?,
        None => access_token(server, &caller, token).await?,
    };
    // An inactive answer never says why (RFC 7662 §2.2); the log does.
    let answer = found.unwrap_or_else(|cause| {
        tracing::info!(endpoint = ENDPOINT, cause, "inactive");
        json!({ "active": false })
    });
    if !accepts_signed(request) {
        return Ok(Answer::Json(answer));
    }
    let (aud, alg) = match &caller {
        Caller::Client(client) => (client.id.as_str(), client.metadata.introspection_signed_response_alg),
        Caller::ResourceServer(audience) => (audience.as_str(), None),
    };
    let claims = SignedAnswer { iss: server.issuer(), aud, iat: server.clock.now(), token_introspection: answer };
    // RFC 9701 §6: RS256, unless something else is registered.
    let snapshot = server.snapshot();
    let key = snapshot.keys.signing(alg.unwrap_or(SigningAlg::RS256))?;
    Ok(Answer::Signed(key.sign(TokenType::Introspection, &claims)?))
}

/// Whether the caller asked for a signed answer (RFC 9701 §4); who takes anything gets JSON.
fn accepts_signed(request: &HttpRequest) -> bool {
    Accept::parse(request).is_ok_and(|Accept(ranges)| {
        ranges.iter().any(|range| range.item.essence_str() == SIGNED && range.quality > Quality::ZERO)
    })
}

async fn access_token(server: &Server, caller: &Caller, token: &str) -> Result<Result<Value, String>, Stop> {
    let claims = match AccessTokenClaims::parse(&server.snapshot().keys, token, server.clock.now()) {
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
    if server.clients.find(&claims.client_id).await?.is_none() {
        return Ok(Err(format!("client {} was deleted", claims.client_id)));
    }
    if claims.is_of_client() && server.clients.find(&claims.sub).await?.is_none() {
        return Ok(Err(format!("client {} was deleted", claims.sub)));
    }
    let asked = claims.clone();
    let scope = match server.store.read(move |tx| token_status(tx, &asked)).await? {
        TokenStatus::Revoked => return Ok(Err("the token or its grant was revoked".to_owned())),
        TokenStatus::Client => claims.scope.clone(),
        TokenStatus::Grant(grant) => claims.scope.intersect(&grant.scope()),
    };
    let mut answer = json!({
        "active": true,
        "token_type": "Bearer",
        "iss": claims.iss,
        "sub": claims.sub,
        "aud": claims.aud,
        "client_id": claims.client_id,
        "scope": server.snapshot().scopes.known(&scope),
        "jti": claims.jti,
        "iat": claims.iat,
        "exp": claims.exp,
    });
    if let Some(auth_time) = claims.auth_time {
        answer["auth_time"] = json!(auth_time);
    }
    if let Some(acr) = claims.acr {
        answer["acr"] = json!(acr);
    }
    if let Some(act) = claims.act {
        answer["act"] = json!(act);
    }
    Ok(Ok(answer))
}

async fn refresh_token(server: &Server, caller: &Caller, token: RefreshToken) -> Result<Result<Value, String>, Stop> {
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
        "scope": server.snapshot().scopes.known(&grant.scope()),
        "iat": grant.created_at,
        "exp": grant.expires_at,
    })))
}
