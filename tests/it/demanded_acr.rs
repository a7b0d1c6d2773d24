//! Scopes that demand an `acr`: step-up where a user can be asked, and nothing below it elsewhere.

use serde_json::json;
use writ::store::resources::{self, Scope};
use writ_core::vocabulary::acr::Acr;

use crate::support::{
    App, Browser, Page, TestServer,
    authenticator::{Authenticator, enter_password, recovery_codes, set_up},
    device,
};

const SCOPE: &str = "openid profile:read message:send";
const LESS: &str = "openid profile:read";
const MFA: &str = "urn:writ:acr:mfa";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Makes a scope of Talk demand a second factor, or nothing.
async fn demand(server: &TestServer, name: &'static str, acr: Option<Acr>) {
    server
        .write(move |tx| {
            let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let scope = scopes.into_iter().find(|scope| scope.name == name).expect("the scope");
            resources::update_scope(tx, &Scope { acr, ..scope })
        })
        .await;
    server.server.refresh().await.expect("a snapshot");
}

/// A browser in which alice is signed in with the password alone, because she trusts it.
async fn with_trusted_browser(server: &TestServer) -> (Browser, Authenticator) {
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let elsewhere = server.browser();
    enter_password(&elsewhere, "alice").await;
    let (app, _) = set_up(server, &elsewhere).await;
    server.clock.advance(30);
    (browser, app)
}

fn scopes() -> Vec<&'static str> {
    SCOPE.split(' ').collect()
}

async fn enter_code(browser: &Browser, page: &Page, code: &str) -> Page {
    assert!(page.url.contains("/step-up?request="), "{page:?}");
    let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
    let page = browser.post("/step-up", &[("csrf", &csrf), ("request", &request), ("code", code)]).await;
    browser.follow(page).await
}

fn without_code(page: &Page) -> String {
    let link = page.body.split("id=\"without-code\" href=\"").nth(1).unwrap_or_else(|| panic!("no link: {page:?}"));
    link.split('"').next().expect("a quotation mark").replace("&#38;", "&")
}

async fn shop(server: &TestServer) -> App {
    server.register("shop", json!({ "may_act": ["helper"] })).await
}

#[tokio::test]
async fn only_the_missing_factor_is_asked_for_and_consent_follows() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    demand(&server, "message:send", Some(Acr::Mfa)).await;
    let (browser, app) = with_trusted_browser(&server).await;
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = enter_code(&browser, &page, &app.code(&server)).await;
    assert!(consent.is_consent() && consent.body.contains("value=\"message:send\""), "{consent:?}");
    let tokens = shop.exchange(&browser.allow(&consent, &scopes()).await).await.ok();
    assert_eq!((tokens.text("scope"), &tokens.claims("access_token")["acr"]), (SCOPE, &json!(MFA)));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.ok().text("scope"), SCOPE);
    // The session has the factor now, so the next request is silent. A request for less needs none.
    let silent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(shop.exchange(&silent).await.ok().text("scope"), SCOPE);

    // What the scope demands is disclosed to a client that requires a weaker class.
    let weaker = json!({ "id_token": { "acr": { "essential": true, "value": "urn:writ:acr:password" } } }).to_string();
    let sent = browser.open(&shop.authorize_url(SCOPE, &[("claims", &weaker)])).await;
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!((tokens.text("scope"), &tokens.claims("id_token")["acr"]), (SCOPE, &json!(MFA)));
}

#[tokio::test]
async fn scope_is_left_out_for_a_user_who_goes_on_without_the_factor() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    demand(&server, "message:send", Some(Acr::Mfa)).await;
    let (browser, _) = with_trusted_browser(&server).await;
    let silent = browser.open(&shop.authorize_url(LESS, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"), "no scope demands a factor");
    let silent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = browser.open(&without_code(&page)).await;
    assert!(consent.is_consent() && consent.body.contains("needs a sign-in with a second factor"), "{consent:?}");
    assert!(!consent.body.contains("value=\"message:send\""), "there is no box for it");
    let tokens = shop.exchange(&browser.allow(&consent, &scopes()).await).await.ok();
    assert_eq!(tokens.text("scope"), LESS, "it is not asked for a second time, and not granted");

    // Without a scope that the app requires, the request fails.
    demand(&server, "profile:read", Some(Acr::Mfa)).await;
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let refused = browser.open(&without_code(&page)).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.ok().text("scope"), "openid");
}

