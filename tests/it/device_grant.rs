//! The device grant (RFC 8628): a device shows a code, the user enters it and decides.

use serde_json::json;

use crate::support::{Answer, App, Browser, Page, TestServer, seed::TALK};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A television: a public client without redirect URIs.
async fn television(server: &TestServer, id: &str) -> App {
    let metadata = json!({
        "client_name": "Television",
        "token_endpoint_auth_method": "none",
        "grant_types": [GRANT, "refresh_token"],
    });
    server.register(id, metadata).await
}

async fn ask(app: &App, scope: &str) -> Answer {
    let answer = app.post("/device_authorization", &[("scope", scope)]).await.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

async fn poll(app: &App, codes: &Answer) -> Answer {
    app.post("/token", &[("grant_type", GRANT), ("device_code", codes.text("device_code"))]).await
}

/// A signed-in browser and the page for the code.
async fn at_the_page(server: &TestServer, username: &str) -> (Browser, Page) {
    let browser = server.browser();
    let login = browser.open("/device").await;
    browser.sign_in(&login, username).await;
    let page = browser.open("/device").await;
    assert!(page.body.contains("id=\"user-code\""), "{page:?}");
    (browser, page)
}

async fn type_code(browser: &Browser, page: &Page, code: &str) -> Page {
    browser.post("/device", &[("csrf", &*page.hidden("csrf")), ("user_code", code)]).await
}

/// The consent page of a device after its code was entered.
async fn asked(server: &TestServer, username: &str, codes: &Answer) -> (Browser, Page) {
    let (browser, page) = at_the_page(server, username).await;
    let question = type_code(&browser, &page, codes.text("user_code")).await;
    (browser, question)
}

async fn decide(browser: &Browser, question: &Page, scopes: &[&str], decision: &str) -> Page {
    let (csrf, code) = (question.hidden("csrf"), question.hidden("user_code"));
    let mut fields = vec![("csrf", &*csrf), ("user_code", &*code), ("decision", decision)];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    browser.post("/device", &fields).await
}

#[tokio::test]
async fn user_code_leads_to_consent_and_a_partial_grant() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "openid profile:read message:read message:send").await;
    assert_eq!(codes.text("verification_uri"), format!("{}/device", server.issuer));
    assert_eq!((&codes.json["expires_in"], &codes.json["interval"]), (&json!(600), &json!(5)));
    let complete = format!("{}/device?user_code={}", server.issuer, codes.text("user_code"));
    assert_eq!(codes.json["verification_uri_complete"], complete);
    assert_eq!(poll(&tv, &codes).await.refused(400), "authorization_pending");

    let (browser, page) = at_the_page(&server, "alice").await;
    let question = type_code(&browser, &page, &codes.text("user_code").to_lowercase().replace('-', " ")).await;
    for told in
        ["Television", codes.text("user_code"), "127.0.0.1", "The same network", "alice", "message:send as a sen"]
    {
        assert!(question.body.contains(told), "{told} is missing: {}", question.body);
    }
    let done = decide(&browser, &question, &["openid", "profile:read", "message:read"], "approve").await;
    assert!(done.status == 200 && done.body.contains("id=\"answered\""), "{done:?}");

    server.clock.advance(5);
    let tokens = poll(&tv, &codes).await.ok();
    assert_eq!(tokens.text("scope"), "openid profile:read message:read");
    let claims = tokens.claims("access_token");
    assert_eq!(claims["sub"], server.user_id("alice").await.to_string());
    assert_eq!(
        (&claims["client_id"], &claims["aud"]),
        (&json!("tv"), &json!([TALK, format!("{}/userinfo", server.issuer)]))
    );
    assert_eq!(tokens.claims("id_token")["aud"], "tv");
    let again = tv.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(again.text("scope"), "openid profile:read message:read");
    // The device is listed among the connected apps.
    assert!(browser.open("/account/apps").await.body.contains("Television"));
    server.clock.advance(5);
    assert_eq!(poll(&tv, &codes).await.refused(400), "invalid_grant", "an answer is fetched once");
}

