//! Signing in with another provider that does everything wrong.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use writ::{secret::sha256, store::linked_subjects};

use crate::support::{
    Page, TestServer, changed,
    client_key::ClientKey,
    provider::{START, StubProvider, button, is_account, is_first_time, leave},
};

/// A provider, and a server at which alice is linked to its user u1.
async fn linked() -> (StubProvider, TestServer) {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    link(&stub, &server, "u1").await;
    (stub, server)
}

async fn link(stub: &StubProvider, server: &TestServer, subject: &'static str) {
    let (alice, issuer) = (server.user_id("alice").await, stub.issuer());
    server.write(move |tx| linked_subjects::insert(tx, alice, &issuer, subject)).await;
}

fn is_refused(page: &Page) -> bool {
    page.is_login() && page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"error\"")
}

#[tokio::test]
async fn id_token_that_breaks_a_rule_signs_no_user_in() {
    let (stub, server) = linked().await;
    let now = server.clock.now();
    let right = stub.sign_in(&server, &server.browser(), START, json!({})).await;
    assert!(is_account(&right), "{}", right.body);
    assert_eq!(server.count("sessions").await, 1);
    for changes in [
        json!({ "iss": "https://other.example" }),
        json!({ "iss": format!("{}/", stub.issuer()) }),
        json!({ "aud": "other" }),
        json!({ "aud": ["writ", "other"] }),
        json!({ "azp": "other" }),
        json!({ "nonce": "other" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 60 }),
        json!({ "exp": null }),
        json!({ "iat": now + 60 }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "a\u{0}b" }),
        json!({ "sub": "x".repeat(256) }),
        json!({ "auth_time": "now" }),
    ] {
        let page = stub.sign_in(&server, &server.browser(), START, changes.clone()).await;
        assert!(is_refused(&page), "{changes}: {}", page.body);
        assert!(page.body.contains("Stub ID could not sign you in"), "{}", page.body);
    }
    assert_eq!((server.count("sessions").await, server.count("unlinked_identities").await), (1, 0));
}

