//! Passkeys on the account pages: what they prove, and how they are added, renamed and removed.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use writ::store::{Id, Tx, accounts, notices::Kind, passkeys, sessions};

use crate::support::{
    TestServer,
    authenticator::{Authenticator, enter_password, set_up},
    mailbox::{Mailbox, mails_to},
    passkey::{
        PASSKEYS, Passkey, confirm, is_in, is_refused, post, registered, start, submit, with_host_name, with_passkey,
    },
    seed::PASSWORD,
};

const ALICE: &str = "alice@example.com";

#[tokio::test]
async fn password_alone_adds_no_factor_beside_a_passkey() {
    let (server, browser, mut passkey) = with_passkey().await;
    for path in ["/account/passkeys/new", "/account/second-factor/set-up"] {
        let asked = browser.open(path).await;
        assert!(asked.url.contains("/account/confirm?then=") && !asked.body.contains("id=\"password\""), "{asked:?}");
    }
    let removal = submit(&browser, "/account/passkeys/remove", &[]).await;
    assert_eq!(removal.next().as_deref(), Some("/account/confirm?then=/account/passkeys"));
    let (_, mut of_minji) = registered(&server, "minji").await;
    assert!(is_refused(&confirm(&browser, &mut of_minji, PASSKEYS).await), "a passkey of another user");
    let confirmed = confirm(&browser, &mut passkey, "/account/passkeys/new").await;
    assert_eq!(confirmed.next().as_deref(), Some("/account/passkeys/new"));
    assert_eq!(Passkey::bound(&server).register(&browser).await.next().as_deref(), Some(PASSKEYS));
    assert_eq!(server.count("passkeys").await, 3);
    set_up(&server, &browser).await;
    assert_eq!(server.count("totp_factors").await, 1);
}

#[tokio::test]
async fn old_passkey_and_fresh_password_change_no_factor_and_no_address() {
    let (server, browser, mut passkey) = with_passkey().await;
    confirm(&browser, &mut passkey, PASSKEYS).await;
    assert!(browser.open("/account/passkeys/new").await.body.contains("id=\"new-passkey\""));
    server.clock.advance(601);
    let page = browser.open("/account/confirm?then=/account").await;
    let fields = [("csrf", &*page.hidden("csrf")), ("then", "/account"), ("password", PASSWORD)];
    assert_eq!(browser.post("/account/confirm", &fields).await.next().as_deref(), Some("/account"));
    for path in ["/account/passkeys/new", "/account/email"] {
        let asked = browser.open(path).await;
        assert!(asked.url.contains("/account/confirm?then=") && !asked.body.contains("id=\"password\""), "{asked:?}");
    }
    confirm(&browser, &mut passkey, "/account/email").await;
    assert_eq!(browser.get("/account/email").await.status, StatusCode::OK);
}

#[tokio::test]
async fn passkey_is_a_fresh_proof_where_the_password_is_asked_again() {
    let (server, browser, mut passkey) = with_passkey().await;
    server.clock.advance(601);
    let asked = browser.open("/account/profile").await;
    assert!(asked.body.contains("id=\"password\"") && asked.body.contains("id=\"passkey\""), "{}", asked.body);
    let confirmed = confirm(&browser, &mut passkey, "/account/profile").await;
    assert_eq!(confirmed.next().as_deref(), Some("/account/profile"));
    assert_eq!(browser.get("/account/profile").await.status, StatusCode::OK);
    // A response to the sign-in page is none to this one.
    let login = server.browser().open("/login").await;
    let page = browser.open("/account/confirm?then=/account/profile").await;
    let own = [("csrf", page.hidden("csrf")), ("then", page.hidden("then"))];
    let response = passkey.assertion(&login);
    assert!(is_refused(&post(&browser, "/account/confirm", &own, response).await));
}

#[tokio::test]
async fn user_with_a_second_factor_proves_it_before_a_passkey_is_added() {
    let server = start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let elsewhere = server.browser();
    enter_password(&elsewhere, "alice").await;
    let (app, _): (Authenticator, _) = set_up(&server, &elsewhere).await;
    server.clock.advance(30);
    let asked = browser.open("/account/passkeys/new").await;
    assert!(asked.url.contains("/account/second-factor/prove"), "{asked:?}");
    let prove = async |code: &str| {
        let fields = [("csrf", &*asked.hidden("csrf")), ("code", code)];
        browser.post("/account/second-factor/prove", &fields).await
    };
    assert!(is_refused(&prove("000000").await));
    assert_eq!(prove(&app.code(&server)).await.next().as_deref(), Some(PASSKEYS));
    assert_eq!(Passkey::bound(&server).register(&browser).await.next().as_deref(), Some(PASSKEYS));
    let mut passkey = Passkey::bound(&server);
    passkey.register(&elsewhere).await;
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_in(&passkey.sign_in(&other, &login).await), "a passkey is two factors, so that no code is asked for");
}

