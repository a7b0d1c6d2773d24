//! From an [`Authorization`] to the token response. Signing happens here, after the unit of work is committed.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Authorization, Subject,
    access_token::AccessTokenClaims,
    id_token::{IdTokenClaims, at_hash},
    person,
    refresh_token::RefreshToken,
    subject_identifier::sub,
};
use writ_core::{
    ScopeSet,
    vocabulary::{acr, claims_request::ClaimsRequest},
};

use crate::{
    fault::Fault,
    keys::TokenType,
    server::Server,
    store::{Id, clients::Client, users},
};

/// A successful token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// The RFC 9068 JWT.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// What kind of token an exchange brought (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// What was granted, always said.
    pub scope: ScopeSet,
    /// A new refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// For requests with `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// Signs what was granted.
///
/// # Errors
/// A key is missing or a signature fails; the store's faults, where the ID token tells about the person.
pub async fn issue(server: &Server, authorization: Authorization) -> Result<TokenResponse, Fault> {
    let now = server.clock.now();
    let snapshot = server.snapshot();
    let metadata = &authorization.client.metadata;
    let tokens = &server.settings.tokens;

    let claims = AccessTokenClaims::new(server, &authorization, now);
    let mut response = access_token(server, &authorization.client, claims)?;
    let Subject::Person { user_id, grant_id, auth_time, sid, claims: asked, .. } = authorization.subject else {
        return Ok(response);
    };
    if response.scope.contains("openid") {
        let claims = told(server, user_id, &asked).await?;
        let alg = metadata.id_token_signed_response_alg.unwrap_or(tokens.id_token_signing_alg);
        let claims = IdTokenClaims {
            iss: server.issuer(),
            sub: sub(server, &authorization.client, user_id),
            aud: &authorization.client.id,
            exp: now + metadata.id_token_lifetime.unwrap_or(tokens.id_token_lifetime),
            iat: now,
            auth_time,
            acr: acr::PASSWORD,
            amr: acr::PASSWORD_METHODS,
            sid,
            nonce: authorization.nonce.as_deref(),
            at_hash: at_hash(&response.access_token, alg),
            claims,
        };
        response.id_token = Some(snapshot.keys.signing(alg)?.sign(TokenType::IdToken, &claims)?);
    }
    response.refresh_token = authorization
        .refresh_generation
        .map(|generation| RefreshToken { grant_id, generation }.expose(&server.secrets.refresh_key));
    Ok(response)
}

/// What the ID token tells about the person: nothing, unless the app asked for single claims in it.
async fn told(server: &Server, user_id: Id, asked: &ClaimsRequest) -> Result<Map<String, Value>, Fault> {
    if asked.id_token.is_empty() {
        return Ok(Map::new());
    }
    match server.store.read(move |tx| users::find(tx, user_id)).await? {
        Some(user) => person::asked(&user, &asked.id_token),
        None => Ok(Map::new()),
    }
}

/// Signs an access token that `client` receives now, and nothing beside it.
pub(super) fn access_token(
    server: &Server,
    client: &Client,
    claims: AccessTokenClaims,
) -> Result<TokenResponse, Fault> {
    let alg =
        client.metadata.access_token_signed_response_alg.unwrap_or(server.settings.tokens.access_token_signing_alg);
    Ok(TokenResponse {
        access_token: server.snapshot().keys.signing(alg)?.sign(TokenType::AccessToken, &claims)?,
        token_type: "Bearer",
        issued_token_type: None,
        expires_in: claims.exp - claims.iat,
        scope: claims.scope,
        refresh_token: None,
        id_token: None,
    })
}
