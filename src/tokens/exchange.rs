//! A token exchanged for a smaller one (RFC 8693).

use writ_core::{
    ScopeSet,
    token::{access_token::AccessTokenClaims, actor::Actor, audience},
};

use super::{access_token, issue, issue::TokenResponse};
use crate::{fault::Fault, server::Server, store::clients::Client};

/// What the client receives instead of the subject token.
pub struct Exchange {
    /// What the new token allows.
    pub scope: ScopeSet,
    /// The resource server it is for: one of the subject token's.
    pub resource: String,
    /// Who acts.
    pub act: Option<Actor>,
    /// The tokens it is revoked with.
    pub exchanged_from: Vec<String>,
}

/// Signs a token for `actor` in the name of `subject`: never for longer.
///
/// # Errors
/// A key is missing or the signature fails.
pub fn exchange(
    server: &Server,
    subject: AccessTokenClaims,
    actor: &Client,
    exchange: Exchange,
) -> Result<TokenResponse, Fault> {
    let now = server.clock.now();
    let snapshot = server.snapshot();
    let profile = snapshot.scopes.token_profile(&exchange.resource);
    let claims = AccessTokenClaims {
        client_id: actor.id.clone(),
        jti: access_token::new_jti(),
        aud: audience::audience(&exchange.resource, snapshot.scopes.userinfo(), &exchange.scope),
        iat: now,
        exp: subject.exp.min(now + access_token::lifetime(server, profile, actor)),
        scope: exchange.scope,
        act: exchange.act,
        exchanged_from: exchange.exchanged_from,
        ..subject
    };
    issue::respond(server, actor, &exchange.resource, claims)
}
