//! A forgotten password: the mail, its link, and what races with it.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::json;
use writ::{
    mail::link::{self, Purpose},
    store::{AfterSignIn, Tx, accounts, recoveries, users},
};

use crate::support::{Browser, Page, TestServer, eventually, mailbox::Mailbox, seed::PASSWORD};

const NEW: &str = "three otters at the weir";

/// Submits the form of the page for a forgotten password.
async fn ask(browser: &Browser, page: &Page, username: &str) -> Page {
    let fields = [("request", &*page.hidden("request")), ("csrf", &*page.hidden("csrf")), ("username", username)];
    browser.post("/recover", &fields).await
}

/// A link for a user, as an operator gets it.
async fn link_for(server: &TestServer, username: &'static str) -> String {
    let user = server.user(username).await;
    let id = server.write(move |tx| recoveries::insert(tx, &user, None, AfterSignIn::default())).await;
    link::url(&server.server.settings.server.issuer, &server.server.front.form_key, Purpose::Recovery, id)
}

async fn choose(browser: &Browser, link: &str, password: &str, disconnect: bool) -> Page {
    let (_, token) = link.split_once("token=").expect("a token");
    let mut fields = vec![("token", token), ("new_password", password)];
    if disconnect {
        fields.push(("disconnect", "yes"));
    }
    browser.post("/recover/password", &fields).await
}

async fn can_sign_in(server: &TestServer, username: &str, password: &str) -> bool {
    let browser = server.browser();
    let login = browser.open("/login").await;
    browser.post_password(&login, username, password).await.status == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn forgotten_password_is_replaced_by_mail_and_the_request_goes_on() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let shop = server.shop().await;
    let other = server.browser();
    shop.tokens_in(&other, "minji", "profile:read").await;

    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let path = login.body.split("id=\"forgotten\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let page = browser.open(path.expect("a link on the sign-in page")).await;
    let sent = ask(&browser, &page, "minji").await;
    assert!(sent.status == StatusCode::OK && sent.body.contains("id=\"sent\""), "{}", sent.body);
    let link = mailbox.newest(&server, "minji@example.com", 1).await.link(&server);

    let form = browser.open(&link).await;
    assert!(form.body.contains("id=\"choose\"") && form.body.contains("<bdi>minji</bdi>"), "{}", form.body);
    assert_eq!((form.header("referrer-policy"), form.header("cache-control")), ("no-referrer", "no-store"));
    assert!(other.open("/account").await.body.contains("id=\"edit-profile\""), "a GET changes nothing");
    let weak = choose(&browser, &link, "password", false).await;
    assert!(weak.status == StatusCode::BAD_REQUEST && weak.body.contains("id=\"choose\""), "{}", weak.body);
    let changed = choose(&browser, &link, NEW, false).await;
    assert!(changed.body.contains("id=\"changed\""), "{}", changed.body);
    assert_eq!(changed.cookie("writ_session"), None, "a link does not sign in");
    assert!(other.open("/account").await.is_login(), "other sessions end");

    let next = changed.body.split("id=\"continue\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let login = browser.open(&next.expect("a way on").replace("&#38;", "&")).await;
    assert!(login.is_login(), "{}", login.body);
    let consent = browser.sign_in_with(&login, "minji", NEW).await;
    assert!(consent.next().is_some() || consent.is_consent(), "the request goes on: {}", consent.body);
    assert!(!can_sign_in(&server, "minji", PASSWORD).await);
    let again = choose(&browser, &link, "another wise heron", false).await;
    assert!(again.status == StatusCode::BAD_REQUEST && again.body.contains("id=\"invalid\""), "{}", again.body);
    assert!(can_sign_in(&server, "minji", NEW).await);
}

#[tokio::test]
async fn account_page_follows_the_sign_in_with_the_new_password() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = server.browser();
    let login = browser.open("/account/apps").await;
    let path = login.body.split("id=\"forgotten\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let page = browser.open(path.expect("a link on the sign-in page")).await;
    assert_eq!(page.hidden("return_to"), "/account/apps");
    let fields = [("csrf", &*page.hidden("csrf")), ("return_to", "/account/apps"), ("username", "minji")];
    let sent = browser.post("/recover", &fields).await;
    assert!(sent.body.contains("href=\"/login?return_to=%2Faccount%2Fapps\""), "{}", sent.body);
    let link = mailbox.newest(&server, "minji@example.com", 1).await.link(&server);
    let changed = choose(&browser, &link, NEW, false).await;
    let next = changed.body.split("id=\"continue\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let login = browser.open(next.expect("a way on")).await;
    assert_eq!(login.hidden("return_to"), "/account/apps");
    let foreign = browser.open("/recover?return_to=https://evil.example/").await;
    assert_eq!(foreign.hidden("return_to"), "", "only an account page follows");
}

#[tokio::test]
async fn language_menu_of_the_link_keeps_its_token() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let link = link_for(&server, "alice").await;
    let (browser, path) = (server.browser(), link.strip_prefix(&server.issuer).expect("a path").to_owned());
    let form = browser.open(&link).await;
    let weak = choose(&browser, &link, "password", false).await;
    for page in [form, weak] {
        assert_eq!(page.hidden("return_to"), path);
        let korean = browser.post("/language", &[("return_to", &path), ("locale", "ko")]).await;
        let korean = browser.follow(korean).await;
        assert!(korean.body.contains("id=\"choose\"") && korean.body.contains("lang=\"ko\""), "{}", korean.body);
    }
    let forged = browser.open("/recover/password?token=nothing").await;
    assert_eq!(forged.hidden("return_to"), "/", "the page for a void link repeats nothing");
}

#[tokio::test]
async fn password_that_is_too_long_is_refused_as_too_long() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let link = link_for(&server, "alice").await;
    let long = "many wise otters ".repeat(61);
    let refused = choose(&server.browser(), &link, &long, false).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.body.contains("too long") && !refused.body.contains("too short"), "{}", refused.body);
}

