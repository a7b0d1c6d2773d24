//! The authorization code flow at a provider.

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    PkceCodeChallenge, PkceCodeVerifier, RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse},
    http::{Method, StatusCode, header},
};
use serde_json::{Map, Value};
use url::Url;
use writ_core::upstream::{ClaimPointers, Expected, IdToken, Identity, Profile, subject_of};

use super::{Endpoints, Provider, UpstreamError, tokens::Tokens};
use crate::{
    clock::Clock,
    config::AuthMethod,
    fetch::{FetchError, Fetcher},
};

/// The `typ` of ID tokens, if they have one.
const ID_TOKEN: [&str; 1] = ["jwt"];

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
        let client = self.client(&self.endpoints(fetcher, now).await?)?;
        let AuthenticationRequest { state, nonce, code_verifier, max_age, language, login_hint } = request;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(code_verifier));
        let mut url = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        if self.has_id_tokens() {
            url = url.add_extra_param("nonce", nonce).add_extra_param("ui_locales", language);
            if let Some(max_age) = max_age.filter(|seconds| *seconds < i64::MAX) {
                url = url.add_extra_param("max_age", max_age.to_string());
            }
            if max_age == Some(0) {
                url = url.add_extra_param("prompt", "login");
            }
            if let Some(login_hint) = login_hint {
                url = url.add_extra_param("login_hint", login_hint.to_owned());
            }
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
        code: &str,
        code_verifier: String,
        nonce: &str,
        clock: &Clock,
    ) -> Result<Identity, UpstreamError> {
        let now = clock.now();
        let endpoints = self.endpoints(fetcher, now).await?;
        let client = self.client(&endpoints)?;
        let send = |request: HttpRequest| fetcher.send(request, now);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(code_verifier))
            .request_async(&send)
            .await
            .map_err(not_issued)?;
        let Some(jwks) = &endpoints.jwks else {
            return self.identity_of_userinfo(fetcher, &endpoints, &tokens, now).await;
        };
        let id_token = tokens.id_token.as_deref();
        let id_token = id_token.ok_or_else(|| UpstreamError::IdToken("there is none".to_owned()))?;
        let verified = fetcher.verify_published::<Map<String, Value>>(jwks.as_str(), id_token, &ID_TOKEN, None, now);
        let claims = verified.await.map(Value::Object).map_err(|reason| UpstreamError::IdToken(reason.detail()))?;
        // The fetches took some time.
        let mut identity = self.identity_of_id_token(&claims, nonce, clock.now())?;
        // Many providers disclose the profile only at the userinfo endpoint.
        if identity.profile.email.is_none() && endpoints.userinfo.is_some() {
            let userinfo = userinfo(fetcher, &endpoints, &tokens, now).await?;
            if subject_of(&userinfo, &ClaimPointers::default()).as_deref() != Some(&*identity.subject) {
                return Err(UpstreamError::Userinfo("its sub is another one than that of the ID token"));
            }
            identity.profile = Profile::of(&userinfo, &self.settings.userinfo_claims);
        }
        Ok(identity)
    }

    fn identity_of_id_token(&self, claims: &Value, nonce: &str, now: i64) -> Result<Identity, UpstreamError> {
        let malformed = |error: serde_json::Error| UpstreamError::IdToken(error.to_string());
        let id_token: IdToken = serde_json::from_value(claims.clone()).map_err(malformed)?;
        let (issuer, client_id) = (self.settings.issuer.as_str(), &self.settings.client_id);
        id_token.check(Expected { issuer, client_id, nonce, now })?;
        let pointers = ClaimPointers::default();
        let subject = subject_of(claims, &pointers);
        Ok(Identity {
            issuer: issuer.to_owned(),
            subject: subject.ok_or_else(|| UpstreamError::IdToken("its sub cannot be stored".to_owned()))?,
            sid: id_token.sid().map(str::to_owned),
            auth_time: id_token.auth_time(),
            profile: Profile::of(claims, &pointers),
        })
    }

    /// The user at a provider without ID tokens.
    async fn identity_of_userinfo(
        &self,
        fetcher: &Fetcher,
        endpoints: &Endpoints,
        tokens: &Tokens,
        now: i64,
    ) -> Result<Identity, UpstreamError> {
        let userinfo = userinfo(fetcher, endpoints, tokens, now).await?;
        let pointers = &self.settings.userinfo_claims;
        Ok(Identity {
            issuer: self.settings.issuer.as_str().to_owned(),
            subject: subject_of(&userinfo, pointers).ok_or(UpstreamError::Userinfo("it has no subject"))?,
            sid: None,
            auth_time: None,
            profile: Profile::of(&userinfo, pointers),
        })
    }

    fn client(&self, endpoints: &Endpoints) -> Result<OAuthClient, UpstreamError> {
        let unusable = |error: url::ParseError| UpstreamError::Unusable(error.to_string());
        let client = Client::new(ClientId::new(self.settings.client_id.clone()))
            .set_auth_uri(AuthUrl::new(endpoints.authorization.as_str().to_owned()).map_err(unusable)?)
            .set_token_uri(TokenUrl::new(endpoints.token.as_str().to_owned()).map_err(unusable)?)
            .set_redirect_uri(self.redirect_uri.clone())
            .set_auth_type(match self.settings.token_endpoint_auth_method {
                AuthMethod::ClientSecretBasic => AuthType::BasicAuth,
                AuthMethod::ClientSecretPost | AuthMethod::None => AuthType::RequestBody,
            });
        Ok(match &self.client_secret {
            Some(secret) => client.set_client_secret(secret.clone()),
            None => client,
        })
    }
}

/// Fetches the claims of the user with the access token
/// ([OpenID Connect Core
/// §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).
async fn userinfo(fetcher: &Fetcher, endpoints: &Endpoints, tokens: &Tokens, now: i64) -> Result<Value, UpstreamError> {
    let endpoint = endpoints.userinfo.as_ref().ok_or(UpstreamError::Userinfo("there is no userinfo endpoint"))?;
    let request = oauth2::http::Request::builder()
        .method(Method::GET)
        .uri(endpoint.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", tokens.access_token().secret()))
        .body(Vec::new())
        .map_err(|_| UpstreamError::Userinfo("the access token cannot be sent"))?;
    let response = fetcher.send(request, now).await;
    let response = response.map_err(|error| UpstreamError::Unreachable("the userinfo endpoint", error))?;
    if response.status() != StatusCode::OK {
        return Err(UpstreamError::Userinfo("its status is not 200"));
    }
    serde_json::from_slice(response.body()).map_err(|_| UpstreamError::Userinfo("it is not JSON"))
}

/// The reason without the response, which may contain tokens.
fn not_issued(error: RequestTokenError<FetchError, BasicErrorResponse>) -> UpstreamError {
    match error {
        RequestTokenError::Request(error) => UpstreamError::Unreachable("the token endpoint", error),
        RequestTokenError::ServerResponse(response) => {
            UpstreamError::Refused(response.error().to_string().chars().take(LOGGED).collect())
        }
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            UpstreamError::Refused("its response is malformed".to_owned())
        }
    }
}
