//! Accounts that users create: open to all, or with an invitation.

use futures_util::future::join_all;
use reqwest::StatusCode;
use writ_core::groups::GroupIds;

use writ::{
    config::{Settings, SignUpMode},
    mail::link::{self, Purpose},
    store::{
        invitations,
        mails::{self, Kind},
        sign_ups, users,
    },
};

use crate::support::{
    App, Browser, Page, TestServer,
    mailbox::{Mailbox, mails_to},
};

const ADDRESS: &str = "nari@example.org";
const PASSWORD: &str = "three otters at the weir";

async fn start(mailbox: &Mailbox, change: impl FnOnce(&mut Settings)) -> TestServer {
    TestServer::start_with(|settings| {
        mailbox.receive(settings);
        settings.sign_up.mode = SignUpMode::Open;
        change(settings);
    })
    .await
}

/// Submits the form of a sign-up page.
async fn submit(browser: &Browser, page: &Page, name: &str, address: &str, password: &str) -> Page {
    let hidden = |name: &str| page.find_hidden(name).unwrap_or_default();
    let (csrf, token) = (hidden("csrf"), hidden("token"));
    let (request, return_to) = (hidden("request"), hidden("return_to"));
    let mut fields = vec![("csrf", &*csrf), ("request", &*request), ("return_to", &*return_to)];
    if !token.is_empty() {
        fields.push(("token", &token));
    }
    fields.extend([("name", name), ("email", address), ("new_password", password)]);
    browser.post("/sign-up", &fields).await
}

async fn sign_up(browser: &Browser, name: &str, address: &str) -> Page {
    let page = browser.open("/sign-up").await;
    let sent = submit(browser, &page, name, address, PASSWORD).await;
    browser.follow(sent).await
}

/// Submits the page that asks for the digits.
async fn enter_digits(browser: &Browser, page: &Page, digits: &str) -> Page {
    let (csrf, token, proof) = (page.hidden("csrf"), page.hidden("token"), page.hidden("proof"));
    browser.post("/sign-up/digits", &[("csrf", &csrf), ("token", &token), ("proof", &proof), ("code", digits)]).await
}

/// Follows the link of a mail and enters the password.
async fn follow(browser: &Browser, link: &str, password: &str) -> Page {
    let page = browser.open(link).await;
    if page.status != StatusCode::OK {
        return page;
    }
    let (csrf, token) = (page.hidden("csrf"), page.hidden("token"));
    browser.post("/sign-up/link", &[("csrf", &csrf), ("token", &token), ("password", password)]).await
}

fn is_closed(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"closed\"")
}

fn link_on(page: &Page, id: &str) -> String {
    let link = page.body.split(&format!("id=\"{id}\" href=\"")).nth(1).and_then(|rest| rest.split('"').next());
    link.unwrap_or_else(|| panic!("no link {id}: {}", page.body)).replace("&#38;", "&")
}

/// The page on which a user of the shop creates an account.
async fn from_the_shop(browser: &Browser, shop: &App) -> Page {
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    browser.open(&link_on(&login, "create-account")).await
}

#[tokio::test]
async fn digits_create_the_account_and_the_request_goes_on() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = from_the_shop(&browser, &shop).await;
    let sent = submit(&browser, &page, " Nari  Kim ", "Nari@Example.org", PASSWORD).await;
    let digits_page = browser.follow(sent).await;
    assert!(digits_page.body.contains("id=\"confirm-sign-up\""), "{}", digits_page.body);
    assert_eq!(server.count("users").await, 2, "no account yet");
    let letter = mailbox.newest(&server, ADDRESS, 1).await;
    assert!(!letter.text().contains("Nari Kim"), "a mail repeats nothing that was entered: {}", letter.text());
    let digits = letter.digits();
    let wrong = enter_digits(&browser, &digits_page, if digits == "000000" { "000001" } else { "000000" }).await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("id=\"error\""), "{}", wrong.body);

    let done = enter_digits(&browser, &digits_page, &digits).await;
    let consent = browser.follow(done).await;
    assert!(consent.is_consent(), "{}", consent.body);
    let tokens = shop.exchange(&browser.allow(&consent, &["profile:read"]).await).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let nari = server.user(ADDRESS).await;
    assert_eq!((&*nari.username, nari.email_verified), ("nari-kim", true));
    assert_eq!(nari.standard_claims().expect("claims").name.as_deref(), Some("Nari Kim"));
    assert!(is_closed(&enter_digits(&browser, &digits_page, &digits).await), "they work once");
    assert!(mails_to(&server, ADDRESS, Some(writ::store::notices::Kind::NewBrowser)).await.is_empty());
    let other = server.browser();
    let login = other.open("/account").await;
    assert!(other.sign_in_with(&login, ADDRESS, PASSWORD).await.body.contains("You created the account"));
}

