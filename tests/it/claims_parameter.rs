//! The `claims` parameter (OpenID Connect Core §5.5): single claims, as far as the user allowed.

use serde_json::{Value, json};
use writ_core::StandardClaims;

use writ::store::users;

use crate::support::{App, Browser, Page, TestServer};

/// Sets every claim of alice.
async fn fill_in(server: &TestServer) {
    let claims: StandardClaims = serde_json::from_value(json!({
        "name": "Alice Martin", "given_name": "Alice", "nickname": "Ali", "phone_number": "+82 2 123",
        "phone_number_verified": false, "address": {"country": "KR", "locality": "Seoul"},
    }))
    .expect("claims");
    let id = server.user_id("alice").await;
    server.write(move |tx| users::set_claims(tx, id, &claims)).await;
}

async fn shop(server: &TestServer) -> App {
    server.register("shop", json!({ "scope": "openid profile email address phone profile:read" })).await
}

/// Sends a request with these claims, and alice allows `allowed`.
async fn ask(app: &App, browser: &Browser, claims: &Value, allowed: &[&str]) -> Page {
    let claims = claims.to_string();
    let changes = [("claims", &*claims), ("claims_locales", "ko en"), ("display", "popup")];
    let mut page = browser.open(&app.authorize_url("openid profile:read", &changes)).await;
    if page.is_login() {
        page = browser.sign_in(&page, "alice").await;
    }
    if page.is_consent() {
        page = browser.allow(&page, allowed).await;
    }
    page
}

#[tokio::test]
async fn requested_claims_are_disclosed_only_where_requested() {
    let server = TestServer::start().await;
    fill_in(&server).await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let claims = json!({
        "userinfo": {
            "given_name": {"essential": true}, "email": null, "email_verified": null, "address": null,
            "updated_at": null, "phone_number_verified": null, "birthdate": null, "unheard_of": null,
        },
        "id_token": {"nickname": null, "auth_time": {"essential": true}, "email": {"value": "alice@example.com"}},
    });
    let sent = ask(&shop, &browser, &claims, &["openid", "profile:read", "profile", "email", "address", "phone"]).await;
    let tokens = shop.exchange(&sent).await.ok();
    // The app requested claims and does not get their scopes.
    assert_eq!(tokens.text("scope"), "openid profile:read");
    let alice = server.user("alice").await;
    let expected = json!({
        "sub": alice.id.to_string(), "given_name": "Alice", "email": "alice@example.com", "email_verified": true,
        "address": {"country": "KR", "locality": "Seoul", "formatted": "Seoul\nKR"}, "updated_at": alice.updated_at, "phone_number_verified": false,
    });
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json, expected);
    let id = tokens.claims("id_token");
    assert_eq!((&id["nickname"], &id["email"]), (&json!("Ali"), &json!("alice@example.com")));
    assert!(id["auth_time"].is_i64() && id["given_name"].is_null() && id["address"].is_null(), "{id}");
    let again = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(again.claims("id_token")["nickname"], "Ali");
    assert_eq!(shop.userinfo(again.text("access_token")).await.ok().json, expected);
    // Without the parameter, the next grant has none of these claims.
    let tokens = shop.exchange(&browser.open(&shop.authorize_url("openid profile:read", &[])).await).await.ok();
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json, json!({ "sub": alice.id.to_string() }));
}

#[tokio::test]
async fn single_claims_need_consent() {
    let server = TestServer::start().await;
    fill_in(&server).await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let claims = json!({"userinfo": {"given_name": {"essential": true}, "email": {"essential": true}}});
    let changes = [("claims", &*claims.to_string())];
    let login = browser.open(&shop.authorize_url("openid profile:read", &changes)).await;
    let consent = browser.sign_in(&login, "alice").await;
    for scope in ["profile", "email"] {
        assert!(consent.body.contains(&format!("name=\"scope\" value=\"{scope}\"")), "{}", consent.body);
    }
    let sent = browser.allow(&consent, &["openid", "profile:read", "email"]).await;
    let tokens = shop.exchange(&sent).await.ok();
    let told = shop.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!((&told["email"], &told["given_name"]), (&json!("alice@example.com"), &Value::Null));

    // Revoking the scope also revokes the claim.
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::connections::remove_scope(tx, alice, "shop", "email", "")).await;
    let told = shop.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!(told, json!({ "sub": alice.to_string() }));
}

#[tokio::test]
async fn claim_of_an_unregistered_scope_is_omitted() {
    let server = TestServer::start().await;
    fill_in(&server).await;
    let shop = server.register("shop", json!({ "scope": "openid profile:read" })).await;
    let claims = json!({"userinfo": {"email": {"essential": true}}, "id_token": {"name": null}});
    let sent = ask(&shop, &server.browser(), &claims, &["openid", "profile:read"]).await;
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json["email"], Value::Null);
    assert_eq!(tokens.claims("id_token")["name"], Value::Null);
}

#[tokio::test]
async fn claim_value_mismatch_is_omitted_and_other_sub_is_refused() {
    let server = TestServer::start().await;
    fill_in(&server).await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let all = ["openid", "profile:read", "profile", "email"];
    let claims =
        json!({"userinfo": {"email": {"value": "bob@example.com"}, "name": {"values": ["Bob", "Alice Martin"]}}});
    let tokens = shop.exchange(&ask(&shop, &browser, &claims, &all).await).await.ok();
    let told = shop.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!((&told["email"], &told["name"]), (&Value::Null, &json!("Alice Martin")));

    let alice = server.user_id("alice").await.to_string();
    let same = json!({"id_token": {"sub": {"value": alice}}});
    shop.exchange(&ask(&shop, &browser, &same, &all).await).await.ok();
    let minji = server.user_id("minji").await.to_string();
    let other = json!({"id_token": {"sub": {"value": minji}}}).to_string();
    let changes = [("claims", &*other), ("prompt", "none")];
    let refused = browser.open(&shop.authorize_url("openid profile:read", &changes)).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn malformed_or_unmet_claims_are_refused() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    for (claims, expected) in [
        ("not json", "invalid_request"),
        ("[]", "invalid_request"),
        (r#"{"userinfo":{"email":"yes"}}"#, "invalid_request"),
        (r#"{"id_token":{"acr":{"essential":true,"value":"urn:other"}}}"#, "unmet_authentication_requirements"),
    ] {
        let refused = browser.open(&shop.authorize_url("openid profile:read", &[("claims", claims)])).await;
        assert_eq!(refused.parameter("error").as_deref(), Some(expected), "{claims}");
    }
    // Without a value, any authentication is acceptable.
    let sent =
        ask(&shop, &browser, &json!({"id_token": {"acr": {"essential": true}}}), &["openid", "profile:read"]).await;
    shop.exchange(&sent).await.ok();
}
