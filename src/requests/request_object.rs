//! Request objects, by value or by reference. They are fetched, verified with the client's keys,
//! and parsed by the rules of [`writ_core::authorization::request_object`].

use serde_json::{Map, Value};
use writ_core::{
    Cause, Error, ErrorCode, Params,
    authorization::request_object::{self, Expected, TYPES},
    throttle::too_many_requests,
    vocabulary::web_uri::without_values,
};

use crate::{
    clients::NotVerified,
    fault::Stop,
    server::{Call, Server},
    store::{Tx, client_assertions, clients::Client, throttle::Limits},
    web::limits::{of_networks, of_strangers},
};

/// The parameters of a request by `client`: those of its request object, if it sent one.
///
/// # Errors
/// `invalid_request_object`, `invalid_request_uri`, or `invalid_request` if a parameter was
/// repeated or the client must sign. [`Stop::Broken`] if the database fails.
pub async fn open(call: &Call, client: &Client, params: Params) -> Result<Params, Stop> {
    let server = &call.server;
    let mut counted = None;
    let object = match (params.get("request")?, params.get("request_uri")?) {
        (None, None) => {
            request_object::check_unsigned(&client.metadata)?;
            return Ok(params);
        }
        (Some(_), Some(_)) => return Err(Error::invalid_request("request and request_uri exclude each other").into()),
        (Some(object), None) => object.to_owned(),
        (None, Some(uri)) => {
            check_registered(client, uri)?;
            counted = Some(count_fetch(call).await?);
            fetch(server, client, uri).await?
        }
    };
    let claims = verify(server, client, &object).await?;
    let expected = Expected {
        client_id: &client.id,
        issuer: server.issuer(),
        require_signed: client.metadata.require_signed_request_object,
        now: server.clock.now(),
    };
    let object = request_object::read(claims, &expected)?;
    if let Some((jti, until)) = object.single_use {
        use_once(call, client, jti, until).await?;
    }
    // A fetch that yields a request is refunded.
    if let Some(limits) = counted {
        server.store.write(move |tx| limits.refund(tx)).await?;
    }
    Ok(object.params)
}

async fn verify(server: &Server, client: &Client, object: &str) -> Result<Map<String, Value>, Error> {
    let alg = client.metadata.request_object_signing_alg;
    server.clients.verify_signed_by(client, object, &TYPES, alg).await.map_err(|reason| {
        let is_disclosed = reason.is_of_jwks_uri() || reason == NotVerified::NoKeys;
        let description = if is_disclosed { reason.to_string() } else { "the request object is not valid".to_owned() };
        Error::new(ErrorCode::InvalidRequestObject, description)
            .because(format!("client {}: {}", client.id, reason.detail()))
            .of(&client.id)
    })
}

/// Marks a `jti` as used; it is valid once ([RFC 7519
/// §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7)).
async fn use_once(call: &Call, client: &Client, jti: String, until: i64) -> Result<(), Stop> {
    let server = &call.server;
    // Strangers can register clients, with keys of their own.
    let limits =
        (!client.approved).then(|| of_strangers(&server.settings.throttle, "request_object", call.client_address()));
    // Separate from the `jti` values of client assertions, which may be equal.
    let (client_id, jti) = (client.id.clone(), format!("request:{jti}"));
    let unit = move |tx: &mut Tx<'_>| {
        limits.iter().try_for_each(|limits| limits.admit_row(tx, client_assertions::sweep))?;
        Ok(client_assertions::consume(tx, &client_id, &jti, until)?)
    };
    if server.store.decide(unit).await? {
        return Ok(());
    }
    Err(Error::new(ErrorCode::InvalidRequestObject, "the request object was used before").of(&client.id).into())
}

/// Checks that the client registered this `request_uri`
/// ([OpenID Connect Core
/// §6.2](https://openid.net/specs/openid-connect-core-1_0.html#RequestUriParameter)).
fn check_registered(client: &Client, uri: &str) -> Result<(), Error> {
    if client.metadata.request_uris.iter().any(|registered| registered.matches(uri)) {
        return Ok(());
    }
    Err(Error::new(Cause::RequestUriUnregistered, "request_uri is not one that this client registered")
        .because(format!("client {} sent {:?}", client.id, without_values(uri)))
        .of(&client.id))
}

/// Counts a fetch in advance, for the networks of the browser.
async fn count_fetch(call: &Call) -> Result<Limits, Stop> {
    let limits = Limits::new(of_networks(&call.server.settings.throttle, "request_uri", call.client_address()));
    let counted = limits.clone();
    match call.server.store.write(move |tx| counted.attempt(tx)).await? {
        None => Ok(limits),
        Some(seconds) => Err(too_many_requests(seconds).into()),
    }
}

/// Fetches the request object at a URL that the client registered
/// ([RFC 9101 §5.2.3](https://www.rfc-editor.org/rfc/rfc9101#section-5.2.3)). It is not cached,
/// because its content may differ for each request.
async fn fetch(server: &Server, client: &Client, uri: &str) -> Result<String, Error> {
    let unreachable = |description: &str, reason: String| {
        Error::new(Cause::RequestUriUnreachable, description)
            .because(format!("client {} sent {:?}: {reason}", client.id, without_values(uri)))
            .of(&client.id)
    };
    let document = server.fetcher.get_unless_failing(uri, server.clock.now()).await;
    let document = document.map_err(|reason| unreachable("request_uri cannot be fetched", reason.to_string()))?;
    let text = String::from_utf8(document.body);
    let text = text.map_err(|_| unreachable("request_uri did not return a JWT", "it is not UTF-8".to_owned()))?;
    Ok(text.trim().to_owned())
}
