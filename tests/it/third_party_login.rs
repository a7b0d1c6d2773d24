//! Third-party initiated login (OpenID Connect Core §4): a connected app is opened from the
//! account.

use serde_json::json;

use crate::support::TestServer;

/// The page of connected apps, after the user allowed `app`.
async fn connected_apps(server: &TestServer, metadata: serde_json::Value) -> String {
    let app = server.register("app", metadata).await;
    let browser = server.browser();
    app.authorize_in(&browser, "alice", "openid", &[]).await;
    browser.open("/account/apps").await.body
}

#[tokio::test]
async fn initiate_login_uri_is_opened_with_iss() {
    for (registered, opened) in [
        ("https://app.example/begin", "https://app.example/begin?iss="),
        ("https://app.example/begin?tenant=7", "https://app.example/begin?tenant=7&#38;iss="),
    ] {
        let server = TestServer::start().await;
        let body = connected_apps(&server, json!({ "initiate_login_uri": registered })).await;
        let issuer: String = url::form_urlencoded::byte_serialize(server.issuer.as_bytes()).collect();
        assert!(body.contains(&format!("href=\"{opened}{issuer}\"")), "{body}");
    }
}

#[tokio::test]
async fn client_without_initiate_login_uri_is_not_opened() {
    let server = TestServer::start().await;
    let body = connected_apps(&server, json!({})).await;
    assert!(body.contains("/account/apps/receipt?client_id=app") && !body.contains("iss="), "{body}");
}
