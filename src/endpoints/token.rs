//! The token endpoint (RFC 6749 §3.2): authenticates the client, redeems the grant in one unit of
//! work, and signs after the commit.

mod authorization_code;
mod client_credentials;
mod device_code;
mod identity_assertion;
mod issuing;
mod jwt_bearer;
mod refresh_token;
mod token_exchange;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, PRAGMA},
    web::Data,
};
use writ_core::{
    Cause, Error, ErrorCode, Params,
    grants::Grant,
    vocabulary::{authorization_details, client_metadata::GrantType},
};

use crate::{
    clients::{AuthenticatedClient, authenticate},
    fault::{Fault, Stop},
    metrics::METRICS,
    server::Server,
    store::{
        Id, Tx, grants,
        security_events::{self, Kind},
    },
    tokens::{self, TokenResponse},
    web::{
        client_address::{client_address, network},
        form::{self, Body},
        oauth_error,
    },
};

const ENDPOINT: &str = "token";

/// `POST /token`.
pub async fn token(server: Data<Server>, request: HttpRequest, body: Body) -> HttpResponse {
    match respond(&server, &request, &body).await {
        Ok(response) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(response),
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

async fn respond(server: &Server, request: &HttpRequest, body: &Body) -> Result<TokenResponse, Stop> {
    let params = form::parse_strictly(request, body)?;
    let requested = params.require("grant_type")?;
    let grant_type = GrantType::parse(requested).ok_or_else(|| {
        Error::new(ErrorCode::UnsupportedGrantType, "this grant_type is not supported")
            .because(format!("it is {requested}"))
    })?;
    let client = authenticate::client(&server.clients, request, &params).await?;
    let caller = client.shared();
    let network = network(client_address(request, &server.settings.server.trusted_proxies));
    let response = redeem(server, client, grant_type, &params, network)
        .await
        .map_err(|failure| failure.refuse_deleted(Cause::GrantEnded).of(&caller.id))?;
    METRICS.count_tokens(grant_type);
    Ok(response)
}

async fn redeem(
    server: &Server,
    client: AuthenticatedClient,
    grant_type: GrantType,
    params: &Params,
    network: String,
) -> Result<TokenResponse, Stop> {
    if !client.metadata.allows(grant_type) {
        let detail = format!("client {} is registered for {:?}", client.id, client.metadata.grant_types);
        return Err(Error::new(Cause::GrantTypeUnregistered, "this client is not registered for this grant_type")
            .because(detail)
            .into());
    }
    authorization_details::refuse(params.get("authorization_details")?)?;
    let authorization = match grant_type {
        GrantType::AuthorizationCode => authorization_code::redeem(server, client, params, network).await?,
        GrantType::RefreshToken => refresh_token::redeem(server, client, params, network).await?,
        GrantType::ClientCredentials => client_credentials::redeem(server, client, params)?,
        GrantType::DeviceCode => device_code::redeem(server, client, params, network).await?,
        GrantType::JwtBearer => jwt_bearer::redeem(server, client, params, network).await?,
        // Token exchange is not a grant of its own. It derives the new token from the presented
        // one.
        GrantType::TokenExchange => return token_exchange::redeem(server, client, params).await,
    };
    Ok(tokens::issue(server, authorization)?)
}

/// Revokes a grant with two holders of its code or refresh token and records the event for the
/// user, in one transaction. A second proof changes nothing.
async fn end_replayed(server: &Server, grant: Grant, network: String) -> Result<(), Fault> {
    let unit = move |tx: &mut Tx<'_>| {
        if grants::revoke(tx, Id(grant.id))? {
            let (user_id, client_id) = (Id(grant.user_id), Some(&*grant.client_id));
            security_events::record(tx, user_id, Kind::TokenReplayed, client_id, &network)?;
        }
        Ok(())
    };
    server.store.write(unit).await
}
