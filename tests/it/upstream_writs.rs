//! Two servers, one of which is the provider of the other.

use reqwest::StatusCode;
use serde_json::json;
use writ::{
    config::{AuthMethod, ClientSecret, ProviderSettings},
    store::sessions,
};

use crate::support::{
    Browser, Page, TestServer, eventually,
    provider::{create_account, is_account, is_first_time, sign_in_and_link},
};

const START: &str = "/login/with/home";

/// A server and its provider, which has another host name, so that a browser keeps their cookies
/// apart.
struct Pair {
    home: TestServer,
    server: TestServer,
}

impl Pair {
    async fn start(method: AuthMethod) -> Self {
        let home = TestServer::start_with(|settings| {
            settings.outgoing.allow_loopback = true;
            let issuer = settings.server.issuer.as_str().replace("127.0.0.1", "localhost");
            settings.server.issuer = issuer.parse().expect("an issuer");
        })
        .await;
        let registered = match method {
            AuthMethod::ClientSecretBasic => "client_secret_basic",
            AuthMethod::ClientSecretPost => "client_secret_post",
            AuthMethod::None => "none",
        };
        let metadata = |origin: &str| {
            json!({ "client_name": "Talk", "redirect_uris": [format!("{origin}{START}/callback")],
                "token_endpoint_auth_method": registered, "grant_types": ["authorization_code"],
                "backchannel_logout_uri": format!("{origin}{START}/backchannel-logout"),
                "scope": "openid profile email", "required_scope": "openid" })
        };
        let app = home.register("talk-server", metadata("https://talk.example")).await;
        let provider = ProviderSettings {
            client_secret: app.secret.map(ClientSecret),
            token_endpoint_auth_method: method,
            ..serde_json::from_value(json!({
                "id": "home", "name": "Home", "issuer": home.server.issuer(), "client_id": "talk-server",
                "create_accounts": true,
            }))
            .expect("a provider")
        };
        let server = TestServer::start_with(|settings| {
            settings.outgoing.allow_loopback = true;
            settings.upstream.providers = vec![provider];
        })
        .await;
        home.change_client("talk-server", metadata(&server.issuer)).await;
        Self { home, server }
    }

    /// Signs in at the provider and returns.
    async fn sign_in(&self, browser: &Browser, path: &str, username: &str) -> Page {
        let at_home = browser.at(self.home.server.issuer());
        let away = browser.get(path).await;
        let mut page = at_home.open(&away.next().expect("it leads away")).await;
        if page.is_login() {
            page = at_home.sign_in(&page, username).await;
        }
        if page.is_consent() {
            page = at_home.allow(&page, &["openid", "profile", "email"]).await;
        }
        let back = page.next().unwrap_or_else(|| panic!("it leads back: {page:?}"));
        browser.open(&back).await
    }
}

#[tokio::test]
async fn users_of_one_server_sign_in_at_the_other() {
    for method in [AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost, AuthMethod::None] {
        let pair = Pair::start(method).await;
        let (browser, shop) = (pair.server.browser(), pair.server.shop().await);
        let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
        let request = login.hidden("request");
        let first_time = pair.sign_in(&browser, &format!("{START}?request={request}"), "alice").await;
        assert!(is_first_time(&first_time) && first_time.body.contains("alice@example.com"), "{}", first_time.body);
        let consent = sign_in_and_link(&browser, &first_time, "alice").await;
        assert!(consent.is_consent(), "{method:?}: {}", consent.body);
        let tokens = shop.exchange(&browser.allow(&consent, &["profile:read"]).await).await;
        assert_eq!(tokens.status, StatusCode::OK);

        let other = pair.server.browser();
        let first_time = pair.sign_in(&other, START, "minji").await;
        assert!(is_account(&create_account(&other, &first_time, "Minji of Home").await));
        let again = pair.server.browser();
        assert!(is_account(&pair.sign_in(&again, START, "alice").await));
        let alice = pair.server.user_id("alice").await;
        assert_eq!(pair.server.write(move |tx| sessions::list_of_user(tx, alice)).await.len(), 2);
    }
}

#[tokio::test]
async fn logout_at_the_provider_ends_the_session_at_the_other() {
    let pair = Pair::start(AuthMethod::ClientSecretBasic).await;
    let browser = pair.server.browser();
    let first_time = pair.sign_in(&browser, START, "alice").await;
    assert!(is_account(&create_account(&browser, &first_time, "Alice of Home").await));
    let at_home = browser.at(pair.home.server.issuer());
    let question = at_home.open("/logout").await;
    let done = at_home.post("/logout", &[("csrf", &question.hidden("csrf")), ("request", "")]).await;
    assert!(done.body.contains("id=\"logged-out\""), "{}", done.body);
    eventually("the session ends", async || pair.server.count("sessions").await == 0).await;
    assert!(browser.open("/account").await.is_login());
}

#[tokio::test]
async fn sign_in_again_is_asked_for_and_disclosed() {
    let pair = Pair::start(AuthMethod::ClientSecretBasic).await;
    let browser = pair.server.browser();
    let first_time = pair.sign_in(&browser, START, "alice").await;
    assert!(is_account(&create_account(&browser, &first_time, "Alice of Home").await));
    // The provider has signed her in earlier, and says so.
    for server in [&pair.home, &pair.server] {
        server.clock.advance(900);
    }
    let confirm = browser.open("/account/second-factor/set-up").await;
    assert!(confirm.body.contains("prompt=login"), "the linked provider is offered: {}", confirm.body);
    assert!(is_account(&pair.sign_in(&browser, START, "alice").await));
    let confirm = browser.open("/account/second-factor/set-up").await;
    assert!(confirm.body.contains("prompt=login"), "it was not a fresh sign-in: {}", confirm.body);
    let path = format!("{START}?return_to=/account/second-factor/set-up&prompt=login");
    let page = pair.sign_in(&browser, &path, "alice").await;
    assert!(page.body.contains("id=\"key\""), "{}", page.body);
}

#[tokio::test]
async fn user_who_denies_at_the_provider_is_back_at_the_sign_in_page() {
    let pair = Pair::start(AuthMethod::ClientSecretBasic).await;
    let (browser, at_home) = (pair.server.browser(), pair.server.browser().at(pair.home.server.issuer()));
    let away = browser.get(START).await;
    let login = at_home.open(&away.next().expect("it leads away")).await;
    let consent = at_home.sign_in(&login, "alice").await;
    let back = at_home.deny(&consent).await;
    let page = browser.open(&back.next().expect("it leads back")).await;
    assert!(page.is_login() && page.body.contains("You cancelled the sign-in at Home"), "{}", page.body);
}
