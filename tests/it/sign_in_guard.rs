//! Sign-ins during account changes, floods that must not lock out users, and forged forms.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use reqwest::StatusCode;
use rstest::rstest;
use writ::{
    fault::Fault,
    store::{Id, Tx, accounts, sessions, users},
};

use crate::support::{Browser, Page, TestServer, seed::PASSWORD};

/// Submits a password in `browser`, without a pending request.
async fn attempt(browser: &Browser, username: &str, password: &str) -> Page {
    let login = browser.get("/login").await;
    browser.post_password(&login, username, password).await
}

fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.cookie("writ_session").is_some_and(|cookie| !cookie.is_empty())
}

/// Four sign-ins with the right password on two nodes, beside what makes it wrong.
#[rstest]
#[case::password_change(|tx: &mut Tx<'_>, user, hash: String| accounts::set_password(tx, user, &hash).map(drop))]
#[case::user_disable(|tx: &mut Tx<'_>, user, _| accounts::disable(tx, user).map(drop))]
#[case::user_delete(|tx: &mut Tx<'_>, user, _| accounts::delete(tx, user).map(drop))]
#[tokio::test]
async fn sign_in_creates_no_session_when_the_account_changed_meanwhile(
    #[case] change: fn(&mut Tx<'_>, Id, String) -> Result<(), Fault>,
) {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let row = server.user("alice").await;
    let alice = row.id;
    let new = server.server.passwords.hash("another password of alice".to_owned().into(), None).await.expect("hashed");
    for round in 0..20 {
        let browsers = [&server, &second, &server, &second].map(TestServer::browser);
        let attempts = join_all(browsers.iter().map(|browser| attempt(browser, "alice", PASSWORD)));
        let new = new.clone();
        let (pages, ()) = tokio::join!(attempts, server.write(move |tx| change(tx, alice, new)));
        assert!(pages.iter().all(|page| page.status.as_u16() < 500), "round {round}: {pages:?}");
        let left = server.write(move |tx| sessions::list_of_user(tx, alice)).await;
        assert!(left.is_empty(), "round {round}: {left:?}");
        let row = row.clone();
        server.write(move |tx| accounts::delete(tx, alice).and_then(|_| users::insert(tx, &row))).await;
        server.clock.advance(300);
    }
}

