//! Reads followed by slow work and writes: concurrent changes are not undone, and a verification is
//! void if the account changed in the meantime.

use jsonwebtoken::Algorithm;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use writ::{
    config::RegistrationMode,
    fault::Fault,
    sessions::{
        SignedIn,
        confirm::{Confirmation, confirm},
        limits::of_code_in_session,
        origin::Origin,
        second_factor::{Claimant, Proof, remove, replace_codes},
    },
    store::{Id, Tx, accounts, clients, registrations, sessions, users},
};

use crate::support::{
    TestServer,
    authenticator::{enter_password, set_up},
    client_key::{ClientKey, post_with},
    device,
    registrar::{metadata, register, send},
    seed::PASSWORD,
};

#[tokio::test]
async fn concurrent_forms_change_their_own_fields_only() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let alice = server.user_id("alice").await;
    let browser = server.browser();
    browser.sign_in(&browser.open("/account").await, "alice").await;
    let other = browser.at(&second.issuer);
    let csrf = browser.open("/account/profile").await.hidden("csrf");
    for round in 0..20 {
        let (nickname, website) = (format!("Ali {round}"), format!("https://alice.example/{round}"));
        let locale = if round % 2 == 0 { "ko" } else { "en" };
        let profile = [("csrf", &*csrf), ("name", "Alice"), ("nickname", &nickname), ("website", &website)];
        let preferences = [("csrf", &*csrf), ("locale", locale), ("zoneinfo", "Asia/Seoul")];
        let language = [("locale", locale), ("return_to", "/")];
        let picture = format!("https://alice.example/{round}.png");
        let edited = picture.clone();
        tokio::join!(
            browser.post("/account/profile", &profile),
            other.post("/account/preferences", &preferences),
            other.post("/language", &language),
            browser.post("/language", &language),
            second.write(move |tx| users::edit_claims(tx, alice, |claims| claims.picture = Some(edited)).map(drop)),
        );
        let user = server.user("alice").await;
        let claims = user.standard_claims().expect("claims");
        let kept = [claims.website, claims.nickname, claims.locale, claims.zoneinfo, claims.picture];
        let expected = [&website, &nickname, locale, "Asia/Seoul", &picture].map(|text| Some(text.to_owned()));
        assert_eq!(kept, expected, "round {round}");
    }
}

#[rstest]
#[case::password_set(|tx: &mut Tx<'_>, user, _| accounts::set_password(tx, user, "$argon2id$none").map(drop))]
#[case::password_changed_in_this_session(
    |tx: &mut Tx<'_>, user, session| accounts::change_password(tx, user, "$argon2id$none", session, false)
)]
#[case::signed_out_elsewhere(
    |tx: &mut Tx<'_>, user, session| accounts::end_other_sessions(tx, user, session).map(drop)
)]
#[case::session_ended(|tx: &mut Tx<'_>, _, session| accounts::end_session(tx, session).map(drop))]
#[case::account_disabled(|tx: &mut Tx<'_>, user, _| accounts::disable(tx, user).map(drop))]
#[case::account_deleted(|tx: &mut Tx<'_>, user, _| accounts::delete(tx, user).map(drop))]
#[tokio::test]
async fn confirmation_is_worth_nothing_when_the_account_changed_meanwhile(
    #[case] change: fn(&mut Tx<'_>, Id, Id) -> Result<(), Fault>,
) {
    let server = TestServer::start().await;
    let browser = server.browser();
    browser.sign_in(&browser.open("/account").await, "alice").await;
    let user = server.user("alice").await;
    let alice = user.id;
    let session = server.write(move |tx| sessions::list_of_user(tx, alice)).await.remove(0);
    let (id, auth_time) = (session.id, session.auth_time);
    server.clock.advance(3600);
    // The state that the request read before the password was verified.
    let signed_in = SignedIn { session, user };
    server.write(move |tx| change(tx, alice, id)).await;
    let confirmed = confirm(&server.server, &signed_in, "", PASSWORD.to_owned().into()).await.expect("no fault");
    assert!(matches!(confirmed, Confirmation::Wrong));
    let left = server.write(move |tx| sessions::list_of_user(tx, alice)).await;
    assert!(left.iter().all(|session| session.auth_time == auth_time), "{left:?}");
}

#[rstest]
#[case::session_has_ended("DELETE FROM sessions", 0)]
#[case::sign_in_is_old("", 601)]
#[case::evidence_is_unknown("UPDATE sessions SET evidence = 'password@1 fingerprint@2'", 0)]
#[tokio::test]
async fn second_factor_stays_when_the_session_lacks_a_proof_by_then(#[case] meanwhile: &str, #[case] seconds: i64) {
    let server = TestServer::start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let (app, codes) = set_up(&server, &browser).await;
    server.clock.advance(30);
    let user = server.user("alice").await;
    let alice = user.id;
    let session_id = server.write(move |tx| sessions::list_of_user(tx, alice)).await.remove(0).id;
    // What the page read before the code was typed.
    let claimant = Claimant {
        user_id: alice,
        session_epoch: user.session_epoch,
        session_id: Some(session_id),
        limits: of_code_in_session(&server.server, session_id),
        origin: Origin::default(),
    };
    server.clock.advance(seconds);
    server.database.execute(meanwhile).await;
    let removed = remove(&server.server, claimant.clone(), &app.code(&server)).await.expect("no fault");
    assert!(matches!(removed, Proof::Absent));
    let replaced = replace_codes(&server.server, claimant, &codes[0]).await.expect("no fault");
    assert!(matches!(replaced, Proof::Absent));
    assert_eq!((server.count("totp_factors").await, server.count("recovery_codes").await), (1, 10));
}

