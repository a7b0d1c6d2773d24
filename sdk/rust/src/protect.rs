//! What the adapters share: the token of a request, and what a protected route requires of it.

use std::sync::Arc;

use crate::{Token, Verifier, VerifyError, bearer};

/// Lets only requests with a valid token through. The handler gets it with the [`Token`] extractor.
#[derive(Clone)]
pub struct Protect {
    verifier: Verifier,
    scope: Option<Arc<str>>,
    acr_values: Arc<[Box<str>]>,
    max_age: Option<u64>,
}

impl Protect {
    /// Requires a token.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, scope: None, acr_values: Arc::default(), max_age: None }
    }

    /// Requires this scope too.
    #[must_use]
    pub fn require(self, scope: &str) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// Requires an authentication of the user by one of these methods (any if empty), at most
    /// `max_age` seconds ago, as [`Token::require_authentication`] does.
    #[must_use]
    pub fn require_authentication(self, acr_values: &[&str], max_age: Option<u64>) -> Self {
        Self { acr_values: acr_values.iter().map(|&acr| acr.into()).collect(), max_age, ..self }
    }

    /// The token in these `Authorization` headers, if it fulfils every requirement.
    pub(crate) async fn authorize<'a>(
        &self,
        authorization: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Token, VerifyError> {
        let token = verify(&self.verifier, authorization).await?;
        if let Some(scope) = &self.scope {
            token.require(scope)?;
        }
        let acr_values: Vec<&str> = self.acr_values.iter().map(|acr| &**acr).collect();
        token.require_authentication(&acr_values, self.max_age)?;
        Ok(token)
    }
}

/// The token in the values of a request's `Authorization` headers.
pub(crate) async fn verify<'a>(
    verifier: &Verifier,
    authorization: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Token, VerifyError> {
    let token = bearer(authorization).map_err(|reason| verifier.refuse(reason))?;
    verifier.verify(token).await
}
