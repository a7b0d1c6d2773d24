//! The measured operations, as a client sends them. Every response is checked.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use url::Url;

use crate::{
    browser::{Browser, Page},
    http::{Connection, basic, form},
    passkey::Passkey,
};

/// A PKCE code verifier.
const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// One operation, repeated on one connection.
#[derive(Clone)]
pub(crate) enum Operation {
    /// A GET with response 200.
    Get { target: String, headers: String },
    /// A form with response 200.
    Post { target: String, headers: String, form: String },
    /// An authorization request with a session and a stored consent, then the code exchange. The
    /// connections use the clients in turn.
    CodeFlow { apps: Arc<[App]>, next: Arc<AtomicUsize> },
    /// A refresh token exchanged for its successor.
    Refresh { app: App, refresh_token: String },
    /// A pushed authorization request.
    Push { app: App, target: String },
    /// A new browser at the authorization endpoint, its sign-in page, and the password.
    SignIn { app: App, username: String, password: String },
    /// The same with a passkey instead of the password.
    PasskeySignIn { app: App, passkey: Passkey },
}

/// A client and the browser of its user.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) browser: Browser,
}

impl Operation {
    pub(crate) async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        match self {
            Self::Get { target, headers } => {
                connection.get(target, headers).await?.expect(200)?;
            }
            Self::Post { target, headers, form } => {
                connection.post(target, headers, form).await?.expect(200)?;
            }
            Self::CodeFlow { apps, next } => {
                apps[next.fetch_add(1, Ordering::Relaxed) % apps.len()].tokens(connection).await?;
            }
            Self::Refresh { app, refresh_token } => {
                let form = form(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]);
                let response = connection.post(&app.token, &app.basic(), &form).await?.expect(200)?.json()?;
                *refresh_token = member(&response, "refresh_token")?;
            }
            Self::Push { app, target } => {
                connection.post(target, &app.basic(), &app.authorization_request()).await?.expect(201)?;
            }
            Self::SignIn { app, username, password } => {
                app.sign_in(connection, username, password).await?;
            }
            Self::PasskeySignIn { app, passkey } => {
                app.sign_in_with(connection, |page| {
                    let ceremony = page.hidden("ceremony").context("the page has no ceremony")?;
                    Ok([("ceremony", ceremony), ("credential", passkey.assertion(page)?)])
                })
                .await?;
            }
        }
        Ok(())
    }
}

impl App {
    /// `Authorization: Basic`, as a header line.
    pub(crate) fn basic(&self) -> String {
        basic(&self.client_id, &self.client_secret)
    }

    /// The authorization request's path and query.
    pub(crate) fn authorization_target(&self) -> String {
        format!("{}?{}", self.authorization, self.authorization_request())
    }

    /// Its parameters.
    pub(crate) fn authorization_request(&self) -> String {
        let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, CODE_VERIFIER.as_bytes());
        form(&[
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("state", "s"),
            ("nonce", "n"),
            ("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(challenge)),
            ("code_challenge_method", "S256"),
        ])
    }

    /// Signs in with a new browser and returns it.
    pub(crate) async fn sign_in(
        &self,
        connection: &mut Connection,
        username: &str,
        password: &str,
    ) -> anyhow::Result<Browser> {
        let fields = [("username", username.to_owned()), ("password", password.to_owned())];
        self.sign_in_with(connection, |_| Ok(fields)).await
    }

    /// The same with the fields that `proof` makes for the page.
    async fn sign_in_with(
        &self,
        connection: &mut Connection,
        proof: impl FnOnce(&Page) -> anyhow::Result<[(&'static str, String); 2]>,
    ) -> anyhow::Result<Browser> {
        let mut browser = Browser::default();
        let page = browser.visit(connection, &self.authorization_target()).await?;
        let fields = proof(&page)?;
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let response = browser.submit(connection, &page, &fields).await?;
        let signed_in = response.headers("set-cookie").any(|cookie| cookie.contains("session="));
        anyhow::ensure!(signed_in, "not signed in: {}", response.text());
        Ok(browser)
    }

    /// Runs a code flow in the signed-in browser and returns the token response.
    pub(crate) async fn tokens(&self, connection: &mut Connection) -> anyhow::Result<serde_json::Value> {
        let response = connection.get(&self.authorization_target(), &self.browser.cookie_header()).await?;
        let callback = Url::parse(response.expect(303)?.location()?)?;
        let code = callback.query_pairs().find(|(name, _)| name == "code");
        let (_, code) = code.with_context(|| format!("no code in {callback}"))?;
        let form = form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", CODE_VERIFIER),
        ]);
        connection.post(&self.token, &self.basic(), &form).await?.expect(200)?.json()
    }
}

/// A member of a JSON object, which must be a string.
pub(crate) fn member(json: &serde_json::Value, name: &str) -> anyhow::Result<String> {
    let text = json[name].as_str().with_context(|| format!("no `{name}` in {json}"))?;
    Ok(text.to_owned())
}
