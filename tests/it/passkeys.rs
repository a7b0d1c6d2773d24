//! Passkeys: registration, sign-in without a username, proof in a session, removal.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use writ::store::{accounts, notices::Kind, sessions};

use crate::support::{
    App, Browser, Page, TestServer,
    authenticator::{Authenticator, enter_password, set_up},
    mailbox::{Mailbox, mails_to},
    passkey::{Passkey, post, sign_in, with_host_name},
    seed::PASSWORD,
};

const ALICE: &str = "alice@example.com";
const OVERVIEW: &str = "/account/passkeys";
const SCOPE: &str = "openid profile:read";

async fn start() -> TestServer {
    TestServer::start_with(with_host_name).await
}

/// A server on which alice has a passkey, and the browser in which she registered it.
async fn with_passkey() -> (TestServer, Browser, Passkey) {
    let server = start().await;
    let (browser, passkey) = registered(&server, "alice").await;
    (server, browser, passkey)
}

async fn registered(server: &TestServer, username: &str) -> (Browser, Passkey) {
    let browser = server.browser();
    enter_password(&browser, username).await;
    let mut passkey = Passkey::bound(server);
    assert_eq!(passkey.register(&browser).await.next().as_deref(), Some(OVERVIEW));
    (browser, passkey)
}

fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.cookie("writ_session").is_some_and(|cookie| !cookie.is_empty())
}

fn is_refused(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("id=\"error\"") && !is_in(page)
}

/// A ceremony that requires no verification of the user, with the tag of the issued one.
fn tampered(ceremony: &str) -> String {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(ceremony).expect("base64url");
    let at = bytes.iter().position(|byte| *byte == b'{').expect("a state");
    let state = String::from_utf8_lossy(&bytes[at..]).replace("required", "preferred");
    assert!(state.contains("preferred"), "{state}");
    BASE64_URL_SAFE_NO_PAD.encode([&bytes[..at], state.as_bytes()].concat())
}

/// Posts a form about the first passkey on the account page.
async fn submit(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(OVERVIEW).await;
    let (csrf, passkey) = (page.hidden("csrf"), page.hidden("passkey"));
    let mut all = vec![("csrf", &*csrf), ("passkey", &passkey)];
    all.extend(fields);
    browser.post(path, &all).await
}

#[tokio::test]
async fn passkey_signs_in_without_a_username_and_completes_the_request() {
    let (server, browser, mut passkey) = with_passkey().await;
    let shop = server.shop().await;
    let other = server.browser();
    let login = other.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(login.body.contains("autocomplete=\"username webauthn\""), "{}", login.body);
    let signed_in = passkey.sign_in(&other, &login).await;
    assert!(is_in(&signed_in), "{signed_in:?}");
    let consent = other.follow(signed_in).await;
    let answered = other.allow(&consent, &["openid", "profile:read"]).await;
    let tokens = shop.exchange(&answered).await.ok();
    let claims = tokens.claims("id_token");
    assert_eq!(claims["sub"], server.user_id("alice").await.to_string());
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:writ:acr:mfa"), &json!(["pop", "user", "mfa"])));
    assert_eq!(claims["auth_time"], server.clock.now());
    let password = json!("urn:writ:acr:password");
    let essential = json!({ "id_token": { "acr": { "essential": true, "value": password } } }).to_string();
    let answered = other.open(&shop.authorize_url(SCOPE, &[("claims", &essential)])).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&password, &json!(["pop", "user"])), "the class that is required");
    let overview = browser.open(OVERVIEW).await;
    assert!(
        overview.body.contains("Last used on") && overview.body.contains("On one device only"),
        "{}",
        overview.body
    );
    assert!(browser.open("/account").await.body.contains("A passkey was added"));
}

#[tokio::test]
async fn synced_passkey_signs_in_again_and_again_without_a_counter() {
    let server = start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let mut passkey = Passkey::synced(&server);
    passkey.aaguid = *b"\xd5\x48\x82\x6e\x79\xb4\xdb\x40\xa3\xd8\x11\x11\x6f\x7e\x83\x49";
    passkey.register(&browser).await;
    let overview = browser.open(OVERVIEW).await;
    assert!(overview.body.contains("Bitwarden") && overview.body.contains("On all devices"), "{}", overview.body);
    let shop = server.shop().await;
    for _ in 0..2 {
        let other = server.browser();
        let login = other.open(&shop.authorize_url(SCOPE, &[("prompt", "consent")])).await;
        let consent = other.follow(passkey.sign_in(&other, &login).await).await;
        let answered = other.allow(&consent, &["openid", "profile:read"]).await;
        let claims = shop.exchange(&answered).await.ok().claims("id_token");
        assert_eq!(claims["amr"], json!(["swk", "user", "mfa"]));
    }
}

