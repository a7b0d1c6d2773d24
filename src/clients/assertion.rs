//! Client assertions (`private_key_jwt`: RFC 7523 §2.2 and §3, OpenID Connect Core §9): a JWT that the client signs for one request.

use serde::Deserialize;
use writ_core::{
    Cause, Error,
    vocabulary::{
        client_keys::unverified_claims,
        jwt::{Audience, CLOCK_SKEW, NumericDate},
    },
};

use super::Clients;
use crate::{
    fault::Stop,
    store::{client_assertions, clients::Client},
};

/// The one `client_assertion_type`.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The `typ` values that an assertion may have, if any.
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];
/// The longest time, in seconds, from now to `exp`: what bounds how many of them are remembered.
const MAX_LIFETIME: i64 = 3600;
/// The most bytes of a `jti`.
const MAX_JTI_LENGTH: usize = 255;

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    exp: NumericDate,
    iat: Option<NumericDate>,
    nbf: Option<NumericDate>,
}

/// Who an assertion says that it is from.
pub(super) fn subject(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }
    unverified_claims::<Subject>(assertion).map(|claims| claims.sub)
}

/// Checks an assertion of `client` and uses it up.
///
/// # Errors
/// `invalid_client`; the store's faults.
pub(super) async fn verify(clients: &Clients, client: &Client, assertion: &str) -> Result<(), Stop> {
    let refused = |description: &str, detail: String| {
        Error::new(Cause::ClientAssertionInvalid, description)
            .because(format!("client {}: {detail}", client.id))
            .of(&client.id)
    };
    let not_valid = |detail: String| {
        Error::new(Cause::ClientAssertionUntrusted, "client authentication failed")
            .because(format!("client {}: {detail}", client.id))
            .of(&client.id)
    };
    let alg = client.metadata.token_endpoint_auth_signing_alg;
    let verified = clients.verify_signed_by(client, assertion, &TYPES, alg).await;
    let claims: AssertionClaims = verified.map_err(|reason| match reason.to_string() {
        text if reason.is_of_jwks_uri() => Error::new(Cause::ClientKeysUnreachable, text).of(&client.id),
        text => not_valid(text),
    })?;
    // From here on it is the client itself that learns what to mend.
    if claims.iss != client.id || claims.sub != client.id {
        return Err(refused("iss and sub of the client assertion must be the client_id", claims.iss).into());
    }
    let issuer = &clients.settings.server.issuer;
    let [token, par] = ["/token", "/par"].map(|path| issuer.join(path));
    if !claims.aud.is_only(&[issuer.as_str(), &token, &par]) {
        let description = "aud of the client assertion must be the issuer identifier";
        return Err(refused(description, format!("it is {:?}", claims.aud)).into());
    }
    let now = clients.clock.now();
    let NumericDate(exp) = claims.exp;
    if exp.saturating_add(CLOCK_SKEW) <= now {
        return Err(refused("the client assertion has expired", format!("{} s ago", now.saturating_sub(exp))).into());
    }
    if exp > now + MAX_LIFETIME {
        let description = format!("exp of the client assertion is more than {MAX_LIFETIME} s ahead");
        return Err(refused(&description, format!("{} s", exp.saturating_sub(now))).into());
    }
    for (name, time) in [("iat", claims.iat), ("nbf", claims.nbf)] {
        if let Some(NumericDate(time)) = time.filter(|time| time.0 > now + CLOCK_SKEW) {
            let description = format!("{name} of the client assertion is in the future");
            return Err(refused(&description, format!("by {} s", time.saturating_sub(now))).into());
        }
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI_LENGTH {
        let description = format!("jti of the client assertion must have 1 to {MAX_JTI_LENGTH} bytes");
        return Err(refused(&description, format!("it has {}", claims.jti.len())).into());
    }
    if claims.jti.chars().any(char::is_control) {
        let description = "jti of the client assertion has a control character";
        return Err(refused(description, String::new()).into());
    }
    let (client_id, jti) = (client.id.clone(), claims.jti);
    let until = exp + CLOCK_SKEW;
    let first = clients.store.write(move |tx| client_assertions::consume(tx, &client_id, &jti, until)).await?;
    if !first {
        return Err(
            refused("the client assertion was used before: each needs a jti of its own", "replay".to_owned()).into()
        );
    }
    Ok(())
}
