//! The userinfo endpoint (OpenID Connect Core §5.3): what the granted scopes tell about the person.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header::CACHE_CONTROL},
    web::Data,
};
use serde_json::{Map, Value, json};
use writ_core::{Cause, Error, ErrorCode, vocabulary::claims_request::ClaimsRequest};

use crate::{
    fault::Stop,
    keys::TokenType,
    server::Server,
    store::users,
    tokens::{
        access_token::{AccessTokenClaims, TokenStatus, token_status},
        person,
    },
    web::{
        bearer_error,
        form::{self, Body},
    },
};

const ENDPOINT: &str = "userinfo";

/// `GET` and `POST /userinfo`. Any access token with `openid` opens it, whichever resource server it is for: the endpoint is ours.
pub async fn userinfo(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let token = match bearer_token(&request, &body) {
        Ok(Some(token)) => token,
        Ok(None) => return bearer_error::no_token(),
        Err(error) => return bearer_error::respond(&server.refusals, ENDPOINT, error.into(), "openid"),
    };
    match answer(&server, &token).await {
        Ok(Answer::Json(claims)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(claims),
        Ok(Answer::Signed(jwt)) => {
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("application/jwt").body(jwt)
        }
        Err(failure) => bearer_error::respond(&server.refusals, ENDPOINT, failure, "openid"),
    }
}

/// The token from the header (RFC 6750 §2.1) or, of a POST, from the form (§2.2).
fn bearer_token(request: &HttpRequest, body: &Body) -> Result<Option<String>, Error> {
    let from_header = bearer_error::token(request)?;
    let from_form = if *request.method() == Method::POST && !body.is_empty() {
        form::parse_strictly(request, body)?.get("access_token")?.map(str::to_owned)
    } else {
        None
    };
    if from_header.is_some() && from_form.is_some() {
        return Err(Error::new(
            Cause::SeveralAuthMethods,
            "the access token is in the header and in the body: use one",
        ));
    }
    Ok(from_header.or(from_form))
}

/// What is told, in the form that the client registered (OpenID Connect Core §5.3.2).
enum Answer {
    Json(Map<String, Value>),
    Signed(String),
}

async fn answer(server: &Server, token: &str) -> Result<Answer, Stop> {
    let token = AccessTokenClaims::parse(&server.snapshot().keys, token, server.clock.now())?;
    let client = server.clients.find(&token.client_id).await?;
    let client = client.ok_or_else(|| {
        Error::new(Cause::AccessTokenRevoked, "the access token was revoked").because("its client was deleted")
    })?;
    let mut claims = claims(server, token).await.map_err(|failure| failure.of(&client.id))?;
    let Some(alg) = client.metadata.userinfo_signed_response_alg else { return Ok(Answer::Json(claims)) };
    claims.insert("iss".to_owned(), json!(server.issuer()));
    claims.insert("aud".to_owned(), json!(client.id));
    Ok(Answer::Signed(server.snapshot().keys.signing(alg)?.sign(TokenType::UserInfo, &claims)?))
}

async fn claims(server: &Server, claims: AccessTokenClaims) -> Result<Map<String, Value>, Stop> {
    let (scope, sub) = (claims.scope.clone(), claims.sub.clone());
    let found = server
        .store
        .read(move |tx| match token_status(tx, &claims)? {
            TokenStatus::Revoked => Ok(None),
            TokenStatus::Client => Ok(Some(Err("it was issued to a client for itself"))),
            TokenStatus::Grant(grant) => {
                // Allowed to one app: whoever it lets act for it has the scopes of its own token, and no more.
                let asked =
                    if grant.client_id == claims.client_id { grant.claims()? } else { ClaimsRequest::default() };
                Ok(users::find(tx, grant.user_id)?.map(|user| Ok((user, grant.scope(), asked))))
            }
        })
        .await?;
    match found {
        None => Err(Error::new(Cause::AccessTokenRevoked, "the access token was revoked")
            .because("its grant is over, or its jti was revoked")
            .into()),
        Some(Err(cause)) => {
            Err(Error::new(ErrorCode::InvalidToken, "the access token names no person").because(cause).into())
        }
        Some(Ok((user, granted, asked))) => {
            let scope = scope.intersect(&granted);
            if !scope.contains("openid") {
                return Err(Error::new(ErrorCode::InsufficientScope, "the access token lacks the scope openid").into());
            }
            let mut claims = person::claims(&user, &scope)?;
            claims.append(&mut person::asked(&user, &asked.userinfo)?);
            claims.insert("sub".to_owned(), json!(sub));
            Ok(claims)
        }
    }
}