#[rstest]
#[case::on_a_page_of_another_site(|passkey: &mut Passkey| passkey.origin = "https://evil.example".to_owned())]
#[case::for_another_rp_id(|passkey: &mut Passkey| passkey.rp_id = "evil.example".to_owned())]
#[case::without_user_verification(|passkey: &mut Passkey| passkey.flags = 1)]
#[case::without_user_presence(|passkey: &mut Passkey| passkey.flags = 4)]
#[case::that_can_be_copied_suddenly(|passkey: &mut Passkey| passkey.flags |= 8)]
#[case::without_a_user(|passkey: &mut Passkey| passkey.user_handle.clear())]
#[case::that_is_unknown(|passkey: &mut Passkey| passkey.credential_id[0] ^= 1)]
#[case::with_a_counter_that_stays(|passkey: &mut Passkey| passkey.counter = 0)]
#[tokio::test]
async fn sign_in_is_refused_with_a_passkey(#[case] spoil: fn(&mut Passkey)) {
    let (server, _, passkey) = with_passkey().await;
    let mut wrong = passkey.clone();
    spoil(&mut wrong);
    let browser = server.browser();
    let login = browser.open("/login").await;
    let refused = wrong.sign_in(&browser, &login).await;
    assert!(is_refused(&refused), "{refused:?}");
    assert!(is_in(&passkey.clone().sign_in(&browser, &login).await), "the challenge is left for the right one");
}

#[tokio::test]
async fn registration_is_refused_without_verification_on_another_site_and_for_another_rp() {
    let server = start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let right = Passkey::bound(&server);
    for wrong in [
        Passkey { flags: 1, ..right.clone() },
        Passkey { origin: server.issuer.clone(), ..right.clone() },
        Passkey { rp_id: "example.com".to_owned(), ..right.clone() },
        Passkey { credential_id: Vec::new(), ..right.clone() },
    ] {
        assert!(is_refused(&wrong.clone().register(&browser).await));
    }
    assert_eq!(server.count("passkeys").await, 0);
}

#[tokio::test]
async fn challenge_is_answered_once_in_its_browser_and_in_time() {
    let (server, _, mut passkey) = with_passkey().await;
    let [browser, other] = [server.browser(), server.browser()];
    let login = browser.open("/login").await;
    let elsewhere = other.open("/login").await;
    let stolen = passkey.assertion(&login);
    assert!(is_refused(&sign_in(&other, &elsewhere, stolen).await), "another browser");
    let response = passkey.assertion(&login);
    assert!(is_in(&sign_in(&browser, &login, response.clone()).await));
    assert!(is_refused(&sign_in(&browser, &login, response).await), "replayed");
    let second = passkey.assertion(&login);
    assert!(is_refused(&sign_in(&browser, &login, second).await), "answered by another response");
    let late = browser.open("/login").await;
    server.clock.advance(600);
    assert!(is_refused(&passkey.sign_in(&browser, &late).await), "too late");
    let fresh = browser.open("/login").await;
    for forged in ["AAAA".to_owned(), tampered(&fresh.hidden("ceremony"))] {
        let mut response = passkey.assertion(&fresh);
        response[0].1 = forged;
        assert!(is_refused(&sign_in(&browser, &fresh, response).await), "not issued");
    }
    // A challenge of another purpose.
    let page = registered(&server, "minji").await.0.open("/account/passkeys/new").await;
    let response = passkey.assertion(&page);
    assert!(is_refused(&sign_in(&browser, &late, response).await), "a registration");
}

#[tokio::test]
async fn one_of_eight_responses_to_a_challenge_wins() {
    // Without a counter, only the challenge decides.
    let server = start().await;
    let owner = server.browser();
    enter_password(&owner, "alice").await;
    let mut passkey = Passkey::synced(&server);
    passkey.register(&owner).await;
    let alice = server.user_id("alice").await;
    let node = server.second_node().await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    let response = passkey.assertion(&login);
    let nodes = [&server, &node];
    let before = server.write(move |tx| sessions::list_of_user(tx, alice)).await.len();
    let attempts = (0..8).map(|number| {
        let (browser, login, response) = (browser.at(&nodes[number % 2].issuer), &login, response.clone());
        async move { is_in(&sign_in(&browser, login, response).await) }
    });
    let accepted = join_all(attempts).await.into_iter().filter(|accepted| *accepted).count();
    let after = server.write(move |tx| sessions::list_of_user(tx, alice)).await.len();
    assert_eq!((accepted, after - before), (1, 1));
}

