//! Signs the result of a token exchange (RFC 8693).

use serde_json::{Map, Value};
use writ_core::{
    ScopeSet,
    token::{access_token::AccessTokenClaims, actor::Actor, audience},
};

use super::{access_token, issue, issue::TokenResponse};
use crate::{fault::Fault, server::Server, store::clients::Client};

/// What the new token contains.
pub struct Exchange {
    /// The scope.
    pub scope: ScopeSet,
    /// The resource server, which is an audience of the subject token.
    pub resource: String,
    /// The groups of the user, if there is one and they may be disclosed.
    pub groups: Option<Vec<String>>,
    /// The claims of the operator's own about the user.
    pub own: Map<String, Value>,
    /// The actors.
    pub act: Option<Actor>,
    /// The tokens whose revocation revokes the new token.
    pub exchanged_from: Vec<String>,
}

/// Signs a token for `actor` on behalf of `subject`, which expires no later than the subject token.
///
/// # Errors
/// A [`Fault`] if the key is missing or signing fails.
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
        groups: exchange.groups,
        own: exchange.own,
        act: exchange.act,
        exchanged_from: exchange.exchanged_from,
        ..subject
    };
    issue::respond(server, actor, &exchange.resource, claims)
}
