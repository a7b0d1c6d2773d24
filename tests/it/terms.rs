//! The terms: accepted with a new account, and asked for once when their version changes.

use reqwest::StatusCode;
use serde_json::{Value, json};
use writ::config::{Settings, SignUpMode};

use crate::support::{
    Answer, Browser, Page, TestServer,
    authenticator::enter_password,
    device::{codes, poll, question, television},
    mailbox::Mailbox,
};

const SCOPE: &str = "openid profile:read";
const PASSWORD: &str = "three otters at the weir";

fn with_terms(settings: &mut Settings, version: &str) {
    settings.terms.version = Some(version.to_owned());
    settings.terms.url = "https://example.com/terms".parse().ok();
}

async fn start(version: &str) -> TestServer {
    TestServer::start_with(|settings| with_terms(settings, version)).await
}

/// The same installation after the operator has changed the version.
async fn changed(server: &TestServer, version: &str) -> TestServer {
    server.second_node_with_settings(|settings| with_terms(settings, version)).await
}

fn is_terms(page: &Page) -> bool {
    page.body.contains("id=\"terms\"") && page.body.contains("https://example.com/terms")
}

async fn accept(browser: &Browser, page: &Page) -> Page {
    let hidden = ["csrf", "request", "return_to"].map(|name| (name, page.find_hidden(name).unwrap_or_default()));
    let fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    browser.post("/terms", &fields).await
}

async fn deny(browser: &Browser, codes: &Answer, denial: &str) -> Page {
    let fields = [("denial", denial), ("user_code", codes.text("user_code")), ("decision", "deny")];
    browser.post("/device", &fields).await
}

async fn data(browser: &Browser) -> Value {
    serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON")
}