#[tokio::test]
async fn known_browser_signs_in_when_strangers_have_used_up_the_account() {
    let server = TestServer::start_with(|settings| settings.throttle.account_attempts = 3).await;
    let known = server.browser();
    assert!(is_in(&attempt(&known, "alice", PASSWORD).await));
    for _ in 0..4 {
        attempt(&server.browser(), "alice", "wrong").await;
    }
    assert_eq!(attempt(&server.browser(), "alice", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(is_in(&attempt(&known, "alice", PASSWORD).await));
    // The browser's limit is separate and bounded, and it applies to alice only.
    for _ in 0..3 {
        assert_eq!(attempt(&known, "alice", "wrong").await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(attempt(&known, "alice", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    for _ in 0..4 {
        attempt(&server.browser(), "minji", "wrong").await;
    }
    assert_eq!(attempt(&known, "minji", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

/// The password queue is kept full from within the server.
#[tokio::test]
async fn sign_in_that_found_the_password_queue_full_is_not_counted() {
    let server = TestServer::start_with(|settings| {
        settings.passwords.hash_threads = 1;
        settings.passwords.hash_queue = 1;
        settings.throttle.account_attempts = 2;
    })
    .await;
    let filled = AtomicBool::new(true);
    let fill = || async {
        while filled.load(Ordering::Relaxed) {
            let _ = server.server.passwords.hash("any password".to_owned().into(), None).await;
            tokio::task::yield_now().await;
        }
    };
    let attempts = async {
        let mut busy = 0;
        for _ in 0..40 {
            let page = attempt(&server.browser(), "alice", PASSWORD).await;
            busy += usize::from(page.body.contains("Many people are signing in"));
            if busy > 3 {
                break;
            }
        }
        filled.store(false, Ordering::Relaxed);
        busy
    };
    let (busy, ..) = tokio::join!(attempts, fill(), fill(), fill(), fill());
    assert!(busy > 3, "the queue was full {busy} times");
    assert!(is_in(&attempt(&server.browser(), "alice", PASSWORD).await));
}

#[tokio::test]
async fn confirmation_counts_for_its_session_and_a_new_password_before_it_is_judged() {
    let server = TestServer::start_with(|settings| settings.throttle.account_attempts = 2).await;
    let [thief, own] = [server.browser(), server.browser()];
    for browser in [&thief, &own] {
        assert!(is_in(&attempt(browser, "alice", PASSWORD).await));
    }
    server.clock.advance(601);
    let confirm = async |browser: &Browser, password: &str| {
        let csrf = browser.open("/account/profile").await.hidden("csrf");
        let fields = [("csrf", &*csrf), ("then", "/account/profile"), ("password", password)];
        browser.post("/account/confirm", &fields).await
    };
    for _ in 0..2 {
        assert!(!confirm(&thief, "wrong").await.body.contains("You can try again"));
    }
    assert!(confirm(&thief, PASSWORD).await.body.contains("You can try again"));
    assert_eq!(confirm(&own, PASSWORD).await.status, StatusCode::SEE_OTHER);

    let csrf = own.open("/account/password").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("password", PASSWORD), ("new_password", "password1234")];
    for _ in 0..2 {
        assert!(own.post("/account/password", &fields).await.body.contains("easy to guess"));
    }
    let refused = own.post("/account/password", &fields).await.body;
    assert!(refused.contains("You can try again") && !refused.contains("easy to guess"), "{refused}");
}

#[tokio::test]
async fn successful_sign_in_with_a_fast_clock_locks_no_user_out() {
    let server = TestServer::start_with(|settings| settings.throttle.network_attempts = 3).await;
    server.clock.advance(3600);
    assert!(is_in(&attempt(&server.browser(), "alice", PASSWORD).await));
    server.clock.advance(-3600);
    for username in ["alice", "minji"] {
        assert!(is_in(&attempt(&server.browser(), username, PASSWORD).await), "{username}");
    }
}

#[tokio::test]
async fn cross_site_form_and_post_without_cookies_sign_no_user_out() {
    let server = TestServer::start().await;
    // The cookie is `SameSite=Lax`, so a cross-site POST arrives without it.
    let without_cookies = server.browser().post("/logout", &[]).await;
    assert_eq!(without_cookies.headers.get_all("set-cookie").iter().count(), 0, "{without_cookies:?}");
    let url = format!("{}/logout", server.issuer);
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let response = reqwest::Client::new().post(&url).header(name, value).body("").send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{name}");
        assert!(response.headers().get("set-cookie").is_none(), "{name}");
    }
}

#[tokio::test]
async fn every_response_has_its_policies_and_a_popup_keeps_its_opener() {
    let server = TestServer::start().await;
    let browser = server.browser();
    for path in ["/", "/login", "/account", "/jwks", "/healthz", "/nothing", "/.well-known/openid-configuration"] {
        let page = browser.get(path).await;
        let headers = ["cross-origin-opener-policy", "x-frame-options", "x-content-type-options"];
        assert_eq!(headers.map(|name| page.header(name).to_owned()), ["same-origin", "DENY", "nosniff"], "{path}");
    }
    let shop = server.shop().await;
    let popup = browser.get(&shop.authorize_url("profile:read", &[("display", "popup")])).await;
    let login = browser.follow(popup).await;
    assert!(login.is_login());
    assert_eq!(login.header("cross-origin-opener-policy"), "unsafe-none");
    assert_eq!(browser.get("/account").await.header("cross-origin-opener-policy"), "same-origin");
}
