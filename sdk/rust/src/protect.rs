//! What the web frameworks have in common: the token of a request, and what a guarded route demands of it.

use std::sync::Arc;

use crate::{Token, Verifier, VerifyError, bearer};

/// Lets only requests with a good token through; the handler finds it with the [`Token`] extractor.
#[derive(Clone)]
pub struct Protect {
    verifier: Verifier,
    scope: Option<Arc<str>>,
    acr_values: Arc<[Box<str>]>,
    max_age: Option<u64>,
}

impl Protect {
    /// Demands a token.
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, scope: None, acr_values: Arc::default(), max_age: None }
    }

    /// Demands this scope as well.
    #[must_use]
    pub fn require(self, scope: &str) -> Self {
        Self { scope: Some(scope.into()), ..self }
    }

    /// Demands a sign-in in one of these ways (none named: any), and not more than `max_age` seconds ago, as
    /// [`Token::require_authentication`] does.
    #[must_use]
    pub fn require_authentication(self, acr_values: &[&str], max_age: Option<u64>) -> Self {
        Self { acr_values: acr_values.iter().map(|&acr| acr.into()).collect(), max_age, ..self }
    }

    /// The token in these `Authorization` headers, if it is all that is demanded.
    pub(crate) async fn admit<'a>(
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