#[tokio::test]
async fn entry_creates_no_account_once_sign_up_is_closed_to_it() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    sign_up(&server.browser(), "Nari", ADDRESS).await;
    let link = mailbox.newest(&server, ADDRESS, 1).await.link(&server);
    let off = server.second_node_with_settings(|settings| settings.sign_up.mode = SignUpMode::Off).await;
    let blocked = |settings: &mut Settings| settings.sign_up.blocked_domains = vec!["example.org".to_owned()];
    let blocked = server.second_node_with_settings(blocked).await;
    for node in [&off, &blocked] {
        assert!(is_closed(&follow(&node.browser(), &link, PASSWORD).await));
    }
    assert_eq!(server.count("users").await, 2);
    follow(&server.browser(), &link, PASSWORD).await;
    assert_eq!(server.count("users").await, 3);
}

#[tokio::test]
async fn link_needs_the_password_and_restarts_the_request_in_another_browser() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = from_the_shop(&browser, &shop).await;
    submit(&browser, &page, "Nari", ADDRESS, PASSWORD).await;
    let link = mailbox.newest(&server, ADDRESS, 1).await.link(&server);

    let phone = server.browser();
    let form = phone.open(&link).await;
    assert!(form.body.contains("id=\"confirm-sign-up\"") && form.body.contains("Nari"), "{}", form.body);
    assert_eq!((form.header("referrer-policy"), form.header("cache-control")), ("no-referrer", "no-store"));
    assert_eq!(server.count("users").await, 2, "a GET creates nothing");
    let wrong = follow(&phone, &link, "another wise heron").await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("id=\"error\""), "{}", wrong.body);
    assert_eq!(server.count("users").await, 2);
    let done = follow(&phone, &link, PASSWORD).await;
    assert!(done.cookie("writ_session").is_some(), "{}", done.body);
    let elsewhere = phone.follow(done).await;
    assert!(!elsewhere.is_consent(), "the request belongs to the first browser: {}", elsewhere.body);
    let consent = phone.open(&link_on(&elsewhere, "continue")).await;
    assert!(consent.is_consent(), "{}", consent.body);
    assert!(is_closed(&follow(&phone, &link, PASSWORD).await), "it works once");
}

#[tokio::test]
async fn taken_address_is_disclosed_to_its_owner_only() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let free = sign_up(&browser, "Nari", ADDRESS).await;
    let taken = sign_up(&browser, "Nari", "minji@example.com").await;
    let normal = |page: &Page, address: &str| {
        let body = page.body.replace(address, "ADDRESS").replace(&page.hidden("token"), "TOKEN");
        body.replace(&page.hidden("proof"), "PROOF")
    };
    assert_eq!(taken.status, free.status);
    assert_eq!(normal(&taken, "minji@example.com"), normal(&free, ADDRESS));
    let letter = mailbox.newest(&server, "minji@example.com", 1).await;
    assert!(letter.text().contains("minji") && !letter.text().contains("token"), "{}", letter.text());
    let id = link::find(&server.server.front.form_key, Purpose::SignUpForm, &taken.hidden("token")).expect("an id");
    let digits = link::digits(&server.server.front.form_key, id);
    assert!(is_closed(&enter_digits(&browser, &taken, &digits).await), "even the right digits create nothing");
    assert_eq!(server.count("users").await, 2);
    assert_eq!(server.user("minji@example.com").await.username, "minji");
}

#[tokio::test]
async fn entry_that_breaks_a_rule_is_refused_before_anything_is_stored() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |settings| {
        settings.sign_up.allowed_domains = vec!["example.org".to_owned()];
        settings.sign_up.blocked_domains = vec!["bad.example.org".to_owned()];
    })
    .await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let long = "many wise otters ".repeat(61);
    for (name, address, password) in [
        ("", ADDRESS, PASSWORD),
        ("   ", ADDRESS, PASSWORD),
        ("Al\u{202e}ice", ADDRESS, PASSWORD),
        (&*"가".repeat(101), ADDRESS, PASSWORD),
        ("Nari", "nari", PASSWORD),
        ("Nari", "nari@localhost", PASSWORD),
        ("Nari", "nari@example.org\r\nBcc: x@example.org", PASSWORD),
        ("Nari", "nari@example.com", PASSWORD),
        ("Nari", "nari@bad.example.org", PASSWORD),
        ("Nari", ADDRESS, "short"),
        ("Nari", ADDRESS, "password"),
        ("Nari", ADDRESS, &long),
        ("Wonderful Nari Kim", ADDRESS, "wonderful2026"),
    ] {
        let refused = submit(&browser, &page, name, address, password).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{name:?} {address:?} {password:?}");
        assert!(!refused.body.contains(&format!("value=\"{password}\"")), "the password is not repeated");
    }
    let stranger = server.browser();
    let forged = submit(&stranger, &page, "Nari", ADDRESS, PASSWORD).await;
    assert!(forged.next().is_none(), "the form was shown to another browser: {}", forged.body);
    stranger.open("/sign-up").await;
    let forged = submit(&stranger, &page, "Nari", ADDRESS, PASSWORD).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    assert_eq!((server.count("sign_ups").await, server.count("mails").await), (0, 0));
    assert!(submit(&browser, &page, "Nari", "nari@mail.example.org", PASSWORD).await.next().is_some());
}

