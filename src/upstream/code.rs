//! The authorization code flow at a provider.

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse},
};
use url::Url;
use writ_core::upstream::{Identity, Preset};

use super::{Endpoints, Provider, UpstreamError, tokens::Tokens};
use crate::{
    clock::Clock,
    config::AuthMethod,
    fetch::{FetchError, Fetcher},
};

/// A `max_age` that every authentication satisfies, in seconds: ten years.
const ANY_AGE: i64 = 10 * 365 * 86_400;
/// Maximum number of characters of an error code in the log.
const LOGGED: usize = 100;

/// This server as a client of a provider.
type OAuthClient = Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The values of an authentication request.
pub struct AuthenticationRequest<'a> {
    /// The state, which names the attempt.
    pub state: String,
    /// The nonce, which the ID token repeats.
    pub nonce: String,
    /// The PKCE code verifier.
    pub code_verifier: String,
    /// Maximum age of the user's authentication there, in seconds.
    pub max_age: Option<i64>,
    /// The BCP 47 tag of the language of the page.
    pub language: String,
    /// The `login_hint` of the request that waits.
    pub login_hint: Option<&'a str>,
}

/// An authorization response, with the values of its request.
pub struct Redemption<'a> {
    /// The code.
    pub code: &'a str,
    /// The state.
    pub state: &'a str,
    /// The PKCE code verifier.
    pub code_verifier: String,
    /// The nonce, which the ID token repeats.
    pub nonce: &'a str,
}

impl Provider {
    /// The URL at which the user signs in: an authentication request with PKCE
    /// ([OpenID Connect Core
    /// §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest), [RFC 7636
    /// §4.3](https://www.rfc-editor.org/rfc/rfc7636#section-4.3)).
    ///
    /// # Errors
    /// [`UpstreamError`] if the metadata cannot be used.
    pub async fn authorization_url(
        &self,
        fetcher: &Fetcher,
        request: AuthenticationRequest<'_>,
        now: i64,
    ) -> Result<Url, UpstreamError> {
        let client = self.client(&self.endpoints(fetcher, now).await?, None)?;
        let AuthenticationRequest { state, nonce, code_verifier, max_age, language, login_hint } = request;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(code_verifier));
        let mut url = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if self.has_id_tokens() {
            url = url.add_extra_param("nonce", nonce).add_extra_param("ui_locales", language);
            if let Some(login_hint) = login_hint {
                url = url.add_extra_param("login_hint", login_hint.to_owned());
            }
        }
        if self.discloses_auth_time() {
            let asked = max_age.filter(|seconds| *seconds < i64::MAX);
            if let Some(max_age) = asked.or(self.has(Preset::needs_max_age).then_some(ANY_AGE)) {
                url = url.add_extra_param("max_age", max_age.to_string());
            }
            if max_age == Some(0) || asked.is_some() && self.has(Preset::ignores_max_age) {
                url = url.add_extra_param("prompt", "login");
            }
        }
        if let Some(domain) = &self.settings.hosted_domain {
            url = url.add_extra_param("hd", domain.clone());
        }
        if self.posts_response() {
            url = url.add_extra_param("response_mode", "form_post");
        }
        Ok(url.url().0)
    }

    /// Redeems a code, and returns the user who signed in there.
    ///
    /// # Errors
    /// [`UpstreamError`] with the reason.
    pub async fn redeem(
        &self,
        fetcher: &Fetcher,
        redemption: Redemption<'_>,
        clock: &Clock,
    ) -> Result<Identity, UpstreamError> {
        let Redemption { code, state, code_verifier, nonce } = redemption;
        let now = clock.now();
        let endpoints = self.endpoints(fetcher, now).await?;
        let client = self.client(&endpoints, self.credentials.secret(now).map_err(UpstreamError::Credentials)?)?;
        let send = |request: HttpRequest| fetcher.send(request, now);
        let mut exchange = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(code_verifier));
        if self.has(Preset::repeats_state) {
            exchange = exchange.add_extra_param("state", state.to_owned());
        }
        let tokens = exchange.request_async(&send).await.map_err(not_issued)?;
        self.identify(fetcher, &endpoints, &tokens, nonce, clock).await
    }

    fn client(&self, endpoints: &Endpoints, secret: Option<ClientSecret>) -> Result<OAuthClient, UpstreamError> {
        let unusable = |error: url::ParseError| UpstreamError::Unusable(error.to_string());
        let client = Client::new(ClientId::new(self.settings.client_id.clone()))
            .set_auth_uri(AuthUrl::new(endpoints.authorization.as_str().to_owned()).map_err(unusable)?)
            .set_token_uri(TokenUrl::new(endpoints.token.as_str().to_owned()).map_err(unusable)?)
            .set_redirect_uri(self.redirect_uri.clone())
            .set_auth_type(match self.settings.token_endpoint_auth_method {
                AuthMethod::ClientSecretBasic => AuthType::BasicAuth,
                AuthMethod::ClientSecretPost | AuthMethod::None => AuthType::RequestBody,
            });
        Ok(match secret {
            Some(secret) => client.set_client_secret(secret),
            None => client,
        })
    }
}

/// The reason without the response, which may contain tokens.
fn not_issued(error: RequestTokenError<FetchError, BasicErrorResponse>) -> UpstreamError {
    match error {
        RequestTokenError::Request(error) => UpstreamError::Unreachable("the token endpoint", error),
        RequestTokenError::ServerResponse(response) => {
            UpstreamError::Refused(response.error().to_string().chars().take(LOGGED).collect())
        }
        // Some providers refuse with status 200.
        RequestTokenError::Parse(_, body) => {
            let refusal =
                serde_json::from_slice::<BasicErrorResponse>(&body).map(|refusal| refusal.error().to_string());
            let reason = refusal.unwrap_or_else(|_| "its response is malformed".to_owned());
            UpstreamError::Refused(reason.chars().take(LOGGED).collect())
        }
        RequestTokenError::Other(_) => UpstreamError::Refused("its response is malformed".to_owned()),
    }
}
