//! The change of an e-mail address: confirmed first, returned with the link of a notice.

use futures_util::future::{join, join_all};
use reqwest::StatusCode;
use serde_json::Value;
use writ::{
    administration::{self, Actor},
    fault::Fault,
    store::{
        Id, Tx, accounts, email_verifications, mails,
        notices::Kind,
        totp_factors::{self, TotpFactor},
        users::{self, User},
    },
};

use crate::support::{
    Browser, Page, TestServer,
    mailbox::{Letter, Mailbox, mails_to},
};

const NEW: &str = "new@example.org";

/// A browser in which `username` is signed in.
async fn signed_in(server: &TestServer, username: &str) -> Browser {
    let browser = server.browser();
    let login = browser.open("/account").await;
    browser.sign_in(&login, username).await;
    browser
}

async fn post(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let page = browser.open("/account/email").await;
    let csrf = page.hidden("csrf");
    let fields: Vec<_> = [("csrf", &*csrf)].into_iter().chain(fields.iter().copied()).collect();
    browser.post("/account/email", &fields).await
}

async fn enter(browser: &Browser, address: &str) -> Page {
    post(browser, &[("email", address)]).await
}

/// Submits the form that a link leads to.
async fn follow(browser: &Browser, link: &str) -> Page {
    let (path, token) = link.split_once("?token=").expect("a token");
    browser.post(path, &[("token", token)]).await
}

async fn email(server: &TestServer, username: &'static str) -> (Option<String>, bool) {
    let user = server.user(username).await;
    (user.email, user.email_verified)
}

fn verified(address: &str) -> (Option<String>, bool) {
    (Some(address.to_owned()), true)
}

/// The number of mails to addresses that users entered.
async fn entered(server: &TestServer) -> usize {
    let mails = server.write(|tx| mails::list(tx, 100)).await;
    mails.iter().filter(|mail| mail.kind == mails::Kind::EmailVerification.as_str()).count()
}

fn is_void(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"invalid\"")
}

#[tokio::test]
async fn new_address_counts_once_its_link_is_followed_in_any_browser() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    let sent = enter(&browser, "New@Example.org").await;
    assert!(sent.status == StatusCode::OK && sent.body.contains("id=\"pending\""), "{}", sent.body);
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"), "nothing changed yet");

    let link = mailbox.newest(&server, NEW, 1).await.link(&server);
    let other = server.browser();
    let form = other.open(&link).await;
    assert!(form.body.contains("id=\"confirm-email\"") && form.body.contains("alice"), "{}", form.body);
    assert_eq!((form.header("referrer-policy"), form.header("cache-control")), ("no-referrer", "no-store"));
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"), "a GET changes nothing");
    let done = follow(&other, &link).await;
    assert!(done.body.contains("id=\"confirmed\""), "{}", done.body);
    assert_eq!(done.cookie("writ_session"), None, "a link does not sign in");
    assert_eq!(email(&server, "alice").await, verified(NEW));
    assert!(is_void(&follow(&other, &link).await), "it works once");
    assert!(browser.open("/account").await.body.contains("An e-mail address was confirmed"));
}

#[tokio::test]
async fn digits_of_the_mail_confirm_the_address() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    enter(&browser, NEW).await;
    let digits = mailbox.newest(&server, NEW, 1).await.digits();
    let wrong = post(&browser, &[("code", if digits == "000000" { "000001" } else { "000000" })]).await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("id=\"error\""), "{}", wrong.body);
    let minji = signed_in(&server, "minji").await;
    assert_eq!(post(&minji, &[("code", &digits)]).await.status, StatusCode::BAD_REQUEST, "they are alice's");
    let spaced = format!("{} {}", &digits[..3], &digits[3..]);
    let done = post(&browser, &[("code", &spaced)]).await;
    assert!(done.body.contains("id=\"done\"") && !done.body.contains("id=\"pending\""), "{}", done.body);
    assert_eq!(email(&server, "alice").await, verified(NEW));
    assert_eq!(post(&browser, &[("code", &digits)]).await.status, StatusCode::BAD_REQUEST, "they work once");
}

