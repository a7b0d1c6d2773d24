//! The verifier and its builder.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use url::Url;

use crate::{
    Reason, ResourceMetadata, Token, Transport, VerifyError, claims::Expected, clock::Clock,
    introspection::Introspection, issuer::Issuer, jws::Unverified, metadata::is_loopback, transport::Https,
};

/// How long stale keys are used while the issuer is unavailable, unless configured.
const STALE_IF_ERROR: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest lifetime that a Writ server gives an access token, whatever its configuration.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Why a verifier cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The issuer is not an absolute URL, or has a query, a fragment or user information
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
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
    accept_typ_jwt: bool,
}

impl Verifier {
    /// A verifier for tokens that `issuer` (an https URL, or http on loopback) issues for `audience`: this resource
    /// server's identifier ([RFC 8707](https://www.rfc-editor.org/rfc/rfc8707)).
    ///
    /// Does no I/O: metadata and keys are fetched when the first token arrives.
    ///
    /// # Errors
    /// [`ConfigError`] when the issuer is not an acceptable URL or the audience is empty.
    pub fn discover(issuer: &str, audience: &str) -> Result<Self, ConfigError> {
        Self::builder(issuer, audience).build()
    }

    /// The same with further settings.
    pub fn builder(issuer: &str, audience: &str) -> Builder {
        Builder {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            scopes_supported: Vec::new(),
            accept_typ_jwt: false,
            stale_if_error: STALE_IF_ERROR,
            max_lifetime: MAX_LIFETIME,
            clock: Clock::default(),
            transport: None,
        }
    }

    /// A verifier with the same keys that also introspects each token
    /// ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)), authenticating with `client_secret_basic`. It accepts opaque
    /// tokens too. Scopes that were revoked since the token was issued do not count.
    ///
    /// A response is cached for 5 s, but never beyond `exp`. Callers with the same token share one
    /// request.
    #[must_use]
    pub fn introspecting(&self, client_id: &str, client_secret: &str) -> Self {
        let introspection = Arc::new(Introspection::new(client_id, client_secret));
        Self { shared: Arc::clone(&self.shared), introspection: Some(introspection) }
    }

    /// Verifies an access token: the part of the `Authorization` header after `Bearer`.
    ///
    /// With a cached key this does no I/O. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`VerifyError`], which knows its response. Never panics, whatever the input.
    pub async fn verify(&self, token: &str) -> Result<Token, VerifyError> {
        self.check(token).await.map_err(|reason| self.refuse(reason))
    }

    /// This resource server's metadata ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)).
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
        // A token that is refused without the issuer's help costs no request.
        let signed = self.check_signed(token).await?;
        let active = introspection.check(token, issuer, expected, clock).await?;
        Ok(signed.narrowed_to(&active))
    }

    async fn check_signed(&self, token: &str) -> Result<Token, Reason> {
        let Shared { issuer, expected, clock, accept_typ_jwt, .. } = &*self.shared;
        let unverified = Unverified::parse(token, *accept_typ_jwt)?;
        let key = issuer.key(&unverified.kid, unverified.algorithm).await?;
        let signature = unverified.jws.signature().ok_or(Reason::BadSignature)?;
        if !key.public.verify(unverified.jws.signing_input(), &signature) {
            return Err(Reason::BadSignature);
        }
        expected.check(&unverified.payload, unverified.has_jwt_type, &key, clock.now())
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

/// Builds a [`Verifier`].
pub struct Builder {
    issuer: String,
    audience: String,
    scopes_supported: Vec<String>,
    accept_typ_jwt: bool,
    stale_if_error: Duration,
    max_lifetime: Duration,
    clock: Clock,
    transport: Option<Arc<dyn Transport>>,
}

impl Builder {
    /// The scopes that the resource metadata lists.
    #[must_use]
    pub fn scopes_supported<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes_supported = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Also accepts tokens whose `typ` is `JWT`, for a resource server that is registered with this
    /// token type. ID tokens, which have it too, are refused by their claims.
    #[must_use]
    pub fn accept_typ_jwt(mut self) -> Self {
        self.accept_typ_jwt = true;
        self
    }

    /// How long stale keys are used while the issuer is unavailable
    /// ([RFC 5861 §4](https://www.rfc-editor.org/rfc/rfc5861#section-4)). The default is 24 hours. After that, requests are
    /// refused with a 503 until the keys can be fetched again.
    #[must_use]
    pub fn stale_if_error(mut self, duration: Duration) -> Self {
        self.stale_if_error = duration;
        self
    }

    /// The longest accepted time between `iat` and `exp`. The default is 24 hours, the longest
    /// that an issuer can be configured to. Set it to the lifetime that this resource server's
    /// tokens have, so that a leaked key signs none with a longer one.
    #[must_use]
    pub fn max_lifetime(mut self, duration: Duration) -> Self {
        self.max_lifetime = duration;
        self
    }

    /// How to read the time, for tests.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// How to reach the issuer, instead of HTTPS with the platform's trust store.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Builds the verifier.
    ///
    /// # Errors
    /// [`ConfigError`] when the issuer is not an acceptable URL or the audience is empty.
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
            max_lifetime: self.max_lifetime.as_secs(),
            resource_metadata: resource_metadata.url().map(Arc::from),
        };
        let stale_if_error = self.stale_if_error.as_secs();
        let issuer = Arc::new(Issuer::new(&self.issuer, url, transport, self.clock.clone(), stale_if_error));
        let accept_typ_jwt = self.accept_typ_jwt;
        let shared = Shared { issuer, expected, clock: self.clock, resource_metadata, accept_typ_jwt };
        Ok(Verifier { shared: Arc::new(shared), introspection: None })
    }
}

/// An issuer as in [RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2), with http on loopback only.
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
