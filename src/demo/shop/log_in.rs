//! “Log in with Talk”: the client side of the authorization code flow.

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
};
use serde::Deserialize;
use url::Url;

/// The scopes that Shop requests. The user decides which of them it gets.
pub(super) const SCOPES: [&str; 3] = ["profile:read", "message:read", "message:send"];
/// The scope that Shop requests when the customer wants to pay.
pub(super) const PAYMENT: &str = "payment:make";

/// What a login is for.
#[derive(Clone, Copy, Default, Deserialize)]
pub(super) struct Purpose {
    /// The user decides again (`prompt=consent`).
    #[serde(default)]
    ask_again: bool,
    /// Shop may charge the user's wallet.
    #[serde(default)]
    pay: bool,
}

/// Shop as a confidential client with one redirect URI.
pub(super) struct LogIn {
    issuer: String,
    client: BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    http: reqwest::Client,
}

/// What Shop stores between the authorization request and the response.
pub(super) struct Pending {
    state: CsrfToken,
    code_verifier: PkceCodeVerifier,
}

/// The parameters of an authorization response: RFC 6749 §4.1.2, §4.1.2.1 and RFC 9207 §2.
#[derive(Deserialize)]
pub(super) struct AuthorizationResponse {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Why a login at Shop failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLoggedIn {
    #[error("this browser has not started a login at Shop")]
    NotBegun,
    #[error("`iss` is {0:?}, and Shop sent you to another authorization server")]
    Issuer(Option<String>),
    #[error("`state` is not the value that Shop gave this browser")]
    State,
    #[error("access_denied")]
    Denied,
    #[error("{error}: {description}")]
    Refused { error: String, description: String },
    #[error("the response does not conform to RFC 6749")]
    Malformed,
    #[error("the token endpoint did not issue a token: {0}")]
    Token(String),
}

/// The authorization server metadata that Shop uses, RFC 8414 §2.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: AuthUrl,
    token_endpoint: TokenUrl,
}

impl LogIn {
    /// Fetches the metadata of `issuer` and creates the client.
    ///
    /// # Errors
    ///
    /// An error if the metadata cannot be fetched, or names another issuer (RFC 8414 §3.3).
    pub(super) async fn discover(
        issuer: &str,
        client_id: ClientId,
        client_secret: ClientSecret,
        redirect_uri: RedirectUrl,
        http: reqwest::Client,
    ) -> anyhow::Result<Self> {
        let metadata: Metadata = http
            .get(format!("{issuer}/.well-known/oauth-authorization-server"))
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?;
        anyhow::ensure!(metadata.issuer == issuer, "the metadata at {issuer} names the issuer {:?}", metadata.issuer);
        let client = BasicClient::new(client_id)
            .set_client_secret(client_secret)
            .set_auth_uri(metadata.authorization_endpoint)
            .set_token_uri(metadata.token_endpoint)
            .set_redirect_uri(redirect_uri);
        Ok(Self { issuer: metadata.issuer, client, http })
    }

    /// The URL to redirect the browser to, and the state to store until it returns. `language` is a
    /// BCP 47 tag.
    pub(super) fn begin(&self, purpose: Purpose, language: &str) -> (Url, Pending) {
        let (code_challenge, code_verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = self
            .client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(SCOPES.into_iter().chain(purpose.pay.then_some(PAYMENT)).map(|scope| Scope::new(scope.into())))
            .set_pkce_challenge(code_challenge)
            .add_extra_param("ui_locales", language);
        if purpose.ask_again {
            request = request.add_extra_param("prompt", "consent");
        }
        let (url, state) = request.url();
        let pending = Pending { state, code_verifier };
        (url, pending)
    }

    /// Validates the authorization response and exchanges the code for tokens.
    ///
    /// # Errors
    ///
    /// [`NotLoggedIn`] with the reason. `iss` is checked first.
    pub(super) async fn finish(
        &self,
        pending: Pending,
        response: AuthorizationResponse,
    ) -> Result<BasicTokenResponse, NotLoggedIn> {
        if response.iss.as_ref() != Some(&self.issuer) {
            return Err(NotLoggedIn::Issuer(response.iss));
        }
        if response.state.map(CsrfToken::new).as_ref() != Some(&pending.state) {
            return Err(NotLoggedIn::State);
        }
        if let Some(error) = response.error {
            return Err(match error.as_str() {
                "access_denied" => NotLoggedIn::Denied,
                _ => NotLoggedIn::Refused { error, description: response.error_description.unwrap_or_default() },
            });
        }
        let code = response.code.ok_or(NotLoggedIn::Malformed)?;
        self.client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(pending.code_verifier)
            .request_async(&|request| send(&self.http, request))
            .await
            .map_err(token_error)
    }

    /// A new access token for the same grant, RFC 6749 §6.
    ///
    /// # Errors
    ///
    /// [`NotLoggedIn::Token`] if the grant has ended or Writ does not respond.
    pub(super) async fn refresh(&self, refresh_token: &RefreshToken) -> Result<BasicTokenResponse, NotLoggedIn> {
        self.client
            .exchange_refresh_token(refresh_token)
            .request_async(&|request| send(&self.http, request))
            .await
            .map_err(token_error)
    }
}

/// Sends a request of the `oauth2` crate with the HTTP client.
async fn send(http: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let mut response = HttpResponse::default();
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.into();
    Ok(response)
}

fn token_error(error: RequestTokenError<reqwest::Error, oauth2::basic::BasicErrorResponse>) -> NotLoggedIn {
    NotLoggedIn::Token(match error {
        RequestTokenError::ServerResponse(refusal) => refusal.to_string(),
        RequestTokenError::Request(_) => "Writ could not be reached".into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => "Writ's response was not a token response".into(),
    })
}