#[tokio::test]
async fn registration_update_is_refused_when_the_registration_changed_meanwhile() {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let (app, _) = register(&server, json!({})).await;
    let id = app.id.clone();
    let seen = server.write(move |tx| clients::find(tx, &id)).await.expect("the client");
    let named = |name: &str| {
        let mut metadata = seen.metadata.clone();
        metadata.client_name = name.to_owned();
        metadata
    };
    let (read, mine, theirs) = (seen.clone(), named("Mine"), named("Theirs"));
    assert!(server.write(move |tx| registrations::update_seen(tx, &read, &theirs)).await);
    let (read, stale) = (seen.clone(), seen.clone());
    assert!(!server.write(move |tx| registrations::update_seen(tx, &read, &mine)).await);
    assert!(!server.write(move |tx| clients::approve(tx, &stale)).await, "nobody looked at the new name");
    let id = app.id.clone();
    let stored = server.write(move |tx| clients::find(tx, &id)).await.expect("the client");
    assert_eq!((&*stored.metadata.client_name, stored.approved), ("Theirs", false));
}

/// A registration is replaced, approved and deleted concurrently, on two nodes.
#[tokio::test]
async fn registration_that_is_approved_is_the_one_that_was_seen() {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let second = server.second_node().await;
    for round in 0..12 {
        let (app, registered) = register(&server, json!({ "client_name": format!("Newcomer {round}") })).await;
        let token = registered.text("registration_access_token");
        let uri = |node: &TestServer| format!("{}/register/{}", node.issuer, app.id);
        let (here, there) = (uri(&server), uri(&second));
        let body = |name: &str| {
            let secret = registered.text("client_secret");
            let members = json!({ "client_id": app.id, "client_secret": secret, "client_name": name });
            metadata(members)
        };
        let (one, two) = (body("One"), body("Two"));
        let id = app.id.clone();
        let seen = server.write(move |tx| clients::find(tx, &id)).await.expect("the client");
        let approve = seen.clone();
        let (first, other, _) = tokio::join!(
            send(Method::PUT, &here, Some(token), Some(&one)),
            send(Method::PUT, &there, Some(token), Some(&two)),
            second.write(move |tx| clients::approve(tx, &approve)),
        );
        assert!(
            [&first, &other].iter().all(|answer| [200, 503].contains(&answer.status.as_u16())),
            "{first:?} {other:?}"
        );
        let id = app.id.clone();
        let stored = server.write(move |tx| clients::find(tx, &id)).await.expect("the client");
        assert!(!stored.approved || stored.metadata == seen.metadata, "round {round}: {stored:?}");
        let three = body("Three");
        let (updated, deleted) = tokio::join!(
            send(Method::PUT, &here, Some(token), Some(&three)),
            send(Method::DELETE, &there, Some(token), None),
        );
        assert_eq!(deleted.status, 204);
        assert!([200, 401, 503].contains(&updated.status.as_u16()), "{updated:?}");
        let id = app.id.clone();
        assert!(server.write(move |tx| clients::find(tx, &id)).await.is_none());
    }
}

/// A node that has cached a deleted client refuses it like any unknown client.
#[tokio::test]
async fn client_deleted_a_moment_ago_is_refused_as_an_unknown_one() {
    const SCOPE: &str = "openid profile:read";
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let key = ClientKey::new(Algorithm::ES256);
    let browser = second.browser();
    browser.sign_in(&browser.open("/account").await, "alice").await;
    for door in ["par", "device authorization", "assertion", "authorization", "consent"] {
        let grant_types = json!(["authorization_code", "client_credentials", device::GRANT_TYPE]);
        let shop = server.register("shop", json!({ "grant_types": grant_types })).await;
        let bank = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() });
        let bank = server.register("bank", bank).await.at(&second.issuer);
        second.server.refresh().await.expect("refreshed");
        let shop = shop.at(&second.issuer);
        let assertion = || key.sign(&ClientKey::assertion_claims("bank", &server.issuer, server.clock.now()));
        let own = [("grant_type", "client_credentials"), ("scope", "message:read")];
        // From here on, the second node has cached both.
        let consent = browser.open(&shop.authorize_url(SCOPE, &[])).await;
        post_with(&bank, "/token", &own, &assertion()).await.ok();
        let delete = |tx: &mut Tx<'_>| ["shop", "bank"].iter().try_for_each(|id| clients::delete(tx, id).map(drop));
        server.write(delete).await;
        match door {
            "par" => assert_eq!(shop.post("/par", &shop.parameters(SCOPE, &[])).await.refused(401), "invalid_client"),
            "device authorization" => {
                let refused = shop.post("/device_authorization", &[("scope", "profile:read")]).await;
                assert_eq!(refused.refused(401), "invalid_client");
            }
            "assertion" => {
                let refused = post_with(&bank, "/token", &own, &assertion()).await;
                assert_eq!(refused.refused(401), "invalid_client");
            }
            _ => {
                let page = match door {
                    "consent" => browser.post_decision(&consent, &["openid", "profile:read"], "approve").await,
                    _ => browser.open(&shop.authorize_url(SCOPE, &[])).await,
                };
                let page = browser.follow(page).await;
                assert!(page.status.is_client_error() && page.next().is_none(), "{door}: {page:?}");
            }
        }
    }
}