#[tokio::test]
async fn cloned_counter_is_refused_and_the_user_sees_it() {
    let (server, browser, mut passkey) = with_passkey().await;
    let mut clone = passkey.clone();
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_in(&passkey.sign_in(&other, &login).await));
    let thief = server.browser();
    let login = thief.open("/login").await;
    assert!(is_refused(&clone.sign_in(&thief, &login).await));
    assert!(browser.open("/account").await.body.contains("there may be a copy of it"));
    assert!(is_in(&passkey.sign_in(&thief, &login).await), "the newer counter goes on");
}

#[tokio::test]
async fn passkey_opens_no_disabled_deleted_or_locked_out_account() {
    let (server, _, mut passkey) = with_passkey().await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    server.write(move |tx| accounts::disable(tx, alice)).await;
    assert!(is_refused(&passkey.sign_in(&browser, &login).await));
    server.write(move |tx| accounts::enable(tx, alice)).await;
    assert!(is_in(&passkey.sign_in(&browser, &login).await));
    server.write(move |tx| accounts::delete(tx, alice)).await;
    assert_eq!(server.count("passkeys").await, 0);
    let login = browser.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&browser, &login).await));
}

#[tokio::test]
async fn registration_needs_a_recent_sign_in_of_a_live_session_and_its_own_challenge() {
    let (server, browser, mut passkey) = with_passkey().await;
    let page = browser.open("/account/passkeys/new").await;
    assert!(page.url.contains("/account/confirm?then="), "alice has a passkey by now: {page:?}");
    let minji = server.browser();
    enter_password(&minji, "minji").await;
    let page = minji.open("/account/passkeys/new").await;
    assert_eq!(page.header("content-security-policy").matches("script-src 'self'").count(), 1);
    let known = Passkey { user_handle: passkey.user_handle.clone(), ..passkey.clone() };
    let own = [("csrf", page.hidden("csrf"))];
    let fields = known.creation(&page);
    assert!(is_refused(&post(&minji, "/account/passkeys/new", &own, fields).await), "a passkey of alice");
    let other = Passkey::bound(&server).creation(&browser.open("/login").await);
    assert!(is_refused(&post(&minji, "/account/passkeys/new", &own, other).await), "a challenge of the sign-in page");

    let fields = Passkey::bound(&server).creation(&page);
    server.clock.advance(601);
    let asked = post(&minji, "/account/passkeys/new", &own, fields.clone()).await;
    assert_eq!(asked.next().as_deref(), Some("/account/confirm?then=/account/passkeys/new"));
    let csrf = minji.open("/logout").await.hidden("csrf");
    minji.post("/logout", &[("csrf", &csrf)]).await;
    let signed_out = post(&minji, "/account/passkeys/new", &own, fields).await;
    assert_eq!(signed_out.next().as_deref(), Some("/login?return_to=/account/passkeys/new"));
    assert_eq!(server.count("passkeys").await, 1);
    let login = minji.open("/login").await;
    assert!(is_in(&passkey.sign_in(&minji, &login).await));
}

/// The page that asks for a passkey before a change of factors, and what follows its response.
async fn confirm(browser: &Browser, passkey: &mut Passkey, then: &str) -> Page {
    let page = browser.open(&format!("/account/confirm?then={then}")).await;
    let own = [("csrf", page.hidden("csrf")), ("then", page.hidden("then"))];
    let response = passkey.assertion(&page);
    post(browser, "/account/confirm", &own, response).await
}

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
    assert!(is_refused(&confirm(&browser, &mut of_minji, OVERVIEW).await), "a passkey of another user");
    let confirmed = confirm(&browser, &mut passkey, "/account/passkeys/new").await;
    assert_eq!(confirmed.next().as_deref(), Some("/account/passkeys/new"));
    assert_eq!(Passkey::bound(&server).register(&browser).await.next().as_deref(), Some(OVERVIEW));
    assert_eq!(server.count("passkeys").await, 3);
    set_up(&server, &browser).await;
    assert_eq!(server.count("totp_factors").await, 1);
}