#[tokio::test]
async fn user_without_a_factor_sets_one_up_in_the_flow() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    demand(&server, "message:send", Some(Acr::Mfa)).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.url.contains("/account/second-factor/set-up?request="), "{page:?}");
    let app = Authenticator::scan(&page);
    let (csrf, seed, request) = (page.hidden("csrf"), page.hidden("seed"), page.hidden("request"));
    let fields = [("csrf", &*csrf), ("seed", &seed), ("request", &request), ("code", &app.code(&server))];
    let done = browser.post("/account/second-factor/set-up", &fields).await;
    assert_eq!(recovery_codes(&done).len(), 10);
    let consent = browser.open(&format!("/authorize/resume?request={request}")).await;
    let tokens = shop.exchange(&browser.allow(&consent, &scopes()).await).await.ok();
    assert_eq!((tokens.text("scope"), &tokens.claims("access_token")["acr"]), (SCOPE, &json!(MFA)));
}

#[tokio::test]
async fn scope_that_demands_more_than_the_grant_has_is_missing_at_every_door() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let helper = json!({ "grant_types": [EXCHANGE, "client_credentials"], "scope": "profile:read message:send" });
    let helper = server.register("helper", helper).await;
    let tv = device::television(&server).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let code = shop.authorize_in(&browser, "alice", SCOPE, &[]).await.parameter("code").expect("a code");
    let (codes, later) = (device::codes(&tv, SCOPE).await, device::codes(&tv, SCOPE).await);
    device::allow(&browser, &device::question(&browser, &codes).await, &scopes()).await;
    let (access_token, refresh_token) = (tokens.text("access_token"), tokens.text("refresh_token"));

    demand(&server, "message:send", Some(Acr::Mfa)).await;

    let subject = [("grant_type", EXCHANGE), ("subject_token", access_token), ("subject_token_type", ACCESS_TOKEN)];
    for (what, answer) in [
        ("refresh", shop.refresh(refresh_token).await),
        ("code", shop.exchange_code(&code).await),
        ("device code", device::poll(&tv, &codes).await),
        ("introspection of an access token", shop.introspect(access_token).await),
        ("introspection of a refresh token", shop.introspect(refresh_token).await),
        ("exchange", helper.post("/token", &subject).await),
    ] {
        let scope = answer.ok().text("scope").to_owned();
        assert!(scope.contains("profile:read") && !scope.contains("message:send"), "{what}: {scope}");
    }
    let page = device::question(&browser, &later).await;
    assert!(page.body.contains("id=\"left-out\"") && !page.body.contains("value=\"message:send\""), "{page:?}");
    device::allow(&browser, &page, &scopes()).await;
    assert_eq!(device::poll(&tv, &later).await.ok().text("scope"), LESS);
    demand(&server, "profile:read", Some(Acr::Mfa)).await;
    let last = device::codes(&tv, SCOPE).await;
    assert_eq!(device::question(&browser, &last).await.status, 400, "the app requires it");

    demand(&server, "profile:read", None).await;
    demand(&server, "message:send", None).await;
    assert_eq!(shop.refresh(refresh_token).await.ok().text("scope"), SCOPE, "nothing was revoked");
}

#[tokio::test]
async fn device_gets_the_scope_once_the_user_has_proved_the_factor() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    demand(&server, "message:send", Some(Acr::Mfa)).await;
    let (browser, app) = with_trusted_browser(&server).await;
    let codes = device::codes(&tv, SCOPE).await;
    let page = device::question(&browser, &codes).await;
    let link = page.body.split("id=\"step-up\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let page = browser.open(link.unwrap_or_else(|| panic!("no link: {page:?}"))).await;
    let (csrf, return_to) = (page.hidden("csrf"), page.hidden("return_to"));
    let wrong = [("csrf", &*csrf), ("return_to", "/account"), ("code", &app.code(&server))];
    assert_eq!(browser.post("/step-up", &wrong).await.status, 400, "only the page of a device follows");
    let fields = [("csrf", &*csrf), ("return_to", &return_to), ("code", &app.code(&server))];
    let page = browser.post("/step-up", &fields).await;
    assert!(browser.follow(page).await.url.ends_with(&format!("/device?user_code={}", codes.text("user_code"))));
    let question = device::question(&browser, &codes).await;
    assert!(!question.body.contains("id=\"left-out\""), "{question:?}");
    device::allow(&browser, &question, &scopes()).await;
    let tokens = device::poll(&tv, &codes).await.ok();
    assert_eq!((tokens.text("scope"), &tokens.claims("access_token")["acr"]), (SCOPE, &json!(MFA)));

    // What the app requires leads there at once.
    demand(&server, "profile:read", Some(Acr::Mfa)).await;
    let other = server.browser();
    enter_password(&other, "minji").await;
    let page = device::question(&other, &device::codes(&tv, SCOPE).await).await;
    assert!(page.status == 400 && page.body.contains("This sign-in needs a second factor"), "{page:?}");
}

#[tokio::test]
async fn client_that_acts_for_itself_meets_no_demand() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    demand(&server, "message:send", Some(Acr::Mfa)).await;
    let own = shop.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:send")]).await.ok();
    assert_eq!(own.text("scope"), "message:send", "its registration decides");
}