#[tokio::test]
async fn wrong_digits_are_bounded_also_over_several_mails() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    enter(&browser, NEW).await;
    let digits = mailbox.newest(&server, NEW, 1).await.digits();
    let mut throttled = 0;
    for number in 0..14 {
        let guess = format!("{number:06}");
        throttled += usize::from(guess != digits && post(&browser, &[("code", &guess)]).await.status == 429);
    }
    assert!(throttled >= 3, "{throttled}");
    enter(&browser, "other@example.org").await;
    enter(&browser, NEW).await;
    let digits = mailbox.newest(&server, NEW, 2).await.digits();
    assert_eq!(post(&browser, &[("code", &digits)]).await.status, 429, "a further mail allows no further guesses");
    let link = mailbox.newest(&server, NEW, 2).await.link(&server);
    assert!(follow(&browser, &link).await.body.contains("id=\"confirmed\""), "the link still works");
}

#[tokio::test]
async fn taken_address_is_disclosed_to_its_owner_only() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    let free = enter(&browser, NEW).await;
    let taken = enter(&browser, "minji@example.com").await;
    let normal = |page: &Page, address: &str| page.body.replace(address, "ADDRESS");
    assert_eq!(taken.status, free.status);
    assert_eq!(normal(&taken, "minji@example.com"), normal(&free, NEW));
    let letter = mailbox.newest(&server, "minji@example.com", 1).await;
    assert!(letter.text().contains("your account minji") && !letter.text().contains("alice"), "{}", letter.text());
    assert!(!letter.text().contains("token"), "it has no link: {}", letter.text());
    // Even the right digits give no one the address of another user.
    let alice = server.user("alice").await;
    let pending = server.write(move |tx| email_verifications::find_of_user(tx, &alice)).await.expect("pending");
    let digits = writ::mail::link::digits(&server.server.front.form_key, pending.id);
    assert_eq!(post(&browser, &[("code", &digits)]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));
    assert_eq!(email(&server, "minji").await, verified("minji@example.com"));
}

#[tokio::test]
async fn confirmation_is_void_after_its_time_and_after_another_change() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    let mut browser = signed_in(&server, "alice").await;
    let mut count = 0;
    let mut pending = async |browser: &Browser| {
        enter(browser, NEW).await;
        count += 1;
        mailbox.newest(&server, NEW, count).await.link(&server)
    };
    let stranger = server.browser();

    let link = pending(&browser).await;
    server.clock.advance(email_verifications::LIFETIME);
    assert!(is_void(&stranger.open(&link).await) && is_void(&follow(&stranger, &link).await), "it has expired");

    browser = signed_in(&server, "alice").await;
    let link = pending(&browser).await;
    enter(&browser, "third@example.org").await;
    assert!(is_void(&follow(&stranger, &link).await), "another address was entered");

    let link = pending(&browser).await;
    server.write(move |tx| users::set_email(tx, alice, Some("set@example.org"), true)).await;
    assert!(is_void(&follow(&stranger, &link).await), "an administrator set an address");

    let link = pending(&browser).await;
    server.write(move |tx| accounts::set_password(tx, alice, "$argon2id$none")).await;
    assert!(is_void(&follow(&stranger, &link).await), "the password was changed");
    assert_eq!(email(&server, "alice").await, verified("set@example.org"));
    let forged = link.replace("token=", "token=A");
    assert!(is_void(&stranger.open(&forged).await));
}