#[tokio::test]
async fn response_is_the_same_for_unknown_unverified_and_disabled_accounts() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let minji = server.user_id("minji").await;
    let browser = server.browser();
    let page = browser.open("/recover").await;
    let known = ask(&browser, &page, "minji@example.com").await;
    mailbox.newest(&server, "minji@example.com", 1).await;
    server.write(move |tx| users::set_email(tx, minji, Some("minji@example.com"), false)).await;
    for name in ["nobody", "minji", "minji@example.com", "nobody@example.com"] {
        let unknown = ask(&browser, &page, name).await;
        let normal = |page: &Page, name: &str| page.body.replace(name, "NAME");
        assert_eq!(normal(&unknown, name), normal(&known, "minji@example.com"), "{name}");
        assert_eq!(unknown.status, known.status, "{name}");
    }
    let disable = move |tx: &mut Tx<'_>| {
        users::set_email(tx, minji, Some("minji@example.com"), true)?;
        accounts::disable(tx, minji)
    };
    server.write(disable).await;
    let disabled = ask(&browser, &page, "minji@example.com").await;
    assert_eq!((disabled.status, &disabled.body), (known.status, &known.body));
    // The counter of the last request is written after the earlier units of work.
    let counted = async || server.count("recoveries").await == 1 && server.count("mails").await == 1;
    eventually("no further mail", counted).await;
}

#[tokio::test]
async fn mails_to_an_address_are_bounded_and_the_response_does_not_tell() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = server.browser();
    let page = browser.open("/recover").await;
    for _ in 0..9 {
        assert!(ask(&browser, &page, "minji").await.body.contains("id=\"sent\""));
    }
    eventually("five mails", async || server.count("mails").await == 5).await;
    server.clock.advance(601);
    ask(&browser, &page, "minji").await;
    eventually("one more", async || server.count("mails").await == 6).await;
}

