//! Parameters that metadata does not list are refused with their own error, never ignored.

use serde_json::json;

use crate::support::{App, Page, TestServer, app::VERIFIER};

const OPENID: &str = "openid profile:read";
async fn ask(server: &TestServer, app: &App, changes: &[(&str, &str)]) -> Page {
    server.browser().get(&app.authorize_url(OPENID, changes)).await
}

#[tokio::test]
async fn unknown_display_is_refused() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    for display in ["page", "popup", "touch", "wap"] {
        assert!(
            ask(&server, &app, &[("display", display)]).await.header("location").starts_with("/login"),
            "{display}"
        );
    }
    for display in ["Page", "page popup", "tv"] {
        let refused = ask(&server, &app, &[("display", display)]).await;
        assert_eq!(refused.parameter("error").as_deref(), Some("invalid_request"), "{display}");
    }
    let metadata = server.metadata().await;
    assert_eq!(metadata["display_values_supported"], json!(["page", "popup", "touch", "wap"]));
    assert!(metadata["claims_locales_supported"].is_null());
}

#[tokio::test]
async fn unsupported_locales_are_ignored() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    for locales in ["ko", "xx yy-ZZ", "fr-CA fr", "*", "not a language!"] {
        let page = ask(&server, &app, &[("claims_locales", locales), ("ui_locales", locales)]).await;
        assert!(page.header("location").starts_with("/login"), "{locales}: {page:?}");
    }
}

#[tokio::test]
async fn authorization_details_are_refused_at_every_endpoint() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let details = r#"[{"type":"payment_initiation","instructedAmount":{"currency":"EUR","amount":"1.50"}}]"#;
    for (text, cause) in [
        (details, "authorization_details_unsupported"),
        ("[]", "authorization_details_unsupported"),
        ("{}", "authorization_details_invalid"),
    ] {
        let asked = ("authorization_details", text);
        let refused = ask(&server, &app, &[asked]).await;
        assert_eq!(refused.parameter("error").as_deref(), Some("invalid_authorization_details"), "{refused:?}");
        assert!(refused.parameter("error_uri").is_some_and(|uri| uri.ends_with(cause)), "{refused:?}");
        let sent = app.authorize(OPENID).await;
        let code = sent.parameter("code").expect("a code");
        let exchange = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &app.redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let refused = app.post("/token", &[&exchange[..], &[asked]].concat()).await;
        assert_eq!(refused.refused(400), "invalid_authorization_details");
        app.post("/token", &exchange).await.ok();
        let pushed = [
            ("response_type", "code"),
            ("redirect_uri", &app.redirect_uri),
            ("scope", OPENID),
            ("code_challenge", crate::support::app::CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let refused = app.post("/par", &[&pushed[..], &[asked]].concat()).await;
        assert_eq!(refused.refused(400), "invalid_authorization_details");
    }
}

#[tokio::test]
async fn confidential_client_needs_pkce_or_nonce_unless_registered_otherwise() {
    let neither = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "")];
    let with_nonce = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "n")];
    let server = TestServer::start().await;
    let app = server.shop().await;
    let error = async |server: &TestServer, app: &App, changes: &[(&str, &str)]| {
        let page = ask(server, app, changes).await;
        if page.header("location").starts_with("/login") {
            String::new()
        } else {
            page.parameter("error").unwrap_or_default()
        }
    };
    assert_eq!(error(&server, &app, &neither).await, "invalid_request");
    assert_eq!(error(&server, &app, &with_nonce).await, "", "an OpenID request with a nonce is bound");
    let strict = server.register("strict", json!({ "require_pkce": true })).await;
    assert_eq!(error(&server, &strict, &with_nonce).await, "invalid_request");
    assert_eq!(error(&server, &server.native().await, &with_nonce).await, "invalid_request", "a public client");
    let tight = TestServer::start_with(|settings| settings.tokens.require_pkce = true).await;
    assert_eq!(error(&tight, &tight.shop().await, &with_nonce).await, "invalid_request");

    let app = server.register("old", json!({ "require_pkce": false, "require_nonce": false })).await;
    let sent = app.authorize_as("alice", OPENID, &neither).await;
    let code = sent.parameter("code").expect("a code");
    let exchange = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*app.redirect_uri)];
    let injected = app.post("/token", &[&exchange[..], &[("code_verifier", VERIFIER)]].concat()).await;
    assert_eq!(injected.refused(400), "invalid_grant", "a verifier without a challenge is a downgrade");
    assert!(app.post("/token", &exchange).await.ok().json["id_token"].is_string());
    let with = app.authorize(OPENID).await;
    let code = with.parameter("code").expect("a code");
    let exchange = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &app.redirect_uri)];
    assert_eq!(app.post("/token", &exchange).await.refused(400), "invalid_grant", "a challenge that was sent counts");
}
