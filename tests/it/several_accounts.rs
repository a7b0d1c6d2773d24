//! Several accounts in one browser: the chosen one continues.

use crate::support::{App, Browser, TestServer, browser::Page};

const CHOOSE: &[(&str, &str)] = &[("prompt", "select_account")];

/// A browser in which Alice signed in and allowed the shop, then Minji, who is active now.
async fn two_people(server: &TestServer) -> (App, Browser) {
    let shop = server.shop().await;
    let browser = server.browser();
    for username in ["alice", "minji"] {
        let login = browser.open(&format!("/login?return_to=/account/{username}")).await;
        browser.sign_in(&login, username).await;
        let consent = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
        browser.allow(&consent, &["openid", "profile:read"]).await;
    }
    (shop, browser)
}

/// The value of a user's button in the account chooser.
fn button(chooser: &Page, name: &str) -> String {
    let before = chooser.body.split(&format!("\"><bdi>{name}</bdi>")).next().expect("text");
    before.rsplit("name=\"session\" value=\"").next().expect("a button").to_owned()
}

async fn choose(browser: &Browser, chooser: &Page, session: &str) -> Page {
    let (request, csrf) = (chooser.hidden("request"), chooser.hidden("csrf"));
    let fields = [("request", &*request), ("csrf", &csrf), ("session", session)];
    browser.post("/accounts", &fields).await
}

fn is_chooser(page: &Page) -> bool {
    page.body.contains("action=\"/accounts\"")
}

async fn subject(shop: &App, sent: &Page) -> String {
    shop.exchange(sent).await.ok().claims("id_token")["sub"].as_str().expect("a sub").to_owned()
}

#[tokio::test]
async fn chosen_account_continues_without_a_password() {
    let server = TestServer::start().await;
    let (shop, browser) = two_people(&server).await;
    let url = shop.authorize_url("openid profile:read", CHOOSE);
    for (name, username) in [("Alice Martin", "alice"), ("김민지", "minji")] {
        let chooser = browser.open(&url).await;
        assert!(is_chooser(&chooser), "{chooser:?}");
        // Continuing without a choice leads back to it.
        let resumed = browser.open(&format!("/authorize/resume?request={}", chooser.hidden("request"))).await;
        assert!(is_chooser(&resumed), "{resumed:?}");
        let sent = choose(&browser, &chooser, &button(&chooser, name)).await;
        let sent = browser.follow(sent).await;
        let expected = server.user_id(username).await.to_string();
        assert_eq!(subject(&shop, &sent).await, expected);
        let silent = browser.open(&shop.authorize_url("openid profile:read", &[("prompt", "none")])).await;
        assert_eq!(subject(&shop, &silent).await, expected);
    }
}

#[tokio::test]
async fn account_choice_holds_for_one_request_and_signed_in_accounts_only() {
    let server = TestServer::start().await;
    let (shop, browser) = two_people(&server).await;
    let url = shop.authorize_url("openid profile:read", CHOOSE);
    let (one, other) = (browser.open(&url).await, browser.open(&url).await);
    let chosen = choose(&browser, &one, &button(&one, "김민지")).await.next().expect("it goes on");
    let proof = chosen.split("&chosen=").nth(1).expect("a proof");
    for (request, proof) in [(other.hidden("request"), proof), (one.hidden("request"), "forged")] {
        let resumed = browser.open(&format!("/authorize/resume?request={request}&chosen={proof}")).await;
        assert!(is_chooser(&resumed), "{resumed:?}");
    }

    // An unknown browser, the id of another session, an old form.
    let stranger = server.browser();
    let login = stranger.open("/login").await;
    stranger.sign_in(&login, "alice").await;
    let theirs = stranger.open("/accounts").await;
    for (session, csrf) in [
        (button(&theirs, "Alice Martin"), other.hidden("csrf")),
        (button(&other, "Alice Martin"), "forged".to_owned()),
        (button(&other, "Alice Martin"), theirs.hidden("csrf")),
    ] {
        let fields = [("request", &*other.hidden("request")), ("csrf", &csrf), ("session", &session)];
        let refused = browser.post("/accounts", &fields).await;
        assert!(is_chooser(&refused) && refused.cookie("writ_session").is_none(), "{refused:?}");
    }
}

#[tokio::test]
async fn id_token_hint_of_another_signed_in_account_leads_to_the_chooser() {
    let server = TestServer::start().await;
    let (shop, browser) = two_people(&server).await;
    let chooser = browser.open(&shop.authorize_url("openid profile:read", CHOOSE)).await;
    let sent = choose(&browser, &chooser, &button(&chooser, "Alice Martin")).await;
    let tokens = shop.exchange(&browser.follow(sent).await).await.ok();
    let chooser = browser.open("/accounts").await;
    choose(&browser, &chooser, &button(&chooser, "김민지")).await;

    let hint = ("id_token_hint", tokens.text("id_token"));
    let silent = browser.open(&shop.authorize_url("openid profile:read", &[hint, ("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let chooser = browser.open(&shop.authorize_url("openid profile:read", &[hint])).await;
    assert!(is_chooser(&chooser), "{chooser:?}");
    let sent = choose(&browser, &chooser, &button(&chooser, "Alice Martin")).await;
    let sent = browser.follow(sent).await;
    assert_eq!(subject(&shop, &sent).await, server.user_id("alice").await.to_string());
}

#[tokio::test]
async fn repeated_sign_in_adds_no_account_and_sign_out_ends_all() {
    let server = TestServer::start().await;
    let (_, browser) = two_people(&server).await;
    let login = browser.open("/login").await;
    browser.sign_in(&login, "alice").await;
    assert_eq!(server.count("sessions").await, 2);
    let question = browser.open("/logout").await;
    let signed_out = browser.post("/logout", &[("request", ""), ("csrf", &question.hidden("csrf"))]).await;
    assert_eq!(signed_out.status.as_u16(), 200);
    assert_eq!(server.count("sessions").await, 0);
    assert!(!is_chooser(&browser.open("/account").await));
}
