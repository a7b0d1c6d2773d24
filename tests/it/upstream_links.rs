//! The links of a user to other providers, and what takes them back.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use writ::{
    fault::Fault,
    store::{Id, Tx, accounts, linked_subjects, notices::Kind, sessions},
};

use crate::support::{
    Browser, Page, TestServer,
    mailbox::{Mailbox, mails_to},
    provider::{START, StubProvider, decide_link, is_account, is_first_time, leave},
    seed::PASSWORD,
};

const LINKS: &str = "/account/links";

/// The path of the link to the provider on the page of the links.
fn add_path(page: &Page) -> String {
    let path = page.body.split("href=\"/account/links/add").nth(1).and_then(|rest| rest.split('"').next());
    let query = path.unwrap_or_else(|| panic!("no offer: {page:?}")).replace("&amp;", "&").replace("&#38;", "&");
    format!("/account/links/add{query}")
}

/// Links the user of this browser to a user of the provider.
async fn add(stub: &StubProvider, server: &TestServer, browser: &Browser, subject: &str) -> Page {
    let page = browser.open(LINKS).await;
    stub.sign_in(
        server,
        browser,
        &add_path(&page),
        json!({ "sub": subject, "email": "ada@stub.example", "email_verified": true }),
    )
    .await
}

async fn remove(browser: &Browser, issuer: &str, subject: &str) -> Page {
    let page = browser.open(LINKS).await;
    let fields = [("csrf", &*page.hidden("csrf")), ("issuer", issuer), ("subject", subject)];
    let page = browser.post(LINKS, &fields).await;
    browser.follow(page).await
}

async fn signed_in(server: &TestServer, username: &str) -> Browser {
    let browser = server.browser();
    let login = browser.open("/login").await;
    assert!(is_account(&browser.sign_in(&login, username).await));
    browser
}

async fn link(stub: &StubProvider, server: &TestServer, username: &'static str) -> Id {
    let (id, issuer) = (server.user_id(username).await, stub.issuer());
    server.write(move |tx| linked_subjects::insert(tx, id, &issuer, "u1")).await;
    id
}

#[tokio::test]
async fn user_links_and_unlinks_a_provider_and_is_informed() {
    let (stub, mailbox) = (StubProvider::start(), Mailbox::new());
    let server = stub.server_with(json!({}), |settings| mailbox.receive(settings)).await;
    let browser = signed_in(&server, "alice").await;
    let page = add(&stub, &server, &browser, "u1").await;
    assert!(page.body.contains("Stub ID") && page.body.contains("ada@stub.example"), "{}", page.body);
    assert!(add(&stub, &server, &browser, "u2").await.body.contains("Stub ID"), "several are possible");
    let data = browser.open("/account/data").await;
    assert!(data.body.contains("ada@stub.example") && !data.body.contains("access_token"), "{}", data.body);
    let phone = server.browser();
    assert!(is_account(&stub.sign_in(&server, &phone, START, json!({})).await));

    remove(&browser, &stub.issuer(), "u1").await;
    assert!(phone.open("/account").await.is_login(), "the sessions that began with it have ended");
    assert!(is_account(&browser.open("/account").await), "the others have not");
    assert!(is_first_time(&stub.sign_in(&server, &phone, START, json!({})).await));
    for (kind, count) in [(Kind::ProviderLinked, 2), (Kind::ProviderUnlinked, 1)] {
        assert_eq!(mails_to(&server, "alice@example.com", Some(kind)).await.len(), count, "{kind:?}");
    }
    let events = browser.open("/account").await.body;
    for event in ["Signing in with Stub ID was connected", "Signing in with Stub ID was removed"] {
        assert!(events.contains(event), "{events}");
    }
    let gone = remove(&browser, &stub.issuer(), "u1").await;
    assert_eq!(gone.status, StatusCode::OK);
}

