//! Verifies the signatures of clients, with registered keys or those at `jwks_uri`.

use serde::de::DeserializeOwned;

use super::Clients;
use writ_core::{ClientKeys, ClientSigningAlg, vocabulary::client_keys::NotSigned};
use writ_jose::json;

use crate::{
    fetch::{Document, FetchError},
    store::clients::Client,
};

/// Why a JWT does not count as signed by the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// The client has no `jwks` and no `jwks_uri`.
    #[error("the client registered no keys")]
    NoKeys,
    /// Not a JWT signed by this client.
    #[error("{0}")]
    NotSigned(#[from] NotSigned),
    /// `jwks_uri` could not be fetched.
    #[error("the client's jwks_uri cannot be fetched")]
    Unreachable(#[from] FetchError),
    /// `jwks_uri` did not return a JWK Set.
    #[error("the client's jwks_uri does not return a JWK Set: {0}")]
    NoKeySet(String),
}

impl NotVerified {
    /// The reason for the log. The caller must not see the result of a fetch, which could reveal
    /// services in the internal network.
    pub fn detail(&self) -> String {
        match self {
            Self::Unreachable(reason) => format!("{self}: {reason}"),
            other => other.to_string(),
        }
    }

    /// Whether the document at `jwks_uri` is the reason.
    pub fn is_of_jwks_uri(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoKeySet(_))
    }
}

impl Clients {
    /// Verifies a JWT of `client` and returns its claims, as [`ClientKeys::verify`] does. If no
    /// published key matches, the client may have added one, so the set is fetched again, at most
    /// every few seconds.
    ///
    /// # Errors
    /// [`NotVerified`] with the reason.
    pub async fn verify_signed_by<C: DeserializeOwned>(
        &self,
        client: &Client,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
    ) -> Result<C, NotVerified> {
        match (&client.metadata.jwks, &client.metadata.jwks_uri) {
            (Some(keys), _) => Ok(keys.verify(token, types, alg)?),
            (None, Some(uri)) => self.verify_published(uri.as_str(), token, types, alg).await,
            (None, None) => Err(NotVerified::NoKeys),
        }
    }

    /// As [`Clients::verify_signed_by`], with the key set at `uri`.
    pub(super) async fn verify_published<C: DeserializeOwned>(
        &self,
        uri: &str,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
    ) -> Result<C, NotVerified> {
        let verify = |keys: &ClientKeys| keys.verify(token, types, alg).map_err(NotVerified::NotSigned);
        let now = self.clock.now();
        let published = parse(&*self.fetcher.document(uri, now).await?);
        match published.and_then(|keys| verify(&keys)) {
            Err(NotVerified::NotSigned(NotSigned::UnknownKey) | NotVerified::NoKeySet(_)) => {
                verify(&parse(&*self.fetcher.newer_document(uri, now).await?)?)
            }
            verified => verified,
        }
    }
}

fn parse(document: &Document) -> Result<ClientKeys, NotVerified> {
    let jwks = json::parse_object(&document.body);
    let jwks =
        jwks.ok_or_else(|| NotVerified::NoKeySet("it is not a JSON object without duplicate members".to_owned()))?;
    ClientKeys::parse(jwks.into()).map_err(NotVerified::NoKeySet)
}
