//! The verifier with an issuer in the same process.
#![allow(missing_docs)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, UNIX_EPOCH},
};

use rstest::rstest;
use serde_json::json;
use writ_verifier::{
    Builder, ConfigError, Reason, Verifier, VerifyError,
    testing::{Issuer, SigningAlgorithm},
};

const TALK: &str = "https://talk.example";
const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// A verifier of tokens with any lifetime, and its clock, which shows 1 790 000 000 until a test
/// moves it.
fn verifier_with_clock(issuer: &Issuer) -> (Verifier, Arc<AtomicU64>) {
    let (builder, now) = builder_with_clock(issuer);
    (builder.build().expect("a loopback issuer"), now)
}

fn builder_with_clock(issuer: &Issuer) -> (Builder, Arc<AtomicU64>) {
    let now = Arc::new(AtomicU64::new(1_790_000_000));
    let clock = Arc::clone(&now);
    let clock = move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed));
    (Verifier::builder(issuer.url(), TALK).clock(clock).max_lifetime(Duration::MAX), now)
}

/// A token that does not expire in any test with such a clock.
fn lasting_token(issuer: &Issuer) -> String {
    issuer.token(TALK).claim("iat", 1_790_000_000).claim("exp", 1_990_000_000).sign()
}

fn reason(refusal: Result<writ_verifier::Token, VerifyError>) -> Reason {
    refusal.expect_err("the token is refused").reason().clone()
}

#[tokio::test]
async fn token_has_the_claims_of_the_access_token() {
    let issuer = Issuer::start().await;
    let bearer = issuer
        .token(TALK)
        .subject("mina")
        .client_id("assistant")
        .scope("message:read message:send")
        .actor("billing")
        .actor("assistant")
        .claim("tenant", "north")
        .sign();
    let token = issuer.verifier(TALK).verify(&bearer).await.expect("a valid token");
    assert_eq!(token.subject(), "mina");
    assert_eq!(token.client_id(), "assistant");
    assert_eq!(token.scopes().collect::<Vec<_>>(), ["message:read", "message:send"]);
    assert!(token.has_scope("message:send") && !token.has_scope("message"));
    assert_eq!(token.actor().map(|actor| actor.subject().to_owned()).collect::<Vec<_>>(), ["assistant", "billing"]);
    assert_eq!(token.claims()["tenant"], json!("north"));
    assert!(!format!("{token:?}").contains("north"));
}

#[rstest]
#[case(SigningAlgorithm::Rs256)]
#[case(SigningAlgorithm::EdDsa)]
#[tokio::test]
async fn new_key_is_found_at_once_when_kid_unknown(#[case] algorithm: SigningAlgorithm) {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let before = issuer.token(TALK).sign();
    verifier.verify(&before).await.expect("the first key");
    issuer.rotate(algorithm);
    verifier.verify(&issuer.token(TALK).sign()).await.expect("the second key");
    verifier.verify(&before).await.expect("the first key, still published");
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn require_refuses_with_challenge_when_scope_missing() {
    let issuer = Issuer::start().await;
    let bearer = issuer.token(TALK).scope("message:read").sign();
    let token = issuer.verifier(TALK).verify(&bearer).await.expect("a valid token");
    token.require("message:read").expect("the scope was granted");
    let refusal = token.require("message:send").expect_err("the scope was not granted");
    assert_eq!(refusal.status(), 403);
    assert_eq!(
        refusal.challenge().as_deref(),
        Some(
            "Bearer error=\"insufficient_scope\", \
             error_description=\"the scope message:send is required\", scope=\"message:send\", \
             resource_metadata=\"https://talk.example/.well-known/oauth-protected-resource\""
        )
    );
}

#[tokio::test]
async fn token_is_refused_when_not_an_access_token_of_the_issuer() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let foreign = issuer.token(TALK).sign_with_foreign_key();
    assert_eq!(reason(verifier.verify(&foreign).await), Reason::BadSignature);
    let unsigned = issuer.token(TALK).unsigned();
    assert_eq!(reason(verifier.verify(&unsigned).await), Reason::AlgorithmNotAllowed);
    let id_token = issuer.token(TALK).header("typ", "JWT").sign();
    assert_eq!(reason(verifier.verify(&id_token).await), Reason::WrongType);
    let elsewhere = issuer.token("https://mail.example").sign();
    assert_eq!(reason(verifier.verify(&elsewhere).await), Reason::WrongAudience);
}

#[tokio::test]
async fn first_tokens_share_one_fetch_when_concurrent() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = issuer.token(TALK).sign();
    let verifications = (0..64).map(|_| {
        let (verifier, bearer) = (verifier.clone(), bearer.clone());
        tokio::spawn(async move { verifier.verify(&bearer).await })
    });
    for verification in verifications.collect::<Vec<_>>() {
        verification.await.expect("no panic").expect("a valid token");
    }
    assert_eq!(issuer.jwks_requests(), 1);
}

#[tokio::test]
async fn made_up_kids_cost_one_request() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    verifier.verify(&issuer.token(TALK).sign()).await.expect("a valid token");
    for made_up in 0..50 {
        let bearer = issuer.token(TALK).header("kid", format!("made up {made_up}")).sign();
        assert_eq!(reason(verifier.verify(&bearer).await), Reason::UnknownKey);
    }
    assert_eq!(issuer.jwks_requests(), 2);
}