#[tokio::test]
async fn old_passkey_and_fresh_password_change_no_factor_and_no_address() {
    let (server, browser, mut passkey) = with_passkey().await;
    confirm(&browser, &mut passkey, OVERVIEW).await;
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
    assert_eq!(prove(&app.code(&server)).await.next().as_deref(), Some(OVERVIEW));
    assert_eq!(Passkey::bound(&server).register(&browser).await.next().as_deref(), Some(OVERVIEW));
    let mut passkey = Passkey::bound(&server);
    passkey.register(&elsewhere).await;
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_in(&passkey.sign_in(&other, &login).await), "a passkey is two factors, so that no code is asked for");
}

#[tokio::test]
async fn passkey_is_renamed_and_removed_by_its_user_only() {
    let (server, browser, mut passkey) = with_passkey().await;
    let alices = browser.open(OVERVIEW).await.hidden("passkey");
    assert_eq!(submit(&browser, OVERVIEW, &[("name", " My  phone ")]).await.next().as_deref(), Some(OVERVIEW));
    assert!(browser.open(OVERVIEW).await.body.contains("My phone"));
    assert!(is_refused(&submit(&browser, OVERVIEW, &[("name", " ")]).await));
    let (minji, mut of_minji) = registered(&server, "minji").await;
    confirm(&minji, &mut of_minji, OVERVIEW).await;
    let csrf = minji.open(OVERVIEW).await.hidden("csrf");
    let foreign = [("csrf", &*csrf), ("passkey", &alices), ("name", "Mine")];
    minji.post(OVERVIEW, &foreign).await;
    minji.post("/account/passkeys/remove", &foreign).await;
    assert!(browser.open(OVERVIEW).await.body.contains("My phone"));

    let opened = server.browser();
    let login = opened.open("/login").await;
    assert!(is_in(&passkey.sign_in(&opened, &login).await));
    confirm(&browser, &mut passkey, OVERVIEW).await;
    let removed = submit(&browser, "/account/passkeys/remove", &[]).await;
    assert!(opened.open("/account").await.is_login(), "what the passkey has opened ends");
    assert!(removed.body.contains("id=\"done\"") && removed.body.contains("id=\"no-passkey\""), "{}", removed.body);
    let other = server.browser();
    let login = other.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&other, &login).await));
    assert_eq!(server.count("passkeys").await, 1);
}

#[tokio::test]
async fn last_way_to_sign_in_is_not_removed() {
    let (server, browser, mut passkey) = with_passkey().await;
    let alice = server.user_id("alice").await;
    confirm(&browser, &mut passkey, OVERVIEW).await;
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
    confirm(&browser, &mut passkey, OVERVIEW).await;
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
    confirm(&browser, &mut owners, OVERVIEW).await;
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
    confirm(&browser, &mut passkey, OVERVIEW).await;
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["passkeys"][0]["backup_eligible"], json!(false), "{data}");
    let alice = server.user_id("alice").await;
    assert!(server.write(move |tx| accounts::reset_factors(tx, alice)).await);
    assert_eq!(server.count("passkeys").await, 0);
    assert!(!server.write(move |tx| accounts::reset_factors(tx, alice)).await);
}

#[tokio::test]
async fn server_at_an_ip_address_offers_no_passkeys() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    assert!(!login.body.contains("id=\"passkey\"") && !login.body.contains("webauthn"), "{}", login.body);
    enter_password(&browser, "alice").await;
    assert!(!browser.open("/account").await.body.contains("/account/passkeys"));
    assert_eq!(browser.open("/account/passkeys/new").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn rp_id_and_related_origins_come_from_the_configuration() {
    let server = TestServer::start_with(|settings| {
        with_host_name(settings);
        settings.passkeys.rp_id = Some("example.com".to_owned());
        settings.passkeys.related_origins = vec!["https://shop.example".to_owned()];
    })
    .await;
    let document = server.browser().get("/.well-known/webauthn").await;
    let document: Value = serde_json::from_str(&document.body).expect("JSON");
    let issuer = server.server.settings.server.issuer.origin();
    assert_eq!(document, json!({ "origins": [issuer, "https://shop.example"] }));
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    assert!(is_refused(&Passkey::bound(&server).register(&browser).await), "of the issuer's host");
    let mut passkey = Passkey { rp_id: "example.com".to_owned(), ..Passkey::bound(&server) };
    assert_eq!(passkey.register(&browser).await.next().as_deref(), Some(OVERVIEW));
    passkey.origin = "https://shop.example".to_owned();
    let login = browser.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&browser, &login).await), "a related site signs in on its own");
}

