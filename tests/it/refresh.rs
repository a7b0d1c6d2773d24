//! Refresh tokens: which replays are tolerated, and which revoke the grant
//! (`docs/decisions/0001-refresh-tokens-are-derived.md`).

use serde_json::json;
use writ::store::resources;

use crate::support::{Answer, App, TestServer};

const SCOPE: &str = "openid profile:read message:read";

/// A public client, whose tokens rotate, and its first refresh token.
async fn rotating(server: &TestServer) -> (App, String) {
    let pocket = server.native().await;
    let tokens = pocket.tokens(SCOPE).await;
    let refresh_token = tokens.text("refresh_token").to_owned();
    (pocket, refresh_token)
}

/// The next refresh token.
async fn next(app: &App, refresh_token: &str) -> String {
    app.refresh(refresh_token).await.ok().text("refresh_token").to_owned()
}

/// Asserts that the grant of a token was revoked with all of its tokens.
async fn assert_over(server: &TestServer, app: &App, refresh_token: &str, access_token: &str) {
    assert_eq!(app.refresh(refresh_token).await.refused(400), "invalid_grant");
    assert_eq!(server.talk().introspect(access_token).await.ok().json, json!({ "active": false }));
    assert_eq!(app.userinfo(access_token).await.status, 401);
}

#[tokio::test]
async fn public_client_refresh_token_rotates() {
    let server = TestServer::start().await;
    let (pocket, first) = rotating(&server).await;
    let answer = pocket.refresh(&first).await.ok();
    let second = answer.text("refresh_token").to_owned();
    assert_ne!(first, second);
    assert_eq!(answer.text("scope"), SCOPE);
    assert_eq!(answer.json["expires_in"], 300);
    let (access, id) = (answer.claims("access_token"), answer.claims("id_token"));
    assert_eq!(access["client_id"], "pocket");
    assert_eq!(id["nonce"], json!(null), "a nonce is for the first exchange");
    assert_eq!(id["auth_time"], access["auth_time"]);
    let third = next(&pocket, &second).await;
    assert!(![first, second].contains(&third));
}