#[tokio::test]
async fn id_token_without_the_signature_of_the_provider_signs_no_user_in() {
    let (stub, server) = linked().await;
    let stranger = ClientKey::new(Algorithm::ES256);
    for forge in ["stranger", "stranger with its kid", "none", "hmac", "access token", "x", ""] {
        let browser = server.browser();
        let away = leave(&browser, START).await;
        let claims = stub.claims(server.clock.now(), &away.nonce, &json!({}));
        let signed = stub.key.sign(&claims);
        let parts: Vec<&str> = signed.split('.').collect();
        let header = |json: &str| base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, json);
        stub.issue(&match forge {
            "stranger" => stranger.sign(&claims),
            "stranger with its kid" => stranger.sign_as(&claims, |header| header.kid = Some(stub.key.kid.clone())),
            "none" => format!("{}.{}.", header(r#"{"alg":"none"}"#), parts[1]),
            "hmac" => format!("{}.{}.{}", header(r#"{"alg":"HS256"}"#), parts[1], parts[2]),
            "access token" => stub.key.sign_as(&claims, |header| header.typ = Some("at+jwt".to_owned())),
            other => other.to_owned(),
        });
        let page = browser.get(&away.callback("code=c")).await;
        assert!(is_refused(&page), "{forge}: {}", page.body);
    }
    assert_eq!(server.count("sessions").await, 0);
}

#[tokio::test]
async fn token_endpoint_that_fails_signs_no_user_in() {
    let (stub, server) = linked().await;
    for (status, body) in [
        (400, r#"{"error":"invalid_grant"}"#),
        (500, "oops"),
        (302, ""),
        (200, "not JSON"),
        (200, r#"{"error":"incorrect_client_credentials"}"#),
        (200, r#"{"access_token":"at","token_type":"Bearer"}"#),
    ] {
        let browser = server.browser();
        let away = leave(&browser, START).await;
        stub.site.answer("/token", status, Some(("content-type", "application/json")), body);
        let page = browser.get(&away.callback("code=c")).await;
        assert!(is_refused(&page), "{status} {body}: {}", page.body);
        server.clock.advance(11);
    }
    assert_eq!(server.count("sessions").await, 0);
}

/// Answers of more than 64 KiB are not read, and redirects are not followed.
#[rstest]
#[case::token("/token")]
#[case::keys("/jwks")]
#[case::userinfo("/user")]
#[tokio::test]
async fn endpoint_that_answers_too_much_or_elsewhere_signs_no_user_in(
    #[case] endpoint: &str,
    #[values(false, true)] redirects: bool,
) {
    let (stub, server) = linked().await;
    stub.publish(&json!({ "userinfo_endpoint": stub.site.url("/user") }));
    let browser = server.browser();
    let away = leave(&browser, START).await;
    let id_token = stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({})));
    let documents = [
        ("/token", json!({ "access_token": "at", "id_token": id_token })),
        ("/jwks", stub.key.jwks()),
        ("/user", json!({ "sub": "u1" })),
    ];
    for (path, document) in documents {
        let padding = if path == endpoint && !redirects { 64 * 1024 } else { 0 };
        stub.site.publish_json(path, &changed(document, &json!({ "padding": "x".repeat(padding) })));
    }
    let elsewhere = stub.site.publish("/elsewhere", "{}");
    if redirects {
        stub.site.answer(endpoint, 307, Some(("location", &elsewhere)), "");
    }
    let page = browser.get(&away.callback("code=c")).await;
    assert!(is_refused(&page) && page.body.contains("could not sign you in"), "{}", page.body);
    assert_eq!((stub.site.fetched("/elsewhere"), server.count("sessions").await), (0, 0));
    assert!(stub.site.fetched(endpoint) > 0, "it was asked");
}

#[tokio::test]
async fn provider_that_stops_after_the_redirect_is_named() {
    let (stub, server) = linked().await;
    let browser = server.browser();
    let away = leave(&browser, START).await;
    drop(stub);
    let page = browser.get(&away.callback("code=c")).await;
    assert!(is_refused(&page) && page.body.contains("Stub ID could not sign you in"), "{}", page.body);
}

#[tokio::test]
async fn state_works_once_and_only_in_its_browser() {
    let (stub, server) = linked().await;
    let (browser, other) = (server.browser(), server.browser());
    let away = leave(&browser, START).await;
    assert_eq!(away.parameter("code_challenge_method").as_deref(), Some("S256"));
    stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({}))));
    other.open("/login").await;
    for path in
        [away.callback("code=c"), format!("{START}/callback?code=c"), format!("{START}/callback?code=c&state=x")]
    {
        let page = other.get(&path).await;
        assert!(page.status == StatusCode::BAD_REQUEST && !page.is_login(), "{}", page.body);
    }
    assert_eq!(stub.site.fetched("/token"), 0, "a stranger makes the server redeem nothing");
    let right = browser.get(&away.callback("code=c")).await;
    assert!(right.cookie("writ_session").is_some(), "another browser does not use it up: {}", right.body);
    let again = browser.get(&away.callback("code=c")).await;
    assert!(again.status == StatusCode::BAD_REQUEST && again.cookie("writ_session").is_none(), "{}", again.body);
    let late = leave(&browser, START).await;
    server.clock.advance(901);
    assert_eq!(browser.get(&late.callback("code=c")).await.status, StatusCode::BAD_REQUEST, "expired");
    assert_eq!(stub.site.fetched("/token"), 1);
}

#[tokio::test]
async fn code_is_redeemed_with_the_verifier_of_its_own_attempt() {
    let (stub, server) = linked().await;
    let mut verifiers = BTreeSet::new();
    for _ in 0..2 {
        let browser = server.browser();
        let away = leave(&browser, START).await;
        stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({}))));
        browser.get(&away.callback("code=c")).await;
        let body = stub.site.bodies("/token").pop().expect("a request");
        let fields = url::form_urlencoded::parse(body.as_bytes()).into_owned();
        let verifier = fields.filter(|(name, _)| name == "code_verifier").map(|(_, value)| value).next();
        let verifier = verifier.expect("a code verifier");
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha256(&verifier));
        assert_eq!(away.parameter("code_challenge"), Some(challenge));
        assert!(!format!("{:?}", away.page).contains(&verifier), "the browser does not get to know it");
        verifiers.insert(verifier);
    }
    assert_eq!(verifiers.len(), 2, "another one for each attempt");
}

