//! The authorization code flow: sign in, allow some scopes, get a token with exactly those.

use serde_json::json;

use crate::support::{Answer, TestServer};

#[tokio::test]
async fn token_carries_only_the_ticked_scopes() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();

    let url = shop.authorize_url("openid profile:read message:read message:send", &[("nonce", "n-1")]);
    let login = browser.open(&url).await;
    let consent = browser.sign_in(&login, "alice").await;
    let sent = browser.allow(&consent, &["openid", "profile:read", "message:read"]).await;
    assert!(sent.next().expect("a redirect").starts_with("https://shop.example/callback?"), "{sent:?}");
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    assert_eq!(sent.parameter("iss").as_deref(), Some(server.issuer.as_str()));

    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.text("scope"), "openid profile:read message:read");
    assert_eq!(tokens.json["token_type"], "Bearer");
    assert_eq!(tokens.json["expires_in"], 300);
    assert_eq!(tokens.header("cache-control"), "no-store");
    let alice = server.user_id("alice").await.to_string();
    let access = tokens.claims("access_token");
    assert_eq!(access["iss"], server.issuer);
    assert_eq!(access["sub"], alice);
    assert_eq!(access["aud"], json!(["https://talk.example", format!("{}/userinfo", server.issuer)]));
    assert_eq!(access["client_id"], "shop");
    assert_eq!(access["scope"], "openid profile:read message:read");
    let id = tokens.claims("id_token");
    assert_eq!(id["aud"], "shop");
    assert_eq!(id["sub"], alice);
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["auth_time"], access["auth_time"]);

    let person = shop.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(person.json, json!({ "sub": alice }));

    let again = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(again.text("scope"), "openid profile:read message:read");
}

#[tokio::test]
async fn omitted_scope_requests_the_required_scopes() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("", &[("scope", "")])).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(consent.body.contains("profile:read as a sentence in en"));
    assert!(!consent.body.contains("name=\"scope\" value=\"message:read\""), "{}", consent.body);
    let tokens = shop.exchange(&browser.allow(&consent, &["profile:read"]).await).await.ok();
    assert_eq!(tokens.text("scope"), "profile:read");
    assert_eq!(tokens.json["id_token"], json!(null), "without openid there is no ID token");

    let picky = server.register("picky", json!({ "required_scope": "" })).await;
    let sent = browser.open(&picky.authorize_url("", &[("scope", "")])).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn access_denied_carries_state_and_iss_and_no_code() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let denied = browser.post_decision(&consent, &[], "deny").await;
    assert!(denied.body.contains("Nothing was shared with Shop"), "{denied:?}");
    assert!(!denied.body.contains("still holds"), "{denied:?}");
    assert_eq!(denied.next(), None, "the page stays until the user continues");
    let sent = browser.after_decision(denied).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    assert_eq!(sent.parameter("iss").as_deref(), Some(server.issuer.as_str()));
    assert_eq!(sent.parameter("code"), None);
    // A denial is not remembered as consent.
    let again = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    assert!(again.is_consent(), "{again:?}");
}

#[tokio::test]
async fn response_has_no_state_when_the_request_had_none() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let sent = shop.authorize_as("alice", "profile:read", &[("state", "")]).await;
    assert_eq!(sent.parameter("state"), None);
    assert_eq!(sent.parameter("iss").as_deref(), Some(server.issuer.as_str()));
    shop.exchange(&sent).await.ok();
}

#[tokio::test]
async fn redirect_keeps_its_query_and_returns_state_unchanged() {
    let server = TestServer::start().await;
    let tenant =
        server.register("tenant", json!({ "redirect_uris": ["https://shop.example/cb?tenant=1&a=%20"] })).await;
    let state = "한글 & = ? # % + \" <script>";
    let sent = tenant.authorize_as("alice", "profile:read", &[("state", state)]).await;
    let next = sent.next().expect("a redirect");
    assert!(next.starts_with("https://shop.example/cb?tenant=1&a=%20&code="), "{next}");
    assert_eq!(sent.parameter("state").as_deref(), Some(state));
    tenant.exchange(&sent).await.ok();
}

#[tokio::test]
async fn authorization_request_can_be_posted() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let answered = browser.post("/authorize", &shop.parameters("profile:read", &[])).await;
    assert_eq!(answered.status, 303);
    let login = browser.follow(answered).await;
    let consent = browser.sign_in(&login, "alice").await;
    shop.exchange(&browser.allow(&consent, &["profile:read"]).await).await.ok();
}

#[tokio::test]
async fn cross_site_post_without_cookies_finds_the_session() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    browser.allow(&consent, &["profile:read"]).await;
    for prompt in ["", "none"] {
        let fields = shop.parameters("profile:read", &[("prompt", prompt)]);
        // A cookie with `SameSite=Lax` is sent with the redirect's GET, not with the cross-site
        // POST before it.
        let posted = server.browser().post("/authorize", &fields).await;
        let sent = browser.follow(posted).await;
        shop.exchange(&sent).await.ok();
        let posted = server.browser().post("/authorize", &fields).await;
        let stranger = server.browser().follow(posted).await;
        if prompt == "none" {
            assert_eq!(stranger.parameter("error").as_deref(), Some("login_required"));
        } else {
            assert!(stranger.is_login(), "{stranger:?}");
        }
    }
}

#[tokio::test]
async fn form_post_response_has_nothing_in_the_url() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[("response_mode", "form_post")])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let page = browser.allow(&consent, &["profile:read"]).await;
    assert_eq!((page.status.as_u16(), page.next()), (200, None));
    assert!(page.body.contains("method=\"post\" action=\"https://shop.example/callback\""), "{}", page.body);
    assert!(!page.header("content-security-policy").contains("form-action"), "the app may redirect after its POST");
    assert_eq!(page.hidden("state"), "the state");
    assert_eq!(page.hidden("iss"), server.issuer);
    shop.exchange_code(&page.hidden("code")).await.ok();

    let denied = shop.authorize_url("profile:read", &[("response_mode", "form_post"), ("prompt", "consent")]);
    let consent = browser.open(&denied).await;
    let page = browser.deny(&consent).await;
    assert_eq!(page.hidden("error"), "access_denied");
    assert_eq!(page.hidden("state"), "the state");
}

#[tokio::test]
async fn native_client_uses_any_loopback_port_without_a_secret() {
    let server = TestServer::start().await;
    let mut pocket = server.native().await;
    pocket.redirect_uri = "http://127.0.0.1:49152/callback".to_owned();
    let sent = pocket.authorize("profile:read").await;
    assert!(sent.next().expect("a redirect").starts_with("http://127.0.0.1:49152/callback?code="));
    let tokens: Answer = pocket.exchange(&sent).await.ok();
    assert_eq!(tokens.claims("access_token")["client_id"], "pocket");

    // The code is bound to the port as well.
    let sent = pocket.authorize("profile:read").await;
    pocket.redirect_uri = "http://127.0.0.1:49153/callback".to_owned();
    assert_eq!(pocket.exchange(&sent).await.refused(400), "invalid_grant");
}
