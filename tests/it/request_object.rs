//! Request objects by value (RFC 9101): signed parameters count, those in the URL do not.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    App, Page, TestServer, address,
    app::{CHALLENGE, basic},
    changed,
    client_key::ClientKey,
};

/// A server, and a client `bank` that signs its requests with `key`.
async fn bank(key: &ClientKey, more: Value) -> (TestServer, App) {
    let server = TestServer::start().await;
    let metadata = json!({ "jwks": key.jwks() });
    let app = server.register("bank", changed(metadata, &more)).await;
    (server, app)
}

fn claims(server: &TestServer) -> Value {
    json!({
        "iss": "bank",
        "aud": server.issuer,
        "exp": server.clock.now() + 60,
        "client_id": "bank",
        "response_type": "code",
        "redirect_uri": "https://shop.example/callback",
        "scope": "openid profile:read",
        "state": "the state",
        "nonce": "n-1",
        "max_age": 3600,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    })
}

async fn ask(server: &TestServer, object: &str, more: &[(&str, &str)]) -> Page {
    let mut pairs = vec![("client_id", "bank"), ("request", object)];
    pairs.extend_from_slice(more);
    server.browser().open(&address("/authorize", &pairs)).await
}

#[tokio::test]
async fn consent_shows_the_signed_parameters() {
    for alg in [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA] {
        let key = ClientKey::new(alg);
        let (server, bank) = bank(&key, json!({})).await;
        let browser = server.browser();
        let object = key.sign_as(&claims(&server), |header| header.typ = Some("oauth-authz-req+jwt".to_owned()));
        let beside = "&scope=message:send&state=another&redirect_uri=https://evil.example/&response_type=code";
        let login = browser.open(&format!("/authorize?client_id=bank&request={object}{beside}")).await;
        let consent = browser.sign_in(&login, "alice").await;
        assert!(!consent.body.contains("value=\"message:send\""), "{}", consent.body);
        let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
        assert!(sent.next().expect("a redirect").starts_with("https://shop.example/callback?"), "{sent:?}");
        assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
        assert_eq!(bank.exchange(&sent).await.ok().claims("id_token")["nonce"], "n-1", "{alg:?}");
    }
}

#[tokio::test]
async fn request_object_can_be_pushed() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({ "require_pushed_authorization_requests": true })).await;
    let pushed = bank.post("/par", &[("request", &key.sign(&claims(&server)))]).await;
    assert_eq!(pushed.status, 201, "{pushed:?}");
    let browser = server.browser();
    let login = browser.open(&format!("/authorize?client_id=bank&request_uri={}", pushed.text("request_uri"))).await;
    let consent = browser.sign_in(&login, "alice").await;
    bank.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await.ok();
    // A signed request is not a pushed request.
    let sent = ask(&server, &key.sign(&claims(&server)), &[]).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("invalid_request"));
    let mut changed = claims(&server);
    changed["scope"] = json!("payment:make");
    assert_eq!(bank.post("/par", &[("request", &key.sign(&changed))]).await.refused(400), "invalid_scope");
    assert_eq!(bank.post("/par", &[("request", "no JWT")]).await.refused(400), "invalid_request_object");
}

#[tokio::test]
async fn request_object_with_wrong_claims_is_refused() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, _) = bank(&key, json!({})).await;
    let now = server.clock.now();
    for (name, value) in [
        ("client_id", json!("shop")),
        ("client_id", Value::Null),
        ("iss", json!("shop")),
        ("aud", json!("https://other.example")),
        ("aud", json!(["https://other.example"])),
        ("aud", json!(1)),
        ("exp", json!(now - 10)),
        ("exp", json!("soon")),
        ("exp", json!(now + 2 * 3600)),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("sub", json!("bank")),
        ("request", json!("x")),
        ("request_uri", json!("https://bank.example/request")),
        ("state", json!("a\u{0}b")),
        ("nonce", json!("a\u{1b}[2J")),
    ] {
        let mut changed = claims(&server);
        changed[name] = value.clone();
        let page = ask(&server, &key.sign(&changed), &[]).await;
        assert!(page.is_error() && page.body.contains("invalid_request_object"), "{name} = {value}: {page:?}");
    }
    let mut listed = claims(&server);
    listed["aud"] = json!(["https://other.example", server.issuer]);
    assert!(ask(&server, &key.sign(&listed), &[]).await.is_login(), "a list that names the issuer");
    // An error of the request itself is returned to the client as usual.
    let mut changed = claims(&server);
    changed["scope"] = json!("payment:make");
    let sent = ask(&server, &key.sign(&changed), &[]).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("invalid_scope"));
    changed["redirect_uri"] = json!("https://evil.example/");
    assert!(ask(&server, &key.sign(&changed), &[]).await.is_error());
}

