//! Accounts that begin with a passkey instead of a password.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use writ::{
    config::{Settings, SignUpMode},
    mail::link::{self, Purpose},
    store::{invitations, passkeys},
};
use writ_core::groups::GroupIds;

use crate::support::{
    Browser, Page, TestServer,
    authenticator::enter_password,
    mailbox::Mailbox,
    passkey::{Passkey, is_in, is_refused, options, post, registered, with_host_name},
};

const ADDRESS: &str = "nari@example.org";

async fn start(mailbox: &Mailbox, change: impl FnOnce(&mut Settings)) -> TestServer {
    TestServer::start_with(|settings| {
        with_host_name(settings);
        mailbox.receive(settings);
        settings.sign_up.mode = SignUpMode::Open;
        change(settings);
    })
    .await
}

/// Submits a sign-up page with the passkey that it asks for.
async fn submit(browser: &Browser, page: &Page, passkey: &mut Passkey, address: &str) -> Page {
    options(page)["user"]["id"].as_str().expect("a user handle").clone_into(&mut passkey.user_handle);
    let response = passkey.creation(page);
    send(browser, page, address, response).await
}

async fn send(browser: &Browser, page: &Page, address: &str, response: Vec<(&'static str, String)>) -> Page {
    let hidden = |name: &'static str| (name, page.find_hidden(name).unwrap_or_default());
    let mut fields = ["csrf", "token", "request", "return_to"].map(hidden).to_vec();
    fields.retain(|(name, value)| *name != "token" || !value.is_empty());
    fields.extend([("name", "Nari Kim".to_owned()), ("email", address.to_owned())]);
    post(browser, "/sign-up", &fields, response).await
}

/// The page that asks for the digits, after a sign-up with a passkey.
async fn sign_up(browser: &Browser, passkey: &mut Passkey) -> Page {
    let page = browser.open("/sign-up").await;
    let sent = submit(browser, &page, passkey, ADDRESS).await;
    browser.follow(sent).await
}

async fn enter_digits(browser: &Browser, page: &Page, digits: &str) -> Page {
    let fields = ["csrf", "token", "proof"].map(|name| (name, page.hidden(name)));
    post(browser, "/sign-up/digits", &fields, vec![("code", digits.to_owned())]).await
}

/// Answers the page of a link with a passkey.
async fn answer(browser: &Browser, page: &Page, response: Vec<(&'static str, String)>) -> Page {
    let fields = ["csrf", "token"].map(|name| (name, page.hidden(name)));
    post(browser, "/sign-up/link", &fields, response).await
}

/// The path of the link in the mail, and the digits.
fn proofs(server: &TestServer, digits_page: &Page) -> (String, String) {
    let key = &server.server.front.form_key;
    let id = link::find(key, Purpose::SignUpForm, &digits_page.hidden("token")).expect("an id");
    (link::path(key, Purpose::SignUp, id), link::digits(key, id))
}

fn is_closed(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"closed\"")
}

#[tokio::test]
async fn passkey_and_digits_create_an_account_without_a_password() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let page = browser.open(&format!("/sign-up?request={}", login.hidden("request"))).await;
    let mut passkey = Passkey::bound(&server);
    let sent = submit(&browser, &page, &mut passkey, ADDRESS).await;
    let digits_page = browser.follow(sent).await;
    assert_eq!((server.count("users").await, server.count("passkeys").await), (2, 0), "no account yet");
    let digits = mailbox.newest(&server, ADDRESS, 1).await.digits();
    server.clock.advance(60);
    let done = enter_digits(&browser, &digits_page, &digits).await;
    assert!(is_in(&done), "{}", done.body);
    let consent = browser.follow(done).await;
    let tokens = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await.ok();
    let claims = tokens.claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:writ:acr:mfa"), &json!(["pop", "user", "mfa"])));
    assert_eq!(claims["auth_time"], server.clock.now() - 60, "when the passkey was made");

    let nari = server.user(ADDRESS).await;
    assert_eq!((&*nari.username, nari.email_verified, nari.password_hash), ("nari-kim", true, None));
    let other = server.browser();
    let login = other.open("/account").await;
    let signed_in = passkey.sign_in(&other, &login).await;
    assert!(is_in(&signed_in), "{}", signed_in.body);
    assert!(is_closed(&enter_digits(&browser, &digits_page, &digits).await), "they work once");
}

