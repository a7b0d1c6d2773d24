//! Turns an [`Authorization`] into a token response. Tokens are signed here, after the unit of work
//! has committed.

use serde::Serialize;
use serde_json::{Map, Value};
use writ_core::{
    ScopeSet, claim_mapping::Place, grants::Grant, token::access_token::AccessTokenClaims,
    vocabulary::client_metadata::IdTokenClaims as Disclosed,
};

use super::{
    Authorization, Subject, access_token,
    id_token::{IdTokenClaims, at_hash},
    refresh_token::RefreshToken,
    subject_identifier::{sid, sub},
    user_claims,
};
use crate::{
    fault::Fault,
    keys::TokenType,
    server::Server,
    store::{Id, clients::Client, users::User},
};

/// A successful token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    /// The RFC 9068 JWT.
    pub access_token: String,
    /// `Bearer`, or `N_A` for an identity assertion.
    pub token_type: &'static str,
    /// The type of an exchanged token (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// The granted scope. Only an identity assertion may have none.
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    pub scope: ScopeSet,
    /// The new refresh token, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token, if the scope has `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

/// Signs the tokens of an authorization.
///
/// # Errors
/// A [`Fault`] if a key is missing, signing fails, or the stored claims of the user are corrupt.
pub fn issue(server: &Server, authorization: Authorization) -> Result<TokenResponse, Fault> {
    let now = server.clock.now();
    let claims = access_token::claims(server, &authorization, now)?;
    let mut response = respond(server, &authorization.client, &authorization.resource, claims)?;
    if let Subject::User(user) = &authorization.subject {
        let (user, grant) = &**user;
        if response.scope.contains("openid") {
            response.id_token = Some(id_token(server, &authorization, (user, grant), &response, now)?);
        }
        response.refresh_token = authorization
            .refresh_generation
            .map(|generation| RefreshToken { grant_id: Id(grant.id), generation }.expose(&server.secrets.refresh_key));
    }
    Ok(response)
}

/// Signs an access token without further tokens.
///
/// # Errors
/// A [`Fault`] if the key is missing or signing fails.
pub(super) fn respond(
    server: &Server,
    client: &Client,
    resource: &str,
    claims: AccessTokenClaims,
) -> Result<TokenResponse, Fault> {
    Ok(TokenResponse {
        access_token: access_token::sign(server, client, resource, &claims)?,
        token_type: "Bearer",
        issued_token_type: None,
        expires_in: claims.exp - claims.iat,
        scope: claims.scope,
        refresh_token: None,
        id_token: None,
    })
}

fn id_token(
    server: &Server,
    authorization: &Authorization,
    (user, grant): (&User, &Grant),
    response: &TokenResponse,
    now: i64,
) -> Result<String, Fault> {
    let client = &authorization.client;
    let metadata = &client.metadata;
    let tokens = &server.settings.tokens;
    let alg = metadata.id_token_signed_response_alg.unwrap_or(tokens.id_token_signing_alg);
    let snapshot = server.snapshot();
    let groups = snapshot.groups.claim(&user.groups(), metadata.groups_claim);
    let claims = IdTokenClaims {
        iss: server.issuer(),
        sub: sub(server, client, user.id),
        aud: &client.id,
        exp: now + metadata.id_token_lifetime.unwrap_or(tokens.id_token_lifetime),
        iat: now,
        auth_time: (!grant.evidence.is_undated()).then_some(grant.auth_time),
        acr: grant.evidence.acr().as_str(),
        amr: grant.evidence.amr(),
        sid: sid(server, client, Id(grant.sid)),
        nonce: authorization.nonce.as_deref(),
        at_hash: at_hash(&response.access_token, alg),
        claims: disclosed(server, client, (user, &groups), grant, &response.scope)?,
    };
    snapshot.keys.signing(alg)?.sign(TokenType::IdToken, &claims)
}

/// The claims about the user in an ID token: those of the granted scopes, unless the client is
/// registered for `minimal`, and the single claims that it requested.
fn disclosed(
    server: &Server,
    client: &Client,
    (user, groups): (&User, &[String]),
    grant: &Grant,
    scope: &ScopeSet,
) -> Result<Map<String, Value>, Fault> {
    let mut claims = match client.metadata.id_token_claims {
        Disclosed::Granted => {
            let mut claims = user_claims::of_scopes(user, groups, scope)?;
            let allowed = (scope, &grant.scope_ids);
            claims.append(&mut user_claims::of_mappings(server, &client.id, user, Place::IdToken, allowed)?);
            claims
        }
        Disclosed::Minimal => Map::new(),
    };
    if !grant.claims.id_token.is_empty() {
        let registered = grant.claims.within(&client.metadata.scope);
        claims.append(&mut user_claims::of_request(user, groups, &registered.id_token)?);
    }
    Ok(claims)
}