#[tokio::test]
async fn keys_are_used_for_a_day_when_issuer_unavailable() {
    let issuer = Issuer::start().await;
    let (verifier, now) = verifier_with_clock(&issuer);
    let bearer = lasting_token(&issuer);

    issuer.set_down(true);
    let refusal = verifier.verify(&bearer).await.expect_err("no keys yet");
    assert_eq!((refusal.status(), refusal.challenge()), (503, None));

    issuer.set_down(false);
    now.fetch_add(1, Ordering::Relaxed);
    verifier.verify(&bearer).await.expect("the issuer is up");

    issuer.set_down(true);
    let fetched_at = now.load(Ordering::Relaxed);
    for after in [HOUR, DAY, DAY + 299] {
        now.store(fetched_at + after, Ordering::Relaxed);
        verifier.verify(&bearer).await.expect("the keys are five minutes and at most a day old");
    }
    now.store(fetched_at + DAY + 300, Ordering::Relaxed);
    assert_eq!(reason(verifier.verify(&bearer).await), Reason::Unavailable);

    issuer.set_down(false);
    now.store(fetched_at + DAY + 310, Ordering::Relaxed);
    verifier.verify(&bearer).await.expect("the issuer is up again");
}

#[tokio::test]
async fn keys_are_used_as_long_as_configured_when_issuer_unavailable() {
    let issuer = Issuer::start().await;
    let (builder, now) = builder_with_clock(&issuer);
    let verifier = builder.stale_if_error(Duration::from_secs(HOUR)).build().expect("a loopback issuer");
    let bearer = lasting_token(&issuer);
    verifier.verify(&bearer).await.expect("the issuer is up");
    issuer.set_down(true);
    now.fetch_add(HOUR + 299, Ordering::Relaxed);
    verifier.verify(&bearer).await.expect("within the hour");
    now.fetch_add(1, Ordering::Relaxed);
    assert_eq!(reason(verifier.verify(&bearer).await), Reason::Unavailable);
}

#[tokio::test]
async fn withdrawn_key_is_refused_when_keys_are_two_lifetimes_old() {
    let issuer = Issuer::start().await;
    let (verifier, now) = verifier_with_clock(&issuer);
    let bearer = lasting_token(&issuer);
    verifier.verify(&bearer).await.expect("a published key");
    issuer.rotate(SigningAlgorithm::Es256);
    issuer.withdraw_old_keys();
    now.fetch_add(600, Ordering::Relaxed);
    assert_eq!(reason(verifier.verify(&bearer).await), Reason::UnknownKey);
}

#[tokio::test]
async fn token_is_refused_at_once_when_revoked_and_introspected() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let introspecting = verifier.introspecting("talk", "secret");
    let bearer = issuer.token(TALK).scope("message:send").sign();
    issuer.revoke(&bearer);
    verifier.verify(&bearer).await.expect("the signature is still valid");
    assert_eq!(reason(introspecting.verify(&bearer).await), Reason::Inactive);
    let other = issuer.token(TALK).scope("message:send").sign();
    introspecting.verify(&other).await.expect("active").require("message:send").expect("granted");
    assert_eq!(reason(introspecting.verify("an-opaque-handle").await), Reason::Inactive);
}

#[tokio::test]
async fn concurrent_introspections_of_a_token_share_one_request() {
    let issuer = Issuer::start().await;
    let introspecting = issuer.verifier(TALK).introspecting("talk", "secret");
    let bearer = issuer.token(TALK).sign();
    let verify = || introspecting.verify(&bearer);
    let results = tokio::join!(verify(), verify(), verify());
    assert!(matches!(results, (Ok(_), Ok(_), Ok(_))));
    assert_eq!(issuer.introspections(), 1);
}

#[tokio::test]
async fn authentication_is_checked_only_as_far_as_required() {
    let issuer = Issuer::start().await;
    let token = issuer.verifier(TALK).verify(&issuer.token(TALK).without("auth_time").sign()).await.expect("a token");
    assert!(token.require_authentication(&[], None).is_ok());
    let refused = token.require_authentication(&[], Some(u64::MAX)).expect_err("there is no auth_time");
    assert!(
        refused.challenge().is_some_and(|challenge| challenge.contains("max_age") && !challenge.contains("acr_values"))
    );
    assert!(token.require_authentication(&["urn:writ:acr:password"], None).is_err());
}

#[rstest]
#[case("https://login.example", true)]
#[case("https://login.example/tenant/", true)]
#[case("http://127.0.0.1:8400", true)]
#[case("http://localhost:8400", true)]
#[case("http://[::1]:8400", true)]
#[case("http://login.example", false)]
#[case("http://127.0.0.1.login.example", false)]
#[case("http://localhost.login.example", false)]
#[case("ftp://login.example", false)]
#[case("https://login.example?a=b", false)]
#[case("https://login.example#fragment", false)]
#[case("https://user:password@login.example", false)]
#[case("login.example", false)]
#[case("", false)]
fn issuer_must_be_https_or_loopback(#[case] issuer: &str, #[case] accepted: bool) {
    assert_eq!(Verifier::discover(issuer, TALK).is_ok(), accepted);
}

#[test]
fn audience_must_not_be_empty() {
    let refused = Verifier::discover("https://login.example", "");
    assert!(matches!(refused, Err(ConfigError::Audience)));
}