#[tokio::test]
async fn address_that_was_entered_in_a_revoked_session_cannot_be_confirmed() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    let owner = signed_in(&server, "alice").await;
    let intruder = signed_in(&server, "alice").await;
    enter(&intruder, NEW).await;
    let link = mailbox.newest(&server, NEW, 1).await.link(&server);
    let page = owner.open("/account/sessions").await;
    let (csrf, session) = (page.hidden("csrf"), page.hidden("session"));
    owner.post("/account/sessions", &[("csrf", &*csrf), ("session", &*session)]).await;
    assert_eq!(intruder.get("/account").await.status, StatusCode::SEE_OTHER, "the session has ended");
    assert!(is_void(&follow(&intruder, &link).await), "ended by its user");

    let intruder = signed_in(&server, "alice").await;
    enter(&intruder, NEW).await;
    let link = mailbox.newest(&server, NEW, 2).await.link(&server);
    server.write(move |tx| accounts::end_passkey_sessions(tx, alice, Id::now_v7())).await;
    assert!(is_void(&follow(&intruder, &link).await), "a passkey was removed");
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));
}

#[tokio::test]
async fn link_of_a_disabled_or_deleted_account_is_void() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    let browser = signed_in(&server, "alice").await;
    enter(&browser, NEW).await;
    let link = mailbox.newest(&server, NEW, 1).await.link(&server);
    server.write(move |tx| accounts::disable(tx, alice)).await;
    assert!(is_void(&follow(&server.browser(), &link).await));
    server.write(move |tx| accounts::delete(tx, alice)).await;
    assert!(is_void(&follow(&server.browser(), &link).await));
    assert_eq!(server.count("email_verifications").await, 0);
    assert_eq!(server.count("mails").await, 0, "its mails are deleted with it");
}

/// Changes the address and returns the notice to the earlier one.
async fn change(server: &TestServer, mailbox: &Mailbox, browser: &Browser, from: &str, to: &str) -> Letter {
    enter(browser, to).await;
    let digits = mailbox.newest(server, to, 1).await.digits();
    post(browser, &[("code", &digits)]).await;
    mailbox.newest_notice(server, from, Kind::EmailChanged, 1).await
}

#[tokio::test]
async fn earlier_address_gets_a_notice_that_returns_it_for_72_hours() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    let letter = change(&server, &mailbox, &browser, "alice@example.com", NEW).await;
    assert!(!letter.text().contains(NEW), "the earlier mailbox does not learn the new address: {}", letter.text());
    let link = letter.link(&server);

    let victim = server.browser();
    let form = victim.open(&link).await;
    assert!(form.body.contains("id=\"take-back\"") && form.body.contains("alice@example.com"), "{}", form.body);
    assert_eq!(email(&server, "alice").await, verified(NEW), "a GET changes nothing");
    server.clock.advance(72 * 3600 - 1);
    let choose = follow(&victim, &link).await;
    let choose = victim.follow(choose).await;
    assert!(choose.body.contains("id=\"choose\"") && choose.cookie("writ_session").is_none(), "{}", choose.body);
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));
    assert_eq!(server.count("sessions").await, 0, "signed out everywhere");
    let login = victim.open("/login").await;
    assert!(victim.sign_in(&login, "alice").await.is_login(), "the old password is void");

    let (token, new) = (choose.hidden("token"), "three otters at the weir");
    let changed = victim.post("/recover/password", &[("token", &token), ("new_password", new)]).await;
    assert!(changed.body.contains("id=\"changed\""), "{}", changed.body);
    assert!(victim.sign_in_with(&login, "alice@example.com", new).await.body.contains("id=\"edit-profile\""));
    assert!(is_void(&follow(&victim, &link).await), "it works once");
}

