//! Signing in with another provider, of which this server is a client
//! ([OpenID Connect Core
//! §3.1](https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth), [RFC
//! 6749 §4.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1)). Its tokens are not kept.

mod code;
mod secret;
mod tokens;

use oauth2::{ClientSecret, RedirectUrl};
use writ_core::{
    Params,
    upstream::{Denied, authorization_code},
    vocabulary::{jwt::Broken, web_uri::WebUri},
};

pub use self::{code::AuthenticationRequest, secret::SecretError};
use crate::{
    config::{ProviderSettings, Settings},
    fetch::{FetchError, Fetcher},
};

/// The providers with which users sign in, in the order of their buttons.
pub struct Providers(Vec<Provider>);

/// A provider, with the registration of this server there.
pub struct Provider {
    /// The configuration.
    pub settings: ProviderSettings,
    client_secret: Option<ClientSecret>,
    redirect_uri: RedirectUrl,
}

/// Why a provider did not sign a user in, for the log. Secrets and tokens are not part of it.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Its metadata or an endpoint cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// An endpoint cannot be reached.
    #[error("{0}: {1}")]
    Unreachable(&'static str, #[source] FetchError),
    /// The authorization response yields no code.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The token endpoint refuses the code.
    #[error("the token endpoint refuses the code: {0}")]
    Refused(String),
    /// The ID token is not accepted.
    #[error("the ID token is not accepted: {0}")]
    IdToken(String),
    /// The userinfo response is not accepted.
    #[error("the userinfo response is not accepted: {0}")]
    Userinfo(&'static str),
}

impl From<Broken> for UpstreamError {
    fn from(broken: Broken) -> Self {
        Self::IdToken(format!("{}: {}", broken.description, broken.detail))
    }
}

/// The endpoints of a provider.
struct Endpoints {
    authorization: WebUri,
    token: WebUri,
    /// The keys of its ID tokens. `None` if there are none.
    jwks: Option<WebUri>,
    userinfo: Option<WebUri>,
    /// Whether its authorization responses have `iss`.
    sends_issuer: bool,
}

impl Providers {
    /// The configured providers.
    ///
    /// # Errors
    /// [`SecretError`] if the client secret of one cannot be read.
    pub fn new(settings: &Settings) -> Result<Self, SecretError> {
        let provider = |provider: &ProviderSettings| {
            let redirect_uri = format!("{}/login/with/{}/callback", settings.server.issuer.as_str(), provider.id);
            Ok(Provider {
                client_secret: secret::read(provider)?,
                redirect_uri: RedirectUrl::new(redirect_uri).expect("the issuer is a URL"),
                settings: provider.clone(),
            })
        };
        settings.upstream.providers.iter().map(provider).collect::<Result<_, _>>().map(Self)
    }

    /// The provider with this id.
    pub fn find(&self, id: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings.id == id)
    }

    /// The provider with this issuer identifier.
    pub fn find_by_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.settings.issuer.as_str() == issuer)
    }

    /// The providers.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }
}

impl Provider {
    /// Whether it issues ID tokens, which can say when the user authenticated.
    pub fn has_id_tokens(&self) -> bool {
        self.settings.is_discovered() || self.settings.jwks_uri.is_some()
    }

    /// The code in an authorization response.
    ///
    /// # Errors
    /// [`UpstreamError`] with the reason.
    pub async fn code<'a>(&self, fetcher: &Fetcher, params: &'a Params, now: i64) -> Result<&'a str, UpstreamError> {
        let endpoints = self.endpoints(fetcher, now).await?;
        Ok(authorization_code(params, self.settings.issuer.as_str(), endpoints.sends_issuer)?)
    }

    async fn endpoints(&self, fetcher: &Fetcher, now: i64) -> Result<Endpoints, UpstreamError> {
        let settings = &self.settings;
        if let (Some(authorization), Some(token)) = (&settings.authorization_endpoint, &settings.token_endpoint) {
            return Ok(Endpoints {
                authorization: authorization.clone(),
                token: token.clone(),
                jwks: settings.jwks_uri.clone(),
                userinfo: settings.userinfo_endpoint.clone(),
                sends_issuer: false,
            });
        }
        let issuer = settings.issuer.as_str();
        let metadata = fetcher.provider_metadata(issuer, now).await.map_err(UpstreamError::Unusable)?;
        let missing = |name: &str| UpstreamError::Unusable(format!("the metadata of {issuer} has no {name}"));
        Ok(Endpoints {
            authorization: metadata.authorization_endpoint.ok_or_else(|| missing("authorization_endpoint"))?,
            token: metadata.token_endpoint.ok_or_else(|| missing("token_endpoint"))?,
            jwks: Some(metadata.jwks_uri.ok_or_else(|| missing("jwks_uri"))?),
            userinfo: metadata.userinfo_endpoint,
            sends_issuer: metadata.authorization_response_iss_parameter_supported,
        })
    }
}
