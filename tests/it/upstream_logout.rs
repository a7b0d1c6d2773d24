//! Logout at another provider, which ends the sessions that began with it.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use writ::store::{linked_subjects, logout_deliveries, sessions};

use crate::support::{
    Browser, Page, TestServer, address,
    authenticator::{enter_code, set_up},
    changed,
    client_key::ClientKey,
    eventually,
    provider::{CLIENT_ID, START, StubProvider, create_account, is_account, is_first_time, leave},
};

const BACK_CHANNEL: &str = "/login/with/stub/backchannel-logout";
const FRONT_CHANNEL: &str = "/login/with/stub/frontchannel-logout";

/// A provider, and a server at which alice is linked to its user u1.
async fn linked() -> (StubProvider, TestServer) {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "create_accounts": true })).await;
    let (alice, issuer) = (server.user_id("alice").await, stub.issuer());
    server.write(move |tx| linked_subjects::insert(tx, alice, &issuer, "u1")).await;
    (stub, server)
}

/// A browser that has signed in with the session `sid` of the provider.
async fn signed_in(stub: &StubProvider, server: &TestServer, sid: &str) -> Browser {
    let browser = server.browser();
    assert!(is_account(&stub.sign_in(server, &browser, START, json!({ "sid": sid })).await));
    browser
}

async fn is_signed_in(browser: &Browser) -> bool {
    is_account(&browser.open("/account").await)
}

