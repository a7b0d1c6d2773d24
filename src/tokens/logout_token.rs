//! Logout tokens, which inform a client that a session has ended
//! (OpenID Connect Back-Channel Logout §2.4).

use serde::Serialize;
use serde_json::{Value, json};

use super::subject_identifier::{sid, sub};
use crate::{
    fault::Fault,
    keys::TokenType,
    server::Server,
    store::{clients::Client, logout_deliveries::LogoutDelivery},
};

/// Lifetime of a logout token in seconds (§2.4 recommends at most two minutes).
const LIFETIME: i64 = 120;

/// The claims of a logout token. Times are seconds since the epoch.
#[derive(Debug, Serialize)]
struct LogoutTokenClaims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    events: Value,
}

/// Signs the logout token of a delivery, with the algorithm of the client's ID tokens.
///
/// # Errors
/// A [`Fault`] if the key is missing or signing fails.
pub fn sign(server: &Server, client: &Client, delivery: &LogoutDelivery) -> Result<String, Fault> {
    let now = server.clock.now();
    let tokens = &server.settings.tokens;
    let alg = client.metadata.id_token_signed_response_alg.unwrap_or(tokens.id_token_signing_alg);
    let claims = LogoutTokenClaims {
        iss: server.issuer(),
        sub: sub(server, client, delivery.user_id),
        aud: &client.id,
        iat: now,
        exp: now + LIFETIME,
        jti: delivery.id.to_string(),
        sid: sid(server, client, delivery.sid),
        events: json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
    };
    server.snapshot().keys.signing(alg)?.sign(TokenType::LogoutToken, &claims)
}
