//! What a client signed, checked with the keys it registered or publishes at its `jwks_uri`.

use serde::de::DeserializeOwned;

use super::Server;
use writ_core::{ClientKeys, ClientSigningAlg, vocabulary::client_keys::NotSigned};

use crate::{
    fetch::{Document, FetchError},
    store::clients::Client,
};

/// Why a JWT is not taken for one of a client's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// There is nothing to check it with.
    #[error("the client registered no keys")]
    NoKeys,
    /// It is none.
    #[error("{0}")]
    NotSigned(#[from] NotSigned),
    /// Nobody knows: its keys cannot be had.
    #[error("the client's jwks_uri cannot be fetched: {0}")]
    Unreachable(#[from] FetchError),
    /// Nobody knows: what should be its keys is something else.
    #[error("the client's jwks_uri does not lead to a key set: {0}")]
    NoKeySet(String),
}

impl NotVerified {
    /// Whether it is the published keys that are to be mended.
    pub fn is_of_jwks_uri(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::NoKeySet(_))
    }
}

impl Server {
    /// The claims of a JWT that `client` signed, as [`ClientKeys::verify`]. A key that is not among the published ones may have
    /// been added: the set is fetched again, at most every few seconds.
    ///
    /// # Errors
    /// Why it is none.
    pub async fn verify_signed_by<C: DeserializeOwned>(
        &self,
        client: &Client,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
    ) -> Result<C, NotVerified> {
        let verify = |keys: &ClientKeys| keys.verify(token, types, alg).map_err(NotVerified::NotSigned);
        let uri = match (&client.metadata.jwks, &client.metadata.jwks_uri) {
            (Some(keys), _) => return verify(keys),
            (None, Some(uri)) => uri.as_str(),
            (None, None) => return Err(NotVerified::NoKeys),
        };
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
    let json = serde_json::from_slice(&document.body).map_err(|error| NotVerified::NoKeySet(error.to_string()))?;
    ClientKeys::parse(json).map_err(NotVerified::NoKeySet)
}