#[tokio::test]
async fn response_of_another_provider_is_not_redeemed() {
    let (stub, attacker) = (StubProvider::start(), StubProvider::start());
    let server = stub
        .server_with(json!({}), |settings| {
            let attacker = attacker.settings(&json!({ "id": "attacker", "name": "Attacker" }));
            settings.upstream.providers.push(attacker);
        })
        .await;
    link(&stub, &server, "u1").await;
    let browser = server.browser();
    for query in ["code=c&iss=https://other.example", "error=access_denied&iss=https://other.example"] {
        let page = browser.get(&leave(&browser, START).await.callback(query)).await;
        assert!(is_refused(&page) && page.body.contains("could not sign you in"), "{query}: {}", page.body);
    }
    // The state of one provider at the redirect URI of another.
    let away = leave(&browser, START).await;
    attacker.issue(&attacker.key.sign(&attacker.claims(server.clock.now(), &away.nonce, &json!({}))));
    let mixed = away.callback("code=c").replace(START, "/login/with/attacker");
    assert_eq!(browser.get(&mixed).await.status, StatusCode::BAD_REQUEST);
    stub.publish(&json!({ "authorization_response_iss_parameter_supported": true }));
    server.clock.advance(301);
    let page = browser.get(&leave(&browser, START).await.callback("code=c")).await;
    assert!(is_refused(&page), "it promises iss: {}", page.body);
    assert_eq!((stub.site.fetched("/token"), attacker.site.fetched("/token")), (0, 0));
    let away = leave(&browser, START).await;
    stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({}))));
    let page = browser.get(&away.callback(&format!("code=c&iss={}", stub.issuer()))).await;
    assert!(page.cookie("writ_session").is_some(), "{}", page.body);
}

#[tokio::test]
async fn cancelled_sign_in_returns_to_the_sign_in_page_of_the_request() {
    let (stub, server) = linked().await;
    let (shop, browser) = (server.shop().await, server.browser());
    let login = browser.open(&shop.authorize_url("profile:read", &[("login_hint", "ada")])).await;
    let away = leave(&browser, &button(&login)).await;
    assert_eq!(away.parameter("login_hint").as_deref(), Some("ada"));
    let page = browser.get(&away.callback("error=access_denied&error_description=%3Cb%3E")).await;
    assert!(is_refused(&page) && page.body.contains("You cancelled the sign-in at Stub ID"), "{}", page.body);
    assert!(!page.body.contains("<b>"), "nothing of the response is shown");
    let consent = stub.sign_in(&server, &browser, &button(&page), json!({})).await;
    assert!(consent.is_consent(), "the request goes on: {}", consent.body);
}

#[tokio::test]
async fn outage_is_remembered_and_the_password_still_works() {
    let (stub, server) = linked().await;
    stub.site.answer("/.well-known/openid-configuration", 500, None, "");
    let browser = server.browser();
    for _ in 0..3 {
        let page = browser.get(START).await;
        assert!(is_refused(&page) && page.next().is_none(), "{}", page.body);
    }
    assert_eq!(stub.site.fetched("/.well-known/openid-configuration"), 1);
    let login = browser.open("/login").await;
    assert!(is_account(&browser.sign_in(&login, "alice").await));
    stub.publish(&json!({ "issuer": "https://other.example" }));
    server.clock.advance(11);
    assert!(is_refused(&browser.get(START).await), "the metadata of another issuer");
    stub.publish(&json!({}));
    server.clock.advance(11);
    leave(&browser, START).await;
}

