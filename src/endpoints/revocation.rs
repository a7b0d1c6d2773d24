//! Token revocation (RFC 7009). A refresh token is revoked with its whole grant, an access token
//! with the tokens exchanged from it.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use writ_core::{Cause, Error};

use crate::{
    clients::authenticate,
    fault::Stop,
    server::Server,
    store::{Tx, grants, revoked_access_tokens},
    tokens::{access_token, refresh_token::RefreshToken},
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "revocation";

/// `POST /revoke`. An unknown or invalid token is not an error (RFC 7009 §2.2).
pub async fn revoke(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match revoke_token(&server, &request, &body).await {
        Ok(()) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish(),
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

async fn revoke_token(server: &Server, request: &HttpRequest, body: &Body) -> Result<(), Stop> {
    let params = form::parse_strictly(request, body)?;
    let client = authenticate::client(&server.clients, request, &params).await?.into_inner();
    let token = params.require("token")?;
    let caller = client.id.clone();
    let foreign = move || Error::new(Cause::TokenForeign, "the token was issued to another client").of(&caller);

    if let Some(token) = RefreshToken::parse(token, &server.secrets.refresh_key) {
        let unit = move |tx: &mut Tx<'_>| {
            let id = token.grant_id;
            if grants::revoke_of_client(tx, id, &client.id)? {
                tracing::info!(client = client.id, grant = %id.0, "grant revoked by its client");
                return Ok(());
            }
            match grants::find(tx, id)?.map(|found| found.grant.client_id) {
                Some(owner) if owner != client.id => {
                    let reason = format!("client {} presented a token of {owner}", client.id);
                    Err(foreign().because(reason).into())
                }
                // It is gone or already revoked.
                _ => Ok(()),
            }
        };
        return server.store.decide_by_statement(unit).await;
    }
    let Ok(claims) = access_token::parse(&server.snapshot().keys, token, server.clock.now()) else {
        return Ok(());
    };
    if claims.client_id != client.id {
        return Err(foreign()
            .because(format!("client {} presented a token of {}", client.id, claims.client_id))
            .into());
    }
    let insert = move |tx: &mut Tx<'_>| Ok(revoked_access_tokens::insert(tx, &claims.jti, claims.exp)?);
    server.store.decide_by_statement(insert).await
}
