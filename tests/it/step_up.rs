//! Step-up: a request for a stronger authentication asks for the missing factor only.

use serde_json::json;

use crate::support::{
    App, Browser, Page, TestServer,
    authenticator::{Authenticator, enter_password, recovery_codes, set_up},
};

const SCOPE: &str = "openid profile:read";
const MFA: &str = "urn:writ:acr:mfa";
const PASSWORD: &str = "urn:writ:acr:password";

fn essential(acr: &str) -> String {
    json!({ "id_token": { "acr": { "essential": true, "value": acr } } }).to_string()
}

/// A browser in which alice is signed in with the password alone, because she trusts it, and has
/// allowed the app. The next code is not used yet.
async fn with_trusted_browser(server: &TestServer, shop: &App) -> (Browser, Authenticator) {
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let elsewhere = server.browser();
    enter_password(&elsewhere, "alice").await;
    let (app, _) = set_up(server, &elsewhere).await;
    server.clock.advance(30);
    (browser, app)
}

async fn enter_code(browser: &Browser, page: &Page, code: &str) -> Page {
    let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
    let page = browser.post("/step-up", &[("csrf", &csrf), ("request", &request), ("code", code)]).await;
    browser.follow(page).await
}

fn without_code(page: &Page) -> String {
    let link = page.body.split("id=\"without-code\" href=\"").nth(1).unwrap_or_else(|| panic!("no link: {page:?}"));
    link.split('"').next().expect("a quotation mark").replace("&#38;", "&").replace("&amp;", "&")
}

#[tokio::test]
async fn only_the_missing_factor_is_asked_for_and_the_request_goes_on() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, app) = with_trusted_browser(&server, &shop).await;
    let signed_in_at = server.clock.now() - 30;
    for changes in [("acr_values", MFA.to_owned()), ("claims", essential(MFA))] {
        let silent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none"), (changes.0, &changes.1)])).await;
        let expected = if changes.0 == "claims" { Some("login_required".to_owned()) } else { None };
        assert_eq!(silent.parameter("error"), expected, "{changes:?}");
    }
    let page = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential(MFA))])).await;
    assert!(page.url.contains("/step-up?request="), "{page:?}");
    let wrong = enter_code(&browser, &page, "000000").await;
    assert_eq!(wrong.status, 400);
    let answered = enter_code(&browser, &page, &app.code(&server)).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(MFA), &json!(["pwd", "otp", "mfa"])));
    assert_eq!(claims["auth_time"], signed_in_at, "the password is as old as before");

    // The session has the factor now. A client that requires the weaker class gets that.
    let answered = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none"), ("claims", &essential(MFA))])).await;
    assert_eq!(shop.exchange(&answered).await.ok().claims("id_token")["acr"], MFA);
    let answered = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential(PASSWORD))])).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(PASSWORD), &json!(["pwd"])));
}

#[tokio::test]
async fn voluntary_acr_goes_on_without_a_code_and_an_essential_one_fails() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, _) = with_trusted_browser(&server, &shop).await;
    let page = browser.open(&shop.authorize_url(SCOPE, &[("acr_values", MFA)])).await;
    assert!(page.url.contains("/step-up?request="), "{page:?}");
    let answered = browser.open(&without_code(&page)).await;
    assert_eq!(shop.exchange(&answered).await.ok().claims("id_token")["acr"], PASSWORD);

    let page = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential(MFA))])).await;
    let refused = browser.open(&without_code(&page)).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("unmet_authentication_requirements"));
}

#[tokio::test]
async fn user_without_a_factor_sets_one_up_only_where_it_is_required() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let answered = browser.open(&shop.authorize_url(SCOPE, &[("acr_values", MFA)])).await;
    assert_eq!(shop.exchange(&answered).await.ok().claims("id_token")["acr"], PASSWORD);

    let page = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential(MFA))])).await;
    assert!(page.url.contains("/account/second-factor/set-up?request="), "{page:?}");
    let app = Authenticator::scan(&page);
    let (csrf, seed, request) = (page.hidden("csrf"), page.hidden("seed"), page.hidden("request"));
    let fields = [("csrf", &*csrf), ("seed", &seed), ("request", &request), ("code", &app.code(&server))];
    let done = browser.post("/account/second-factor/set-up", &fields).await;
    assert_eq!(recovery_codes(&done).len(), 10);
    let answered = browser.open(&format!("/authorize/resume?request={request}")).await;
    assert_eq!(shop.exchange(&answered).await.ok().claims("id_token")["acr"], MFA);
}
