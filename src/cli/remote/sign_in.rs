//! `writ login` and `writ logout`: an administrator signs in at a server with the device
//! authorization grant ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use std::path::Path;

use anyhow::{Context, anyhow, ensure};
use clap::Args;
use oauth2::{
    ClientId, DeviceAuthorizationUrl, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, Scope,
    StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
};
use reqwest::Client;
use serde::Deserialize;
use serde_json::json;
use writ::config::Issuer;
use writ_core::vocabulary::administration_scope::AdministrationScope;

use super::{
    client, parse_server,
    session::{Issued, Session},
    unreachable,
};
use crate::cli::output::{self, OutputArgs};

/// The lifetime of an access token that the server does not state, in seconds.
const UNSTATED_LIFETIME: i64 = 60;

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The `client_id` of the command line at the server.
    #[arg(long, value_name = "ID", default_value = "writ-cli")]
    client_id: String,
    /// The scopes of the administration API, space-separated [default: all that the client may
    /// have].
    #[arg(long)]
    scope: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    output: OutputArgs,
}

/// What the server publishes about itself
/// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    device_authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
}

impl LoginArgs {
    /// Signs in and stores the session.
    pub(crate) async fn run(self, server: &str, ca_file: Option<&Path>) -> anyhow::Result<()> {
        let issuer = parse_server(server)?;
        let http = client(ca_file)?;
        let metadata = discover(&http, &issuer).await?;
        let all = || AdministrationScope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
        let scope = self.scope.unwrap_or_else(all);
        let device_url = DeviceAuthorizationUrl::new(metadata.device_authorization_endpoint.clone())?;
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_device_authorization_url(device_url)
            .set_token_uri(TokenUrl::new(metadata.token_endpoint.clone())?);
        let send = |request: HttpRequest| send(&http, request);
        let scopes = scope.split_whitespace().map(|name| Scope::new(name.to_owned()));
        let codes: Result<StandardDeviceAuthorizationResponse, _> =
            client.exchange_device_code().add_scopes(scopes).request_async(&send).await;
        let codes = codes.map_err(|error| refused(&error))?;
        let url =
            codes.verification_uri_complete().map_or(codes.verification_uri().as_str(), |url| url.secret().as_str());
        output::error_line(format_args!(
            "Open {url}\nin a browser, and compare the code: {}",
            codes.user_code().secret()
        ));
        let tokens = client.exchange_device_access_token(&codes).request_async(&send, tokio::time::sleep, None).await;
        let issued = issued(&tokens.map_err(|error| refused(&error))?, &scope);
        let (token_endpoint, revocation_endpoint) = (metadata.token_endpoint, metadata.revocation_endpoint);
        let session = Session::new(&issuer, self.client_id, token_endpoint, revocation_endpoint, issued);
        session.save()?;
        if self.output.json {
            return self.output.item(&json!({ "issuer": session.issuer, "scope": session.scope }));
        }
        output::line(format_args!("Signed in at {} with: {}.", session.issuer, session.scope))
    }
}

impl LogoutArgs {
    /// Revokes the tokens and removes the session.
    pub(crate) async fn run(self, server: &str, ca_file: Option<&Path>) -> anyhow::Result<()> {
        let issuer = parse_server(server)?;
        let session = Session::load(&issuer)?;
        let session = session.with_context(|| format!("there is no session at {}", issuer.as_str()))?;
        let token = session.refresh_token.as_deref().unwrap_or(session.access_token());
        let fields = [("token", token), ("client_id", &session.client_id)];
        let revoked = client(ca_file)?.post(&session.revocation_endpoint).form(&fields).send().await;
        Session::remove(&issuer)?;
        match revoked {
            Ok(response) if response.status().is_success() => {
                self.output.done(&format!("Signed out at {}.", issuer.as_str()))
            }
            Ok(response) => Err(anyhow!("the session was removed here, but not revoked: {}", response.status())),
            Err(error) => {
                Err(unreachable(&issuer, error)).context("the session was removed here, but not revoked at the server")
            }
        }
    }
}

/// Reads the metadata of a server, which must name itself as it was called
/// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
async fn discover(http: &Client, issuer: &Issuer) -> anyhow::Result<Metadata> {
    let url = issuer.join("/.well-known/openid-configuration");
    let response = http.get(url).send().await.map_err(|error| unreachable(issuer, error))?;
    let status = response.status();
    ensure!(status.is_success(), "{} does not publish its metadata: status {}", issuer.as_str(), status.as_u16());
    let metadata: Metadata = response.json().await.context("the metadata of the server")?;
    ensure!(metadata.issuer == issuer.as_str(), "the server calls itself {}: use that URL", metadata.issuer);
    Ok(metadata)
}

/// Exchanges the refresh token.
pub(super) async fn refresh(http: &Client, session: &Session) -> anyhow::Result<Session> {
    let token = session.refresh_token.clone().context("there is no refresh token")?;
    let client = BasicClient::new(ClientId::new(session.client_id.clone()))
        .set_token_uri(TokenUrl::new(session.token_endpoint.clone())?);
    let send = |request: HttpRequest| send(http, request);
    let tokens = client.exchange_refresh_token(&RefreshToken::new(token)).request_async(&send).await;
    Ok(session.renewed(issued(&tokens.map_err(|error| refused(&error))?, &session.scope)))
}

/// The tokens of a response. Without a scope, they have the `requested` one.
fn issued(tokens: &BasicTokenResponse, requested: &str) -> Issued {
    let scopes = tokens.scopes().map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
    let lifetime = tokens.expires_in().and_then(|lifetime| i64::try_from(lifetime.as_secs()).ok());
    Issued {
        access_token: tokens.access_token().secret().clone(),
        expires_in: lifetime.unwrap_or(UNSTATED_LIFETIME),
        refresh_token: tokens.refresh_token().map(|token| token.secret().clone()),
        scope: scopes.unwrap_or_else(|| requested.to_owned()),
    }
}

async fn send(http: &Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let response = http.execute(request.try_into()?).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let mut read = HttpResponse::new(response.bytes().await?.to_vec());
    (*read.status_mut(), *read.headers_mut()) = (status, headers);
    Ok(read)
}

/// Why there is no token, without what a response contains.
fn refused<T>(error: &RequestTokenError<reqwest::Error, T>) -> anyhow::Error
where
    T: oauth2::ErrorResponse + std::fmt::Display + 'static,
{
    match error {
        RequestTokenError::ServerResponse(response) => anyhow!("the server refuses: {response}"),
        RequestTokenError::Request(error) if error.is_timeout() => anyhow!("the server does not respond in time"),
        RequestTokenError::Request(_) => anyhow!("the server cannot be reached"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            anyhow!("the response of the server is no token response")
        }
    }
}
