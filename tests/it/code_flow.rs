//! The main job: sign in, agree to some scopes, get a token that carries just those.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_person_allows_a_part_and_the_token_carries_just_that_part() {
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
    let alice = server.user_id("alice").await.to_string();
    let access = tokens.claims("access_token");
    assert_eq!(access["iss"], server.issuer);
    assert_eq!(access["sub"], alice);
    assert_eq!(access["aud"], "https://talk.example");
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