#[tokio::test]
async fn request_object_signed_by_another_key_is_refused() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, _) = bank(&key, json!({})).await;
    let strange = ClientKey::new(Algorithm::ES256);
    let (_, rest) =
        key.sign(&claims(&server)).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a JWT");
    let none = "eyJhbGciOiJub25lIn0";
    for object in [
        strange.sign_as(&claims(&server), |header| header.kid = Some(key.kid.clone())),
        key.sign_as(&claims(&server), |header| header.typ = Some("client-authentication+jwt".to_owned())),
        format!("{none}.{rest}"),
        format!("{none}.{}.", rest.split('.').next().expect("a payload")),
        "no JWT".to_owned(),
    ] {
        let page = ask(&server, &object, &[]).await;
        assert!(page.is_error() && page.body.contains("invalid_request_object"), "{object}: {page:?}");
    }
    // A client without keys cannot sign, and an unknown client cannot send a request.
    let shop = server.shop().await;
    let mut own = claims(&server);
    (own["iss"], own["client_id"]) = (json!("shop"), json!("shop"));
    let page = server.browser().open(&format!("/authorize?client_id=shop&request={}", key.sign(&own))).await;
    assert!(page.is_error(), "{page:?}");
    assert!(server.browser().open(&format!("/authorize?request={}", key.sign(&claims(&server)))).await.is_error());
    assert!(server.browser().open(&format!("/authorize?client_id=no&request={}", key.sign(&own))).await.is_error());
    let authorization = basic(&shop.id, shop.secret.as_deref().expect("a secret"));
    let pushed = shop.post_as("/par", &[("request", &key.sign(&own))], Some(&authorization)).await;
    assert_eq!(pushed.refused(400), "invalid_request_object");
}

#[tokio::test]
async fn request_object_alg_is_limited_to_the_registered_one() {
    let key = ClientKey::new(Algorithm::PS256);
    let (server, _) = bank(&key, json!({ "request_object_signing_alg": "PS256" })).await;
    assert!(ask(&server, &key.sign(&claims(&server)), &[]).await.is_login());
    let other = key.sign_as(&claims(&server), |header| header.alg = Algorithm::RS256);
    assert!(ask(&server, &other, &[]).await.is_error());
    let metadata = server.metadata().await;
    assert_eq!(metadata["request_parameter_supported"], true);
    assert_eq!(metadata["request_uri_parameter_supported"], true);
    let algorithms = &metadata["request_object_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["RS256", "PS256", "ES256", "EdDSA"]));
}

#[tokio::test]
async fn request_object_with_a_jti_is_accepted_once() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, _) = bank(&key, json!({})).await;
    let second = server.second_node().await;
    let mut claims = claims(&server);
    claims["jti"] = json!("one");
    let object = key.sign(&claims);
    assert!(ask(&server, &object, &[]).await.is_login());
    for node in [&server, &second] {
        let page = ask(node, &object, &[]).await;
        assert!(page.is_error() && page.body.contains("invalid_request_object"), "{page:?}");
    }
    claims["jti"] = json!("two");
    assert!(ask(&server, &key.sign(&claims), &[]).await.is_login());
}

#[tokio::test]
async fn unsigned_request_is_refused_when_the_client_must_sign() {
    let key = ClientKey::new(Algorithm::ES256);
    let (server, bank) = bank(&key, json!({ "require_signed_request_object": true })).await;
    let unsigned = server.browser().get(&bank.authorize_url("openid", &[])).await;
    assert_eq!(unsigned.parameter("error").as_deref(), Some("invalid_request"));
    let pushed = bank.post("/par", &bank.parameters("openid", &[])).await;
    assert_eq!(pushed.refused(400), "invalid_request");
    assert!(ask(&server, &key.sign(&claims(&server)), &[]).await.is_login());
    let mut unbound = claims(&server);
    unbound.as_object_mut().expect("an object").remove("aud");
    assert!(ask(&server, &key.sign(&unbound), &[]).await.is_error());
}
