//! The token endpoint (RFC 6749 §3.2): authenticate the client, redeem the grant in one unit of work, sign after the commit.

mod authorization_code;
mod client_credentials;
mod device_code;
mod refresh_token;
mod token_exchange;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, PRAGMA},
    web::Data,
};
use writ_core::{
    Cause, Error, ErrorCode, Params,
    vocabulary::{authorization_details, client_metadata::GrantType},
};

use crate::{
    clients::{AuthenticatedClient, authenticate},
    config::TokensSettings,
    fault::Stop,
    server::Server,
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
    match answer(&server, &request, &body).await {
        Ok(response) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(response),
        Err(failure) => oauth_error::respond(&server.refusals, ENDPOINT, failure),
    }
}

async fn answer(server: &Server, request: &HttpRequest, body: &Body) -> Result<TokenResponse, Stop> {
    let params = form::parse_strictly(request, body)?;
    let asked = params.require("grant_type")?;
    let grant_type = GrantType::parse(asked).ok_or_else(|| {
        Error::new(ErrorCode::UnsupportedGrantType, "this grant_type is not supported")
            .because(format!("it is {asked}"))
    })?;
    let client = authenticate::client(&server.clients, request, &params).await?;
    let caller = client.shared();
    let network = network(client_address(request, &server.settings.server.trusted_proxies));
    redeem(server, client, grant_type, &params, network).await.map_err(|failure| failure.of(&caller.id))
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
    let mut authorization = match grant_type {
        GrantType::AuthorizationCode => authorization_code::redeem(server, client, params, network).await?,
        GrantType::RefreshToken => refresh_token::redeem(server, client, params, network).await?,
        GrantType::ClientCredentials => client_credentials::redeem(server, client, params)?,
        GrantType::DeviceCode => device_code::redeem(server, client, params, network).await?,
        // Not a grant of its own: the smaller token is made from the larger one.
        GrantType::TokenExchange => return token_exchange::redeem(server, client, params).await,
    };
    authorization.scope = server.snapshot().scopes.known(&authorization.scope);
    if authorization.scope.is_empty() {
        return Err(Error::new(Cause::ScopeUnknown, "no scope that was granted exists any more").into());
    }
    Ok(tokens::issue(server, authorization).await?)
}

/// When a grant used at `now` ends (seconds since the epoch): by idleness, by age, or because the person set an end. Rounded up to
/// the hour, so that its index changes seldom, unless the end is the person's own.
fn grant_expiry(tokens: &TokensSettings, created_at: i64, ends_at: Option<i64>, now: i64) -> i64 {
    let idle = now + tokens.grant_idle_lifetime;
    let by_age = match tokens.grant_max_lifetime {
        0 => idle,
        max => idle.min(created_at + max),
    };
    let rounded = (by_age + 3599) / 3600 * 3600;
    ends_at.map_or(rounded, |end| rounded.min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_ends_by_idleness_by_age_or_by_the_persons_word() {
        let mut tokens = crate::config::Settings::default().tokens;
        tokens.grant_idle_lifetime = 7200;
        tokens.grant_max_lifetime = 0;
        assert_eq!(grant_expiry(&tokens, 0, None, 3600), 10_800);
        assert_eq!(grant_expiry(&tokens, 0, None, 3601), 14_400, "rounded up to the hour");
        assert_eq!(grant_expiry(&tokens, 0, Some(9000), 3600), 9000);
        assert_eq!(grant_expiry(&tokens, 0, Some(99_000), 3600), 10_800);
        tokens.grant_max_lifetime = 7200;
        assert_eq!(grant_expiry(&tokens, 0, None, 3600), 7200);
    }
}
