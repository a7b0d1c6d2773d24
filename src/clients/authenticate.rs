//! Client authentication ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)). The
//! rules are in [`credentials`]; the facts come from the request and the store.

use std::{ops::Deref, sync::Arc};

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use writ_core::{
    Cause, Params,
    clients::credentials::{self, Credentials, Proof, failed},
};

use super::{Clients, assertion};
use crate::{fault::Stop, secret::Secret, store::clients::Client, web::client_address::client_address};

/// An authenticated client, or a public client that identified itself. Only this file creates one,
/// so a function with this parameter cannot be called without authentication.
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// The client, for code that does not act on its behalf.
    pub fn shared(&self) -> Arc<Client> {
        Arc::clone(&self.0)
    }

    /// Returns the client.
    pub fn into_inner(self) -> Arc<Client> {
        self.0
    }
}

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

/// A caller of the introspection endpoint: a client, or a resource server with its own credentials.
pub enum Caller {
    /// A confidential client.
    Client(AuthenticatedClient),
    /// The audience of a resource server.
    ResourceServer(String),
}

/// Authenticates the client of a token or revocation request.
///
/// # Errors
/// `invalid_request` if there are several methods, otherwise `invalid_client`. [`Stop::Broken`] if
/// the database fails.
pub async fn client(clients: &Clients, request: &HttpRequest, params: &Params) -> Result<AuthenticatedClient, Stop> {
    check_client(clients, request, presented(request, params)?).await
}

/// Authenticates a confidential client or a resource server
/// ([RFC 7662 §2.1](https://www.rfc-editor.org/rfc/rfc7662#section-2.1)).
///
/// # Errors
/// As for [`client`]. A public client is refused, because it does not authenticate.
pub async fn caller(clients: &Clients, request: &HttpRequest, params: &Params) -> Result<Caller, Stop> {
    let presented = presented(request, params)?;
    if let Some(found) = clients.snapshot().scopes.server(&presented.client_id) {
        let proven = match (&found.secret_hash, secret(&presented.proof)) {
            (Some(hash), Some(secret)) => secret.matches(hash),
            _ => false,
        };
        if !proven {
            let detail = format!("wrong secret for resource server {}", found.id);
            return Err(failed(Cause::ClientSecretWrong, detail).into());
        }
        return Ok(Caller::ResourceServer(found.audience.clone()));
    }
    let client = check_client(clients, request, presented).await?;
    if client.metadata.is_public() {
        let detail = format!("client {} is public, and introspection needs authentication", client.id);
        return Err(failed(Cause::PublicClientRefused, detail).of(&client.id).into());
    }
    Ok(Caller::Client(client))
}

async fn check_client(
    clients: &Clients,
    request: &HttpRequest,
    presented: Credentials,
) -> Result<AuthenticatedClient, Stop> {
    let Credentials { client_id, proof } = presented;
    let address = client_address(request, &clients.settings.server.trusted_proxies);
    let Some(client) = clients.find_caller(&client_id, address).await? else {
        let detail = format!("no client has the client_id {client_id:?}");
        return Err(failed(Cause::ClientNotFound, detail).into());
    };
    credentials::check_method(client.metadata.token_endpoint_auth_method, proof.method())
        .map_err(|error| error.of(&client.id))?;
    match &proof {
        Proof::None => {}
        Proof::Secret { .. } => {
            let matching = |secret: Secret| client.secret_hashes.iter().find(|hash| secret.matches(hash));
            let Some(hash) = secret(&proof).and_then(matching) else {
                let detail = format!("wrong secret for client {}", client.id);
                return Err(failed(Cause::ClientSecretWrong, detail).of(&client.id).into());
            };
            clients.used_secrets.note(&client.id, hash, clients.clock.now());
        }
        Proof::Assertion(assertion) => assertion::verify(clients, &client, assertion).await?,
    }
    // Last, so that only the client itself learns of it.
    client.check_enabled()?;
    Ok(AuthenticatedClient(client))
}

fn presented(request: &HttpRequest, params: &Params) -> Result<Credentials, Stop> {
    let authorization: Vec<&[u8]> = request.headers().get_all(AUTHORIZATION).map(|value| value.as_bytes()).collect();
    Ok(credentials::parse(&authorization, params)?)
}

fn secret(proof: &Proof) -> Option<Secret> {
    match proof {
        Proof::Secret { secret, .. } => Secret::parse(secret),
        Proof::None | Proof::Assertion(_) => None,
    }
}