/// The claims of a logout token. A change to null removes a claim.
fn claims(stub: &StubProvider, server: &TestServer, changes: &Value) -> Value {
    let now = server.clock.now();
    let claims = json!({
        "iss": stub.issuer(), "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": uuid::Uuid::new_v4().to_string(),
        "sub": "u1", "sid": "s1", "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    let mut claims = changed(claims, changes);
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    claims
}

fn sign(key: &ClientKey, claims: &Value) -> String {
    key.sign_as(claims, |header| header.typ = Some("logout+jwt".to_owned()))
}

/// Posts a logout token as the provider does.
async fn log_out(server: &TestServer, token: &str) -> Page {
    server.browser().post(BACK_CHANNEL, &[("logout_token", token)]).await
}

#[tokio::test]
async fn logout_token_ends_the_sessions_of_its_session_and_informs_the_clients() {
    let (stub, server) = linked().await;
    let metadata = json!({ "backchannel_logout_uri": "https://shop.example/logout" });
    let shop = server.register("shop", metadata).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let path = crate::support::provider::button(&login);
    let consent = stub.sign_in(&server, &browser, &path, json!({ "sid": "s1" })).await;
    let tokens = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let phone = signed_in(&stub, &server, "s2").await;
    let done = log_out(&server, &sign(&stub.key, &claims(&stub, &server, &json!({})))).await;
    assert_eq!((done.status, &*done.body, done.header("cache-control")), (StatusCode::OK, "", "no-store"));
    assert!(!is_signed_in(&browser).await && is_signed_in(&phone).await);
    let deliveries = server.write(|tx| logout_deliveries::list_of_client(tx, "shop", 10)).await;
    assert_eq!(deliveries.len(), 1, "the clients of this server are informed");

    server.clock.advance(2);
    let again = signed_in(&stub, &server, "s3").await;
    assert!(is_signed_in(&again).await, "a later session counts");
    let login = stub.sign_in(&server, &server.browser(), START, json!({ "sid": "s1" })).await;
    assert!(login.is_login() && login.status == StatusCode::BAD_REQUEST, "that session has ended: {}", login.body);
}

#[tokio::test]
async fn logout_token_without_a_session_ends_those_of_the_user() {
    let (stub, server) = linked().await;
    let (one, two) = (signed_in(&stub, &server, "s1").await, signed_in(&stub, &server, "s2").await);
    let (with_password, other) = (server.browser(), server.browser());
    let login = with_password.open("/login").await;
    assert!(is_account(&with_password.sign_in(&login, "alice").await));
    let first_time = stub.sign_in(&server, &other, START, json!({ "sub": "u2", "sid": "s3" })).await;
    assert!(is_account(&create_account(&other, &first_time, "Ada").await));
    let stranger = claims(&stub, &server, &json!({ "sub": "u9" }));
    assert_eq!(log_out(&server, &sign(&stub.key, &stranger)).await.status, StatusCode::OK);
    assert!(is_signed_in(&one).await, "the session of another user");
    let token = sign(&stub.key, &claims(&stub, &server, &json!({ "sid": null })));
    assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
    assert!(!is_signed_in(&one).await && !is_signed_in(&two).await);
    assert!(is_signed_in(&with_password).await && is_signed_in(&other).await);
}

#[tokio::test]
async fn logout_token_that_breaks_a_rule_ends_nothing() {
    let (stub, server) = linked().await;
    let browser = signed_in(&stub, &server, "s1").await;
    let now = server.clock.now();
    for changes in [
        json!({ "iss": "https://other.example" }),
        json!({ "aud": "other" }),
        json!({ "events": null }),
        json!({ "events": { "https://other.example": {} } }),
        json!({ "nonce": "n" }),
        json!({ "sub": null, "sid": null }),
        json!({ "jti": null }),
        json!({ "iat": null }),
        json!({ "iat": now + 60 }),
        json!({ "exp": now - 60 }),
        json!({ "exp": null }),
    ] {
        let page = log_out(&server, &sign(&stub.key, &claims(&stub, &server, &changes))).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{changes}: {}", page.body);
        assert!(page.body.contains("invalid_request"), "{}", page.body);
    }
    let stranger = ClientKey::new(jsonwebtoken::Algorithm::ES256);
    let right = claims(&stub, &server, &json!({}));
    let forged = [
        stranger.sign(&right),
        stranger.sign_as(&right, |header| header.kid = Some(stub.key.kid.clone())),
        stub.key.sign_as(&right, |header| header.typ = Some("at+jwt".to_owned())),
        stub.key.sign(&stub.claims(now, "n", &json!({ "sid": "s1" }))),
        "x".to_owned(),
        String::new(),
    ];
    for token in forged {
        assert_eq!(log_out(&server, &token).await.status, StatusCode::BAD_REQUEST, "{token}");
    }
    assert!(is_signed_in(&browser).await);
    let token = sign(&stub.key, &right);
    assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
    server.clock.advance(2);
    let browser = signed_in(&stub, &server, "s2").await;
    assert_eq!(log_out(&server, &token).await.status, StatusCode::BAD_REQUEST, "a token is used once");
    assert!(is_signed_in(&browser).await);
    let path = BACK_CHANNEL.replace("stub", "other");
    assert_eq!(server.browser().post(&path, &[("logout_token", &*token)]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn logouts_are_counted_before_anything_is_fetched_and_those_that_succeed_do_not_count() {
    let stub = StubProvider::start();
    let server = stub.server_with(json!({}), |settings| settings.throttle.network_attempts = 2).await;
    for _ in 0..4 {
        let token = sign(&stub.key, &claims(&stub, &server, &json!({})));
        assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
    }
    let fetched = stub.site.fetched("/jwks");
    for _ in 0..2 {
        assert_eq!(log_out(&server, "x").await.status, StatusCode::BAD_REQUEST);
    }
    for token in ["x", &sign(&stub.key, &claims(&stub, &server, &json!({})))] {
        let page = log_out(&server, token).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.body);
    }
    assert_eq!(stub.site.fetched("/jwks"), fetched);
}

#[tokio::test]
async fn sign_in_sees_a_logout_before_its_callback() {
    for changes in [json!({}), json!({ "sid": null })] {
        let (stub, server) = linked().await;
        let browser = server.browser();
        let away = leave(&browser, START).await;
        stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({ "sid": "s1" }))));
        server.clock.advance(5);
        let token = sign(&stub.key, &claims(&stub, &server, &changes));
        assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
        server.clock.advance(5);
        let page = browser.get(&away.callback("code=c")).await;
        assert!(page.cookie("writ_session").is_none(), "{changes}: {page:?}");
    }
}

/// A logout that arrives while the token response is on its way is seen.
#[rstest]
#[case::of_the_session(json!({}))]
#[case::without_a_user(json!({ "sub": null }))]
#[case::of_all_sessions(json!({ "sid": null }))]
#[tokio::test]
async fn sign_in_sees_a_logout_during_the_fetch(#[case] changes: Value) {
    let (stub, server) = linked().await;
    let browser = server.browser();
    let away = leave(&browser, START).await;
    let id_token = stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({ "sid": "s1" })));
    stub.site.hold("/token", json!({ "access_token": "at", "id_token": id_token }).to_string());
    let path = away.callback("code=c");
    server.clock.advance(2);
    let (page, ()) = tokio::join!(browser.get(&path), async {
        eventually("the code is redeemed", async || stub.site.fetched("/token") == 1).await;
        let token = sign(&stub.key, &claims(&stub, &server, &changes));
        assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
        stub.site.release("/token");
    });
    assert!(page.cookie("writ_session").is_none(), "{page:?}");
    assert_eq!(server.count("sessions").await, 0);
}

