//! Client authentication (RFC 6749 §2.3): exactly one method a request, and it must be the registered one.

use std::{ops::Deref, sync::Arc};

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Clients, assertion};
use writ_core::{Cause, Error, Params, vocabulary::client_metadata::AuthMethod};

use crate::{
    fault::Stop,
    secret::Secret,
    store::clients::Client,
    web::client_address::{client_address, network},
};

/// A client that proved who it is, or a public one that said who it is. Made only here, so that whatever asks for one as a
/// parameter cannot be reached without authentication.
pub struct AuthenticatedClient(Arc<Client>);

impl AuthenticatedClient {
    /// The client, for whoever does not act for it.
    pub fn shared(&self) -> Arc<Client> {
        Arc::clone(&self.0)
    }

    /// The client, to keep.
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

/// Who may introspect: a client, or a resource server with its own credentials.
pub enum Caller {
    /// A confidential client.
    Client(AuthenticatedClient),
    /// The audience of a resource server.
    ResourceServer(String),
}

/// What a request presents.
struct Presented {
    id: String,
    proof: Proof,
}

/// How the caller proves who it is.
enum Proof {
    Nothing,
    Secret { secret: String, method: AuthMethod },
    Assertion(String),
}

impl Proof {
    fn method(&self) -> AuthMethod {
        match self {
            Self::Nothing => AuthMethod::None,
            Self::Secret { method, .. } => *method,
            Self::Assertion(_) => AuthMethod::PrivateKeyJwt,
        }
    }

    fn secret(&self) -> Option<Secret> {
        match self {
            Self::Secret { secret, .. } => Secret::parse(secret),
            Self::Nothing | Self::Assertion(_) => None,
        }
    }
}

/// Authenticates the client of a token or revocation request.
///
/// # Errors
/// `invalid_request` for more than one method, else `invalid_client`; the store's faults.
pub async fn client(clients: &Clients, request: &HttpRequest, params: &Params) -> Result<AuthenticatedClient, Stop> {
    check_client(clients, request, presented(request, params)?).await
}

/// Authenticates a confidential client or a resource server (RFC 7662 §2.1).
///
/// # Errors
/// As [`client`]; a public client is refused, for anybody could be it.
pub async fn caller(clients: &Clients, request: &HttpRequest, params: &Params) -> Result<Caller, Stop> {
    let presented = presented(request, params)?;
    if let Some(found) = clients.snapshot().scopes.server(&presented.id) {
        let proven = match (&found.secret_hash, presented.proof.secret()) {
            (Some(hash), Some(secret)) => secret.matches(hash),
            _ => false,
        };
        if !proven {
            return Err(
                refused(Cause::ClientSecretWrong, format!("wrong secret for resource server {}", found.id)).into()
            );
        }
        return Ok(Caller::ResourceServer(found.audience.clone()));
    }
    let client = check_client(clients, request, presented).await?;
    if client.metadata.is_public() {
        let detail = format!("client {} is public, and introspection is for those who prove who they are", client.id);
        return Err(refused(Cause::PublicClientRefused, detail).of(&client.id).into());
    }
    Ok(Caller::Client(client))
}

async fn check_client(
    clients: &Clients,
    request: &HttpRequest,
    presented: Presented,
) -> Result<AuthenticatedClient, Stop> {
    let network = network(client_address(request, &clients.settings.server.trusted_proxies));
    let Some(client) = clients.find_caller(&presented.id, &network).await? else {
        return Err(refused(Cause::ClientNotFound, format!("no client has the client_id {:?}", presented.id)).into());
    };
    let registered = client.metadata.token_endpoint_auth_method;
    if presented.proof.method() != registered {
        let actual = presented.proof.method();
        let detail = format!("client {} is registered for {registered:?} and came with {actual:?}", client.id);
        return Err(refused(Cause::ClientAuthMethodWrong, detail)
            .expected(registered.as_str(), actual.as_str())
            .of(&client.id)
            .into());
    }
    match &presented.proof {
        Proof::Nothing => {}
        Proof::Secret { .. } => {
            let secret = presented.proof.secret();
            if !secret.is_some_and(|secret| client.secret_hashes.iter().any(|hash| secret.matches(hash))) {
                let detail = format!("wrong secret for client {}", client.id);
                return Err(refused(Cause::ClientSecretWrong, detail).of(&client.id).into());
            }
        }
        Proof::Assertion(assertion) => assertion::verify(clients, &client, assertion).await?,
    }
    Ok(AuthenticatedClient(client))
}

/// One answer for every reason, so that it does not tell which clients exist; the log has the reason.
fn refused(cause: Cause, detail: String) -> Error {
    Error::new(cause, "client authentication failed").because(detail)
}

fn presented(request: &HttpRequest, params: &Params) -> Result<Presented, Error> {
    let client_id = params.get("client_id")?;
    let client_secret = params.get("client_secret")?;
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Error::new(Cause::SeveralAuthMethods, "there is more than one Authorization header"));
    }
    if let Some(assertion) = presented_assertion(params)? {
        if header.is_some() || client_secret.is_some() {
            return Err(Error::new(
                Cause::SeveralAuthMethods,
                "the client authenticates with an assertion and otherwise: use one",
            ));
        }
        let id = assertion::subject(assertion).ok_or_else(|| {
            refused(Cause::ClientAssertionUntrusted, "the client assertion is no JWT with a sub".to_owned())
        })?;
        if client_id.is_some_and(|client_id| client_id != id) {
            return Err(Error::new(
                Cause::ClientIdContradicted,
                "client_id differs from the sub of the client assertion",
            ));
        }
        return Ok(Presented { id, proof: Proof::Assertion(assertion.to_owned()) });
    }
    if let Some(header) = header {
        let (id, secret) = parse_basic(header.as_bytes())?;
        if client_secret.is_some() {
            return Err(Error::new(
                Cause::SeveralAuthMethods,
                "the client authenticates in the header and in the body: use one",
            ));
        }
        if client_id.is_some_and(|client_id| client_id != id) {
            return Err(Error::new(
                Cause::ClientIdContradicted,
                "client_id differs from the one in the Authorization header",
            ));
        }
        return Ok(Presented { id, proof: Proof::Secret { secret, method: AuthMethod::ClientSecretBasic } });
    }
    let Some(id) = client_id else {
        return Err(Error::new(Cause::ClientUnnamed, "the request names no client"));
    };
    let proof = client_secret.map_or(Proof::Nothing, |secret| Proof::Secret {
        secret: secret.to_owned(),
        method: AuthMethod::ClientSecretPost,
    });
    Ok(Presented { id: id.to_owned(), proof })
}