#[tokio::test]
async fn device_denial_is_returned_once() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read message:send").await;
    let (browser, page) = at_the_page(&server, "alice").await;
    let question = type_code(&browser, &page, codes.text("user_code")).await;
    decide(&browser, &question, &["profile:read"], "deny").await;
    assert_eq!(poll(&tv, &codes).await.refused(400), "access_denied");
    assert_eq!(poll(&tv, &codes).await.refused(400), "invalid_grant");

    // A form without the required scope grants nothing.
    let codes = ask(&tv, "profile:read message:send").await;
    let question = type_code(&browser, &page, codes.text("user_code")).await;
    decide(&browser, &question, &["message:send"], "approve").await;
    assert_eq!(poll(&tv, &codes).await.refused(400), "access_denied");
}

#[tokio::test]
async fn device_request_is_not_approved_by_link_or_foreign_form() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read").await;
    let code = codes.text("user_code");
    // Signed out.
    let stranger = server.browser();
    assert!(stranger.open(&format!("/device?user_code={code}&decision=approve")).await.is_login());
    let sent = stranger.post("/device", &[("user_code", code), ("decision", "approve")]).await;
    assert_eq!(
        (sent.status.as_u16(), sent.next().as_deref()),
        (303, Some(&*format!("/login?return_to=/device?user_code={code}")))
    );
    // Signed in, with a link: the code is filled in for comparison.
    let (browser, page) = at_the_page(&server, "alice").await;
    let linked = browser.open(&format!("/device?user_code={code}&decision=approve")).await;
    assert!(linked.body.contains("id=\"user-code\"") && !linked.body.contains("id=\"approve\""), "{}", linked.body);
    // A forged form, from another session, or for another device.
    let csrf = page.hidden("csrf");
    let (minji, her_page) = at_the_page(&server, "minji").await;
    let her_question = type_code(&minji, &her_page, code).await;
    let other = ask(&tv, "profile:read").await;
    let other_question = type_code(&browser, &page, other.text("user_code")).await;
    for token in ["", "x", &*csrf, &her_question.hidden("csrf"), &other_question.hidden("csrf")] {
        let fields = [("csrf", token), ("user_code", code), ("scope", "profile:read"), ("decision", "approve")];
        assert_eq!(browser.post("/device", &fields).await.status, 400, "{token}");
    }
    let without = browser.post("/device", &[("user_code", code)]).await;
    assert!(without.status == 400 && !without.body.contains("id=\"approve\""), "{without:?}");
    assert_eq!(poll(&tv, &codes).await.refused(400), "authorization_pending");
}

#[tokio::test]
async fn fast_polling_yields_slow_down() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read").await;
    assert_eq!(poll(&tv, &codes).await.refused(400), "authorization_pending");
    server.clock.advance(2);
    assert_eq!(poll(&tv, &codes).await.refused(400), "slow_down");
    server.clock.advance(5);
    assert_eq!(poll(&tv, &codes).await.refused(400), "slow_down", "now it is ten seconds, and then fifteen");
    server.clock.advance(15);
    assert_eq!(poll(&tv, &codes).await.refused(400), "authorization_pending");
}

#[tokio::test]
async fn concurrent_polls_yield_one_token() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read").await;
    let (browser, question) = asked(&server, "alice", &codes).await;
    decide(&browser, &question, &["profile:read"], "approve").await;
    let (one, two, three) = tokio::join!(poll(&tv, &codes), poll(&tv, &codes), poll(&tv, &codes));
    let fetched = [&one, &two, &three].into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(fetched, 1, "{one:?} {two:?} {three:?}");
    // Another tab says that it was already decided.
    let late = decide(&browser, &question, &["profile:read"], "approve").await;
    assert_eq!(late.status, 400);
}