#[tokio::test]
async fn confidential_client_refresh_token_rotates_only_when_registered() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let refresh_token = shop.tokens(SCOPE).await.text("refresh_token").to_owned();
    for _ in 0..3 {
        assert_eq!(shop.refresh(&refresh_token).await.ok().json["refresh_token"], json!(null));
    }
    let careful = server.register("careful", json!({ "rotate_refresh_tokens": true })).await;
    let first = careful.tokens(SCOPE).await.text("refresh_token").to_owned();
    let second = next(&careful, &first).await;
    assert_ne!(first, second);
    next(&careful, &second).await;
    assert_eq!(careful.refresh(&first).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn replay_within_the_window_returns_the_same_successor_ten_times() {
    let server = TestServer::start().await;
    let (pocket, first) = rotating(&server).await;
    let answer = pocket.refresh(&first).await.ok();
    let successor = answer.text("refresh_token").to_owned();
    server.clock.advance(50);
    let mut access_token = String::new();
    for replay in 0..10 {
        let again = pocket.refresh(&first).await.ok();
        assert_eq!(again.text("refresh_token"), successor, "replay {replay}");
        assert_ne!(again.text("access_token"), answer.text("access_token"), "a fresh access token");
        access_token = again.text("access_token").to_owned();
    }
    assert_eq!(pocket.refresh(&first).await.refused(400), "invalid_grant", "the eleventh");
    assert_over(&server, &pocket, &successor, &access_token).await;
}

#[tokio::test]
async fn unused_successor_is_replaced_after_the_window_and_then_void() {
    let server = TestServer::start().await;
    let (pocket, first) = rotating(&server).await;
    let lost = next(&pocket, &first).await;
    server.clock.advance(61);
    let answer = pocket.refresh(&first).await.ok();
    let replacement = answer.text("refresh_token").to_owned();
    assert_ne!(lost, replacement);
    // The replacement works.
    let newest = pocket.refresh(&replacement).await.ok();
    // The holder of the voided token cannot use the replacement.
    assert_eq!(pocket.refresh(&lost).await.refused(400), "invalid_grant");
    assert_over(&server, &pocket, newest.text("refresh_token"), newest.text("access_token")).await;
}

#[tokio::test]
async fn replay_after_the_successor_was_used_revokes_the_grant() {
    let server = TestServer::start().await;
    for pause in [0, 61] {
        let pocket = server.register(&format!("pocket-{pause}"), json!({ "rotate_refresh_tokens": true })).await;
        let first = pocket.tokens(SCOPE).await.text("refresh_token").to_owned();
        let second = next(&pocket, &first).await;
        let third = pocket.refresh(&second).await.ok();
        server.clock.advance(pause);
        assert_eq!(pocket.refresh(&first).await.refused(400), "invalid_grant");
        assert_over(&server, &pocket, third.text("refresh_token"), third.text("access_token")).await;
    }
}

#[tokio::test]
async fn replay_window_of_the_client_applies() {
    let server = TestServer::start().await;
    let strict = json!({ "rotate_refresh_tokens": true, "refresh_replay_window": 0 });
    let strict = server.register("strict", strict).await;
    let first = strict.tokens(SCOPE).await.text("refresh_token").to_owned();
    let second = strict.refresh(&first).await.ok();
    assert_eq!(strict.refresh(&first).await.refused(400), "invalid_grant");
    assert_over(&server, &strict, second.text("refresh_token"), second.text("access_token")).await;

    let patient = json!({ "rotate_refresh_tokens": true, "refresh_replay_window": 300 });
    let patient = server.register("patient", patient).await;
    let first = patient.tokens(SCOPE).await.text("refresh_token").to_owned();
    let second = next(&patient, &first).await;
    server.clock.advance(295);
    assert_eq!(next(&patient, &first).await, second);
}

#[tokio::test]
async fn refresh_family_survives_a_restart() {
    let server = TestServer::start().await;
    let (pocket, first) = rotating(&server).await;
    let second = next(&pocket, &first).await;
    let after = server.second_node().await;
    drop(server);
    let pocket = pocket.at(&after.issuer);
    assert_eq!(next(&pocket, &first).await, second, "the same successor again");
    let third = pocket.refresh(&second).await.ok();
    assert_eq!(pocket.refresh(&first).await.refused(400), "invalid_grant");
    assert_over(&after, &pocket, third.text("refresh_token"), third.text("access_token")).await;
}

#[tokio::test]
async fn refresh_scope_narrows_one_response_and_never_widens() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let refresh_token = shop.tokens(SCOPE).await.text("refresh_token").to_owned();
    let refresh = async |scope: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("scope", scope)];
        shop.post("/token", &fields).await
    };
    let narrow = refresh("profile:read").await.ok();
    assert_eq!(narrow.text("scope"), "profile:read");
    assert_eq!(narrow.claims("access_token")["scope"], "profile:read");
    assert_eq!(narrow.json["id_token"], json!(null), "openid was left out");
    assert_eq!(refresh("").await.ok().text("scope"), SCOPE, "the grant is as wide as before");
    for wider in ["message:send", "profile:read message:send", "profile:read email", "payment:make", "\"", " "] {
        assert_eq!(refresh(wider).await.refused(400), "invalid_scope", "{wider}");
    }
}

#[tokio::test]
async fn refresh_token_is_bound_to_client_and_resource() {
    let server = TestServer::start().await;
    let (pocket, refresh_token) = rotating(&server).await;
    let shop = server.shop().await;
    let refused: Answer = shop.refresh(&refresh_token).await;
    assert_eq!(refused.refused(400), "invalid_grant");
    assert!(!refused.body.contains(&refresh_token));
    let with = async |resource: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("resource", resource)];
        pocket.post("/token", &fields).await
    };
    assert_eq!(with("https://bank.example").await.refused(400), "invalid_target");
    // Neither the other client's attempt nor a wrong resource has revoked anything.
    assert_eq!(with("https://talk.example").await.ok().claims("access_token")["aud"][0], "https://talk.example");
}

