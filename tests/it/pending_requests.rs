//! Pending requests: where they are stored, for which browser, and how many.

use reqwest::Method;
use serde_json::json;

use crate::support::TestServer;

const TABLE: &str = "authorization_requests";

#[tokio::test]
async fn request_without_session_is_no_row_until_a_user_decides() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    assert_eq!(server.count(TABLE).await, 0);
    let request = login.hidden("request");
    // The user may sign in at another node, which has the same key.
    let there = browser.at(&second.issuer);
    let consent = there.sign_in(&there.open(&format!("/login?request={request}")).await, "alice").await;
    assert_eq!(server.count(TABLE).await, 1);
    shop.exchange(&there.allow(&consent, &["openid", "profile:read"]).await).await.ok();
    let (head, tail) = request.split_at(60);
    let forged = format!("{head}{}{}", if tail.starts_with('A') { 'B' } else { 'A' }, &tail[1..]);
    assert!(browser.open(&format!("/login?request={forged}")).await.is_error());
}

#[tokio::test]
async fn pushed_parameters_are_not_in_the_url() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let pushed = shop.post("/par", &shop.parameters("openid", &[("login_hint", "alice"), ("state", "xyzzy")])).await;
    let url = format!("/authorize?client_id=shop&request_uri={}", pushed.text("request_uri"));
    let browser = server.browser();
    let login = browser.open(&url).await;
    assert!(login.is_login() && login.body.contains("value=\"alice\""), "{login:?}");
    let sealed = login.url.rsplit_once('.').expect("a sealed request").1;
    let decoded = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, sealed).expect("base64url");
    assert!(!String::from_utf8_lossy(&decoded).contains("xyzzy"));
    assert_eq!(server.count(TABLE).await, 0);
}

#[tokio::test]
async fn request_belongs_to_the_browser_that_began_it() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (hers, his) = (server.browser(), server.browser());
    let login = hers.open(&shop.authorize_url("openid", &[])).await;
    let sealed = login.hidden("request");
    let consent = hers.sign_in(&login, "alice").await;
    assert!(consent.is_consent());
    shop.tokens_in(&his, "minji", "openid").await;
    for handle in [sealed, consent.hidden("request")] {
        for page in ["/login", "/consent", "/accounts", "/authorize/resume"] {
            let shown = his.open(&format!("{page}?request={handle}")).await;
            assert!(shown.is_error(), "{page}: {shown:?}");
        }
    }
    shop.exchange(&hers.allow(&consent, &["openid"]).await).await.ok();
}

#[tokio::test]
async fn long_requests_of_strangers_are_bounded_per_network() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let state = "s".repeat(1500);
    let url = shop.authorize_url("openid", &[("state", &state)]);
    let browser = server.browser();
    let mut stored = 0;
    let refused = loop {
        let page = browser.get(&url).await;
        if page.next().is_some_and(|next| next.contains("error=")) {
            break page;
        }
        stored += 1;
        assert!(stored <= 100, "not bounded");
    };
    assert_eq!(refused.parameter("error").as_deref(), Some("temporarily_unavailable"));
    assert_eq!(server.count(TABLE).await, stored);
    // A request that fits into the URL is not counted.
    assert!(browser.open(&shop.authorize_url("openid", &[])).await.is_login());
}

#[tokio::test]
async fn requests_of_a_signed_in_user_are_bounded_however_they_become_rows() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, page) = (server.browser(), shop.authorize_url("openid", &[("prompt", "consent")]));
    let sealed = browser.open(&page).await.hidden("request");
    let resumed = format!("/authorize/resume?request={sealed}");
    browser.sign_in(&browser.open("/account").await, "alice").await;
    let mut stored = 0;
    // A request that begins here, and a request in the URL, again and again.
    while browser.get(if stored % 2 == 0 { &page } else { &resumed }).await.parameter("error").is_none() {
        stored += 1;
        assert!(stored <= 1000, "not bounded");
    }
    for url in [&page, &resumed] {
        let refused = browser.get(url).await.parameter("error");
        assert_eq!(refused.as_deref(), Some("temporarily_unavailable"), "{url}");
    }
    assert_eq!(server.count(TABLE).await, stored);

    let other = server.browser();
    assert!(other.sign_in(&other.open(&page).await, "minji").await.is_consent(), "other users notice nothing");
    server.clock.advance(60);
    assert!(browser.open(&page).await.is_consent(), "and alice is not locked out for long");
}

#[tokio::test]
async fn speculative_requests_issue_and_end_nothing() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "post_logout_redirect_uris": ["https://shop.example/out"] })).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", "openid").await;
    let grants = server.count("grants").await;
    let authorize = shop.authorize_url("openid", &[]);
    let end_session = format!("/end_session?id_token_hint={}", tokens.text("id_token"));
    let logout = browser.get(&end_session).await.next().expect("a redirect");
    for url in [authorize.as_str(), &logout] {
        for (method, header) in [
            (Method::HEAD, None),
            (Method::GET, Some(("sec-purpose", "prefetch"))),
            (Method::GET, Some(("sec-purpose", "prefetch;prerender"))),
            (Method::GET, Some(("purpose", "prefetch"))),
        ] {
            let page = browser.try_out(url, method, header).await;
            assert!(page.next().is_none() && page.body.is_empty(), "{url}: {page:?}");
        }
    }
    assert_eq!(server.count("grants").await, grants);
    assert!(browser.open(&authorize).await.parameter("code").is_some(), "still signed in");
}