#[tokio::test]
async fn device_codes_expire_and_belong_to_their_client() {
    let server = TestServer::start().await;
    let (tv, radio) = (television(&server, "tv").await, television(&server, "radio").await);
    let codes = ask(&tv, "profile:read").await;
    assert_eq!(poll(&radio, &codes).await.refused(400), "invalid_grant");
    let forged = format!("{}A", codes.text("device_code"));
    for bad in ["x", &forged, codes.text("user_code")] {
        let answer = tv.post("/token", &[("grant_type", GRANT), ("device_code", bad)]).await;
        assert_eq!(answer.refused(400), "invalid_grant", "{bad}");
    }
    assert_eq!(tv.post("/token", &[("grant_type", GRANT)]).await.refused(400), "invalid_request");
    server.clock.advance(600);
    assert_eq!(poll(&tv, &codes).await.refused(400), "expired_token");
    let (browser, page) = at_the_page(&server, "alice").await;
    let late = type_code(&browser, &page, codes.text("user_code")).await;
    assert!(late.status == 400 && late.body.contains("id=\"error\""), "{late:?}");
}

#[tokio::test]
async fn user_code_guesses_are_throttled_in_every_form() {
    let server = TestServer::start_with(|settings| settings.throttle.account_attempts = 3).await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read").await;
    let (browser, page) = at_the_page(&server, "alice").await;
    let guess_to_decide = async |code: &str| {
        let csrf = page.hidden("csrf");
        browser.post("/device", &[("csrf", &*csrf), ("user_code", code), ("decision", "approve")]).await
    };
    // The right code is not counted, however often it is entered.
    for _ in 0..4 {
        assert_eq!(type_code(&browser, &page, codes.text("user_code")).await.status, 200);
    }
    assert_eq!(type_code(&browser, &page, "BCDF-GHJK").await.status, 400);
    assert_eq!(type_code(&browser, &page, "").await.status, 400);
    assert_eq!(guess_to_decide("BCDF-GHJK").await.status, 400);
    assert_eq!(type_code(&browser, &page, codes.text("user_code")).await.status, 429);
    assert_eq!(guess_to_decide(codes.text("user_code")).await.status, 429);
    server.clock.advance(60);
    assert_eq!(type_code(&browser, &page, codes.text("user_code")).await.status, 200);
}

#[tokio::test]
async fn user_code_guesses_of_several_accounts_count_for_their_network() {
    let server = TestServer::start_with(|settings| settings.throttle.network_attempts = 3).await;
    let guess = async |username| {
        let (browser, page) = at_the_page(&server, username).await;
        [type_code(&browser, &page, "BCDF-GHJK").await.status, type_code(&browser, &page, "x").await.status]
    };
    assert_eq!(guess("alice").await.map(|status| status.as_u16()), [400, 400]);
    assert_eq!(guess("minji").await.map(|status| status.as_u16()), [400, 429]);
}

#[tokio::test]
async fn invalid_device_request_is_refused() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    for (fields, error) in [
        (vec![("scope", "payment:make")], "invalid_scope"),
        (vec![("scope", "\"")], "invalid_scope"),
        (vec![("scope", "profile:read"), ("resource", "https://nobody.example")], "invalid_target"),
        (vec![("scope", "profile:read"), ("scope", "profile:read")], "invalid_request"),
    ] {
        assert_eq!(tv.post("/device_authorization", &fields).await.refused(400), error, "{fields:?}");
    }
    let shop = server.shop().await;
    let unregistered = shop.post("/device_authorization", &[("scope", "profile:read")]).await;
    assert_eq!(unregistered.refused(400), "unauthorized_client");
    assert_eq!(
        shop.post_as("/device_authorization", &[("client_id", "shop")], None).await.refused(401),
        "invalid_client"
    );
    assert_eq!(shop.post_as("/device_authorization", &[], None).await.refused(401), "invalid_client");

    let metadata = server.metadata().await;
    assert_eq!(metadata["device_authorization_endpoint"], format!("{}/device_authorization", server.issuer));
    assert!(metadata["grant_types_supported"].as_array().expect("a list").contains(&json!(GRANT)));
}

#[tokio::test]
async fn disabled_user_yields_no_device_token() {
    let server = TestServer::start().await;
    let tv = television(&server, "tv").await;
    let codes = ask(&tv, "profile:read").await;
    let (browser, question) = asked(&server, "alice", &codes).await;
    decide(&browser, &question, &["profile:read"], "approve").await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::accounts::disable(tx, alice)).await;
    assert_eq!(poll(&tv, &codes).await.refused(400), "invalid_grant");
}