#[tokio::test]
async fn sign_in_at_a_provider_links_once() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let browser = server.browser();
    let own = browser.open("/login").await.cookie("writ_browser").expect("an id");
    let arrived = stub.arrive(&server, &browser, START, &json!({})).await;
    let unlinked = arrived.cookie("writ_unlinked").expect("a handle");
    let login = browser.open("/login").await;
    let signed_in = browser.post_password(&login, "alice", PASSWORD).await;
    let session = signed_in.cookie("writ_session").expect("a session");
    let link = browser.follow(signed_in).await;
    decide_link(&browser, &link, "link").await;
    assert_eq!(server.count("linked_subjects").await, 1);
    remove(&browser, &stub.issuer(), "u1").await;
    assert_eq!(server.count("linked_subjects").await, 0);
    // The browser goes back, and still has the cookie.
    let cookies = format!("writ_browser={own}; writ_unlinked={unlinked}; writ_session={session}");
    decide_link(&browser.with_cookies(&cookies), &link, "link").await;
    assert_eq!(server.count("linked_subjects").await, 0);
}

#[tokio::test]
async fn link_needs_a_recent_sign_in_and_the_form_of_this_session() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let (alice, minji) = (signed_in(&server, "alice").await, signed_in(&server, "minji").await);
    let path = add_path(&alice.open(LINKS).await);
    for forged in [path.split('&').next().expect("a path").to_owned(), add_path(&minji.open(LINKS).await)] {
        let page = alice.get(&forged).await;
        assert!(page.status == StatusCode::BAD_REQUEST && page.next().is_none(), "{}", page.body);
    }
    server.clock.advance(600);
    let page = alice.get(&path).await;
    assert!(page.next().is_some_and(|next| next.starts_with("/account/confirm")), "{}", page.body);
    let unlinked = alice.post(LINKS, &[("csrf", &alice.open("/account/profile").await.hidden("csrf"))]).await;
    assert!(unlinked.next().is_some_and(|next| next.starts_with("/account/confirm")), "{}", unlinked.body);
    assert_eq!(server.count("upstream_attempts").await, 0);
}

#[tokio::test]
async fn user_of_a_provider_is_linked_to_one_account() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    link(&stub, &server, "minji").await;
    let browser = signed_in(&server, "alice").await;
    let page = add(&stub, &server, &browser, "u1").await;
    assert!(page.status == StatusCode::BAD_REQUEST && page.body.contains("another account"), "{}", page.body);
    assert_eq!(server.count("linked_subjects").await, 1);
}

#[tokio::test]
async fn link_is_void_when_its_session_has_ended() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let browser = signed_in(&server, "alice").await;
    let away = leave(&browser, &add_path(&browser.open(LINKS).await)).await;
    stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({}))));
    let login = browser.open("/login").await;
    browser.sign_in(&login, "minji").await;
    let page = browser.open(&away.callback("code=c")).await;
    assert!(page.status == StatusCode::BAD_REQUEST && page.body.contains("start again"), "{}", page.body);
    assert_eq!((server.count("linked_subjects").await, stub.site.fetched("/token")), (0, 0));
}

#[tokio::test]
async fn last_way_to_sign_in_stays() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let alice = link(&stub, &server, "alice").await;
    let browser = signed_in(&server, "alice").await;
    let unconfigured = server.write(move |tx| {
        linked_subjects::insert(tx, alice, "https://other.example", "x")?;
        accounts::lock_out(tx, alice)?;
        linked_subjects::insert(tx, alice, "https://other.example", "x")
    });
    unconfigured.await;
    assert!(browser.open(LINKS).await.is_login());
    link(&stub, &server, "alice").await;
    assert!(is_account(&stub.sign_in(&server, &browser, START, json!({})).await));
    let page = remove(&browser, &stub.issuer(), "u1").await;
    assert!(page.status == StatusCode::BAD_REQUEST && page.body.contains("only way to sign in"), "{}", page.body);
    assert!(add(&stub, &server, &browser, "u2").await.body.contains("ada@stub.example"));
    assert_eq!(remove(&browser, &stub.issuer(), "u1").await.status, StatusCode::OK);
    assert!(is_account(&browser.open("/account").await), "the session of this browser stays");
}

