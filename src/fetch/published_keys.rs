//! Verifies signatures with the keys that a party publishes at its `jwks_uri`.

use serde::de::DeserializeOwned;
use writ_core::{ClientKeys, ClientSigningAlg, vocabulary::client_keys::NotSigned};
use writ_jose::json;

use super::{Document, FetchError, Fetcher};

/// Why a JWT does not count as signed by a party.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotVerified {
    /// The client has no `jwks` and no `jwks_uri`.
    #[error("the client registered no keys")]
    NoKeys,
    /// Not a JWT signed by this party.
    #[error("{0}")]
    NotSigned(#[from] NotSigned),
    /// `jwks_uri` could not be fetched.
    #[error("the jwks_uri cannot be fetched")]
    Unreachable(#[from] FetchError),
    /// `jwks_uri` did not return a JWK Set.
    #[error("the jwks_uri does not return a JWK Set: {0}")]
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

impl Fetcher {
    /// Verifies a JWT with the key set at `uri`, as [`ClientKeys::verify`] does. If no key matches,
    /// its owner may have added one, so the set is fetched again, at most every few seconds.
    ///
    /// # Errors
    /// [`NotVerified`] with the reason.
    pub async fn verify_published<C: DeserializeOwned>(
        &self,
        uri: &str,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
        now: i64,
    ) -> Result<C, NotVerified> {
        let verify = |keys: &ClientKeys| keys.verify(token, types, alg).map_err(NotVerified::NotSigned);
        let published = parse(&*self.document(uri, now).await?);
        match published.and_then(|keys| verify(&keys)) {
            Err(NotVerified::NotSigned(NotSigned::UnknownKey) | NotVerified::NoKeySet(_)) => {
                verify(&parse(&*self.newer_document(uri, now).await?)?)
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
