//! Notices by mail of changes of an account, each with a link that takes the account back.

use futures_util::future::{join, join_all};
use reqwest::StatusCode;
use writ::{
    mail::link::{self, Purpose},
    store::{accounts, notices::Kind, users},
};

use crate::support::{
    Browser, Page, TestServer,
    authenticator::{enter_password, set_up},
    mailbox::{Mailbox, mails_to},
    seed::PASSWORD,
};

const ALICE: &str = "alice@example.com";
const NEW: &str = "three otters at the weir";

async fn sign_in(browser: &Browser) -> Page {
    let login = browser.open("/account").await;
    browser.sign_in(&login, "alice").await
}

async fn follow(browser: &Browser, link: &str) -> Page {
    let (path, token) = link.split_once("?token=").expect("a token");
    browser.post(path, &[("token", token)]).await
}

async fn count(server: &TestServer, kind: Kind) -> usize {
    mails_to(server, ALICE, Some(kind)).await.len()
}

#[tokio::test]
async fn sign_in_with_a_new_browser_sends_a_notice_and_with_a_known_one_does_not() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = server.browser();
    sign_in(&browser).await;
    let letter = mailbox.newest_notice(&server, ALICE, Kind::NewBrowser, 1).await;
    assert!(letter.text().contains("alice") && letter.text().contains("127.0.0.1"), "{}", letter.text());
    let again = browser.open("/login").await;
    assert!(browser.sign_in(&again, "alice").await.body.contains("id=\"edit-profile\""));
    assert_eq!(count(&server, Kind::NewBrowser).await, 1, "the browser is known");
    let other = server.browser();
    let login = other.open("/login").await;
    other.sign_in_with(&login, "alice", "wrong").await;
    assert_eq!(count(&server, Kind::NewBrowser).await, 1, "no sign-in, no notice");
    other.sign_in(&login, "minji").await;
    assert_eq!(count(&server, Kind::NewBrowser).await, 1, "minji has signed in there");
    other.sign_in(&login, "alice").await;
    assert_eq!(count(&server, Kind::NewBrowser).await, 2, "the browser is known to minji, not to alice");
}

#[tokio::test]
async fn link_of_a_notice_signs_out_everywhere_and_leads_to_a_new_password_once() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let (attacker, owner) = (server.browser(), server.browser());
    sign_in(&attacker).await;
    let link = mailbox.newest_notice(&server, ALICE, Kind::NewBrowser, 1).await.link(&server);
    let form = owner.open(&link).await;
    assert!(form.body.contains("id=\"take-back\"") && !form.body.contains(ALICE), "{}", form.body);
    assert_eq!(attacker.get("/account").await.status, StatusCode::OK, "a GET changes nothing");
    let choose = follow(&owner, &link).await;
    let choose = owner.follow(choose).await;
    assert!(choose.body.contains("id=\"choose\""), "{}", choose.body);
    assert_eq!(choose.cookie("writ_session"), None, "a link does not sign in");
    assert!(sign_in(&attacker).await.is_login(), "neither the session nor the password opens the account");
    let token = choose.hidden("token");
    let changed = owner.post("/recover/password", &[("token", &token), ("new_password", NEW)]).await;
    assert!(changed.body.contains("id=\"changed\""), "{}", changed.body);
    let again = follow(&owner, &link).await;
    assert!(again.status == StatusCode::BAD_REQUEST && again.body.contains("id=\"invalid\""), "{}", again.body);
    let login = owner.open("/account").await;
    assert!(owner.sign_in_with(&login, "alice", NEW).await.body.contains("The account was taken back"));
}

