//! Token introspection (RFC 7662): discloses the state of a token to callers that it concerns. The
//! rule is `writ_core::token::introspection`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{Accept, CACHE_CONTROL, Header, Quality},
    web::Data,
};
use serde::Serialize;
use writ_core::{
    Cause, Error, SigningAlg,
    groups::check_client,
    token::{
        access_token::AccessTokenClaims,
        introspection::{self, Response, Token, concerns},
        refresh_token::check_registration,
    },
};

use crate::{
    clients::{Caller, authenticate},
    fault::Stop,
    keys::TokenType,
    server::Server,
    store::{Id, grants},
    tokens::{
        access_token::{self, ActiveToken},
        refresh_token::RefreshToken,
        subject_identifier::sub,
    },
    web::{
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "introspection";
/// The media type of a signed response (RFC 9701 §5).
const SIGNED: &str = "application/token-introspection+jwt";

/// `POST /introspect`.
pub async fn introspect(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match respond(&server, &request, &body).await {
        Ok(response) => response,
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

/// The claims of a signed response (RFC 9701 §5). It has neither `sub` nor `exp`, so that it cannot
/// be used as the token itself.
#[derive(Serialize)]
struct SignedResponse<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: Response,
}

async fn respond(server: &Server, request: &HttpRequest, body: &Body) -> Result<HttpResponse, Stop> {
    let params = form::parse_strictly(request, body)?;
    let caller = authenticate::caller(&server.clients, request, &params).await?;
    let token = params.require("token")?;
    let found = match RefreshToken::parse(token, &server.secrets.refresh_key) {
        Some(token) => refresh_token(server, &caller, token).await,
        None => access_token(server, &caller, token).await,
    };
    let response = match found {
        Ok(token) => Response::active(token),
        Err(Stop::Refused(error)) => {
            tracing::info!(endpoint = ENDPOINT, reason = %error, "inactive");
            Response::INACTIVE
        }
        Err(broken) => return Err(broken),
    };
    let mut http = HttpResponse::Ok();
    http.insert_header((CACHE_CONTROL, "no-store"));
    if accepts_signed(request) {
        Ok(http.content_type(SIGNED).body(sign(server, &caller, response)?))
    } else {
        Ok(http.json(response))
    }
}

/// Whether the caller prefers a signed response (RFC 9701 §4). A caller that accepts anything gets
/// JSON.
fn accepts_signed(request: &HttpRequest) -> bool {
    Accept::parse(request).is_ok_and(|Accept(ranges)| {
        ranges.iter().any(|range| range.item.essence_str() == SIGNED && range.quality > Quality::ZERO)
    })
}

fn sign(server: &Server, caller: &Caller, token_introspection: Response) -> Result<String, Stop> {
    let (aud, alg) = match caller {
        Caller::Client(client) => (client.id.as_str(), client.metadata.introspection_signed_response_alg),
        Caller::ResourceServer(audience) => (audience.as_str(), None),
    };
    let claims = SignedResponse { iss: server.issuer(), aud, iat: server.clock.now(), token_introspection };
    // RFC 9701 §6: RS256, unless the client registered another algorithm.
    let snapshot = server.snapshot();
    let key = snapshot.keys.signing(alg.unwrap_or(SigningAlg::RS256))?;
    Ok(key.sign(TokenType::Introspection, &claims)?)
}

async fn access_token(server: &Server, caller: &Caller, token: &str) -> Result<Token, Stop> {
    let claims = access_token::parse(&server.snapshot().keys, token, server.clock.now())?;
    let concerned = match caller {
        Caller::Client(client) => introspection::Caller::Client(&client.id),
        Caller::ResourceServer(audience) => introspection::Caller::ResourceServer(audience),
    };
    if !concerns(concerned, &claims) {
        let reason = format!("it is for {} and client {}", claims.resource(), claims.client_id);
        return Err(Error::new(Cause::TokenForeign, "the token is not the caller's").because(reason).into());
    }
    let ActiveToken { claims, scope, grant, .. } = access_token::find_active(server, claims).await?;
    let Some(grant) = grant else { return Ok(Token::access(claims, scope)) };
    let groups = access_token::groups(server, &grant.user, &scope, claims.resource());
    let own = access_token::own(server, &claims.client_id, &grant.user, (&scope, &grant.scope_ids))?;
    Ok(Token::access(AccessTokenClaims { groups, own, ..claims }, scope))
}

async fn refresh_token(server: &Server, caller: &Caller, token: RefreshToken) -> Result<Token, Stop> {
    let foreign = |reason: &str| Error::new(Cause::TokenForeign, "the token is not the caller's").because(reason);
    let Caller::Client(client) = caller else {
        return Err(foreign("a refresh token is disclosed only to its client").into());
    };
    let found = server.store.read(move |tx| grants::find(tx, token.grant_id)).await?;
    let Some(found) = found.filter(|found| found.grant.client_id == client.id) else {
        return Err(foreign("it is another client's").into());
    };
    let grant = &found.grant;
    check_registration(grant, &client.metadata)?;
    check_client(client.open_to.as_ref(), &found.user.groups())?;
    server.snapshot().sign_in_demands(client).check(&found.user.groups(), grant.evidence.acr())?;
    let live = grant.live(found.surroundings(), server.clock.now());
    let live = live.map_err(|ended| Error::new(ended.cause(), ended.reason()))?;
    if live.family.is_none_or(|family| family.generation != token.generation) {
        return Err(Error::new(Cause::RefreshTokenInvalid, "the refresh token was replaced").into());
    }
    let snapshot = server.snapshot();
    let in_force = grant.scope_in_force(&found.user.groups(), |name| snapshot.scopes.scope_owner(name));
    let scope = in_force.intersect(&client.metadata.scope);
    if scope.is_empty() {
        return Err(Error::new(Cause::RefreshTokenInvalid, "nothing of its scope is in force").into());
    }
    Ok(Token {
        iss: server.issuer().to_owned(),
        sub: sub(server, client, Id(grant.user_id)),
        client_id: grant.client_id.clone(),
        scope,
        iat: grant.created_at,
        exp: grant.expires_at,
        ..Token::default()
    })
}
