//! Identity assertions for other authorization servers (ID-JAG §3.1).

use serde::Serialize;
use writ_core::{
    ScopeSet,
    authentication::Evidence,
    token::identity_assertion::issue::{Allowed, LIFETIME},
};

use super::access_token::new_jti;
use crate::{fault::Fault, keys::TokenType, server::Server, store::users::User};

/// The claims. Times are seconds since the epoch.
#[derive(Debug, Serialize)]
pub struct IssuedAssertion<'a> {
    iss: &'a str,
    /// The public subject, which the other authorization server receives when the user signs in
    /// there.
    sub: String,
    aud: &'a str,
    client_id: &'a str,
    jti: String,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    scope: ScopeSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    acr: &'static str,
    amr: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
}

impl<'a> IssuedAssertion<'a> {
    /// An assertion about `user`, who authenticated with this `evidence`.
    pub fn new(server: &'a Server, user: &'a User, allowed: &Allowed<'a>, evidence: &Evidence, now: i64) -> Self {
        let email = user.email.as_deref().filter(|_| allowed.email);
        Self {
            iss: server.issuer(),
            sub: user.id.to_string(),
            aud: allowed.audience,
            client_id: allowed.client_id,
            jti: new_jti(),
            exp: now + LIFETIME,
            iat: now,
            resource: allowed.resource,
            scope: allowed.scope.clone(),
            auth_time: evidence.known_auth_time(),
            acr: evidence.acr().as_str(),
            amr: evidence.amr(),
            email,
            email_verified: email.map(|_| user.email_verified),
        }
    }
}

/// Signs an assertion as ID tokens are signed.
///
/// # Errors
/// A [`Fault`] if the key is missing or signing fails.
pub fn sign(server: &Server, assertion: &IssuedAssertion<'_>) -> Result<String, Fault> {
    let alg = server.settings.tokens.id_token_signing_alg;
    server.snapshot().keys.signing(alg)?.sign(TokenType::IdentityAssertion, assertion)
}