#[tokio::test]
async fn changes_of_password_and_factor_send_a_notice_each() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let (app, _) = set_up(&server, &browser).await;
    mailbox.newest_notice(&server, ALICE, Kind::SecondFactorSetUp, 1).await;
    server.clock.advance(30);
    let page = browser.open("/account/second-factor/remove").await;
    let wrong = [("csrf", &*page.hidden("csrf")), ("code", "000000x")];
    browser.post("/account/second-factor/remove", &wrong).await;
    assert_eq!(count(&server, Kind::SecondFactorRemoved).await, 0);
    let right = [("csrf", &*page.hidden("csrf")), ("code", &*app.code(&server))];
    browser.post("/account/second-factor/remove", &right).await;
    mailbox.newest_notice(&server, ALICE, Kind::SecondFactorRemoved, 1).await;

    let page = browser.open("/account/password").await;
    let csrf = page.hidden("csrf");
    let wrong = [("csrf", &*csrf), ("password", "wrong"), ("new_password", NEW)];
    browser.post("/account/password", &wrong).await;
    assert_eq!(count(&server, Kind::PasswordChanged).await, 0);
    let right = [("csrf", &*csrf), ("password", PASSWORD), ("new_password", NEW)];
    browser.post("/account/password", &right).await;
    let letter = mailbox.newest_notice(&server, ALICE, Kind::PasswordChanged, 1).await;
    assert!(letter.text().contains("was changed") && !letter.text().contains(NEW), "{}", letter.text());
}

#[tokio::test]
async fn notice_is_sent_to_a_verified_address_only_and_not_without_mail() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| users::set_email(tx, alice, Some(ALICE), false)).await;
    sign_in(&server.browser()).await;
    server.write(move |tx| users::set_email(tx, alice, None, false)).await;
    sign_in(&server.browser()).await;
    assert_eq!((server.count("mails").await, server.count("notices").await), (0, 0));
    let without_mail = TestServer::start().await;
    sign_in(&without_mail.browser()).await;
    assert_eq!((without_mail.count("mails").await, without_mail.count("notices").await), (0, 0));
}

#[tokio::test]
async fn link_of_a_notice_is_void_when_its_recipient_is_no_longer_the_users() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    sign_in(&browser).await;
    let link = mailbox.newest_notice(&server, ALICE, Kind::NewBrowser, 1).await.link(&server);
    server.write(move |tx| users::set_email(tx, alice, Some("other@example.org"), true)).await;
    assert_eq!(follow(&server.browser(), &link).await.status, StatusCode::BAD_REQUEST);
    server.write(move |tx| users::set_email(tx, alice, Some(ALICE), false)).await;
    assert_eq!(follow(&server.browser(), &link).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    server.write(move |tx| users::set_email(tx, alice, Some(ALICE), true)).await;
    assert_eq!(follow(&server.browser(), &link).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn notices_of_sign_ins_are_bounded_and_leave_those_of_other_changes() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    for _ in 0..7 {
        sign_in(&server.browser()).await;
    }
    assert_eq!(count(&server, Kind::NewBrowser).await, 5);
    let browser = server.browser();
    sign_in(&browser).await;
    let csrf = browser.open("/account/password").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("password", PASSWORD), ("new_password", NEW)];
    browser.post("/account/password", &fields).await;
    assert_eq!(count(&server, Kind::PasswordChanged).await, 1);
}

/// In many rounds on two nodes, a link is followed four times at once while the attacker signs in.
#[tokio::test]
async fn account_is_taken_back_once_and_no_sign_in_survives_it() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let second = server.second_node().await;
    let alice = server.user_id("alice").await;
    let hash = server.user("alice").await.password_hash.expect("a hash");
    let browsers = [&server, &second, &server, &second].map(TestServer::browser);
    for round in 0..8 {
        let hash = hash.clone();
        server.write(move |tx| accounts::set_password(tx, alice, &hash)).await;
        server.clock.advance(3600);
        sign_in(&server.browser()).await;
        let id = mails_to(&server, ALICE, Some(Kind::NewBrowser)).await[0].link_id.expect("a link");
        let link = link::path(&server.server.front.form_key, Purpose::Notice, id);
        let attacker = second.browser();
        let taken = join_all(browsers.iter().map(|browser| follow(browser, &link)));
        let (pages, _) = join(taken, sign_in(&attacker)).await;
        let won = pages.iter().filter(|page| page.status == StatusCode::SEE_OTHER).count();
        assert_eq!((won, server.count("sessions").await), (1, 0), "round {round}");
    }
}