#[tokio::test]
async fn passkey_is_renamed_and_removed_by_its_user_only() {
    let (server, browser, mut passkey) = with_passkey().await;
    let alices = browser.open(PASSKEYS).await.hidden("passkey");
    assert_eq!(submit(&browser, PASSKEYS, &[("name", " My  phone ")]).await.next().as_deref(), Some(PASSKEYS));
    assert!(browser.open(PASSKEYS).await.body.contains("My phone"));
    assert!(is_refused(&submit(&browser, PASSKEYS, &[("name", " ")]).await));
    let (minji, mut of_minji) = registered(&server, "minji").await;
    confirm(&minji, &mut of_minji, PASSKEYS).await;
    let csrf = minji.open(PASSKEYS).await.hidden("csrf");
    let foreign = [("csrf", &*csrf), ("passkey", &alices), ("name", "Mine")];
    minji.post(PASSKEYS, &foreign).await;
    minji.post("/account/passkeys/remove", &foreign).await;
    assert!(browser.open(PASSKEYS).await.body.contains("My phone"));

    let opened = server.browser();
    let login = opened.open("/login").await;
    assert!(is_in(&passkey.sign_in(&opened, &login).await));
    confirm(&browser, &mut passkey, PASSKEYS).await;
    let removed = submit(&browser, "/account/passkeys/remove", &[]).await;
    assert!(opened.open("/account").await.is_login(), "what the passkey has opened ends");
    assert!(removed.body.contains("id=\"done\"") && removed.body.contains("id=\"no-passkey\""), "{}", removed.body);
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&other, &login).await));
    assert_eq!(server.count("passkeys").await, 1);
}

#[tokio::test]
async fn first_of_many_passkeys_at_once_takes_the_proof_from_the_others() {
    let server = start().await;
    let node = server.second_node().await;
    let alice = server.user_id("alice").await;
    for round in 0..4 {
        let mut ready = Vec::new();
        for number in 0..8 {
            let browser = server.browser();
            enter_password(&browser, "alice").await;
            let page = browser.open("/account/passkeys/new").await;
            let fields = Passkey::bound(&server).creation(&page);
            ready.push((browser.at(&[&server, &node][number % 2].issuer), [("csrf", page.hidden("csrf"))], fields));
        }
        let posts = ready
            .into_iter()
            .map(|(browser, own, fields)| async move { post(&browser, "/account/passkeys/new", &own, fields).await });
        join_all(posts).await;
        let remove_all = move |tx: &mut Tx<'_>| {
            let registered = passkeys::list_of_user(tx, alice)?;
            registered.iter().try_for_each(|passkey| passkeys::delete(tx, alice, passkey.id).map(drop))?;
            Ok(registered.len())
        };
        assert_eq!(server.write(remove_all).await, 1, "round {round}");
    }
}

#[tokio::test]
async fn user_has_a_bounded_number_of_passkeys() {
    let (server, browser, mut passkey) = with_passkey().await;
    let alice = server.user_id("alice").await;
    let add = move |tx: &mut Tx<'_>| {
        let known = passkeys::list_of_user(tx, alice)?.remove(0);
        (0..18).try_for_each(|number| {
            let (id, credential_id) = (Id::now_v7(), vec![number; 16]);
            passkeys::insert(tx, &passkeys::Passkey { id, credential_id, ..known.clone() })
        })
    };
    server.write(add).await;
    confirm(&browser, &mut passkey, "/account/passkeys/new").await;
    for registered in [20, 20] {
        Passkey::bound(&server).register(&browser).await;
        assert_eq!(server.count("passkeys").await, registered);
    }
}

#[tokio::test]
async fn last_way_to_sign_in_is_not_removed() {
    let (server, browser, mut passkey) = with_passkey().await;
    let alice = server.user_id("alice").await;
    confirm(&browser, &mut passkey, PASSKEYS).await;
    // The account has no password any more, and the session is put back.
    let session = server.write(move |tx| sessions::list_of_user(tx, alice)).await.remove(0);
    server
        .write(move |tx| {
            accounts::lock_out(tx, alice)?;
            sessions::insert(tx, &session)
        })
        .await;
    let refused = submit(&browser, "/account/passkeys/remove", &[]).await;
    assert!(is_refused(&refused) && refused.body.contains("could not sign in any more"), "{}", refused.body);
    Passkey::bound(&server).register(&browser).await;
    assert!(submit(&browser, "/account/passkeys/remove", &[]).await.body.contains("id=\"done\""));
}

#[tokio::test]
async fn new_and_removed_passkeys_send_a_notice_each() {
    let mailbox = Mailbox::new();
    let server = TestServer::start_with(|settings| {
        with_host_name(settings);
        mailbox.receive(settings);
    })
    .await;
    let (browser, mut passkey) = registered(&server, "alice").await;
    assert_eq!(mails_to(&server, ALICE, Some(Kind::PasskeyAdded)).await.len(), 1);
    confirm(&browser, &mut passkey, PASSKEYS).await;
    submit(&browser, "/account/passkeys/remove", &[]).await;
    assert_eq!(mails_to(&server, ALICE, Some(Kind::PasskeyRemoved)).await.len(), 1);
}