#[tokio::test]
async fn forms_mails_and_digits_are_bounded() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |settings| settings.throttle.network_attempts = 4).await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let mut throttled = 0;
    for number in 0..40 {
        let sent = submit(&browser, &page, "Nari", &format!("nari{number}@example.org"), PASSWORD).await;
        throttled += usize::from(sent.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(throttled > 0);

    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let mut page = sign_up(&browser, "Nari", ADDRESS).await;
    for _ in 0..6 {
        page = sign_up(&browser, "Nari", ADDRESS).await;
    }
    assert_eq!(mails_to(&server, ADDRESS, None).await.len(), 5);
    let mut throttled = 0;
    for number in 0..14 {
        let guess = enter_digits(&browser, &page, &format!("{number:05}x")).await;
        throttled += usize::from(guess.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(throttled, 4);
    let another = sign_up(&browser, "Nari", ADDRESS).await;
    let guess = enter_digits(&browser, &another, "000000").await;
    assert_eq!(guess.status, StatusCode::TOO_MANY_REQUESTS, "another form allows no further guesses");
}

/// The owner of the address must not confirm an account whose password a stranger chose.
#[tokio::test]
async fn digits_count_only_in_the_browser_that_asked_for_them() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let stranger = server.browser();
    let page = stranger.open("/sign-up").await;
    let sent = submit(&stranger, &page, "Nari", ADDRESS, PASSWORD).await.next().expect("the page of the digits");
    let digits = mailbox.newest(&server, ADDRESS, 1).await.digits();
    let own = stranger.open(&sent).await;
    let owner = server.browser();
    owner.open("/login").await;
    assert!(is_closed(&owner.open(&sent).await));
    let (csrf, token, proof) = (page.hidden("csrf"), own.hidden("token"), own.hidden("proof"));
    let fields = [("csrf", &*csrf), ("token", &token), ("proof", &proof), ("code", &digits)];
    assert!(is_closed(&owner.post("/sign-up/digits", &fields).await));
    assert_eq!(server.count("users").await, 2);
    assert!(enter_digits(&stranger, &own, &digits).await.next().is_some());
}

#[tokio::test]
async fn confirmation_is_void_after_its_time_and_with_a_token_of_another_purpose() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let browser = server.browser();
    let page = sign_up(&browser, "Nari", ADDRESS).await;
    let letter = mailbox.newest(&server, ADDRESS, 1).await;
    let form_token = page.hidden("token");
    assert!(is_closed(&browser.open(&format!("/sign-up/link?token={form_token}")).await));
    let link = letter.link(&server);
    let (_, token) = link.split_once("token=").expect("a token");
    for path in ["/sign-up/digits", "/sign-up", "/recover/password", "/confirm-email", "/take-back"] {
        assert_eq!(browser.open(&format!("{path}?token={token}")).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    server.clock.advance(sign_ups::LIFETIME);
    assert!(is_closed(&enter_digits(&browser, &page, &letter.digits()).await));
    assert!(is_closed(&follow(&browser, &link, PASSWORD).await));
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn usernames_resemble_the_name_and_no_other() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let mut names = Vec::new();
    for (number, name) in ["Alice", "A1ice", "\u{1f600}", "\u{1f600}"].into_iter().enumerate() {
        let browser = server.browser();
        let address = format!("user{number}@example.org");
        let page = sign_up(&browser, name, &address).await;
        let digits = mailbox.newest(&server, &address, 1).await.digits();
        let done = enter_digits(&browser, &page, &digits).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        names.push(server.write(move |tx| users::find_by_email(tx, &address)).await.expect("a user").username);
    }
    let is_numbered =
        |name: &str, start: &str| name.strip_prefix(start).is_some_and(|rest| rest.parse::<u32>().is_ok());
    assert!(is_numbered(&names[0], "alice-") && is_numbered(&names[1], "a1ice-"), "{names:?}");
    assert!(names[2] == "user" && is_numbered(&names[3], "user-"), "{names:?}");
}

#[tokio::test]
async fn invitation_creates_one_account_for_its_address() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |settings| {
        settings.sign_up.mode = SignUpMode::Invitation;
        settings.sign_up.allowed_domains = vec!["example.com".to_owned()];
    })
    .await;
    let browser = server.browser();
    assert!(is_closed(&browser.open("/sign-up").await), "only with an invitation");
    assert!(!browser.open("/login").await.body.contains("id=\"create-account\""));
    let invite = async |address: &'static str| {
        let id = server.write(move |tx| invitations::insert(tx, address, &GroupIds::default())).await;
        link::path(&server.server.front.form_key, Purpose::Invitation, id)
    };
    let (link, other) = (invite(ADDRESS).await, invite(ADDRESS).await);
    let page = browser.open(&link).await;
    assert!(page.body.contains("readonly") && page.body.contains(ADDRESS), "{}", page.body);
    let weak = submit(&browser, &page, "Nari", ADDRESS, "password").await;
    assert!(weak.status == StatusCode::BAD_REQUEST && weak.body.contains(ADDRESS), "{}", weak.body);
    let done = submit(&browser, &page, "Nari", "evil@example.org", PASSWORD).await;
    let account = browser.follow(done).await;
    assert!(account.body.contains("id=\"edit-profile\""), "{}", account.body);
    let nari = server.user(ADDRESS).await;
    assert_eq!((&*nari.username, nari.email_verified), ("nari", true), "the address is that of the invitation");
    assert!(is_closed(&browser.open(&link).await), "it works once");
    let second = browser.open(&other).await;
    assert!(is_closed(&submit(&browser, &second, "Nari", ADDRESS, PASSWORD).await), "the address has an account");

    let late = invite("late@example.org").await;
    let page = browser.open(&late).await;
    server.clock.advance(invitations::LIFETIME);
    assert!(is_closed(&submit(&browser, &page, "Late", "", PASSWORD).await), "it has expired");
    assert_eq!(server.count("users").await, 3);
}