#[tokio::test]
async fn taking_the_account_back_removes_every_link() {
    let (stub, mailbox) = (StubProvider::start(), Mailbox::new());
    let server = stub.server_with(json!({}), |settings| mailbox.receive(settings)).await;
    let browser = signed_in(&server, "alice").await;
    add(&stub, &server, &browser, "u1").await;
    let letter = mailbox.newest_notice(&server, "alice@example.com", Kind::ProviderLinked, 1).await;
    let owner = server.browser();
    let page = owner.open(&letter.link(&server)).await;
    owner.post("/take-back", &[("token", &page.hidden("token"))]).await;
    assert_eq!((server.count("linked_subjects").await, server.count("sessions").await), (0, 0));
    assert!(is_first_time(&stub.sign_in(&server, &server.browser(), START, json!({})).await));
}

#[tokio::test]
async fn user_who_fears_another_removes_every_link_with_the_password() {
    use writ::{
        mail::link::{self, Purpose},
        store::{AfterSignIn, recoveries},
    };
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    link(&stub, &server, "alice").await;
    for (disconnect, left) in [(None, 1), (Some(("disconnect", "yes")), 0)] {
        let alice = server.user("alice").await;
        let id = server.write(move |tx| recoveries::insert(tx, &alice, None, AfterSignIn::default())).await;
        let url =
            link::url(&server.server.settings.server.issuer, &server.server.front.form_key, Purpose::Recovery, id);
        let (_, token) = url.split_once("token=").expect("a token");
        let fields = [("token", token), ("new_password", "three otters at the weir")];
        let fields: Vec<_> = fields.into_iter().chain(disconnect).collect();
        let changed = server.browser().post("/recover/password", &fields).await;
        assert!(changed.body.contains("id=\"changed\""), "{}", changed.body);
        assert_eq!(server.count("linked_subjects").await, left);
    }
}

#[tokio::test]
async fn trusted_address_links_no_more_after_a_link_was_taken_back() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": ["example.com"] })).await;
    let alice = server.user_id("alice").await;
    let claims = |sub: &str| json!({ "sub": sub, "email": "alice@example.com", "email_verified": true });
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, claims("u1")).await));
    let another = stub.sign_in(&server, &server.browser(), START, claims("u2")).await;
    assert!(is_first_time(&another), "the address may have passed to another user: {}", another.body);
    let issuer = stub.issuer();
    assert!(server.write(move |tx| accounts::unlink(tx, alice, &issuer, "u1", None)).await);
    assert!(is_first_time(&stub.sign_in(&server, &server.browser(), START, claims("u1")).await));
    let browser = signed_in(&server, "alice").await;
    add(&stub, &server, &browser, "u1").await;
    server.write(move |tx| accounts::lock_out(tx, alice)).await;
    assert!(is_first_time(&stub.sign_in(&server, &server.browser(), START, claims("u1")).await));
}