#[tokio::test]
async fn step_up_asks_for_the_passkey_only_and_the_request_goes_on() {
    let (server, browser, mut passkey) = with_passkey().await;
    let shop = server.shop().await;
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let mfa = json!("urn:writ:acr:mfa");
    let essential = json!({ "id_token": { "acr": { "essential": true, "value": mfa } } }).to_string();
    let page = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential)])).await;
    assert!(page.url.contains("/step-up?request=") && !page.body.contains("id=\"code\""), "{page:?}");
    let own = ["csrf", "request"].map(|name| (name, page.hidden(name)));
    let (_, mut of_minji) = registered(&server, "minji").await;
    let response = of_minji.assertion(&page);
    assert!(is_refused(&post(&browser, "/step-up", &own, response).await), "a passkey of another user");
    let response = passkey.assertion(&page);
    let proven = post(&browser, "/step-up", &own, response.clone()).await;
    let answered = browser.follow(proven).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&mfa, &json!(["pwd", "pop", "user", "mfa"])));
    let again = post(&browser, "/step-up", &own, response).await;
    assert_ne!(again.status, StatusCode::SEE_OTHER, "replayed: {again:?}");
}

/// Enters the password at the start of a request, on a device that can keep a passkey. Returns what
/// follows.
async fn next_on_a_capable_device(server: &TestServer, shop: &App) -> (Browser, Page) {
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let hidden = ["request", "return_to", "csrf"].map(|name| (name, login.hidden(name)));
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    fields.extend([("username", "alice"), ("password", PASSWORD), ("can_keep_passkey", "yes")]);
    let next = browser.post("/login", &fields).await;
    (browser, next)
}

#[tokio::test]
async fn passkey_is_offered_once_a_month_after_a_password_and_the_request_goes_on() {
    let server = start().await;
    let shop = server.shop().await;
    let is_offer = |page: &Page| page.next().is_some_and(|next| next.starts_with("/account/passkeys/new?request="));
    let (browser, next) = next_on_a_capable_device(&server, &shop).await;
    assert!(is_offer(&next), "{next:?}");
    let offer = browser.follow(next).await;
    let later = offer.body.split("id=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert!(browser.open(later.expect("a way past the offer")).await.body.contains("id=\"approve\""));
    assert!(!is_offer(&next_on_a_capable_device(&server, &shop).await.1), "a second time");

    server.clock.advance(30 * 24 * 3600);
    let (browser, next) = next_on_a_capable_device(&server, &shop).await;
    let offer = browser.follow(next).await;
    let passkey = Passkey::synced(&server);
    let own = ["csrf", "request"].map(|name| (name, offer.hidden(name)));
    let created = post(&browser, "/account/passkeys/new", &own, passkey.creation(&offer)).await;
    let consent = browser.follow(created).await;
    assert!(consent.body.contains("id=\"approve\""), "{consent:?}");

    server.clock.advance(30 * 24 * 3600);
    assert!(!is_offer(&next_on_a_capable_device(&server, &shop).await.1), "the user has a passkey");
}

#[tokio::test]
async fn passkey_replaces_the_code_after_the_password() {
    let (server, browser, mut passkey) = with_passkey().await;
    confirm(&browser, &mut passkey, OVERVIEW).await;
    set_up(&server, &browser).await;
    let other = server.browser();
    let page = enter_password(&other, "alice").await;
    assert!(page.body.contains("id=\"verify\"") && page.body.contains("action=\"/login\""), "{}", page.body);
    let prompt = Page { body: page.body.split("id=\"passkey\"").nth(1).expect("a prompt").to_owned(), ..page };
    assert!(is_in(&passkey.sign_in(&other, &prompt).await));
}

#[tokio::test]
async fn account_without_a_password_is_kept_with_a_passkey() {
    let (server, browser, mut passkey) = with_passkey().await;
    let remove = async || {
        let csrf = browser.open(OVERVIEW).await.hidden("csrf");
        browser.post("/account/password/remove", &[("csrf", &csrf)]).await
    };
    let asked = remove().await.next().unwrap_or_default();
    assert!(asked.starts_with("/account/confirm?then="), "the password alone does not remove itself: {asked}");
    confirm(&browser, &mut passkey, OVERVIEW).await;
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
