//! Verifies the signatures of clients, with registered keys or those at `jwks_uri`.

use serde::de::DeserializeOwned;
use writ_core::ClientSigningAlg;

use super::Clients;
pub use crate::fetch::NotVerified;
use crate::store::clients::Client;

impl Clients {
    /// Verifies a JWT of `client` and returns its claims, as
    /// [`ClientKeys::verify`](writ_core::ClientKeys::verify) does.
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
            (None, Some(uri)) => self.fetcher.verify_published(uri.as_str(), token, types, alg, self.clock.now()).await,
            (None, None) => Err(NotVerified::NoKeys),
        }
    }
}
