//! Grants and sessions. A client's access ends with the browser session unless the user or the
//! registration says otherwise. A device and a native app have their own session.

use serde_json::{Value, json};
use writ::store::{accounts, connections, sessions};

use crate::support::{Answer, App, Browser, TestServer, device};

const SCOPE: &str = "openid profile:read";

async fn sign_out(browser: &Browser) {
    let page = browser.open("/logout").await;
    browser.post("/logout", &[("csrf", &*page.hidden("csrf")), ("request", "")]).await;
    assert!(browser.open("/account").await.is_login());
}

async fn assert_ended(server: &TestServer, app: &App, tokens: &Answer) {
    assert_eq!(app.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    // A public client cannot introspect.
    for token in ["access_token", "refresh_token"].iter().filter(|_| app.secret.is_some()) {
        assert_eq!(app.introspect(tokens.text(token)).await.ok().json, json!({ "active": false }), "{token}");
    }
    assert_eq!(app.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(server.talk().introspect(tokens.text("access_token")).await.ok().json["active"], false);
}

/// Tokens of a device that alice allowed in this browser.
async fn device_tokens(tv: &App, browser: &Browser) -> Answer {
    let codes = device::codes(tv, SCOPE).await;
    allow_device(browser, &codes).await;
    device::poll(tv, &codes).await
}

async fn allow_device(browser: &Browser, codes: &Answer) {
    let question = device::question(browser, codes).await;
    let allowed = device::allow(browser, &question, &["openid", "profile:read"]).await;
    assert!(allowed.body.contains("id=\"answered\""));
}

#[tokio::test]
async fn sign_out_ends_grants_without_offline_access() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let offline = shop.tokens_in(&browser, "alice", "openid profile:read offline_access").await;
    let elsewhere = shop.tokens(SCOPE).await;
    sign_out(&browser).await;
    assert_ended(&server, &shop, &tokens).await;
    shop.refresh(offline.text("refresh_token")).await.ok();
    assert_eq!(shop.introspect(offline.text("access_token")).await.ok().json["active"], true);
    shop.refresh(elsewhere.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn grant_outlives_sessions_only_with_registered_offline_access() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    let offline = "openid profile:read offline_access";
    let tokens = shop.tokens_in(&browser, "alice", offline).await;
    let removed = server.write(move |tx| connections::remove_scope(tx, alice, "shop", "offline_access", ""));
    assert!(removed.await);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.ok().text("scope"), SCOPE);
    sign_out(&browser).await;
    assert_ended(&server, &shop, &tokens).await;

    let tokens = shop.tokens(offline).await;
    server.change_client("shop", json!({ "scope": SCOPE })).await;
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    assert_eq!(shop.introspect(tokens.text("refresh_token")).await.ok().json, json!({ "active": false }));
}

#[tokio::test]
async fn registration_lets_a_client_work_while_the_user_is_away() {
    let server = TestServer::start().await;
    let app = server.register("mailer", json!({ "implicit_offline_access": true })).await;
    let browser = server.browser();
    let tokens = app.tokens_in(&browser, "alice", SCOPE).await;
    sign_out(&browser).await;
    app.refresh(tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn sign_out_ends_a_code_that_was_not_redeemed() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let sent = shop.authorize_in(&browser, "alice", "openid profile:read offline_access", &[]).await;
    sign_out(&browser).await;
    assert_eq!(shop.exchange(&sent).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn refresh_counts_as_use_of_the_session_within_its_lifetime() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let settings = &server.server.settings.sessions;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let mut passed = 0;
    while passed + settings.idle_lifetime - 10 < settings.lifetime {
        server.clock.advance(settings.idle_lifetime - 10);
        passed += settings.idle_lifetime - 10;
        shop.refresh(tokens.text("refresh_token")).await.ok();
    }
    assert!(passed > settings.idle_lifetime);
    assert!(!browser.open("/account").await.is_login(), "the browser is still signed in");
    server.clock.advance(settings.lifetime - passed);
    let refused = shop.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.refused(400), "invalid_grant");
    assert!(browser.open("/account").await.is_login());
}

#[tokio::test]
async fn idle_session_ends_its_grants() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    server.clock.advance(server.server.settings.sessions.idle_lifetime);
    let refused = shop.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.refused(400), "invalid_grant");
    assert!(refused.body.contains("session_ended"), "{refused:?}");
}

#[tokio::test]
async fn native_app_and_device_have_a_session_of_their_own() {
    let server = TestServer::start().await;
    let pocket = server.native().await;
    let tv = device::television(&server).await;
    let browser = server.browser();
    let native = pocket.tokens_in(&browser, "alice", SCOPE).await;
    let device = device_tokens(&tv, &browser).await.ok();
    let page = browser.open("/account/sessions").await;
    assert!(page.body.contains("Pocket") && page.body.contains("Television"), "{page:?}");
    sign_out(&browser).await;
    let native = pocket.refresh(native.text("refresh_token")).await.ok();
    let device = tv.refresh(device.text("refresh_token")).await.ok();

    let alice = server.user_id("alice").await;
    let listed = server.server.store.read(move |tx| sessions::list_of_user(tx, alice)).await.expect("read");
    let of = |client: &str| listed.iter().find(|session| session.client_id.as_deref() == Some(client));
    let (of_native, of_device) = (of("pocket").expect("a session").id, of("tv").expect("a session").id);
    assert!(server.write(move |tx| accounts::end_session_of_user(tx, alice, of_native)).await);
    assert_ended(&server, &pocket, &native).await;
    tv.refresh(device.text("refresh_token")).await.ok();
    assert!(server.write(move |tx| accounts::end_session_of_user(tx, alice, of_device)).await);
    assert_eq!(tv.refresh(device.text("refresh_token")).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn own_session_lives_as_long_as_its_grant() {
    let server = TestServer::start().await;
    let pocket = server.native().await;
    let mut refresh_token = pocket.tokens(SCOPE).await.text("refresh_token").to_owned();
    for _ in 0..3 {
        server.clock.advance(server.server.settings.tokens.grant_idle_lifetime - 3600);
        refresh_token = pocket.refresh(&refresh_token).await.ok().text("refresh_token").to_owned();
    }
}

#[tokio::test]
async fn approved_device_is_revoked_before_it_polls() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    let poll = async |codes: &Answer| device::poll(&tv, codes).await;
    let ask = async || {
        let codes = device::codes(&tv, SCOPE).await;
        allow_device(&browser, &codes).await;
        codes
    };
    let codes = ask().await;
    assert!(server.write(move |tx| writ::store::connections::disconnect(tx, alice, "tv", "")).await);
    assert_eq!(poll(&codes).await.refused(400), "invalid_grant", "disconnected");

    let codes = ask().await;
    let openid = writ_core::ScopeSet::parse("openid").expect("a scope");
    server.write(move |tx| writ::store::device_requests::narrow_between(tx, alice, "tv", &openid)).await;
    let narrowed = poll(&codes).await.ok();
    assert_eq!((narrowed.text("scope"), &narrowed.json["id_token"]), ("profile:read", &Value::Null));

    let codes = ask().await;
    let hash = server.user("alice").await.password_hash.expect("a password");
    server.write(move |tx| accounts::set_password(tx, alice, &hash)).await;
    assert_eq!(poll(&codes).await.refused(400), "invalid_grant", "the password was changed");

    let codes = ask().await;
    server.write(move |tx| accounts::disable(tx, alice)).await;
    server.write(move |tx| accounts::enable(tx, alice)).await;
    assert_eq!(poll(&codes).await.refused(400), "invalid_grant", "the account was disabled");
}