/// `client_assertion`, which comes with its type (RFC 7521 §4.2).
fn presented_assertion(params: &Params) -> Result<Option<&str>, Error> {
    match (params.get("client_assertion")?, params.get("client_assertion_type")?) {
        (None, None) => Ok(None),
        (Some(assertion), Some(assertion::TYPE)) => Ok(Some(assertion)),
        (Some(_), Some(_)) => {
            Err(Error::new(Cause::ClientAssertionInvalid, format!("client_assertion_type must be {}", assertion::TYPE)))
        }
        (Some(_), None) => Err(Error::new(Cause::ParameterMissing, "client_assertion_type is missing")),
        (None, Some(_)) => Err(Error::new(Cause::ParameterMissing, "client_assertion is missing")),
    }
}

/// `Basic BASE64(form-encoded client_id ":" form-encoded client_secret)` (RFC 6749 §2.3.1).
fn parse_basic(header: &[u8]) -> Result<(String, String), Error> {
    let malformed = |detail: &str| {
        Error::new(Cause::AuthorizationHeaderMalformed, "the Authorization header is malformed").because(detail)
    };
    let (scheme, credentials) = header.split_at_checked(6).ok_or_else(|| malformed("it is shorter than a scheme"))?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(malformed("its scheme is not Basic"));
    }
    let decoded =
        BASE64_STANDARD.decode(credentials.trim_ascii()).map_err(|_| malformed("its credentials are not base64"))?;
    let colon =
        decoded.iter().position(|byte| *byte == b':').ok_or_else(|| malformed("its credentials have no colon"))?;
    let decode = |encoded: &[u8]| {
        // A name and a value are encoded alike, and neither has a bare `&`.
        if encoded.contains(&b'&') {
            return Err(malformed("its credentials are not form-encoded: they have an ampersand"));
        }
        let pair = [b"v=", encoded].concat();
        let params = Params::parse(&pair).map_err(|error| malformed(&error.description))?;
        Ok(params.get("v").ok().flatten().unwrap_or_default().to_owned())
    };
    Ok((decode(&decoded[..colon])?, decode(&decoded[colon + 1..])?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use writ_core::ErrorCode;

    fn basic(credentials: &[u8]) -> Result<(String, String), Error> {
        parse_basic(format!("Basic {}", BASE64_STANDARD.encode(credentials)).as_bytes())
    }

    #[test]
    fn credentials_are_form_decoded() {
        let pair = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        assert_eq!(basic(b"shop:secret"), pair("shop", "secret"));
        assert_eq!(basic(b"https%3A%2F%2Ftalk.example:a%2Bb+c%3A"), pair("https://talk.example", "a+b c:"));
        assert_eq!(basic(b"shop:a:b"), pair("shop", "a:b"));
        assert_eq!(basic(b"shop:"), pair("shop", ""));
    }

    #[test]
    fn a_malformed_header_is_invalid_client() {
        for header in [
            &b""[..],
            b"Basic",
            b"Basic ",
            b"Bearer abcdef",
            b"Basic !!!",
            b"Basic c2hvcA==",
            b"\xff\xfe\xfd\xfc\xfb\xfa\xf9",
        ] {
            assert_eq!(parse_basic(header).map_err(|error| error.code), Err(ErrorCode::InvalidClient), "{header:?}");
        }
        assert_eq!(basic(b"shop&x:secret").map_err(|error| error.code), Err(ErrorCode::InvalidClient));
        assert_eq!(basic(b"shop:secret&x=y").map_err(|error| error.code), Err(ErrorCode::InvalidClient));
        assert_eq!(basic(b"sh%zzop:secret").map_err(|error| error.code), Err(ErrorCode::InvalidClient));
        assert_eq!(basic(b"shop:\xff").map_err(|error| error.code), Err(ErrorCode::InvalidClient));
    }
}
