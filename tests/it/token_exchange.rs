//! Token exchange (RFC 8693): narrower tokens for actors, with the chain of actors.

use serde_json::{Value, json};
use writ::store::resources;

use crate::support::{Answer, App, TestServer, changed, seed::TALK};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Exchanges a token. `changes` replace parameters, or remove them if empty.
async fn exchange(app: &App, subject_token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields =
        vec![("grant_type", GRANT), ("subject_token", subject_token), ("subject_token_type", ACCESS_TOKEN)];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    app.post("/token", &fields).await
}

/// The shop, which permits `helper` to act for it, and `helper`.
async fn shop_and_helper(server: &TestServer) -> (App, App) {
    let shop = json!({
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", GRANT],
        "may_act": ["helper"],
    });
    (server.register("shop", shop).await, helper(server, "helper", json!({})).await)
}

async fn helper(server: &TestServer, id: &str, more: Value) -> App {
    let metadata = json!({
        "client_name": "Helper",
        "grant_types": ["authorization_code", "client_credentials", GRANT],
        "scope": "profile:read message:read message:send",
    });
    server.register(id, changed(metadata, &more)).await
}

#[tokio::test]
async fn exchange_yields_a_narrower_token_for_the_actor() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("openid profile:read message:send").await;
    let held = tokens.claims("access_token");

    let handed = exchange(&helper, tokens.text("access_token"), &[("scope", "message:send")]).await.ok();
    assert_eq!(handed.json["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(handed.json["token_type"], "Bearer");
    assert_eq!(handed.text("scope"), "message:send");
    assert_eq!(handed.header("cache-control"), "no-store");
    assert_eq!((&handed.json["refresh_token"], &handed.json["id_token"]), (&Value::Null, &Value::Null));
    let claims = handed.claims("access_token");
    assert_eq!(claims["sub"], held["sub"]);
    assert_eq!((&claims["aud"], &held["aud"][0]), (&json!(TALK), &json!(TALK)), "without openid no userinfo");
    assert_eq!(claims["client_id"], "helper");
    assert_eq!(claims["act"], json!({ "sub": "helper", "act": { "sub": "shop" } }));
    assert!(claims["exp"].as_i64() <= held["exp"].as_i64());
    assert_ne!(claims["jti"], held["jti"]);

    let told = server.talk().introspect(handed.text("access_token")).await.ok();
    assert_eq!(told.json["active"], true);
    assert_eq!(told.json["scope"], "message:send");
    assert_eq!(told.json["act"], claims["act"]);
    let plain = server.talk().introspect(tokens.text("access_token")).await.ok();
    assert_eq!(plain.json["act"], Value::Null);
}

#[tokio::test]
async fn exchanged_token_expires_with_its_subject_token() {
    let server = TestServer::start().await;
    let (shop, _) = shop_and_helper(&server).await;
    let patient = json!({ "access_token_lifetime": 3600 });
    let patient = helper(&server, "patient", patient).await;
    let brief = helper(&server, "brief", json!({ "access_token_lifetime": 30 })).await;
    server
        .change_client(
            "shop",
            json!({ "grant_types": ["authorization_code", "refresh_token"], "may_act": ["patient", "brief"] }),
        )
        .await;
    let tokens = shop.tokens("message:send profile:read").await;
    server.clock.advance(100);
    assert_eq!(exchange(&patient, tokens.text("access_token"), &[]).await.ok().json["expires_in"], 200);
    assert_eq!(exchange(&brief, tokens.text("access_token"), &[]).await.ok().json["expires_in"], 30);
    server.clock.advance(200);
    assert_eq!(exchange(&patient, tokens.text("access_token"), &[]).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn client_exchanges_its_own_token_without_an_actor() {
    let server = TestServer::start().await;
    let (shop, _) = shop_and_helper(&server).await;
    let tokens = shop.tokens("openid profile:read message:send").await;
    let less = exchange(&shop, tokens.text("access_token"), &[("scope", "message:send")]).await.ok();
    let claims = less.claims("access_token");
    assert_eq!((&claims["client_id"], &claims["act"]), (&json!("shop"), &Value::Null));
    let back = exchange(&shop, less.text("access_token"), &[("scope", "profile:read")]).await;
    assert_eq!(back.refused(400), "invalid_scope", "what was given away does not come back");
    // With a client's own token, the client stays the subject.
    let own = shop.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:read")]).await.ok();
    let less = exchange(&shop, own.text("access_token"), &[]).await.ok();
    assert_eq!(less.claims("access_token")["sub"], "shop");
}

#[tokio::test]
async fn exchange_of_a_client_credentials_token_names_the_actor() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let own = shop.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:read")]).await.ok();
    let handed = exchange(&helper, own.text("access_token"), &[]).await.ok();
    let claims = handed.claims("access_token");
    assert_eq!((&claims["sub"], &claims["act"]), (&json!("shop"), &json!({ "sub": "helper" })));
    assert_eq!(server.talk().introspect(handed.text("access_token")).await.ok().json["active"], true);
    server.write(|tx| writ::store::clients::delete(tx, "shop")).await;
    server.server.refresh().await.expect("remembered");
    assert_eq!(server.talk().introspect(handed.text("access_token")).await.ok().json["active"], false);
    assert_eq!(exchange(&helper, handed.text("access_token"), &[]).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn exchange_never_widens_scope_audience_or_lifetime() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("openid profile:read message:send").await;
    let subject = tokens.text("access_token");
    for (name, value, error) in [
        ("scope", "message:read", "invalid_scope"),
        ("scope", "message:send message:read", "invalid_scope"),
        ("scope", "openid", "invalid_scope"),
        ("scope", "payment:make", "invalid_scope"),
        ("scope", "\"", "invalid_scope"),
        ("audience", "https://other.example", "invalid_target"),
        ("resource", "https://other.example", "invalid_target"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:id_token", "invalid_request"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token", "invalid_request"),
        ("subject_token_type", "", "invalid_request"),
        ("subject_token", "", "invalid_request"),
        ("subject_token", "no token", "invalid_request"),
        ("subject_token", tokens.text("refresh_token"), "invalid_request"),
        ("subject_token", tokens.text("id_token"), "invalid_request"),
        ("actor_token", subject, "invalid_request"),
        ("actor_token_type", ACCESS_TOKEN, "invalid_request"),
    ] {
        assert_eq!(exchange(&helper, subject, &[(name, value)]).await.refused(400), error, "{name}={value}");
    }
    let named = [("audience", TALK), ("resource", TALK)];
    let all = exchange(&helper, subject, &named).await.ok();
    assert_eq!(all.text("scope"), "profile:read message:send", "what the helper may have of it");
}

#[tokio::test]
async fn exchange_requires_may_act() {
    let server = TestServer::start().await;
    let (shop, helper_app) = shop_and_helper(&server).await;
    let stranger = helper(&server, "stranger", json!({})).await;
    let tokens = shop.tokens("profile:read message:send").await;
    assert_eq!(exchange(&stranger, tokens.text("access_token"), &[]).await.refused(400), "invalid_request");
    // The holder of the token decides, and the helper permits no actor.
    let handed = exchange(&helper_app, tokens.text("access_token"), &[]).await.ok();
    assert_eq!(exchange(&stranger, handed.text("access_token"), &[]).await.refused(400), "invalid_request");
    assert_eq!(exchange(&shop, handed.text("access_token"), &[]).await.refused(400), "invalid_request");
    // A client that is not registered for the grant type, or does not authenticate, cannot exchange
    // tokens.
    let plain = server.register("plain", json!({})).await;
    assert_eq!(exchange(&plain, tokens.text("access_token"), &[]).await.refused(400), "unauthorized_client");
    let mut forger = helper_app.clone();
    forger.secret = None;
    assert_eq!(exchange(&forger, tokens.text("access_token"), &[]).await.refused(401), "invalid_client");
}

#[tokio::test]
async fn actor_chain_is_bounded() {
    let server = TestServer::start().await;
    let ids = ["c0", "c1", "c2", "c3", "c4"];
    let mut apps = Vec::new();
    for (index, id) in ids.into_iter().enumerate() {
        let next: Vec<&str> = ids.get(index + 1).copied().into_iter().collect();
        apps.push(helper(&server, id, json!({ "may_act": next })).await);
    }
    let mut token = apps[0].tokens("profile:read message:send").await.text("access_token").to_owned();
    for app in &apps[1..4] {
        token = exchange(app, &token, &[]).await.ok().text("access_token").to_owned();
    }
    assert_eq!(exchange(&apps[4], &token, &[]).await.refused(400), "invalid_request");
    let told = server.talk().introspect(&token).await.ok();
    let chain = json!({ "sub": "c3", "act": { "sub": "c2", "act": { "sub": "c1", "act": { "sub": "c0" } } } });
    assert_eq!(told.json["act"], chain);
}

#[tokio::test]
async fn revoked_token_is_not_exchanged_and_ends_exchanged_ones() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("profile:read message:send").await;
    let handed = exchange(&helper, tokens.text("access_token"), &[]).await.ok();
    // Revokes one access token.
    let again = shop.refresh(tokens.text("refresh_token")).await.ok();
    shop.post("/revoke", &[("token", again.text("access_token"))]).await.ok();
    assert_eq!(exchange(&helper, again.text("access_token"), &[]).await.refused(400), "invalid_request");
    // Revokes the whole grant.
    assert_eq!(server.talk().introspect(handed.text("access_token")).await.ok().json["active"], true);
    shop.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
    assert_eq!(server.talk().introspect(handed.text("access_token")).await.ok().json["active"], false);
    assert_eq!(exchange(&helper, tokens.text("access_token"), &[]).await.refused(400), "invalid_request");
    assert_eq!(exchange(&helper, handed.text("access_token"), &[]).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn removed_scope_is_not_exchanged() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("profile:read message:send").await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::connections::remove_scope(tx, alice, "shop", "message:send", "")).await;
    let handed = exchange(&helper, tokens.text("access_token"), &[]).await.ok();
    assert_eq!(handed.text("scope"), "profile:read");
    let asked = exchange(&helper, tokens.text("access_token"), &[("scope", "message:send")]).await;
    assert_eq!(asked.refused(400), "invalid_scope");
}

#[tokio::test]
async fn deleted_scope_is_not_exchanged() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("profile:read message:send").await;
    assert!(server.write(|tx| resources::delete_scope(tx, "message:send")).await.is_some());
    server.server.refresh().await.expect("remembered");
    let token = tokens.text("access_token");
    assert_eq!(exchange(&helper, token, &[]).await.ok().text("scope"), "profile:read");
    assert_eq!(exchange(&helper, token, &[("scope", "message:send")]).await.refused(400), "invalid_scope");
}

#[tokio::test]
async fn token_for_a_deleted_resource_server_is_not_exchanged() {
    let server = TestServer::start().await;
    let shop = json!({ "grant_types": ["authorization_code", GRANT], "may_act": ["helper"] });
    let shop = server.register("shop", shop).await;
    let helper = helper(&server, "helper", json!({ "scope": "openid profile:read" })).await;
    let tokens = shop.tokens("openid profile:read").await;
    exchange(&helper, tokens.text("access_token"), &[]).await.ok();
    assert!(server.write(|tx| resources::delete(tx, "talk")).await.is_some());
    server.server.refresh().await.expect("remembered");
    assert_eq!(exchange(&helper, tokens.text("access_token"), &[]).await.refused(400), "invalid_target");
}

#[tokio::test]
async fn single_claims_are_not_exchanged() {
    let server = TestServer::start().await;
    let shop = json!({ "grant_types": ["authorization_code", GRANT], "may_act": ["helper"] });
    let shop = server.register("shop", shop).await;
    let helper = helper(&server, "helper", json!({ "scope": "openid profile:read" })).await;
    let asked = ("claims", r#"{"userinfo":{"email":null}}"#);
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[asked])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let tokens = shop.exchange(&browser.allow(&consent, &["openid", "profile:read", "email"]).await).await.ok();
    let token = tokens.text("access_token");
    assert_eq!(shop.userinfo(token).await.ok().text("email"), "alice@example.com");
    let handed = exchange(&helper, token, &[("scope", "openid")]).await.ok();
    let told = helper.userinfo(handed.text("access_token")).await.ok();
    assert_eq!(told.json, json!({ "sub": tokens.claims("id_token")["sub"] }));
    // The app itself keeps them when it narrows its own token.
    let narrowed = exchange(&shop, token, &[("scope", "openid")]).await.ok();
    assert_eq!(shop.userinfo(narrowed.text("access_token")).await.ok().text("email"), "alice@example.com");
}

#[tokio::test]
async fn exchanged_token_is_revoked_with_its_subject_token() {
    let server = TestServer::start().await;
    let (shop, helper) = shop_and_helper(&server).await;
    let tokens = shop.tokens("profile:read message:send").await;
    let other = shop.refresh(tokens.text("refresh_token")).await.ok();
    let handed = exchange(&helper, tokens.text("access_token"), &[]).await.ok();
    let narrowed = exchange(&helper, handed.text("access_token"), &[("scope", "message:send")]).await.ok();
    let kept = exchange(&helper, other.text("access_token"), &[]).await.ok();
    shop.post("/revoke", &[("token", tokens.text("access_token"))]).await.ok();
    for token in [&handed, &narrowed] {
        assert_eq!(server.talk().introspect(token.text("access_token")).await.ok().json["active"], false);
        assert_eq!(exchange(&helper, token.text("access_token"), &[]).await.refused(400), "invalid_request");
    }
    assert_eq!(server.talk().introspect(kept.text("access_token")).await.ok().json["active"], true);
}
