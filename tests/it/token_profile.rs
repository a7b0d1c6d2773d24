//! The format of access tokens by resource server, their scope after changes, and their revocation.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use writ::store::resources::{self, ResourceServer};
use writ_core::{
    SigningAlg,
    token::access_token::{AccessTokenTyp, TokenProfile},
    vocabulary::scope::Risk,
};

use crate::support::{
    TestServer, address,
    app::VERIFIER,
    seed::{TALK, scope},
};

const BANK: &str = "https://bank.example";

fn header(token: &str) -> Value {
    let header = token.split('.').next().expect("a JWT");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn resource_server_chooses_typ_alg_and_lifetime() {
    let server = TestServer::start().await;
    let profile = TokenProfile {
        typ: Some(AccessTokenTyp::Jwt),
        alg: Some(SigningAlg::RS256),
        lifetime: Some(120),
        groups: None,
    };
    server
        .write(move |tx| {
            let talk = resources::list(tx)?.into_iter().find(|resource| resource.id == "talk").expect("seeded");
            resources::update(tx, &ResourceServer { tokens: profile, ..talk })
        })
        .await;
    server.server.refresh().await.expect("remembered");
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read").await;
    let token = tokens.text("access_token");
    assert_eq!((&header(token)["typ"], &header(token)["alg"]), (&json!("JWT"), &json!("RS256")));
    assert_eq!(tokens.json["expires_in"], 120);
    assert_eq!(server.talk().introspect(token).await.ok().json["active"], true);
    shop.userinfo(token).await.ok();

    // Tokens with the same `typ` are not confused.
    assert_eq!(shop.userinfo(tokens.text("id_token")).await.status, 401);
    assert_eq!(shop.introspect(tokens.text("id_token")).await.ok().json["active"], false);
    let hint = address(&shop.url("/end_session"), &[("id_token_hint", token)]);
    assert!(server.browser().open(&hint).await.next().is_none(), "an access token is no hint");

    // A client may be registered for a shorter lifetime, not for a longer one.
    let brief = server.register("brief", json!({ "access_token_lifetime": 60 })).await;
    assert_eq!(brief.tokens("profile:read").await.json["expires_in"], 60);
    let long = server.register("long", json!({ "access_token_lifetime": 3600 })).await;
    assert_eq!(long.tokens("profile:read").await.json["expires_in"], 120);
    // The userinfo endpoint is not a resource server.
    let own = shop.tokens("openid").await;
    assert_eq!(header(own.text("access_token"))["typ"], "at+jwt");
}

#[tokio::test]
async fn deleted_resource_server_gets_no_token() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read").await;
    assert!(server.write(|tx| resources::delete(tx, "talk")).await.is_some());
    server.server.refresh().await.expect("remembered");
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_target");
}

#[tokio::test]
async fn scope_withdrawn_from_the_registration_is_not_issued_again() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read message:read").await;
    server.change_client("shop", json!({ "scope": "openid profile:read" })).await;
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(refreshed.text("scope"), "openid profile:read");
    for token in ["access_token", "refresh_token"] {
        let found = shop.introspect(tokens.text(token)).await.ok();
        assert_eq!(found.text("scope"), "openid profile:read", "{token}");
    }
}

#[tokio::test]
async fn replaced_refresh_token_is_honoured_for_a_day_and_recorded() {
    let server = TestServer::start().await;
    let pocket = server.native().await;
    let first = pocket.tokens("profile:read").await.text("refresh_token").to_owned();
    pocket.refresh(&first).await.ok();
    server.clock.advance(86_399);
    pocket.refresh(&first).await.ok();
    let alice = server.user_id("alice").await;
    let events = server.server.store.read(move |tx| writ::store::security_events::latest_of_user(tx, alice, 10)).await;
    let kinds: Vec<String> = events.expect("read").into_iter().map(|event| event.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "old_token_accepted"), "{kinds:?}");
    server.clock.advance(1);
    assert_eq!(pocket.refresh(&first).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn replayed_code_ends_the_grant_only_for_its_holder() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let code = shop.code("openid profile:read").await;
    let tokens = shop.exchange_code(&code).await.ok();
    let without_verifier =
        [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", &*shop.redirect_uri)];
    assert_eq!(shop.post("/token", &without_verifier).await.refused(400), "invalid_grant");
    let tokens = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json["aud"][0], TALK);
    assert_eq!(shop.exchange_code(&code).await.refused(400), "invalid_grant");
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    let alice = server.user_id("alice").await;
    let events = server.server.store.read(move |tx| writ::store::security_events::latest_of_user(tx, alice, 10)).await;
    let kinds: Vec<String> = events.expect("read").into_iter().map(|event| event.kind).collect();
    assert!(kinds.iter().any(|kind| kind == "token_replayed"), "{kinds:?}");
}

#[tokio::test]
async fn grant_for_two_resource_servers_yields_tokens_for_one_each() {
    let server = TestServer::start().await;
    server
        .write(|tx| {
            let names = [("en".to_owned(), "Bank".to_owned())].into();
            resources::insert(tx, "bank", BANK, &names, None, TokenProfile::default())?;
            resources::insert_scope(tx, "bank", &scope("payment:make", Risk::High))
        })
        .await;
    server.server.refresh().await.expect("remembered");
    let both = server.register("both", json!({ "scope": "profile:read payment:make" })).await;
    let request = both.authorize_url("profile:read payment:make", &[]);
    let request = format!("{request}&resource=https%3A%2F%2Ftalk.example&resource=https%3A%2F%2Fbank.example");
    let browser = server.browser();
    let consent = browser.sign_in(&browser.open(&request).await, "alice").await;
    let code = browser.allow(&consent, &["profile:read", "payment:make"]).await.parameter("code").expect("a code");

    assert_eq!(both.exchange_code(&code).await.refused(400), "invalid_target", "it names none");
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", &*both.redirect_uri),
        ("code_verifier", VERIFIER),
        ("resource", "https://bank.example/"),
    ];
    let tokens = both.post("/token", &fields).await.ok();
    let claims = tokens.claims("access_token");
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(BANK), &json!("payment:make")));
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", tokens.text("refresh_token")), ("resource", TALK)];
    let claims = both.post("/token", &refresh).await.ok().claims("access_token");
    assert_eq!((&claims["aud"], &claims["scope"]), (&json!(TALK), &json!("profile:read")));
}
