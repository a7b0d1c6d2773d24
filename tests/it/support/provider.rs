//! Another provider that answers whatever a test tells it to.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use writ::config::{ProviderSettings, Settings, UpstreamSettings};

use super::{Browser, Page, Site, TestServer, changed, client_key::ClientKey};

/// The identifier of the server there.
pub(crate) const CLIENT_ID: &str = "writ";
/// Its id in the configuration.
pub(crate) const ID: &str = "stub";
/// The path at which a sign-in starts.
pub(crate) const START: &str = "/login/with/stub";

/// A provider with discovery and a key.
pub(crate) struct StubProvider {
    pub(crate) site: Site,
    pub(crate) key: ClientKey,
}

/// The authorization request with which a browser leaves for the provider.
pub(crate) struct Away {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) page: Page,
}

impl StubProvider {
    pub(crate) fn start() -> Self {
        let stub = Self { site: Site::start(), key: ClientKey::new(Algorithm::ES256) };
        stub.publish(&json!({}));
        stub.site.publish("/jwks", stub.key.jwks().to_string());
        stub
    }

    pub(crate) fn issuer(&self) -> String {
        self.site.url("")
    }

    /// Publishes the metadata with changes.
    pub(crate) fn publish(&self, changes: &Value) {
        let metadata = json!({
            "issuer": self.issuer(),
            "authorization_endpoint": self.site.url("/authorize"),
            "token_endpoint": self.site.url("/token"),
            "jwks_uri": self.site.url("/jwks"),
        });
        self.site.publish("/.well-known/openid-configuration", changed(metadata, changes).to_string());
    }

    /// The configuration of a server, with further members.
    pub(crate) fn settings(&self, members: &Value) -> ProviderSettings {
        let all = json!({
            "id": ID, "name": "Stub ID", "issuer": self.issuer(), "client_id": CLIENT_ID, "client_secret": "secret",
        });
        let all = json!({ "providers": [changed(all, members)] });
        serde_json::from_value::<UpstreamSettings>(all).expect("a provider").providers.remove(0)
    }

    /// A server that uses it.
    pub(crate) async fn server(&self, members: Value) -> TestServer {
        self.server_with(members, |_| {}).await
    }

    /// As `server`, with further settings.
    pub(crate) async fn server_with(&self, members: Value, change: impl FnOnce(&mut Settings)) -> TestServer {
        TestServer::start_with(|settings| {
            settings.outgoing.allow_loopback = true;
            settings.upstream.providers = vec![self.settings(&members)];
            change(settings);
        })
        .await
    }

    /// The claims of an ID token, with changes.
    pub(crate) fn claims(&self, now: i64, nonce: &str, changes: &Value) -> Value {
        let claims = json!({
            "iss": self.issuer(), "sub": "u1", "aud": CLIENT_ID, "exp": now + 300, "iat": now, "auth_time": now,
            "nonce": nonce, "name": "Ada Lovelace",
        });
        changed(claims, changes)
    }

    /// Makes the token endpoint issue this ID token.
    pub(crate) fn issue(&self, id_token: &str) {
        let tokens =
            json!({ "access_token": "at", "token_type": "Bearer", "expires_in": "3600", "id_token": id_token });
        self.site.publish_json("/token", &tokens);
    }

    /// Signs in there and returns, with changed claims. Follows the response.
    pub(crate) async fn sign_in(&self, server: &TestServer, browser: &Browser, path: &str, changes: Value) -> Page {
        let arrived = self.arrive(server, browser, path, &changes).await;
        browser.follow(arrived).await
    }

    /// As `sign_in`, but the response of the callback is not followed.
    pub(crate) async fn arrive(&self, server: &TestServer, browser: &Browser, path: &str, changes: &Value) -> Page {
        let away = leave(browser, path).await;
        self.issue(&self.key.sign(&self.claims(server.clock.now(), &away.nonce, changes)));
        browser.get(&away.callback("code=c")).await
    }
}

impl Away {
    /// The path of an authorization response with this query and the right state.
    pub(crate) fn callback(&self, query: &str) -> String {
        let state = super::address("", &[("state", &self.state)]);
        format!("{START}/callback{state}&{query}")
    }

    /// A parameter of the authorization request.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.page.parameter(name)
    }
}

/// Starts a sign-in, which must lead away from the server.
pub(crate) async fn leave(browser: &Browser, path: &str) -> Away {
    let page = browser.get(path).await;
    assert_eq!(page.status, reqwest::StatusCode::SEE_OTHER, "{page:?}");
    let parameter = |name| page.parameter(name).unwrap_or_default();
    Away { state: parameter("state"), nonce: parameter("nonce"), page }
}

/// The path of the provider's button on a sign-in page.
pub(crate) fn button(login: &Page) -> String {
    let href = login.body.split(&format!("href=\"{START}")).nth(1).and_then(|rest| rest.split('"').next());
    let query = href.unwrap_or_else(|| panic!("no button: {login:?}"));
    format!("{START}{}", query.replace("&#38;", "&"))
}

/// Creates the account of a user who is there for the first time.
pub(crate) async fn create_account(browser: &Browser, first_time: &Page, name: &str) -> Page {
    let page = browser.post("/login/first-time", &[("csrf", &first_time.hidden("csrf")), ("name", name)]).await;
    browser.follow(page).await
}

/// Signs in on the sign-in page, and links the accounts on the page that follows.
pub(crate) async fn sign_in_and_link(browser: &Browser, first_time: &Page, username: &str) -> Page {
    let path = first_time.body.split("id=\"sign-in\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let login = browser.open(&path.expect("a link").replace("&#38;", "&")).await;
    let link = browser.sign_in(&login, username).await;
    let page = decide_link(browser, &link, "link").await;
    browser.follow(page).await
}

/// Submits the page that asks whether to link the accounts.
pub(crate) async fn decide_link(browser: &Browser, link: &Page, decision: &str) -> Page {
    let field = |name: &str| link.hidden(name);
    let (csrf, request, return_to) = (field("csrf"), field("request"), field("return_to"));
    let fields = [("csrf", &*csrf), ("request", &request), ("return_to", &return_to), ("decision", decision)];
    browser.post("/login/link", &fields).await
}

/// Whether it is the page for users who are there for the first time.
pub(crate) fn is_first_time(page: &Page) -> bool {
    page.body.contains("id=\"first-time\"")
}

/// Whether it is the account page.
pub(crate) fn is_account(page: &Page) -> bool {
    page.body.contains("id=\"edit-profile\"")
}