#[tokio::test]
async fn link_needs_the_passkey_in_any_browser() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let mut passkey = Passkey::synced(&server);
    let pending = sign_up(&browser, &mut passkey).await;
    let (link, _) = proofs(&server, &pending);
    let phone = server.browser();
    let page = phone.open(&link).await;
    assert!(page.body.contains("id=\"use-passkey\"") && page.body.contains("id=\"elsewhere\""), "{}", page.body);
    assert!(!page.body.contains("type=\"password\""), "{}", page.body);

    let mut other = Passkey::synced(&server);
    other.user_handle.clone_from(&passkey.user_handle);
    let mut disguised = other.clone();
    disguised.credential_id.clone_from(&passkey.credential_id);
    let of_another_user = Passkey { user_handle: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(), ..passkey.clone() };
    let unverified = Passkey { flags: passkey.flags & !0b100, ..passkey.clone() };
    for (what, mut wrong) in [
        ("another passkey", other),
        ("another key under its name", disguised),
        ("another user", of_another_user),
        ("an unverified user", unverified),
    ] {
        let response = wrong.assertion(&page);
        assert!(is_refused(&answer(&phone, &page, response).await), "{what}");
    }
    let (csrf, token) = (page.hidden("csrf"), page.hidden("token"));
    for password in ["", "three otters at the weir"] {
        let fields = [("csrf", &*csrf), ("token", &token), ("password", password)];
        assert!(!is_in(&phone.post("/sign-up/link", &fields).await), "there is no password");
    }
    let elsewhere = server.browser();
    let own = elsewhere.open(&link).await;
    let response = passkey.assertion(&page);
    assert!(is_refused(&answer(&elsewhere, &own, response.clone()).await), "the challenge is of another browser");
    let of_sign_in = passkey.assertion(&phone.open("/login").await);
    assert!(is_refused(&answer(&phone, &page, of_sign_in).await), "the challenge is of another page");
    assert_eq!(server.count("users").await, 2);

    let done = answer(&phone, &page, response.clone()).await;
    assert!(is_in(&done), "{}", done.body);
    assert_eq!(server.user(ADDRESS).await.password_hash, None);
    assert!(is_closed(&answer(&phone, &page, response).await), "the link works once");
    assert_eq!((server.count("users").await, server.count("passkeys").await), (3, 1));
}

#[rstest]
#[case::of_another_site(|passkey: &mut Passkey| passkey.origin = "https://evil.example".to_owned())]
#[case::of_another_rp_id(|passkey: &mut Passkey| passkey.rp_id = "evil.example".to_owned())]
#[case::without_verification(|passkey: &mut Passkey| passkey.flags &= !0b100)]
#[tokio::test]
async fn passkey_that_breaks_a_rule_creates_nothing(#[case] spoil: fn(&mut Passkey)) {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let mut passkey = Passkey::bound(&server);
    spoil(&mut passkey);
    assert!(is_refused(&submit(&browser, &page, &mut passkey, ADDRESS).await));
    assert_eq!((server.count("sign_ups").await, server.count("mails").await), (0, 0));
}