#[tokio::test]
async fn starts_are_counted_before_anything_is_fetched() {
    let stub = StubProvider::start();
    let server = stub.server_with(json!({}), |settings| settings.throttle.network_attempts = 2).await;
    stub.site.answer("/.well-known/openid-configuration", 500, None, "");
    let browser = server.browser();
    for _ in 0..2 {
        assert_eq!(browser.get(START).await.status, StatusCode::BAD_REQUEST);
    }
    let page = browser.get(START).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.body);
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(
        (server.count("upstream_attempts").await, stub.site.fetched("/.well-known/openid-configuration")),
        (2, 1)
    );
    assert_eq!(browser.get("/login/with/no-such").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/login/with/no-such/callback?state=a&code=b").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn rotated_key_is_fetched() {
    let (mut stub, server) = linked().await;
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, json!({})).await));
    stub.key = ClientKey::new(Algorithm::EdDSA);
    stub.site.publish("/jwks", stub.key.jwks().to_string());
    server.clock.advance(11);
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, json!({})).await));
    assert_eq!(stub.site.fetched("/jwks"), 2);
}

#[tokio::test]
async fn provider_without_id_tokens_discloses_the_user_at_its_userinfo_endpoint() {
    let stub = StubProvider::start();
    let endpoint = |path: &str| stub.site.url(path);
    let server = stub
        .server(json!({
            "scopes": ["user:email"], "create_accounts": true, "trusted_email_domains": ["code.example"], "token_endpoint_auth_method": "client_secret_post",
            "authorization_endpoint": endpoint("/authorize"), "token_endpoint": endpoint("/token"),
            "userinfo_endpoint": endpoint("/user"), "userinfo_claims": { "sub": "/id", "name": "/login" },
        }))
        .await;
    stub.site.publish_json("/token", &json!({ "access_token": "at", "token_type": "bearer", "scope": "user:email" }));
    let browser = server.browser();
    for (status, body) in [(401, "{}"), (200, "[]"), (200, "x"), (200, r#"{"login":"ada"}"#)] {
        stub.site.answer("/user", status, None, body);
        let page = browser.get(&leave(&browser, START).await.callback("code=c")).await;
        assert!(is_refused(&page), "{body}: {}", page.body);
    }
    stub.site.publish_json("/user", &json!({ "id": 583_231, "login": "ada" }));
    let page = browser.open(&leave(&browser, START).await.callback("code=c")).await;
    assert!(is_first_time(&page) && !page.body.contains("id=\"create\""), "it could not be recovered: {}", page.body);
    let user = json!({ "id": 583_231, "login": "ada", "email": "ada@code.example", "email_verified": true });
    stub.site.publish_json("/user", &user);
    let page = browser.open(&leave(&browser, START).await.callback("code=c")).await;
    assert!(is_first_time(&page) && page.body.contains("value=\"ada\""), "{}", page.body);
    assert_eq!(stub.site.fetched("/.well-known/openid-configuration"), 0);
}

#[tokio::test]
async fn userinfo_response_about_another_user_is_refused() {
    let (stub, server) = linked().await;
    stub.publish(&json!({ "userinfo_endpoint": stub.site.url("/user") }));
    stub.site.publish_json("/user", &json!({ "sub": "u2", "email": "alice@example.com", "email_verified": true }));
    assert!(is_refused(&stub.sign_in(&server, &server.browser(), START, json!({})).await));
    stub.site.publish_json("/user", &json!({ "sub": "u1", "email": "ada@stub.example", "email_verified": true }));
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, json!({})).await));
    let alice = server.user_id("alice").await;
    let links = server.write(move |tx| linked_subjects::list_of_user(tx, alice)).await;
    assert_eq!(links[0].account.as_deref(), Some("ada@stub.example"));
}