type TakeBack = fn(&mut Tx<'_>, Id, &str) -> Result<bool, Fault>;

/// What is taken back while the token response of the provider is on its way is not issued.
#[rstest]
#[case::unlinked(|tx: &mut Tx<'_>, id, issuer: &str| accounts::unlink(tx, id, issuer, "u1", None))]
#[case::disabled(|tx: &mut Tx<'_>, id, _: &str| accounts::disable(tx, id))]
#[case::deleted(|tx: &mut Tx<'_>, id, _: &str| accounts::delete(tx, id))]
#[case::locked_out(|tx: &mut Tx<'_>, id, _: &str| accounts::lock_out(tx, id).map(|()| true))]
#[tokio::test]
async fn sign_in_sees_what_was_taken_back_during_the_fetch(#[case] take_back: TakeBack) {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let alice = link(&stub, &server, "alice").await;
    let browser = server.browser();
    let away = leave(&browser, START).await;
    let id_token = stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({})));
    stub.site.hold("/token", json!({ "access_token": "at", "id_token": id_token }).to_string());
    let path = away.callback("code=c");
    let (page, ()) = tokio::join!(browser.get(&path), async {
        crate::support::eventually("the code is redeemed", async || stub.site.fetched("/token") == 1).await;
        let issuer = stub.issuer();
        assert!(server.write(move |tx| take_back(tx, alice, &issuer)).await);
        stub.site.release("/token");
    });
    assert!(page.cookie("writ_session").is_none(), "{page:?}");
    assert_eq!(server.count("sessions").await, 0);
}

/// The same for a link.
#[rstest]
#[case::deleted(|tx: &mut Tx<'_>, id, _: &str| accounts::delete(tx, id))]
#[case::disabled(|tx: &mut Tx<'_>, id, _: &str| accounts::disable(tx, id))]
#[case::locked_out(|tx: &mut Tx<'_>, id, _: &str| accounts::lock_out(tx, id).map(|()| true))]
#[case::signed_out(|tx: &mut Tx<'_>, id, _: &str| accounts::sign_out(tx, id).map(|()| true))]
#[tokio::test]
async fn link_sees_what_was_taken_back_during_the_fetch(#[case] take_back: TakeBack) {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let (alice, browser) = (server.user_id("alice").await, signed_in(&server, "alice").await);
    let away = leave(&browser, &add_path(&browser.open(LINKS).await)).await;
    let id_token = stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({})));
    stub.site.hold("/token", json!({ "access_token": "at", "id_token": id_token }).to_string());
    let path = away.callback("code=c");
    let (page, ()) = tokio::join!(browser.open(&path), async {
        crate::support::eventually("the code is redeemed", async || stub.site.fetched("/token") == 1).await;
        assert!(server.write(move |tx| take_back(tx, alice, "")).await);
        stub.site.release("/token");
    });
    assert!(!page.status.is_server_error(), "{page:?}");
    assert_eq!(server.count("linked_subjects").await, 0);
}

#[tokio::test]
async fn second_step_is_void_after_the_link_was_removed() {
    use crate::support::authenticator::{enter_code, set_up};
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let alice = link(&stub, &server, "alice").await;
    let browser = signed_in(&server, "alice").await;
    let (app, _) = set_up(&server, &browser).await;
    server.clock.advance(30);
    let phone = server.browser();
    let code = stub.sign_in(&server, &phone, START, json!({})).await;
    let issuer = stub.issuer();
    assert!(server.write(move |tx| accounts::unlink(tx, alice, &issuer, "u1", None)).await);
    let page = enter_code(&phone, &code, &app.code(&server), &[]).await;
    assert!(page.status == StatusCode::BAD_REQUEST && page.cookie("writ_session").is_none(), "{}", page.body);
    assert_eq!(server.write(move |tx| sessions::list_of_user(tx, alice)).await.len(), 1);
}

#[tokio::test]
async fn same_callback_on_two_nodes_signs_in_once() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let second = server.second_node().await;
    link(&stub, &server, "alice").await;
    for round in 1..=4 {
        let browser = server.browser();
        let elsewhere = browser.at(&second.issuer);
        let away = leave(&browser, START).await;
        stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &away.nonce, &json!({}))));
        let path = away.callback("code=c");
        let (a, b) = tokio::join!(browser.get(&path), elsewhere.get(&path));
        let statuses = [a.status, b.status];
        assert!(
            statuses.contains(&StatusCode::SEE_OTHER) && statuses.contains(&StatusCode::BAD_REQUEST),
            "{statuses:?}"
        );
        assert_eq!((server.count("sessions").await, stub.site.fetched("/token")), (round, round as usize));
    }
}
