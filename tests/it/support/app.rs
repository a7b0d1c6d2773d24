//! An app that requests tokens with plain HTTP, so that tests can send invalid requests.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use reqwest::{Client, StatusCode, header::HeaderMap};
use serde_json::Value;

use super::{
    address,
    browser::{Browser, Page},
};

/// The example of RFC 7636 Appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Its challenge.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A registered client.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) redirect_uri: String,
    /// The `Accept` header of its posts.
    pub(crate) accept: String,
    issuer: String,
    http: Client,
}

/// The response of an endpoint.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// The body as JSON, or null.
    pub(crate) json: Value,
}

impl App {
    pub(crate) fn new(issuer: &str, id: &str, secret: Option<String>, redirect_uri: &str) -> Self {
        Self {
            id: id.to_owned(),
            secret,
            redirect_uri: redirect_uri.to_owned(),
            accept: "*/*".to_owned(),
            issuer: issuer.to_owned(),
            http: Client::new(),
        }
    }

    /// The same app at another node.
    pub(crate) fn at(&self, issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), ..self.clone() }
    }

    /// The URL of an endpoint.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// The parameters of an authorization request. `changes` replace parameters; an empty value
    /// removes one.
    pub(crate) fn parameters<'a>(&'a self, scope: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", scope),
            ("state", "the state"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            parameters.retain(|(known, _)| known != name);
            if !value.is_empty() {
                parameters.push((name, value));
            }
        }
        parameters
    }

    /// The URL of an authorization request.
    pub(crate) fn authorize_url(&self, scope: &str, changes: &[(&str, &str)]) -> String {
        address(&self.url("/authorize"), &self.parameters(scope, changes))
    }

    /// Posts a form to an endpoint, authenticated as registered.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).await.expect("an answer")
    }

    /// As `post`, if the server may have stopped.
    pub(crate) async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, reqwest::Error> {
        let mut fields = fields.to_vec();
        let mut authorization = None;
        match &self.secret {
            Some(secret) => authorization = Some(basic(&self.id, secret)),
            None => fields.push(("client_id", &self.id)),
        }
        self.try_post_as(path, &fields, authorization.as_deref()).await
    }

    /// Posts a form to an endpoint with any `Authorization` header.
    pub(crate) async fn post_as(&self, path: &str, fields: &[(&str, &str)], authorization: Option<&str>) -> Answer {
        self.try_post_as(path, fields, authorization).await.expect("an answer")
    }

    async fn try_post_as(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.post(self.url(path)).header("accept", &self.accept).form(fields);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        Answer::try_read(request.send().await?).await
    }

    /// Signs alice in with a new browser and allows all of `scope` if asked. Returns the redirect.
    pub(crate) async fn authorize(&self, scope: &str) -> Page {
        self.authorize_as("alice", scope, &[]).await
    }

    /// As `authorize`, for any user, with changes to the request.
    pub(crate) async fn authorize_as(&self, username: &str, scope: &str, changes: &[(&str, &str)]) -> Page {
        self.authorize_in(&Browser::new(&self.issuer), username, scope, changes).await
    }

    /// As `authorize_as`, in a browser that may be signed in already.
    pub(crate) async fn authorize_in(
        &self,
        browser: &Browser,
        username: &str,
        scope: &str,
        changes: &[(&str, &str)],
    ) -> Page {
        let mut page = browser.open(&self.authorize_url(scope, changes)).await;
        if page.is_login() {
            page = browser.sign_in(&page, username).await;
        }
        if page.is_consent() {
            let scopes: Vec<&str> = scope.split(' ').collect();
            page = browser.allow(&page, &scopes).await;
        }
        page
    }

    /// A code for alice's grant of `scope`.
    pub(crate) async fn code(&self, scope: &str) -> String {
        self.authorize(scope).await.parameter("code").expect("a code")
    }

    /// Tokens for alice's grant of `scope`.
    pub(crate) async fn tokens(&self, scope: &str) -> Answer {
        self.exchange(&self.authorize(scope).await).await.ok()
    }

    /// Tokens for a grant of `scope` from this browser.
    pub(crate) async fn tokens_in(&self, browser: &Browser, username: &str, scope: &str) -> Answer {
        self.exchange(&self.authorize_in(browser, username, scope, &[]).await).await.ok()
    }

    /// Exchanges the code in a redirect.
    pub(crate) async fn exchange(&self, sent_away: &Page) -> Answer {
        let code = sent_away.parameter("code").unwrap_or_else(|| panic!("no code: {sent_away:?}"));
        self.exchange_code(&code).await
    }

    /// Exchanges a code.
    pub(crate) async fn exchange_code(&self, code: &str) -> Answer {
        self.try_exchange_code(code).await.expect("an answer")
    }

    /// As `exchange_code`, if the server may have stopped.
    pub(crate) async fn try_exchange_code(&self, code: &str) -> Result<Answer, reqwest::Error> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        self.try_post("/token", &fields).await
    }

    /// Redeems a refresh token.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    /// The introspection response about a token of this app.
    pub(crate) async fn introspect(&self, token: &str) -> Answer {
        self.post("/introspect", &[("token", token)]).await
    }

    /// The userinfo response.
    pub(crate) async fn userinfo(&self, access_token: &str) -> Answer {
        let request = self.http.get(self.url("/userinfo")).bearer_auth(access_token);
        Answer::read(request.send().await.expect("an answer")).await
    }
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        Self::try_read(response).await.expect("a body")
    }

    async fn try_read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await?;
        Ok(Self { status, headers, json: serde_json::from_str(&body).unwrap_or(Value::Null), body })
    }

    /// The value of a header. Empty if it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A member that is a string.
    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("no {member}: {self:?}"))
    }

    /// The response, which must be a success.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self
    }

    /// The error code, which must come with this status.
    pub(crate) fn refused(&self, status: u16) -> &str {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self.text("error")
    }

    /// The claims of a JWT member, unverified.
    pub(crate) fn claims(&self, member: &str) -> Value {
        let payload = self.text(member).split('.').nth(1).expect("a JWT");
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
    }
}

/// A Basic header with form-encoded credentials (RFC 6749 §2.3.1).
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}