#[tokio::test]
async fn steps_that_wait_for_the_user_are_void_after_a_logout() {
    let (stub, server) = linked().await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    browser.sign_in(&login, "alice").await;
    let (app, _) = set_up(&server, &browser).await;
    server.clock.advance(30);
    let phone = server.browser();
    let code = stub.sign_in(&server, &phone, START, json!({ "sid": "s1" })).await;
    let new = server.browser();
    let first_time = stub.sign_in(&server, &new, START, json!({ "sub": "u2", "sid": "s2" })).await;
    assert!(is_first_time(&first_time));
    server.clock.advance(2);
    for ended in [json!({}), json!({ "sub": "u2", "sid": "s2" })] {
        let token = sign(&stub.key, &claims(&stub, &server, &ended));
        assert_eq!(log_out(&server, &token).await.status, StatusCode::OK);
    }
    let page = enter_code(&phone, &code, &app.code(&server), &[]).await;
    assert!(page.cookie("writ_session").is_none() && !is_signed_in(&phone).await, "{}", page.body);
    let page = create_account(&new, &first_time, "Ada").await;
    assert!(!is_account(&page) && !is_signed_in(&new).await, "{}", page.body);
    let alice = server.user_id("alice").await;
    assert_eq!(server.write(move |tx| sessions::list_of_user(tx, alice)).await.len(), 1);
}

#[tokio::test]
async fn frame_of_the_provider_ends_the_session_that_it_names() {
    let (stub, server) = linked().await;
    let (one, two) = (signed_in(&stub, &server, "s1").await, signed_in(&stub, &server, "s2").await);
    let frame = server.browser();
    let issuer = stub.issuer();
    for query in [vec![("iss", &*issuer)], vec![("sid", "s1")], vec![("iss", "https://other.example"), ("sid", "s1")]] {
        assert_eq!(frame.get(&address(FRONT_CHANNEL, &query)).await.status, StatusCode::BAD_REQUEST, "{query:?}");
    }
    let path = address(FRONT_CHANNEL, &[("iss", &issuer), ("sid", "s1")]);
    frame.try_out(&path, reqwest::Method::HEAD, None).await;
    frame.try_out(&path, reqwest::Method::GET, Some(("sec-purpose", "prefetch"))).await;
    assert!(is_signed_in(&one).await, "a browser that prefetches ends nothing");
    let unknown = frame.get(&address(FRONT_CHANNEL, &[("iss", &issuer), ("sid", "s9")])).await;
    let known = frame.get(&path).await;
    assert_eq!((unknown.status, known.status), (StatusCode::OK, StatusCode::OK), "which there are is not disclosed");
    assert!(!is_signed_in(&one).await && is_signed_in(&two).await);
}
