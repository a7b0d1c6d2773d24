//! The userinfo endpoint (OpenID Connect Core §5.3): returns the claims of the granted scopes.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header::CACHE_CONTROL},
    web::Data,
};
use serde_json::{Map, Value, json};
use writ_core::{Cause, Error, ErrorCode, claim_mapping::Place, token::access_token::AccessTokenClaims};

use crate::{
    fault::Stop,
    keys::TokenType,
    server::Server,
    tokens::{access_token, user_claims},
    web::{
        bearer_error,
        form::{self, Body},
    },
};

const ENDPOINT: &str = "userinfo";

/// `GET` and `POST /userinfo`.
pub async fn userinfo(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    let token = match bearer_token(&request, &body) {
        Ok(Some(token)) => token,
        Ok(None) => return bearer_error::no_token(),
        Err(error) => return bearer_error::respond(&server.refusals, ENDPOINT, error.into(), "openid"),
    };
    match respond(&server, &token).await {
        Ok(Response::Json(claims)) => HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(claims),
        Ok(Response::Signed(jwt)) => {
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("application/jwt").body(jwt)
        }
        Err(failure) => bearer_error::respond(&server.refusals, ENDPOINT, failure, "openid"),
    }
}

/// The token from the header (RFC 6750 §2.1) or, for POST, from the form (§2.2).
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

/// The response in the format that the client registered (OpenID Connect Core §5.3.2).
enum Response {
    Json(Map<String, Value>),
    Signed(String),
}

async fn respond(server: &Server, token: &str) -> Result<Response, Stop> {
    let claims = access_token::parse(&server.snapshot().keys, token, server.clock.now())?;
    let client_id = claims.client_id.clone();
    disclose(server, claims).await.map_err(|failure| failure.of(&client_id))
}

/// The claims, for a token whose audience includes the userinfo endpoint
/// ([RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4)).
async fn disclose(server: &Server, claims: AccessTokenClaims) -> Result<Response, Stop> {
    if !claims.aud.contains(server.snapshot().scopes.userinfo()) {
        let description = "the access token is not for the userinfo endpoint: it was granted without openid";
        return Err(Error::new(ErrorCode::InvalidToken, description).because(claims.resource()).into());
    }
    let active = access_token::find_active(server, claims).await?;
    let Some(grant) = active.grant else {
        return Err(Error::new(ErrorCode::InvalidToken, "the access token names no user")
            .because("it was issued to a client for itself")
            .into());
    };
    if !active.scope.contains("openid") {
        return Err(Error::new(ErrorCode::InsufficientScope, "the access token lacks the scope openid").into());
    }
    let format = active.client.metadata.groups_claim;
    let groups = server.snapshot().groups.claim(&grant.user.groups(), format);
    let mut disclosed = user_claims::of_scopes(&grant.user, &groups, &active.scope)?;
    let client_id = &active.client.id;
    let allowed = (&active.scope, &grant.scope_ids);
    disclosed.append(&mut user_claims::of_mappings(server, client_id, &grant.user, Place::Userinfo, allowed)?);
    // Single claims are granted to one client. A client that acts for it gets only its own scopes.
    if grant.client_id == active.claims.client_id {
        let registered = grant.claims.within(&active.client.metadata.scope);
        disclosed.append(&mut user_claims::of_request(&grant.user, &groups, &registered.userinfo)?);
    }
    disclosed.insert("sub".to_owned(), json!(active.claims.sub));
    let Some(alg) = active.client.metadata.userinfo_signed_response_alg else { return Ok(Response::Json(disclosed)) };
    disclosed.insert("iss".to_owned(), json!(server.issuer()));
    disclosed.insert("aud".to_owned(), json!(active.client.id));
    Ok(Response::Signed(server.snapshot().keys.signing(alg)?.sign(TokenType::UserInfo, &disclosed)?))
}