#[tokio::test]
async fn notice_is_void_after_72_hours_and_after_an_earlier_one_was_used() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let mut browser = signed_in(&server, "alice").await;
    let mut notices = Vec::new();
    for (address, earlier) in [(NEW, "alice@example.com"), ("evil@example.net", NEW)] {
        notices.push(change(&server, &mailbox, &browser, earlier, address).await.link(&server));
    }
    let stranger = server.browser();
    assert!(follow(&stranger, &notices[0]).await.next().is_some(), "the owner of the first address");
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));
    assert!(is_void(&follow(&stranger, &notices[1]).await), "the attacker, who reads a later notice");
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));

    let alice = server.user_id("alice").await;
    let hash = server.user("minji").await.password_hash.expect("a hash");
    server.write(move |tx| accounts::set_password(tx, alice, &hash)).await;
    browser = signed_in(&server, "alice").await;
    enter(&browser, "last@example.org").await;
    let digits = mailbox.newest(&server, "last@example.org", 1).await.digits();
    post(&browser, &[("code", &digits)]).await;
    let link = mailbox.newest_notice(&server, "alice@example.com", Kind::EmailChanged, 2).await.link(&server);
    server.clock.advance(72 * 3600);
    assert!(is_void(&follow(&stranger, &link).await));
    assert_eq!(email(&server, "alice").await, verified("last@example.org"));
}

#[tokio::test]
async fn notice_of_an_attacker_does_not_outlive_the_repair_by_an_operator() {
    type Repair = fn(&mut Tx<'_>, &Actor, &User) -> Result<(), Fault>;
    let repairs: [Repair; 5] = [
        |tx, actor, user| administration::users::set_email(tx, actor, user, Some("alice@example.com"), true),
        |tx, actor, user| administration::users::verify_email(tx, actor, user).map(drop),
        |tx, actor, user| administration::users::set_password(tx, actor, user, "hash"),
        |tx, actor, user| administration::users::recover(tx, actor, user).map(drop),
        |tx, actor, user| {
            administration::users::disable(tx, actor, user)?.expect("no administrator is needed");
            administration::users::enable(tx, actor, user).map(drop)
        },
    ];
    for (number, repair) in repairs.into_iter().enumerate() {
        let mailbox = Mailbox::new();
        let server = mailbox.start().await;
        let browser = signed_in(&server, "alice").await;
        change(&server, &mailbox, &browser, "alice@example.com", NEW).await;
        let link = change(&server, &mailbox, &browser, NEW, "evil@example.net").await.link(&server);
        let alice = server.user("alice").await;
        let actor = Actor::at_command_line("ada".to_owned(), None, &server.shared_secrets().await);
        server.write(move |tx| repair(tx, &actor, &alice)).await;
        assert!(is_void(&follow(&server.browser(), &link).await), "repair {number}");
    }
}

#[tokio::test]
async fn notice_of_an_attacker_ends_when_the_owner_returns_to_the_address() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "minji").await;
    let link = change(&server, &mailbox, &browser, "minji@example.com", "mallory@example.net").await.link(&server);
    enter(&browser, "minji@example.com").await;
    let digits = mailbox.newest(&server, "minji@example.com", 1).await.digits();
    post(&browser, &[("code", &digits)]).await;
    assert_eq!(email(&server, "minji").await, verified("minji@example.com"));
    let sent = mails_to(&server, "mallory@example.net", Some(Kind::EmailChanged)).await;
    assert!(sent.is_empty(), "the one who took the address gets no link");
    assert!(is_void(&follow(&server.browser(), &link).await), "the notice is used");
}

#[tokio::test]
async fn second_factor_set_up_by_an_attacker_is_removed_with_the_link_of_a_notice() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    let link = change(&server, &mailbox, &browser, "alice@example.com", NEW).await.link(&server);
    let user_id = server.user_id("alice").await;
    server
        .write(move |tx| {
            let factor = TotpFactor { user_id, id: Id::now_v7(), sealed: vec![1], last_step: 0, created_at: tx.now };
            totp_factors::insert(tx, &factor)
        })
        .await;
    assert!(follow(&server.browser(), &link).await.next().is_some());
    assert!(server.write(move |tx| totp_factors::find(tx, user_id)).await.is_none());
}