#[tokio::test]
async fn malformed_refresh_token_is_invalid_grant() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let sent = shop.authorize(SCOPE).await;
    let code = sent.parameter("code").expect("a code");
    let tokens = shop.exchange(&sent).await.ok();
    let refresh_token = tokens.text("refresh_token");
    let (head, tail) = refresh_token.split_at(refresh_token.len() - 1);
    let changed = format!("{head}{}", if tail == "A" { "Q" } else { "A" });
    for bad in [
        &code,
        tokens.text("access_token"),
        tokens.text("id_token"),
        &changed,
        head,
        &format!("{refresh_token}="),
        &format!("{refresh_token}A"),
        "nonsense",
    ] {
        assert_eq!(shop.refresh(bad).await.refused(400), "invalid_grant", "{bad}");
    }
    shop.refresh(refresh_token).await.ok();
}

#[tokio::test]
async fn grant_expires_when_idle_and_lives_while_used() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let idle = server.server.settings.tokens.grant_idle_lifetime;
    let scope = format!("{SCOPE} offline_access");
    let used = shop.tokens(&scope).await.text("refresh_token").to_owned();
    let unused = shop.tokens(&scope).await.text("refresh_token").to_owned();
    for _ in 0..3 {
        server.clock.advance(idle / 2);
        shop.refresh(&used).await.ok();
    }
    assert_eq!(shop.refresh(&unused).await.refused(400), "invalid_grant");
    // The end is rounded up to the hour.
    server.clock.advance(idle + 3600);
    assert_eq!(shop.refresh(&used).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn grant_ends_at_its_maximum_lifetime() {
    let server = TestServer::start_with(|settings| settings.tokens.grant_max_lifetime = 86_400).await;
    let (pocket, mut refresh_token) = rotating(&server).await;
    for _ in 0..2 {
        server.clock.advance(40_000);
        refresh_token = next(&pocket, &refresh_token).await;
    }
    server.clock.advance(10_001);
    assert_eq!(pocket.refresh(&refresh_token).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn disabled_user_grants_do_not_refresh() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let answer = shop.tokens(&format!("{SCOPE} offline_access")).await;
    let (pocket, of_own_session) = rotating(&server).await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| writ::store::accounts::disable(tx, alice)).await;
    assert_over(&server, &shop, answer.text("refresh_token"), answer.text("access_token")).await;
    server.write(move |tx| writ::store::accounts::enable(tx, alice)).await;
    let answer = shop.refresh(answer.text("refresh_token")).await.ok();
    shop.userinfo(answer.text("access_token")).await.ok();
    assert_eq!(pocket.refresh(&of_own_session).await.refused(400), "invalid_grant", "its session has ended");
}

#[tokio::test]
async fn deleted_scope_is_absent_from_new_tokens() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("profile:read message:read").await;
    let delete = async |name: &'static str| {
        assert!(server.write(move |tx| resources::delete_scope(tx, name)).await.is_some());
        server.server.refresh().await.expect("remembered");
    };
    delete("message:read").await;
    let refresh_token = tokens.text("refresh_token");
    let refreshed = shop.refresh(refresh_token).await.ok();
    assert_eq!(refreshed.text("scope"), "profile:read");
    assert_eq!(refreshed.claims("access_token")["scope"], "profile:read");
    for token in [tokens.text("access_token"), refresh_token] {
        assert_eq!(shop.introspect(token).await.ok().text("scope"), "profile:read");
    }
    delete("profile:read").await;
    assert_eq!(shop.refresh(refresh_token).await.refused(400), "invalid_scope");
}