#[tokio::test]
async fn challenge_counts_once_in_its_browser_for_ten_minutes_and_for_this_page() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let (alice, browser) = (server.browser(), server.browser());
    enter_password(&alice, "alice").await;
    let page = browser.open("/sign-up").await;
    let passkey = Passkey::bound(&server);
    let response = passkey.creation(&page);

    let stranger = server.browser();
    let own = stranger.open("/sign-up").await;
    assert!(is_refused(&send(&stranger, &own, ADDRESS, response.clone()).await), "another browser");
    let account = alice.open("/account/passkeys/new").await;
    let of_account = passkey.creation(&account);
    let page_of_alice = alice.open("/sign-up").await;
    assert!(is_refused(&send(&alice, &page_of_alice, ADDRESS, of_account).await), "for another page");
    let csrf = ("csrf", account.hidden("csrf"));
    let crossed = post(&alice, "/account/passkeys/new", &[csrf], passkey.creation(&page_of_alice)).await;
    assert!(is_refused(&crossed), "an account is given no passkey of another page: {crossed:?}");

    let sent = send(&browser, &page, ADDRESS, response.clone()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    assert!(is_refused(&send(&browser, &page, "other@example.org", response).await), "once");
    let late = browser.open("/sign-up").await;
    let response = passkey.creation(&late);
    server.clock.advance(600);
    assert!(is_refused(&send(&browser, &late, ADDRESS, response).await), "ten minutes");
    assert_eq!(server.count("sign_ups").await, 1);
}

#[tokio::test]
async fn passkey_of_another_account_creates_none() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let (_, passkey) = registered(&server, "alice").await;
    let browser = server.browser();
    let mut copied = passkey.clone();
    let page = sign_up(&browser, &mut copied).await;
    let (_, digits) = proofs(&server, &page);
    assert!(is_closed(&enter_digits(&browser, &page, &digits).await));
    assert_eq!((server.count("users").await, server.count("passkeys").await), (2, 1));
    let owner = server.user_id("alice").await;
    assert_eq!(server.write(move |tx| passkeys::list_of_user(tx, owner)).await.len(), 1);
}

#[tokio::test]
async fn taken_address_gets_the_same_response_with_a_passkey() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let sent = submit(&browser, &page, &mut Passkey::bound(&server), "minji@example.com").await;
    let taken = browser.follow(sent).await;
    assert!(taken.body.contains("id=\"confirm-sign-up\""), "{}", taken.body);
    let (_, digits) = proofs(&server, &taken);
    assert!(is_closed(&enter_digits(&browser, &taken, &digits).await), "even the right digits create nothing");
    assert_eq!((server.count("users").await, server.count("passkeys").await), (2, 0));
}

#[tokio::test]
async fn invitation_is_accepted_with_a_passkey() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |settings| settings.sign_up.mode = SignUpMode::Invitation).await;
    let id = server.write(move |tx| invitations::insert(tx, ADDRESS, &GroupIds::default())).await;
    let browser = server.browser();
    let page = browser.open(&link::path(&server.server.front.form_key, Purpose::Invitation, id)).await;
    let mut passkey = Passkey::bound(&server);
    let done = submit(&browser, &page, &mut passkey, "").await;
    assert!(is_in(&done), "{}", done.body);
    let nari = server.user(ADDRESS).await;
    assert_eq!(nari.password_hash, None);
    let other = server.browser();
    let login = other.open("/account").await;
    assert!(is_in(&passkey.sign_in(&other, &login).await));
}

#[tokio::test]
async fn passkeys_that_are_switched_off_create_no_account() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let response = Passkey::bound(&server).creation(&page);
    let mut passkey = Passkey::bound(&server);
    let pending = sign_up(&browser, &mut passkey).await;
    let (link, digits) = proofs(&server, &pending);

    let by_address = |settings: &mut Settings| {
        let issuer = settings.server.issuer.as_str().replace("localhost", "127.0.0.1");
        settings.server.issuer = issuer.parse().expect("an issuer");
    };
    let off = server.second_node_with_settings(by_address).await;
    let browser = browser.at(&off.issuer);
    assert!(!browser.open("/sign-up").await.body.contains("id=\"passkey-instead\""));
    assert!(is_refused(&send(&browser, &page, ADDRESS, response).await));
    assert!(is_closed(&enter_digits(&browser, &pending, &digits).await));
    let link = browser.open(&link).await;
    assert!(!link.body.contains("id=\"use-passkey\""), "{}", link.body);
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn entries_with_passkeys_are_counted_before_they_are_verified() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |settings| settings.throttle.network_attempts = 4).await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let mut passkey = Passkey::bound(&server);
    passkey.origin = "https://evil.example".to_owned();
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        last = submit(&browser, &page, &mut passkey, ADDRESS).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(server.count("sign_ups").await, 0);
}
