//! Request objects by value (RFC 9101, OpenID Connect Core §6.1): an authorization request that the client signed.

use serde_json::{Map, Value};

use crate::{
    protocol::{
        Error, ErrorCode, Params,
        jwt::{Audience, CLOCK_SKEW, NumericDate},
    },
    server::Server,
    store::clients::Client,
};

/// The `typ` values that a request object may have, if any.
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];
/// Claims about the JWT itself, which are no parameters (RFC 9101 §4).
const JWT_CLAIMS: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

/// The parameters of `client`'s request: those of its request object, if it sent one, and then no others (RFC 9101 §6.3).
///
/// # Errors
/// `invalid_request_object`, or `invalid_request` for a parameter sent twice.
pub fn open(server: &Server, client: &Client, params: Params) -> Result<Params, Error> {
    let Some(object) = params.get("request")? else { return Ok(params) };
    let invalid = |description: &str, cause: String| {
        Error::new(ErrorCode::InvalidRequestObject, description).because(format!("client {}: {cause}", client.id))
    };
    let keys = client
        .metadata
        .jwks
        .as_ref()
        .ok_or_else(|| invalid("this client registered no keys that could sign a request object", String::new()))?;
    let claims: Map<String, Value> = keys
        .verify(object, &TYPES, client.metadata.request_object_signing_alg)
        .map_err(|reason| invalid("the request object is not valid", reason.to_string()))?;
    check(&claims, client, server.issuer(), server.clock.now())
        .map_err(|(description, cause)| invalid(&description, cause))?;
    let parameters =
        claims.into_iter().filter(|(name, _)| !JWT_CLAIMS.contains(&name.as_str())).map(|(name, value)| {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (name, text)
        });
    Ok(parameters.collect())
}

/// What the claims must say, or which rule they break and how.
fn check(claims: &Map<String, Value>, client: &Client, issuer: &str, now: i64) -> Result<(), (String, String)> {
    let shown = |name: &str| claims.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("client_id") != Some(&client.id) {
        return Err(("client_id of the request object must be that of the request".to_owned(), shown("client_id")));
    }
    if claims.contains_key("iss") && text("iss") != Some(&client.id) {
        return Err(("iss of the request object must be the client_id".to_owned(), shown("iss")));
    }
    if let Some(audience) = claims.get("aud") {
        let audience = serde_json::from_value::<Audience>(audience.clone());
        if !audience.is_ok_and(|audience| audience.is_only(&[issuer])) {
            return Err(("aud of the request object must be the issuer identifier".to_owned(), shown("aud")));
        }
    }
    // With a subject it could pass for a client assertion; within another request it would hide what is asked (RFC 9101 §4, §10.8).
    for name in ["sub", "request", "request_uri", "client_secret", "client_assertion"] {
        if claims.contains_key(name) {
            return Err((format!("a request object has no {name}"), String::new()));
        }
    }
    let time = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(value) => serde_json::from_value::<NumericDate>(value.clone())
            .map(|date| Some(date.0))
            .map_err(|_| (format!("{name} of the request object must be a number of seconds"), shown(name))),
    };
    if time("exp")?.is_some_and(|exp| exp.saturating_add(CLOCK_SKEW) <= now) {
        return Err(("the request object has expired".to_owned(), shown("exp")));
    }
    for name in ["nbf", "iat"] {
        if time(name)?.is_some_and(|time| time > now + CLOCK_SKEW) {
            return Err((format!("{name} of the request object is in the future"), shown(name)));
        }
    }
    Ok(())
}
