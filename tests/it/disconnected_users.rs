//! All users of a client are disconnected, at every face.

use reqwest::Method;
use serde_json::json;
use writ::{
    administration,
    store::{
        connections, consents,
        security_events::{self, Kind},
        usage::{self, Usage},
    },
};

use crate::support::{
    Answer, App, TestServer,
    administrator::{self, actor, click, enter, entries, open},
    console::{self, CLIENTS, Console, problem},
};

const SCOPE: &str = "openid profile:read message:read offline_access";
const PATH: &str = "/clients/shop/disconnect-users";

async fn start() -> (TestServer, Console, App) {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    let shop = server.shop().await;
    (server, console, shop)
}

async fn send(console: &Console, path: &str, version: &str) -> Answer {
    console.send(Method::POST, path, &[("if-match", version)], None).await
}

/// The number of times that a user saw an app disconnected.
async fn disconnections(server: &TestServer, username: &'static str) -> usize {
    let user = server.user_id(username).await;
    let events = server.write(move |tx| security_events::latest_of_user(tx, user, 100)).await;
    events.iter().filter(|event| event.kind == Kind::AppDisconnected.as_str()).count()
}

/// Ends the grants of a user with the shop, but not the consent.
async fn end_grants(server: &TestServer, username: &'static str) {
    let user = server.user_id(username).await;
    server.write(move |tx| writ::store::grants::revoke_between(tx, user, "shop")).await;
}

#[tokio::test]
async fn all_users_are_disconnected_over_the_api_if_the_caller_insists() {
    let (server, console, shop) = start().await;
    let alice = shop.tokens(SCOPE).await;
    let minji = shop.tokens_in(&server.browser(), "minji", SCOPE).await;
    let seen = console.etag("/clients/shop").await;
    assert_eq!(problem(&send(&console, &format!("{PATH}?force=true"), "\"x\"").await, 412), "precondition_failed");
    let refused = send(&console, PATH, &seen).await;
    assert_eq!(problem(&refused, 409), "object_in_use");
    assert!(refused.text("detail").contains("2 live grants of 2 users"), "{refused:?}");
    assert_eq!(problem(&send(&console, &format!("{PATH}?force=1"), &seen).await, 400), "query_invalid");
    assert_eq!(disconnections(&server, "alice").await, 0);

    let ended = send(&console, &format!("{PATH}?force=true"), &seen).await.ok();
    assert_eq!(ended.json, json!({ "users": 2, "complete": true }));
    for (tokens, username) in [(&alice, "alice"), (&minji, "minji")] {
        assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
        assert_eq!(disconnections(&server, username).await, 1);
    }
    let again = send(&console, PATH, &seen).await.ok();
    assert_eq!(again.json, json!({ "users": 0, "complete": true }));
    let recorded = entries(&server).await.into_iter().filter(|entry| entry.action == "client.disconnect-users");
    assert_eq!(recorded.count(), 1);
}

#[tokio::test]
async fn client_that_administers_is_disconnected_at_the_command_line_only() {
    let (_server, console, _) = start().await;
    let refused = send(&console, "/clients/console/disconnect-users?force=true", "*").await;
    assert_eq!(problem(&refused, 403), "scope_administrative");
}

#[tokio::test]
async fn repeated_disconnection_tells_the_first_number() {
    let (_server, console, shop) = start().await;
    shop.tokens(SCOPE).await;
    let seen = console.etag("/clients/shop").await;
    let (path, headers) = (format!("{PATH}?force=true"), [("if-match", &*seen), ("idempotency-key", "once")]);
    for _ in 0..2 {
        let answer = console.send(Method::POST, &path, &headers, None).await.ok();
        assert_eq!(answer.json, json!({ "users": 1, "complete": true }));
    }
}

#[tokio::test]
async fn expired_and_denied_decisions_are_no_disconnection() {
    let (server, console, shop) = start().await;
    shop.tokens(SCOPE).await;
    end_grants(&server, "alice").await;
    let alice = server.user_id("alice").await;
    let expire = format!("UPDATE consents SET expires_at = {}", server.clock.now());
    server.database.execute(&expire).await;
    assert!(!server.write(move |tx| connections::disconnect(tx, alice, "shop", "")).await);
    assert_eq!(server.count("consents").await, 0, "it is deleted nevertheless");

    shop.tokens(SCOPE).await;
    end_grants(&server, "alice").await;
    server
        .write(move |tx| {
            let mut consent = consents::find(tx, alice, "shop")?.expect("a consent");
            consent.declined = consent.declined.union(&consent.granted);
            consent.granted = writ_core::ScopeSet::default();
            consents::save(tx, alice, "shop", &consent)
        })
        .await;
    let seen = console.etag("/clients/shop").await;
    let ended = send(&console, PATH, &seen).await.ok();
    assert_eq!(ended.json, json!({ "users": 0, "complete": true }));
    assert_eq!((server.count("consents").await, disconnections(&server, "alice").await), (0, 0));
    assert!(entries(&server).await.iter().all(|entry| entry.action != "client.disconnect-users"));
}

#[tokio::test]
async fn console_offers_disconnection_while_a_consent_remains() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    let browser = enter(&server).await;
    let is_offered = async || browser.get("/admin/apps/shop").await.body.contains("id=\"disconnect\"");
    assert!(!is_offered().await);
    shop.tokens_in(&server.browser(), "minji", SCOPE).await;
    assert!(is_offered().await);
    end_grants(&server, "minji").await;
    assert!(is_offered().await, "the consent remains");
    let confirm = open(&browser, "/admin/apps/shop", "disconnect").await;
    assert!(confirm.body.contains("No grant ends."), "{confirm:?}");
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/apps/shop?done=disconnect"));
    assert!(browser.get("/admin/apps/shop?done=disconnect").await.body.contains("id=\"done\""));
    assert!(!is_offered().await);
    assert_eq!(server.count("consents").await, 0);
}

#[tokio::test]
async fn user_with_grants_of_several_scopes_is_counted_once() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    shop.tokens("openid message:read").await;
    shop.tokens("openid profile:read message:read").await;
    shop.tokens_in(&server.browser(), "minji", "openid profile:read").await;
    let counted = async |scope: &'static str| {
        let scopes = scope.split(' ').collect();
        server.write(move |tx| usage::of_scopes(tx, &scopes)).await
    };
    assert_eq!(counted("message:read").await, Usage { grants: 2, users: 1 });
    assert_eq!(counted("message:read profile:read").await, Usage { grants: 3, users: 2 });
    assert_eq!(counted("message:send").await, Usage { grants: 0, users: 0 });
    let actor = actor(&server).await;
    let client = server.write(|tx| writ::store::clients::find(tx, "shop")).await.expect("the client");
    let all = writ::store::Id(uuid::Uuid::nil());
    let done = server.write(move |tx| administration::clients::disconnect_users(tx, &actor, &client, all)).await;
    assert_eq!(done.map(|done| (done.users, done.next)), Ok((2, None)));
}