#[tokio::test]
async fn new_version_is_asked_for_once_before_the_request_goes_on() {
    let server = start("2027-01").await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let terms = browser.sign_in(&login, "alice").await;
    assert!(is_terms(&terms) && terms.body.contains("2027-01"), "{terms:?}");
    let past = browser.open(&format!("/authorize/resume?request={}", terms.hidden("request"))).await;
    assert!(is_terms(&past), "there is no way past them: {past:?}");
    let consent = browser.open(&format!("/consent?request={}", terms.hidden("request"))).await;
    let decided = browser.post_decision(&consent, &["openid", "profile:read"], "approve").await;
    let past = browser.follow(decided).await;
    assert!(is_terms(&past), "nor by the consent page: {past:?}");
    let accepted = accept(&browser, &terms).await;
    let answered = browser.after_decision(accepted).await;
    shop.exchange(&answered).await.ok();
    assert_eq!(
        data(&browser).await["accepted_terms"],
        json!([{ "version": "2027-01", "accepted_at": server.clock.now() }])
    );
    let again = browser.get(&shop.authorize_url(SCOPE, &[])).await;
    assert!(again.next().is_some_and(|next| next.contains("code=")), "once: {again:?}");

    let node = changed(&server, "2027-02").await;
    let (shop, browser) = (shop.at(&node.issuer), browser.at(&node.issuer));
    let silent = browser.get(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"), "{silent:?}");
    let terms = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(is_terms(&terms) && terms.body.contains("2027-02"), "{terms:?}");
    accept(&browser, &terms).await;
    assert_eq!(data(&browser).await["accepted_terms"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn user_who_does_not_accept_returns_to_the_app_and_keeps_the_account_pages() {
    let server = start("2027-01").await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let terms = browser.sign_in(&login, "alice").await;
    let leave = terms.body.split("id=\"leave\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let left = browser.open(&leave.expect("a way back").replace("&#38;", "&")).await;
    assert!(left.body.contains("access_denied") || left.url.contains("access_denied"), "{left:?}");
    assert_eq!(server.count("accepted_terms").await, 0);
    for path in ["/account", "/account/delete", "/account/data"] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn form_of_another_version_or_session_accepts_nothing() {
    let server = start("2027-01").await;
    let shop = server.shop().await;
    let [browser, other] = [server.browser(), server.browser()];
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let terms = browser.sign_in(&login, "alice").await;
    let login = other.open(&shop.authorize_url(SCOPE, &[])).await;
    let of_minji = other.sign_in(&login, "minji").await;
    let request = terms.hidden("request");
    for csrf in ["", "x", &of_minji.hidden("csrf")] {
        let refused = browser.post("/terms", &[("csrf", csrf), ("request", &request)]).await;
        assert!(refused.status == StatusCode::BAD_REQUEST && is_terms(&refused), "{refused:?}");
    }
    let node = changed(&server, "2027-02").await;
    let refused = accept(&browser.at(&node.issuer), &terms).await;
    assert!(refused.status == StatusCode::BAD_REQUEST && refused.body.contains("2027-02"), "{refused:?}");
    assert_eq!(server.count("accepted_terms").await, 0);
    let stranger = server.browser();
    let signed_out = stranger.post("/terms", &[("csrf", "x"), ("return_to", "/device")]).await;
    assert_eq!(signed_out.next().as_deref(), Some("/device"));
    for path in ["/terms", "/terms?request=x", "/terms?return_to=https://evil.example"] {
        let page = browser.get(path).await;
        assert!(!page.status.is_server_error() && !page.body.contains("evil.example"), "{path}: {page:?}");
    }
}

#[tokio::test]
async fn device_waits_until_the_terms_are_accepted() {
    let server = start("2027-01").await;
    let tv = television(&server).await;
    let codes = codes(&tv, SCOPE).await.ok();
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let terms = browser.follow(question(&browser, &codes).await).await;
    assert!(is_terms(&terms), "{terms:?}");
    let accepted = accept(&browser, &terms).await;
    assert!(accepted.next().is_some_and(|next| next.starts_with("/device?user_code=")), "{accepted:?}");
    let page = browser.follow(question(&browser, &codes).await).await;
    assert!(!is_terms(&page) && page.body.contains("value=\"approve\""), "{page:?}");
}

#[tokio::test]
async fn device_is_denied_without_accepting_the_terms() {
    let server = start("2027-01").await;
    let tv = television(&server).await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let codes = codes(&tv, SCOPE).await.ok();
    let terms = browser.follow(question(&browser, &codes).await).await;
    assert!(is_terms(&terms), "{terms:?}");
    let [minji, stranger] = [server.browser(), server.browser()];
    enter_password(&minji, "minji").await;
    let denial = terms.hidden("denial");
    for (browser, token) in [(&browser, ""), (&browser, "x"), (&minji, &*denial), (&stranger, &*denial)] {
        deny(browser, &codes, token).await;
        assert_eq!(poll(&tv, &codes).await.refused(400), "authorization_pending", "{token}");
        server.clock.advance(60);
    }
    let approved = [("denial", &*denial), ("user_code", codes.text("user_code")), ("decision", "approve")];
    let past = browser.follow(browser.post("/device", &approved).await).await;
    assert!(is_terms(&past), "it only denies: {past:?}");
    let done = deny(&browser, &codes, &denial).await;
    assert!(done.status == 200 && done.body.contains("id=\"answered\""), "{done:?}");
    assert_eq!(poll(&tv, &codes).await.refused(400), "access_denied");
    assert_eq!(server.count("accepted_terms").await, 0);
}

#[tokio::test]
async fn open_question_is_denied_after_the_terms_have_changed() {
    let server = TestServer::start().await;
    let tv = television(&server).await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let codes = codes(&tv, SCOPE).await.ok();
    let page = question(&browser, &codes).await;
    let node = changed(&server, "2027-01").await;
    let done = deny(&browser.at(&node.issuer), &codes, &page.hidden("denial")).await;
    assert!(done.status == 200 && done.body.contains("id=\"answered\""), "{done:?}");
    assert_eq!(poll(&tv, &codes).await.refused(400), "access_denied");
}

#[tokio::test]
async fn account_is_created_with_the_version_that_its_form_showed() {
    let mailbox = Mailbox::new();
    let server = TestServer::start_with(|settings| {
        mailbox.receive(settings);
        with_terms(settings, "2027-01");
        settings.sign_up.mode = SignUpMode::Open;
    })
    .await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    assert!(is_terms(&page), "{}", page.body);
    let csrf = page.hidden("csrf");
    let fields = [("csrf", &*csrf), ("name", "Nari"), ("email", "nari@example.org"), ("new_password", PASSWORD)];
    for terms in [None, Some("2026-01"), Some("")] {
        let all: Vec<_> = fields.into_iter().chain(terms.map(|version| ("terms", version))).collect();
        let refused = browser.post("/sign-up", &all).await;
        assert!(refused.status == StatusCode::BAD_REQUEST && refused.body.contains("tick the box"), "{refused:?}");
    }
    assert_eq!(server.count("sign_ups").await, 0);
    let entered_at = server.clock.now();
    let sent = browser.post("/sign-up", &[&fields[..], &[("terms", "2027-01")]].concat()).await;
    let page = browser.follow(sent).await;
    server.clock.advance(60);
    let digits = mailbox.newest(&server, "nari@example.org", 1).await.digits();
    let (csrf, token, proof) = (page.hidden("csrf"), page.hidden("token"), page.hidden("proof"));
    let fields = [("csrf", &*csrf), ("token", &token), ("proof", &proof), ("code", &digits)];
    browser.post("/sign-up/digits", &fields).await;
    assert_eq!(data(&browser).await["accepted_terms"], json!([{ "version": "2027-01", "accepted_at": entered_at }]));
    let shop = server.shop().await;
    let consent = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(consent.is_consent(), "nothing is asked again: {consent:?}");
}

#[tokio::test]
async fn nothing_is_asked_without_terms() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await.ok();
    assert_eq!(server.count("accepted_terms").await, 0);
}