#[tokio::test]
async fn take_back_removes_passkeys_of_the_last_72_hours_and_keeps_older_ones() {
    let mailbox = Mailbox::new();
    let server = TestServer::start_with(|settings| {
        with_host_name(settings);
        mailbox.receive(settings);
    })
    .await;
    let (browser, mut owners) = registered(&server, "alice").await;
    mailbox.newest_notice(&server, ALICE, Kind::NewBrowser, 1).await;
    server.clock.advance(72 * 3600 + 120);
    confirm(&browser, &mut owners, PASSKEYS).await;
    let mut attackers = Passkey::bound(&server);
    attackers.register(&browser).await;
    // The owner follows a later notice than that of the passkey.
    server.clock.advance(300);
    let thief = server.browser();
    let login = thief.open("/login").await;
    assert!(is_in(&attackers.sign_in(&thief, &login).await));
    let notice = mailbox.newest_notice(&server, ALICE, Kind::NewBrowser, 2).await;
    let link = notice.text().split_whitespace().find(|word| word.contains("/take-back?token=")).expect("a link");
    let token = link.split_once("token=").expect("a token").1;
    server.browser().post("/take-back", &[("token", token)]).await;
    assert_eq!(server.count("passkeys").await, 1);
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_refused(&attackers.sign_in(&other, &login).await));
    assert!(is_refused(&owners.sign_in(&other, &login).await), "only a recovery opens the account");
    let alice = server.user_id("alice").await;
    server.write(move |tx| accounts::set_password(tx, alice, "$argon2id$")).await;
    let login = other.open("/login").await;
    assert!(is_in(&owners.sign_in(&other, &login).await), "the owner's passkey is older");
}

#[tokio::test]
async fn operator_removes_every_passkey_and_user_has_them_in_the_data() {
    let (server, browser, mut passkey) = with_passkey().await;
    confirm(&browser, &mut passkey, PASSKEYS).await;
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["passkeys"][0]["backup_eligible"], json!(false), "{data}");
    let alice = server.user_id("alice").await;
    assert!(server.write(move |tx| accounts::reset_factors(tx, alice)).await);
    assert_eq!(server.count("passkeys").await, 0);
    assert!(!server.write(move |tx| accounts::reset_factors(tx, alice)).await);
}

#[tokio::test]
async fn account_without_a_password_is_kept_with_a_passkey() {
    let (server, browser, mut passkey) = with_passkey().await;
    let remove = async || {
        let csrf = browser.open(PASSKEYS).await.hidden("csrf");
        browser.post("/account/password/remove", &[("csrf", &csrf)]).await
    };
    let asked = remove().await.next().unwrap_or_default();
    assert!(asked.starts_with("/account/confirm?then="), "the password alone does not remove itself: {asked}");
    confirm(&browser, &mut passkey, PASSKEYS).await;
    let page = browser.open("/account/password").await;
    assert!(page.body.contains("id=\"remove-password\""), "{}", page.body);
    assert_eq!(remove().await.next().as_deref(), Some("/account"));
    assert!(browser.open("/account").await.body.contains("The password was removed"));
    let other = server.browser();
    let login = other.open("/login").await;
    let refused = other.post_password(&login, "alice", PASSWORD).await;
    assert!(is_refused(&refused) && refused.body.contains("do not match"), "{}", refused.body);

    // The pages that ask for the password ask for the passkey.
    server.clock.advance(601);
    for path in ["/account/password", "/account/delete"] {
        let asked = browser.open(path).await;
        assert!(asked.body.contains("id=\"passkey\"") && !asked.body.contains("id=\"password\""), "{}", asked.body);
        let csrf = asked.hidden("csrf");
        let posted = browser.post(path, &[("csrf", &csrf), ("new_password", "three otters at the weir")]).await;
        assert!(posted.next().is_some_and(|next| next.starts_with("/account/confirm")), "{posted:?}");
    }
    confirm(&browser, &mut passkey, "/account/password").await;
    let csrf = browser.open("/account/password").await.hidden("csrf");
    let chosen =
        browser.post("/account/password", &[("csrf", &csrf), ("new_password", "three otters at the weir")]).await;
    assert!(chosen.body.contains("id=\"done\""), "{}", chosen.body);
    assert_eq!(remove().await.next().as_deref(), Some("/account"));
    let csrf = browser.open("/account/delete").await.hidden("csrf");
    assert!(browser.post("/account/delete", &[("csrf", &csrf)]).await.body.contains("id=\"deleted\""));
    assert_eq!(server.count("passkeys").await, 0);
}

#[tokio::test]
async fn password_is_not_removed_without_a_passkey() {
    let server = start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    assert!(!browser.open("/account/password").await.body.contains("id=\"remove-password\""));
    let csrf = browser.open("/account/password").await.hidden("csrf");
    browser.post("/account/password/remove", &[("csrf", &csrf)]).await;
    assert!(server.user("alice").await.password_hash.is_some());
}