#[tokio::test]
async fn sign_up_is_off_by_default() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let id = server.write(|tx| invitations::insert(tx, ADDRESS, &GroupIds::default())).await;
    let invitation = link::path(&server.server.front.form_key, Purpose::Invitation, id);
    for path in ["/sign-up", &invitation] {
        assert!(is_closed(&browser.open(path).await), "{path}");
    }
    assert!(!browser.open("/login").await.body.contains("id=\"create-account\""));
    let posted = [("name", "Nari"), ("email", ADDRESS), ("new_password", PASSWORD)];
    assert!(is_closed(&browser.post("/sign-up", &posted).await));
    assert_eq!(server.count("sign_ups").await, 0);
}

/// In several rounds on two nodes, two sign-ups with one address are confirmed twice each.
#[tokio::test]
async fn one_of_several_confirmations_creates_the_account() {
    let mailbox = Mailbox::new();
    let server = start(&mailbox, |_| {}).await;
    let second = server.second_node().await;
    for round in 0..8 {
        let address = format!("round{round}@example.org");
        let browsers = [&server, &second, &server, &second].map(TestServer::browser);
        let mut forms = Vec::new();
        for browser in &browsers[..2] {
            forms.push(sign_up(browser, "Nari", &address).await);
        }
        let key = &server.server.front.form_key;
        let ids = forms.iter().map(|form| link::find(key, Purpose::SignUpForm, &form.hidden("token")).expect("an id"));
        let ids: Vec<_> = ids.collect();
        let links = ids.iter().map(|id| link::path(key, Purpose::SignUp, *id));
        let with_links = join_all(
            browsers[2..].iter().zip(links).map(async |(browser, link)| follow(browser, &link, PASSWORD).await),
        );
        let with_digits = join_all(
            browsers[..2]
                .iter()
                .zip(&forms)
                .zip(&ids)
                .map(async |((browser, form), id)| enter_digits(browser, form, &link::digits(key, *id)).await),
        );
        let (one, other) = futures_util::future::join(with_links, with_digits).await;
        let pages = one.iter().chain(&other);
        let won = pages.clone().filter(|page| page.cookie("writ_session").is_some()).count();
        assert!(pages.clone().all(|page| page.status.as_u16() < 500), "round {round}");
        assert_eq!((won, server.count("users").await), (1, 3 + round), "round {round}");
    }
    let mails = server.write(|tx| mails::list(tx, 1000)).await;
    assert!(mails.iter().all(|mail| mail.kind == Kind::SignUp.as_str()));
}
