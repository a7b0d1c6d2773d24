//! Verifies identity assertions with the keys of a trusted identity provider.

use writ_core::{
    Error,
    token::identity_assertion::{
        TYP,
        accept::{IdentityAssertion, untrusted, unverified_issuer},
    },
};

use super::Clients;
use crate::config::TrustedIssuer;

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
        let (issuer, now) = (unverified_issuer(assertion)?, self.clock.now());
        let trusted = &self.settings.identity_assertions.trusted_issuers;
        let trusted = trusted.iter().find(|trusted| trusted.issuer.as_str() == issuer);
        let trusted = trusted.ok_or_else(|| untrusted(format!("{issuer} is not a trusted issuer")))?;
        let jwks_uri = match &trusted.jwks_uri {
            Some(uri) => uri.clone(),
            None => {
                let metadata = self.fetcher.provider_metadata(&issuer, now).await.map_err(untrusted)?;
                metadata.jwks_uri.ok_or_else(|| untrusted(format!("the metadata of {issuer} has no jwks_uri")))?
            }
        };
        let verified = self.fetcher.verify_published(jwks_uri.as_str(), assertion, &[TYP], None, now).await;
        let claims = verified.map_err(|reason| untrusted(format!("{issuer}: {}", reason.detail())))?;
        Ok((trusted, claims))
    }
}