#[tokio::test]
async fn notice_returns_no_address_that_another_account_has_by_now() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let browser = signed_in(&server, "alice").await;
    let link = change(&server, &mailbox, &browser, "alice@example.com", NEW).await.link(&server);
    let minji = server.user_id("minji").await;
    server.write(move |tx| users::set_email(tx, minji, Some("alice@example.com"), true)).await;
    assert!(is_void(&follow(&server.browser(), &link).await));
    assert_eq!(email(&server, "alice").await, verified(NEW));
    assert_eq!(email(&server, "minji").await, verified("alice@example.com"));
}

#[tokio::test]
async fn entering_addresses_is_bounded_and_needs_a_recent_sign_in() {
    let mailbox = Mailbox::new();
    let server = TestServer::start_with(|settings| {
        mailbox.receive(settings);
        settings.throttle.account_attempts = 4;
    })
    .await;
    let browser = signed_in(&server, "alice").await;
    for malformed in ["", "alice", "a b@example.org", "alice@localhost", "alice@example.org\r\nBcc: x@example.org"] {
        let refused = enter(&browser, malformed).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{malformed:?}");
    }
    let mut throttled = 0;
    for number in 0..8 {
        throttled += usize::from(enter(&browser, &format!("a{number}@example.org")).await.status == 429);
    }
    assert_eq!((throttled, entered(&server).await), (4, 4));
    let page = browser.open("/account/email").await;
    server.clock.advance(601);
    let csrf = page.hidden("csrf");
    let late = browser.post("/account/email", &[("csrf", &csrf), ("email", NEW)]).await;
    assert_eq!(late.next().as_deref(), Some("/account/confirm?then=/account/email"));
    let forged = browser.post("/account/email", &[("csrf", "forged"), ("email", NEW)]).await;
    assert!(forged.status != StatusCode::OK || !forged.body.contains("id=\"pending\""));
    assert_eq!(entered(&server).await, 4);
}

#[tokio::test]
async fn mails_to_an_entered_address_are_bounded_over_all_accounts() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    for username in ["alice", "minji"] {
        let browser = signed_in(&server, username).await;
        for _ in 0..4 {
            assert!(enter(&browser, NEW).await.body.contains("id=\"pending\""));
        }
    }
    assert_eq!(mails_to(&server, NEW, None).await.len(), 5);
}

#[tokio::test]
async fn page_names_the_contact_and_changes_nothing_when_there_is_no_mail() {
    let server = TestServer::start_with(|settings| settings.mail.contact = Some("help@example.com".to_owned())).await;
    let browser = signed_in(&server, "alice").await;
    let page = browser.open("/account/email").await;
    assert!(page.body.contains("id=\"unavailable\"") && page.body.contains("help@example.com"), "{}", page.body);
    assert!(!page.body.contains("id=\"send\""), "{}", page.body);
    let csrf = browser.open("/account/profile").await.hidden("csrf");
    for fields in [[("csrf", &*csrf), ("email", NEW)], [("csrf", &*csrf), ("code", "123456")]] {
        assert!(browser.post("/account/email", &fields).await.body.contains("id=\"unavailable\""));
    }
    browser.post("/account/profile", &[("csrf", &csrf), ("name", "Alice"), ("email", NEW)]).await;
    assert_eq!(email(&server, "alice").await, verified("alice@example.com"));
    assert_eq!((server.count("mails").await, server.count("email_verifications").await), (0, 0));
}

#[tokio::test]
async fn unverified_address_is_confirmed_without_a_notice() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| users::set_email(tx, alice, Some(NEW), false)).await;
    let browser = signed_in(&server, "alice").await;
    let page = browser.open("/account/email").await;
    assert!(page.body.contains(&format!("name=\"email\" value=\"{NEW}\"")), "{}", page.body);
    enter(&browser, NEW).await;
    let link = mailbox.newest(&server, NEW, 1).await.link(&server);
    assert!(follow(&browser, &link).await.body.contains("id=\"confirmed\""));
    assert_eq!(email(&server, "alice").await, verified(NEW));
    assert!(mails_to(&server, NEW, Some(Kind::EmailChanged)).await.is_empty());
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["email_verified"], true);
    let again = enter(&browser, NEW).await;
    assert!(!again.body.contains("id=\"pending\""), "it is confirmed already: {}", again.body);
}

