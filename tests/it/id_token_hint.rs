//! `id_token_hint` at the authorization endpoint, and the authentication claims of ID tokens.

use serde_json::json;

use crate::support::{App, Browser, TestServer};

const SCOPE: &str = "openid profile:read";

async fn error(app: &App, browser: &Browser, changes: &[(&str, &str)]) -> Option<String> {
    browser.open(&app.authorize_url(SCOPE, changes)).await.parameter("error")
}

#[tokio::test]
async fn id_token_has_auth_time_acr_and_amr() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let sent = shop.authorize_as("alice", SCOPE, &[("acr_values", "urn:other urn:writ:acr:password")]).await;
    let claims = shop.exchange(&sent).await.ok().claims("id_token");
    assert_eq!(claims["acr"], "urn:writ:acr:password");
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert!(claims["auth_time"].is_i64());
    // `acr_values` are a preference, not a condition (OpenID Connect Core §3.1.2.1).
    let sent = shop.authorize_as("alice", SCOPE, &[("acr_values", "urn:other")]).await;
    assert_eq!(shop.exchange(&sent).await.ok().claims("id_token")["acr"], "urn:writ:acr:password");
}

#[tokio::test]
async fn expired_id_token_hint_of_the_current_user_is_accepted() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let hint = shop.tokens_in(&browser, "alice", SCOPE).await.text("id_token").to_owned();
    server.clock.advance(3600);
    for prompt in ["", "none"] {
        let sent = browser.open(&shop.authorize_url(SCOPE, &[("id_token_hint", &hint), ("prompt", prompt)])).await;
        shop.exchange(&sent).await.ok();
    }
}

#[tokio::test]
async fn id_token_hint_of_another_user_never_yields_a_code_for_this_one() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let hint = shop.tokens_in(&server.browser(), "alice", SCOPE).await.text("id_token").to_owned();
    shop.tokens_in(&browser, "minji", SCOPE).await;
    let changes = [("id_token_hint", &*hint), ("prompt", "none")];
    assert_eq!(error(&shop, &browser, &changes).await.as_deref(), Some("login_required"));

    let login = browser.open(&shop.authorize_url(SCOPE, &[("id_token_hint", &hint)])).await;
    assert!(login.is_login(), "{login:?}");
    let sent = browser.sign_in(&login, "minji").await;
    assert_eq!(sent.parameter("error").as_deref(), Some("login_required"));

    let login = browser.open(&shop.authorize_url(SCOPE, &[("id_token_hint", &hint)])).await;
    let tokens = shop.exchange(&browser.sign_in(&login, "alice").await).await.ok();
    assert_eq!(tokens.claims("id_token")["sub"], server.user_id("alice").await.to_string());
}

#[tokio::test]
async fn id_token_hint_of_another_client_or_kind_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let other = server.register("other", json!({})).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let hint = tokens.text("id_token");
    let (signed, _) = hint.rsplit_once('.').expect("a signature");
    let forged = format!("{signed}.{}", "A".repeat(342));
    for bad in ["garbage", &*forged, tokens.text("access_token")] {
        assert_eq!(
            error(&shop, &browser, &[("id_token_hint", bad)]).await.as_deref(),
            Some("invalid_request"),
            "{bad}"
        );
    }
    assert_eq!(error(&other, &browser, &[("id_token_hint", hint)]).await.as_deref(), Some("invalid_request"));
}