#[tokio::test]
async fn requests_of_a_network_are_bounded() {
    let mailbox = Mailbox::new();
    let server = TestServer::start_with(|settings| {
        mailbox.receive(settings);
        settings.throttle.network_attempts = 3;
    })
    .await;
    let browser = server.browser();
    let page = browser.open("/recover").await;
    let mut refused = 0;
    for number in 0..40 {
        refused += u32::from(ask(&browser, &page, &format!("name{number}")).await.status == 429);
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn link_is_void_after_its_time_after_another_change_and_for_a_disabled_account() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = server.browser();
    let is_valid = async |link: &str| browser.open(link).await.body.contains("id=\"choose\"");
    let link = link_for(&server, "alice").await;
    assert!(is_valid(&link).await);
    server.clock.advance(recoveries::LIFETIME);
    assert!(!is_valid(&link).await, "it has expired");
    let [one, other] = [link_for(&server, "alice").await, link_for(&server, "alice").await];
    assert!(choose(&browser, &one, NEW, false).await.body.contains("id=\"changed\""));
    assert!(!is_valid(&other).await, "the password was changed");
    let link = link_for(&server, "alice").await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| accounts::disable(tx, alice)).await;
    assert!(!is_valid(&link).await, "the account is disabled");
    server.write(move |tx| writ::store::accounts::enable(tx, alice)).await;
    assert!(!is_valid(&link).await, "an earlier link stays void");
    let forged = link.replace("token=", "token=A");
    assert_eq!(browser.open(&forged).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn link_in_a_mail_is_void_when_its_address_is_no_longer_the_users() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    let page = browser.open("/recover").await;
    ask(&browser, &page, "alice").await;
    let mailed = mailbox.newest(&server, "alice@example.com", 1).await.link(&server);
    let of_operator = link_for(&server, "alice").await;
    let is_valid = async |link: &str| browser.open(link).await.body.contains("id=\"choose\"");
    assert!(is_valid(&mailed).await);
    for (email, verified) in [(Some("alice@example.org"), true), (Some("alice@example.com"), false), (None, false)] {
        server.write(move |tx| users::set_email(tx, alice, email, verified)).await;
        assert!(!is_valid(&mailed).await, "{email:?}");
        assert!(is_valid(&of_operator).await, "{email:?}");
    }
    let refused = choose(&browser, &mailed, NEW, false).await;
    assert!(refused.body.contains("id=\"invalid\""), "{}", refused.body);
    server.write(move |tx| users::set_email(tx, alice, Some("alice@example.com"), true)).await;
    assert!(choose(&browser, &mailed, NEW, false).await.body.contains("id=\"changed\""));
}

#[tokio::test]
async fn apps_are_disconnected_when_the_user_asks() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("profile:read").await;
    let link = link_for(&server, "alice").await;
    assert!(choose(&server.browser(), &link, NEW, true).await.body.contains("id=\"changed\""));
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn one_of_several_resets_with_a_link_wins() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let second = server.second_node().await;
    let link = link_for(&server, "alice").await;
    let passwords =
        ["a kettle of late swans", "nine herons by the mill", "the quiet ferry at dusk", "old maps of the fen"];
    let browsers = [&server, &second, &server, &second].map(TestServer::browser);
    let resets = browsers.iter().zip(passwords).map(|(browser, new)| choose(browser, &link, new, false));
    let pages = join_all(resets).await;
    let won: Vec<_> = pages.iter().map(|page| page.body.contains("id=\"changed\"")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    for (password, won) in passwords.into_iter().zip(won) {
        assert_eq!(can_sign_in(&server, "alice", password).await, won, "{password}");
    }
}

/// In many rounds on two nodes, the old password is verified while a link replaces it.
#[tokio::test]
async fn sign_in_with_the_old_password_during_a_reset_leaves_no_session() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let second = server.second_node().await;
    let mut old = PASSWORD;
    for new in ["a kettle of late swans", "nine herons by the mill", "the quiet ferry at dusk", "old maps of the fen"] {
        server.clock.advance(3600);
        let link = link_for(&server, "alice").await;
        let nodes = [&server, &second, &server, &second];
        let sign_ins = join_all(nodes.map(|node| can_sign_in(node, "alice", old)));
        let browser = second.browser();
        let (changed, _) = tokio::join!(choose(&browser, &link, new, false), sign_ins);
        assert!(changed.body.contains("id=\"changed\""), "{}", changed.body);
        assert_eq!(server.count("sessions").await, 0, "{new}");
        old = new;
    }
}

#[tokio::test]
async fn page_names_the_contact_when_there_is_no_mail() {
    let server = TestServer::start_with(|settings| settings.mail.contact = Some("help@example.com".to_owned())).await;
    let login = server.browser().open("/login").await;
    assert!(login.body.contains("help@example.com") && !login.body.contains("href=\"/recover"), "{}", login.body);
    let page = server.browser().open("/recover").await;
    assert!(page.body.contains("id=\"unavailable\"") && page.body.contains("help@example.com"), "{}", page.body);
    let plain = TestServer::start().await;
    assert!(!plain.browser().open("/login").await.body.contains("id=\"forgotten\""));
}