/// In many rounds on two nodes, two users confirm the same address.
#[tokio::test]
async fn one_of_two_users_confirms_an_address() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let second = server.second_node().await;
    let (alice, minji) = (server.user_id("alice").await, server.user_id("minji").await);
    for round in 0..20 {
        let address = format!("round{round}@example.org");
        let mut ids = Vec::new();
        for user_id in [alice, minji] {
            let address = address.clone();
            ids.push(
                server
                    .write(move |tx| {
                        users::set_email(tx, user_id, None, false)?;
                        let user = users::find(tx, user_id)?.expect("a user");
                        email_verifications::insert(tx, &user, &address)
                    })
                    .await,
            );
        }
        let key = &server.server.front.form_key;
        let links = ids.iter().map(|id| writ::mail::link::path(key, writ::mail::link::Purpose::EmailVerification, *id));
        let links: Vec<_> = links.collect();
        let (one, other) = (server.browser(), second.browser());
        let (one, other) = join(follow(&one, &links[0]), follow(&other, &links[1])).await;
        let won = [&one, &other].map(|page| page.body.contains("id=\"confirmed\""));
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {} {}", one.status, other.status);
        let owners = [email(&server, "alice").await, email(&server, "minji").await].map(|(_, verified)| verified);
        assert_eq!(owners, won, "round {round}");
    }
}

/// In many rounds on two nodes, a link is followed four times at once while the password changes or
/// the account is deleted.
#[tokio::test]
async fn confirmation_has_one_effect_and_loses_against_a_change_of_the_account() {
    let mailbox = Mailbox::new();
    let server = mailbox.start().await;
    let second = server.second_node().await;
    let alice = server.user_id("alice").await;
    let hash = server.user("alice").await.password_hash.expect("a hash");
    let pending = async |address: String| {
        let enter = move |tx: &mut writ::store::Tx<'_>| {
            let user = users::find(tx, alice)?.expect("a user");
            email_verifications::insert(tx, &user, &address)
        };
        let id = server.write(enter).await;
        let key = &server.server.front.form_key;
        writ::mail::link::path(key, writ::mail::link::Purpose::EmailVerification, id)
    };
    let browsers = [&server, &second, &server, &second].map(TestServer::browser);
    for round in 0..15 {
        let address = format!("round{round}@example.org");
        let link = pending(address.clone()).await;
        let pages = join_all(browsers.iter().map(|browser| follow(browser, &link))).await;
        let won = pages.iter().filter(|page| page.body.contains("id=\"confirmed\"")).count();
        assert_eq!((won, email(&server, "alice").await), (1, verified(&address)), "round {round}");

        // A confirmation after the change of the password has no effect.
        let late = format!("late{round}@example.org");
        let (link, hash) = (pending(late.clone()).await, hash.clone());
        let change = second.write(move |tx| accounts::set_password(tx, alice, &hash));
        let (page, _) = join(follow(&browsers[0], &link), change).await;
        let confirmed = page.body.contains("id=\"confirmed\"");
        assert!(confirmed || is_void(&page), "round {round}: {}", page.body);
        let now = if confirmed { &late } else { &address };
        assert_eq!(email(&server, "alice").await, verified(now), "round {round}");
        assert!(is_void(&follow(&browsers[1], &link).await), "round {round}");
    }
    let link = pending("gone@example.org".to_owned()).await;
    let (page, deleted) = join(follow(&browsers[0], &link), second.write(move |tx| accounts::delete(tx, alice))).await;
    assert!(deleted && page.status.as_u16() < 500, "{}", page.status);
    assert_eq!(server.count("email_verifications").await, 0);
}
