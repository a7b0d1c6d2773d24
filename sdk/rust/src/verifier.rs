//! The verifier: five lines for whoever uses it.

use std::{fmt, sync::Arc, time::SystemTime};

use url::Url;

use crate::{
    Reason, ResourceMetadata, Token, Transport, VerifyError, claims::Expected, clock::Clock,
    introspection::Introspection, issuer::Issuer, jws::Unverified, metadata::is_loopback, transport::Https,
};

/// The issuer or the audience cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The issuer is not an absolute URL, or has a query, a fragment or a password (RFC 8414 §2).
    #[error("the issuer must be an absolute URL without query, fragment or user information")]
    Issuer,
    /// The issuer is neither https nor on a loopback address.
    #[error("the issuer must be https (plain http only on a loopback address)")]
    InsecureIssuer,
    /// The audience is empty.
    #[error("the audience must not be empty")]
    Audience,
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Http(String),
}

/// Verifies access tokens of one issuer for one audience. Cloning is cheap and shares the keys.
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
    introspection: Option<Arc<Introspection>>,
}

struct Shared {
    issuer: Arc<Issuer>,
    expected: Expected,
    clock: Clock,
    resource_metadata: ResourceMetadata,
}

impl Verifier {
    /// A verifier for tokens that `issuer` (an https URL; http on loopback) made for `audience`
    /// (this resource server's identifier, RFC 8707).
    ///
    /// Does no I/O: metadata and keys are fetched when the first token arrives.
    ///
    /// # Errors
    /// [`ConfigError`] when the issuer is no acceptable URL or the audience is empty.
    pub fn discover(issuer: &str, audience: &str) -> Result<Self, ConfigError> {
        Self::builder(issuer, audience).build()
    }

    /// The same with more to say.
    pub fn builder(issuer: &str, audience: &str) -> Builder {
        Builder {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            scopes_supported: Vec::new(),
            clock: Clock::default(),
            transport: None,
        }
    }

    /// A verifier over the same keys that also asks the issuer whether each token is still active
    /// (RFC 7662), authenticating with `client_secret_basic`. It accepts opaque tokens too. Scopes that
    /// were taken back since the token was made do not count.
    ///
    /// An active answer is believed for 5 s, never beyond `exp`.
    #[must_use]
    pub fn introspecting(&self, client_id: &str, client_secret: &str) -> Self {
        let introspection = Arc::new(Introspection::new(client_id, client_secret));
        Self { shared: Arc::clone(&self.shared), introspection: Some(introspection) }
    }

    /// Verifies an access token: the part of the `Authorization` header after `Bearer`.
    ///
    /// With the key at hand this does no I/O. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`VerifyError`], ready to be answered with. Never panics, whatever the input.
    pub async fn verify(&self, token: &str) -> Result<Token, VerifyError> {
        self.check(token).await.map_err(|reason| self.refuse(reason))
    }

    /// What this resource server publishes about itself (RFC 9728).
    pub fn resource_metadata(&self) -> &ResourceMetadata {
        &self.shared.resource_metadata
    }

    /// A refusal with this verifier's challenge.
    pub fn refuse(&self, reason: Reason) -> VerifyError {
        VerifyError::new(reason, self.shared.expected.resource_metadata.clone())
    }

    async fn check(&self, token: &str) -> Result<Token, Reason> {
        let Shared { issuer, expected, clock, .. } = &*self.shared;
        let Some(introspection) = &self.introspection else {
            return self.check_signed(token).await;
        };
        if token.matches('.').count() != 2 {
            return introspection.check(token, issuer, expected, clock).await;
        }
        // What is no good by itself is not worth a question.
        let signed = self.check_signed(token).await?;
        let active = introspection.check(token, issuer, expected, clock).await?;
        Ok(signed.narrowed_to(&active))
    }

    async fn check_signed(&self, token: &str) -> Result<Token, Reason> {
        let Shared { issuer, expected, clock, .. } = &*self.shared;
        let unverified = Unverified::parse(token)?;
        let key = issuer.key(&unverified.kid, unverified.algorithm).await?;
        let signature = unverified.signature().ok_or(Reason::BadSignature)?;
        if !key.verify(unverified.signing_input.as_bytes(), &signature) {
            return Err(Reason::BadSignature);
        }
        expected.judge(unverified.payload, clock.now())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.shared.expected.issuer)
            .field("audience", &self.shared.expected.audience)
            .field("introspecting", &self.introspection.is_some())
            .finish_non_exhaustive()
    }
}

/// A [`Verifier`] in the making.
pub struct Builder {
    issuer: String,
    audience: String,
    scopes_supported: Vec<String>,
    clock: Clock,
    transport: Option<Arc<dyn Transport>>,
}

impl Builder {
    /// The scopes that the RFC 9728 document lists.
    #[must_use]
    pub fn scopes_supported<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes_supported = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Where to read the time, for tests.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// How to reach the issuer, in place of HTTPS with the platform's trust.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Makes the verifier.
    ///
    /// # Errors
    /// [`ConfigError`] when the issuer is no acceptable URL or the audience is empty.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let url = issuer_url(&self.issuer)?;
        if self.audience.is_empty() {
            return Err(ConfigError::Audience);
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(Https::new().map_err(|error| ConfigError::Http(error.0))?),
        };
        let resource_metadata = ResourceMetadata::new(&self.issuer, &self.audience, self.scopes_supported);
        let expected = Expected {
            issuer: self.issuer.as_str().into(),
            audience: self.audience.as_str().into(),
            resource_metadata: resource_metadata.url().map(Arc::from),
        };
        let issuer = Arc::new(Issuer::new(&self.issuer, url, transport, self.clock.clone()));
        let shared = Shared { issuer, expected, clock: self.clock, resource_metadata };
        Ok(Verifier { shared: Arc::new(shared), introspection: None })
    }
}

/// RFC 8414 §2, with plain http for loopback only.
fn issuer_url(issuer: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(issuer).map_err(|_| ConfigError::Issuer)?;
    let is_plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    match url.scheme() {
        _ if !is_plain || url.host().is_none() => Err(ConfigError::Issuer),
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(ConfigError::InsecureIssuer),
    }
}
