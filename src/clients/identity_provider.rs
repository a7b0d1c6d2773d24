//! Verifies identity assertions with the keys of a trusted identity provider.

use serde::Deserialize;
use writ_core::{
    Error,
    token::identity_assertion::{
        TYP,
        accept::{IdentityAssertion, untrusted, unverified_issuer},
    },
    vocabulary::web_uri::WebUri,
};

use super::Clients;
use crate::config::TrustedIssuer;

/// The members of the provider's metadata that are used
/// ([OpenID Connect Discovery
/// §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)).
#[derive(Deserialize)]
struct ProviderMetadata {
    issuer: String,
    jwks_uri: WebUri,
}

impl Clients {
    /// Verifies the signature of an assertion with the keys of the identity provider that it names,
    /// if the operator trusts that. The claims are not checked.
    ///
    /// # Errors
    /// `invalid_grant`, with the reason for the log.
    pub async fn verify_identity_assertion(
        &self,
        assertion: &str,
    ) -> Result<(&TrustedIssuer, IdentityAssertion), Error> {
        let issuer = unverified_issuer(assertion)?;
        let trusted = &self.settings.identity_assertions.trusted_issuers;
        let trusted = trusted.iter().find(|trusted| trusted.issuer.as_str() == issuer);
        let trusted = trusted.ok_or_else(|| untrusted(format!("{issuer} is not a trusted issuer")))?;
        let jwks_uri = match &trusted.jwks_uri {
            Some(uri) => uri.clone(),
            None => self.discover_keys(&issuer).await.map_err(untrusted)?,
        };
        let verified = self.verify_published(jwks_uri.as_str(), assertion, &[TYP], None).await;
        let claims = verified.map_err(|reason| untrusted(format!("{issuer}: {}", reason.detail())))?;
        Ok((trusted, claims))
    }

    /// The key set that the metadata of an identity provider names
    /// ([OpenID Connect Discovery
    /// §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)). The
    /// document is cached.
    async fn discover_keys(&self, issuer: &str) -> Result<WebUri, String> {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.fetcher.document(&url, self.clock.now()).await;
        let document = document.map_err(|error| format!("{url}: {error}"))?;
        let metadata: ProviderMetadata =
            serde_json::from_slice(&document.body).map_err(|error| format!("{url}: {error}"))?;
        if metadata.issuer != issuer {
            return Err(format!("{url} is the metadata of {}", metadata.issuer));
        }
        Ok(metadata.jwks_uri)
    }
}
