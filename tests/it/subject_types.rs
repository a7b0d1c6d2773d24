//! Pairwise subjects (OpenID Connect Core §8): sectors cannot correlate users.

use serde_json::{Value, json};

use crate::support::{Answer, App, TestServer, address};

const SCOPE: &str = "openid profile:read";

async fn pairwise(server: &TestServer, id: &str, redirect_uri: &str) -> App {
    let metadata = json!({
        "subject_type": "pairwise", "redirect_uris": [redirect_uri],
        "post_logout_redirect_uris": ["https://shop.example/bye"],
    });
    server.register(id, metadata).await
}

/// The `sub` in everything that an app receives, which must be the same.
async fn sub(app: &App, tokens: &Answer) -> Value {
    let sub = tokens.claims("id_token")["sub"].clone();
    assert_eq!(tokens.claims("access_token")["sub"], sub);
    assert_eq!(app.userinfo(tokens.text("access_token")).await.ok().json["sub"], sub);
    for token in ["access_token", "refresh_token"] {
        assert_eq!(app.introspect(tokens.text(token)).await.ok().json["sub"], sub, "{token}");
    }
    let again = app.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(again.claims("id_token")["sub"], sub);
    sub
}

#[tokio::test]
async fn pairwise_sub_differs_by_sector_and_is_stable_across_nodes() {
    let server = TestServer::start().await;
    let shop = pairwise(&server, "shop", "https://shop.example/callback").await;
    let sister = pairwise(&server, "sister", "https://shop.example:8443/sister").await;
    let other = pairwise(&server, "other", "https://other.example/callback").await;
    let public = server.register("public", json!({})).await;
    let browser = server.browser();
    let known = sub(&shop, &shop.tokens_in(&browser, "alice", SCOPE).await).await;
    assert_eq!(sub(&sister, &sister.tokens_in(&browser, "alice", SCOPE).await).await, known);
    assert_ne!(sub(&other, &other.tokens_in(&browser, "alice", SCOPE).await).await, known);
    let alice = json!(server.user_id("alice").await.to_string());
    assert_ne!(known, alice);
    assert_eq!(sub(&public, &public.tokens_in(&browser, "alice", SCOPE).await).await, alice);
    assert_ne!(sub(&shop, &shop.tokens_in(&server.browser(), "minji", SCOPE).await).await, known);

    let node = server.second_node().await;
    let shop = shop.at(&node.issuer);
    let elsewhere = browser.at(&node.issuer);
    assert_eq!(shop.tokens_in(&elsewhere, "alice", SCOPE).await.claims("id_token")["sub"], known);
}

#[tokio::test]
async fn sector_identifier_uri_groups_several_hosts() {
    let server = TestServer::start().await;
    let register = async |id: &str, host: &str, sector: &str| {
        let metadata = json!({
            "subject_type": "pairwise", "sector_identifier_uri": sector,
            "redirect_uris": [format!("https://{host}/callback"), "https://both.example/callback"],
        });
        server.register(id, metadata).await
    };
    let shop = register("shop", "shop.example", "https://sector.example/uris.json").await;
    let sister = register("sister", "sister.example", "https://sector.example/other.json").await;
    let other = register("other", "shop.example", "https://elsewhere.example/uris.json").await;
    let plain = pairwise(&server, "plain", "https://sector.example/callback").await;
    let browser = server.browser();
    let known = sub(&shop, &shop.tokens_in(&browser, "alice", SCOPE).await).await;
    assert_eq!(sub(&sister, &sister.tokens_in(&browser, "alice", SCOPE).await).await, known);
    assert_eq!(sub(&plain, &plain.tokens_in(&browser, "alice", SCOPE).await).await, known, "the host is the sector");
    assert_ne!(sub(&other, &other.tokens_in(&browser, "alice", SCOPE).await).await, known);
}

#[tokio::test]
async fn hints_use_the_pairwise_sub_of_their_client() {
    let server = TestServer::start().await;
    let shop = pairwise(&server, "shop", "https://shop.example/callback").await;
    let browser = server.browser();
    let hers = shop.tokens_in(&browser, "alice", SCOPE).await;
    let his = shop.tokens_in(&server.browser(), "minji", SCOPE).await;
    let ask = async |changes: &[(&str, &str)]| {
        let changes = [changes, &[("prompt", "none")]].concat();
        browser.open(&shop.authorize_url(SCOPE, &changes)).await.parameter("error")
    };
    assert_eq!(ask(&[("id_token_hint", hers.text("id_token"))]).await, None);
    assert_eq!(ask(&[("id_token_hint", his.text("id_token"))]).await.as_deref(), Some("login_required"));
    let claims = |sub: &Value| json!({"id_token": {"sub": {"value": sub}}}).to_string();
    assert_eq!(ask(&[("claims", &claims(&hers.claims("id_token")["sub"]))]).await, None);
    // The internal id is not disclosed to the app.
    let alice = json!(server.user_id("alice").await.to_string());
    assert_eq!(ask(&[("claims", &claims(&alice))]).await.as_deref(), Some("login_required"));

    let asked = [("id_token_hint", hers.text("id_token")), ("post_logout_redirect_uri", "https://shop.example/bye")];
    let sent = browser.open(&address("/end_session", &asked)).await;
    assert_eq!(sent.next().as_deref(), Some("https://shop.example/bye"));
}
