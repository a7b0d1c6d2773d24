//! Signing in with another provider, of which this server is a client
//! ([OpenID Connect Core
//! §3.1](https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth), [RFC
//! 6749 §4.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1)). Its tokens are not kept.

mod code;
mod identity;
mod logout;
mod secret;
mod tokens;

use oauth2::RedirectUrl;
use writ_core::{
    Params,
    upstream::{Denied, Preset, authorization_code, posted_name},
    vocabulary::{display_name, jwt::Broken, params::append_encoded, web_uri::WebUri},
};

use self::secret::Credentials;
pub use self::{
    code::{AuthenticationRequest, Redemption},
    secret::SecretError,
};
use crate::{
    config::{ProviderSettings, Settings},
    fault::Fault,
    fetch::{FetchError, Fetcher},
};

/// The parameters of an authorization response that are used.
const RESPONSE: [&str; 4] = ["state", "code", "error", "iss"];

/// The providers with which users sign in, in the order of their buttons.
pub struct Providers(Vec<Provider>);

/// A provider, with the registration of this server there.
pub struct Provider {
    /// The configuration.
    pub settings: ProviderSettings,
    credentials: Credentials,
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
    /// The logout token is not accepted.
    #[error("the logout token is not accepted: {0}")]
    LogoutToken(String),
    /// The client secret cannot be signed.
    #[error("the client secret cannot be signed: {0}")]
    Credentials(Fault),
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
                credentials: Credentials::read(provider)?,
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
    /// Whether it can be asked to authenticate the user again, and says when it did.
    pub fn discloses_auth_time(&self) -> bool {
        self.has_id_tokens() && self.settings.preset.is_none_or(Preset::discloses_auth_time)
    }

    fn has_id_tokens(&self) -> bool {
        self.settings.is_discovered() || self.settings.jwks_uri.is_some()
    }

    /// Whether a rule of its preset applies.
    fn has(&self, rule: fn(Preset) -> bool) -> bool {
        self.settings.preset.is_some_and(rule)
    }

    /// Whether its authorization responses are posted.
    pub fn posts_response(&self) -> bool {
        self.settings.preset.is_some_and(|preset| preset.posts_response(&self.settings.scopes))
    }

    /// The path and query of a posted authorization response, at which the browser continues with
    /// its cookies. It has the name of the user, but nothing else that is new.
    ///
    /// # Errors
    /// [`Denied::Malformed`] if a parameter is repeated.
    pub fn callback_of_form(&self, form: &Params) -> Result<String, Denied> {
        let text = |name| form.get(name).map_err(|_| Denied::Malformed);
        let mut pairs = Vec::new();
        for name in RESPONSE {
            pairs.extend(text(name)?.map(|value| (name, value)));
        }
        let name = text("user")?.and_then(posted_name);
        pairs.extend(name.as_deref().map(|name| ("name", name)));
        Ok(append_encoded(format!("/login/with/{}/callback?", self.settings.id), pairs))
    }

    /// The name of the user in a posted authorization response.
    pub fn posted_name(&self, params: &Params) -> Option<String> {
        let name = params.get("name").ok().flatten().filter(|_| self.posts_response());
        name.and_then(display_name::parse)
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
