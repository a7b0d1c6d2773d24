//! Passkeys: registration, and sign-in without a username.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};
use writ::{
    fault::Fault,
    store::{
        Id, Tx, accounts, email_verifications,
        passkeys::{self, Passkey as Row},
        sessions,
    },
};

use crate::support::{
    TestServer,
    authenticator::enter_password,
    passkey::{PASSKEYS, Passkey, is_in, is_refused, post, registered, sign_in, start, with_host_name, with_passkey},
};

const SCOPE: &str = "openid profile:read";

/// A ceremony that requires no verification of the user, with the tag of the issued one.
fn tampered(ceremony: &str) -> String {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(ceremony).expect("base64url");
    let at = bytes.iter().position(|byte| *byte == b'{').expect("a state");
    let state = String::from_utf8_lossy(&bytes[at..]).replace("required", "preferred");
    assert!(state.contains("preferred"), "{state}");
    BASE64_URL_SAFE_NO_PAD.encode([&bytes[..at], state.as_bytes()].concat())
}

/// A server whose user alice has a passkey without a counter.
async fn with_synced_passkey() -> (TestServer, Passkey, Id) {
    let server = start().await;
    let owner = server.browser();
    enter_password(&owner, "alice").await;
    let mut passkey = Passkey::synced(&server);
    passkey.register(&owner).await;
    let alice = server.user_id("alice").await;
    (server, passkey, alice)
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
    let overview = browser.open(PASSKEYS).await;
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
    let overview = browser.open(PASSKEYS).await;
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
#[case::in_a_frame_of_another_site(|passkey: &mut Passkey| passkey.top_origin = Some("https://evil.example"))]
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
        Passkey { top_origin: Some("https://evil.example"), ..right.clone() },
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
    let (server, mut passkey, alice) = with_synced_passkey().await;
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

/// What a sign-in was verified with, and is taken back before its session is inserted.
#[rstest]
#[case::account(|tx: &mut Tx<'_>, id| accounts::lock_out(tx, id), |tx: &mut Tx<'_>, id, _: &Row| {
    accounts::set_password(tx, id, "$argon2id$none").map(drop)
})]
#[case::disabled(
    |tx: &mut Tx<'_>, id| accounts::disable(tx, id).map(drop),
    |tx: &mut Tx<'_>, id, _: &Row| accounts::enable(tx, id).map(drop)
)]
#[case::passkey(
    |tx: &mut Tx<'_>, id| {
        let passkey = passkeys::list_of_user(tx, id)?.remove(0);
        passkeys::delete(tx, id, passkey.id)?;
        accounts::end_passkey_sessions(tx, id, Id::now_v7())
    },
    |tx: &mut Tx<'_>, _, passkey: &Row| passkeys::insert(tx, passkey)
)]
#[tokio::test]
async fn sign_in_beside_a_take_back_leaves_no_session(
    #[case] take_back: fn(&mut Tx<'_>, Id) -> Result<(), Fault>,
    #[case] restore: fn(&mut Tx<'_>, Id, &Row) -> Result<(), Fault>,
) {
    let (server, mut passkey, alice) = with_synced_passkey().await;
    let row = server.write(move |tx| passkeys::list_of_user(tx, alice)).await.remove(0);
    let node = server.second_node().await;
    for round in 0..8 {
        let mut ready = Vec::new();
        for number in 0..8 {
            let browser = server.browser().at(&[&server, &node][number % 2].issuer);
            let login = browser.open("/login").await;
            let response = passkey.assertion(&login);
            ready.push((browser, login, response));
        }
        let attempts = ready.iter().map(|(browser, login, response)| sign_in(browser, login, response.clone()));
        tokio::join!(join_all(attempts), server.write(move |tx| take_back(tx, alice)));
        let left = server.write(move |tx| sessions::list_of_user(tx, alice)).await;
        let left = left.iter().filter(|session| session.evidence().has_passkey()).count();
        assert_eq!(left, 0, "round {round}");
        let row = row.clone();
        server.write(move |tx| restore(tx, alice, &row)).await;
    }
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
    server.write(move |tx| accounts::lock_out(tx, alice)).await;
    let login = browser.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&browser, &login).await), "until a recovery");
    server.write(move |tx| accounts::set_password(tx, alice, "$argon2id$none")).await;
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

#[tokio::test]
async fn registration_voids_an_address_that_was_entered_with_less() {
    let server = start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let alice = server.user("alice").await;
    server.write(move |tx| email_verifications::insert(tx, &alice, "new@example.org")).await;
    Passkey::bound(&server).register(&browser).await;
    assert_eq!((server.count("passkeys").await, server.count("email_verifications").await), (1, 0));
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
    assert_eq!(passkey.register(&browser).await.next().as_deref(), Some(PASSKEYS));
    passkey.origin = "https://shop.example".to_owned();
    let login = browser.open("/login").await;
    assert!(is_refused(&passkey.sign_in(&browser, &login).await), "a related site signs in on its own");
}
