//! Request objects (RFC 9101, OpenID Connect Core §6): an authorization request that the client signed, by value or by reference.

use serde_json::{Map, Value};
use writ_core::{
    Cause, Error, ErrorCode, Params,
    vocabulary::{
        jwt::{Audience, CLOCK_SKEW, NumericDate},
        params,
    },
};

use crate::{clients::NotVerified, server::Server, store::clients::Client};

/// The `typ` values that a request object may have, if any.
const TYPES: [&str; 2] = ["jwt", "oauth-authz-req+jwt"];
/// Claims about the JWT itself, which are no parameters (RFC 9101 §4).
const JWT_CLAIMS: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];

/// The parameters of `client`'s request: those of its request object, if it sent one, and then no others (RFC 9101 §6.3).
///
/// # Errors
/// `invalid_request_object`, `invalid_request_uri`, or `invalid_request` for a parameter sent twice.
pub async fn open(server: &Server, client: &Client, params: Params) -> Result<Params, Error> {
    let object = match (params.get("request")?, params.get("request_uri")?) {
        (None, None) => return Ok(params),
        (Some(_), Some(_)) => return Err(Error::invalid_request("request and request_uri exclude each other")),
        (Some(object), None) => object.to_owned(),
        (None, Some(uri)) => fetch(server, client, uri).await?,
    };
    let invalid = |description: String, cause: String| {
        Error::new(ErrorCode::InvalidRequestObject, description)
            .because(format!("client {}: {cause}", client.id))
            .of(&client.id)
    };
    let alg = client.metadata.request_object_signing_alg;
    let verified = server.clients.verify_signed_by(client, &object, &TYPES, alg).await;
    let claims: Map<String, Value> = verified.map_err(|reason| match reason.to_string() {
        text if reason.is_of_jwks_uri() || reason == NotVerified::NoKeys => invalid(text, String::new()),
        text => invalid("the request object is not valid".to_owned(), text),
    })?;
    check(&claims, client, server.issuer(), server.clock.now())
        .map_err(|(description, cause)| invalid(description, cause))?;
    let parameters: Vec<(String, String)> = claims
        .into_iter()
        .filter(|(name, _)| !JWT_CLAIMS.contains(&name.as_str()))
        .map(|(name, value)| {
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            (name, text)
        })
        .collect();
    if let Some((name, _)) = parameters.iter().find(|(_, value)| !params::is_text(value)) {
        return Err(invalid(
            "a parameter of the request object has a control character".to_owned(),
            format!("{name:?}"),
        ));
    }
    Ok(parameters.into_iter().collect())
}

/// The request object at an address that the client registered (RFC 9101 §5.2.3). It is fetched each time: what a client
/// puts there may differ from one request to the next.
async fn fetch(server: &Server, client: &Client, uri: &str) -> Result<String, Error> {
    let invalid = |cause, description: String| {
        Error::new(cause, description).because(format!("client {} sent {uri:?}", client.id)).of(&client.id)
    };
    let unreachable = |description| invalid(Cause::RequestUriUnreachable, description);
    if !client.metadata.request_uris.iter().any(|registered| registered.matches(uri)) {
        let description = "request_uri is not one that this client registered";
        return Err(invalid(Cause::RequestUriUnregistered, description.to_owned()));
    }
    let document = server.fetcher.get(uri).await;
    let document = document.map_err(|reason| unreachable(format!("request_uri cannot be fetched: {reason}")))?;
    let text = String::from_utf8(document.body).map_err(|_| unreachable("request_uri leads to no JWT".to_owned()))?;
    Ok(text.trim().to_owned())
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
