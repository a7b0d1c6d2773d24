//! Refresh tokens: for clients registered for them, with `offline_access` where that is required.

use serde_json::{Value, json};

use crate::support::TestServer;

#[tokio::test]
async fn refresh_token_needs_offline_access_when_required() {
    let server = TestServer::start().await;
    let app = server.register("careful", json!({ "require_offline_access": true })).await;
    let without = app.tokens("openid profile:read").await;
    assert_eq!(without.json["refresh_token"], Value::Null);
    let with = app.tokens("openid profile:read offline_access").await;
    let again = app.refresh(with.text("refresh_token")).await.ok();
    assert_eq!(again.text("scope"), "openid profile:read offline_access");

    // A scope that was requested and unticked is not granted.
    let browser = server.browser();
    let login = browser.open(&app.authorize_url("openid profile:read offline_access", &[])).await;
    let consent = browser.sign_in(&login, "minji").await;
    let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
    assert_eq!(app.exchange(&sent).await.ok().json["refresh_token"], Value::Null);
}

#[tokio::test]
async fn refresh_token_needs_the_registered_grant_type() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    assert!(shop.tokens("openid profile:read").await.json["refresh_token"].is_string());
    let online = server.register("online", json!({ "grant_types": ["authorization_code"] })).await;
    let tokens = online.tokens("openid profile:read offline_access").await;
    assert_eq!(tokens.json["refresh_token"], Value::Null);
}
