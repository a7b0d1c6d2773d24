//! The administration API about users and their connections.

use reqwest::Method;
use serde_json::{Value, json};
use writ::store::users;

use crate::support::{
    Answer, TestServer,
    administrator::entries,
    console::{self, Console, problem},
    seed::PASSWORD,
};

const USERS: &str = "writ:users:read writ:users:write";

async fn start() -> (TestServer, Console) {
    let server = console::start().await;
    let console = Console::new(&server, USERS).await;
    (server, console)
}

async fn path_of(server: &TestServer, username: &'static str) -> String {
    format!("/users/{}", server.user_id(username).await)
}

#[tokio::test]
async fn user_is_created_and_signs_in_with_the_password() {
    let (server, console) = start().await;
    let new = json!({
        "username": "Ada", "email": "ada@example.com", "password": "a lovely long passphrase",
        "claims": { "name": "Ada Lovelace", "zoneinfo": "Europe/London" },
    });
    let created = console.post("/users", &new).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
    assert_eq!((created.text("preferred_username"), created.text("name")), ("ada", "Ada Lovelace"));
    assert!(!created.body.contains("passphrase"), "{created:?}");
    let path = format!("/users/{}", created.text("sub"));
    assert_eq!(created.header("location"), format!("{}/admin/v1{path}", server.issuer));
    assert_eq!(console.get(&path).await.ok().json, created.json);
    assert!(server.user("ada").await.password_hash.is_some_and(|hash| hash.starts_with("$argon2id$")));

    let generated = console.post("/users", &json!({ "username": "bob" })).await;
    assert_eq!(generated.text("password").len(), 43);
    let shown = console.get(&format!("/users/{}", generated.text("sub"))).await.ok();
    assert!(shown.json.get("password").is_none(), "it is shown once: {shown:?}");
}

#[tokio::test]
async fn invalid_user_is_refused_without_its_password() {
    let (server, console) = start().await;
    let password = "a lovely long passphrase";
    for (changes, status, cause) in [
        (json!({ "username": "alice" }), 409, "object_exists"),
        (json!({ "email": "ada@example.com", "email_verified": true }), 400, "body_invalid"),
        (json!({ "username": "a b" }), 400, "body_invalid"),
        (json!({ "username": "\u{0}" }), 400, "body_invalid"),
        (json!({ "username": 7 }), 400, "body_invalid"),
        (json!({ "username": null }), 400, "body_invalid"),
        (json!({ "email": "nowhere" }), 400, "body_invalid"),
        (json!({ "email": "a\u{0}@example.com" }), 400, "body_invalid"),
        (json!({ "password": "short" }), 400, "body_invalid"),
        (json!({ "password": "password1234" }), 400, "body_invalid"),
        (json!({ "password": [password] }), 400, "body_invalid"),
        (json!({ "claims": { "zoneinfo": "Nowhere" } }), 400, "body_invalid"),
        (json!({ "claims": { "surprise": 1 } }), 400, "body_invalid"),
        (json!({ "claims": { "picture": "javascript:alert(1)" } }), 400, "body_invalid"),
        (json!({ "surprise": 1 }), 400, "body_invalid"),
        (json!({ "password_hash": "$argon2id$" }), 400, "body_invalid"),
    ] {
        let new = crate::support::changed(json!({ "username": "ada", "password": password }), &changes);
        let answer = console.post("/users", &new).await;
        assert_eq!(problem(&answer, status), cause, "{changes}");
        assert!(!answer.body.contains(password) && !answer.body.contains("password1234"), "{answer:?}");
    }
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn users_come_in_pages_and_by_login() {
    let (server, console) = start().await;
    let first = console.get("/users?limit=1").await.ok();
    let next = first.text("next").to_owned();
    let second = console.get(&format!("/users?limit=1&after={next}")).await.ok();
    let names: Vec<&Value> = [&first, &second].map(|page| &page.json["items"][0]["preferred_username"]).to_vec();
    assert_eq!(names, ["alice", "minji"]);
    assert_eq!(second.json["next"], Value::Null);
    let found = console.get("/users?login=Alice@Example.com").await.ok();
    assert_eq!(found.json["items"][0]["sub"], json!(server.user_id("alice").await));
    assert_eq!(console.get("/users?login=bob").await.ok().json["items"], json!([]));
    assert_eq!(problem(&console.get("/users?after=x").await, 400), "query_invalid");
    assert_eq!(problem(&console.get("/users?name=x").await, 400), "query_invalid");
    let hashes = console.get("/users").await.ok().body;
    assert!(!hashes.contains("argon2"), "{hashes}");
}

#[tokio::test]
async fn disabled_user_has_no_access_until_enabled_again() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read offline_access").await;
    let path = path_of(&server, "alice").await;
    let before = console.etag(&path).await;
    let disabled = console.change(Method::POST, &path, "/disable", None).await.ok();
    assert!(disabled.json["disabled_at"].is_number(), "{disabled:?}");
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status.as_u16(), 401);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    let stale = console.send(Method::POST, &format!("{path}/enable"), &[("if-match", &before)], None).await;
    assert_eq!(problem(&stale, 412), "precondition_failed");
    let enabled = console.change(Method::POST, &path, "/enable", None).await.ok();
    assert_eq!(enabled.json["disabled_at"], Value::Null);
    shop.refresh(tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn signed_out_user_has_no_session_and_keeps_offline_access() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let bound = shop.tokens_in(&browser, "alice", "openid profile:read").await;
    assert!(!browser.open(&shop.authorize_url("openid profile:read", &[])).await.is_login());
    let offline = shop.tokens("openid profile:read offline_access").await;
    let path = path_of(&server, "alice").await;
    console.change(Method::POST, &path, "/sign-out", None).await.ok();
    assert_eq!(server.count("sessions").await, 0);
    assert!(browser.open(&shop.authorize_url("openid profile:read", &[])).await.is_login());
    assert_eq!(shop.refresh(bound.text("refresh_token")).await.refused(400), "invalid_grant");
    shop.refresh(offline.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn unlocked_user_signs_in_at_once() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let attempt = async |password: &str| {
        let page = browser.open(&shop.authorize_url("openid", &[])).await;
        browser.sign_in_with(&page, "alice", password).await
    };
    for _ in 0..server.server.settings.throttle.account_attempts {
        attempt("wrong").await;
    }
    assert!(attempt(PASSWORD).await.is_login(), "the account is locked");
    let path = path_of(&server, "alice").await;
    console.change(Method::POST, &path, "/unlock", None).await.ok();
    assert!(!attempt(PASSWORD).await.is_login());
}

#[tokio::test]
async fn deletion_of_a_user_with_grants_needs_force() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    shop.tokens("openid profile:read offline_access").await;
    let path = path_of(&server, "alice").await;
    assert_eq!(problem(&console.change(Method::DELETE, &path, "", None).await, 409), "object_in_use");
    let missing = console.send(Method::DELETE, &format!("{path}?force=true"), &[], None).await;
    assert_eq!(problem(&missing, 428), "precondition_missing");
    let other = console.send(Method::DELETE, &format!("{path}?force=true"), &[("if-match", "\"x\"")], None).await;
    assert_eq!(problem(&other, 412), "precondition_failed");
    let deleted = console.change(Method::DELETE, &path, "?force=true", None).await;
    assert_eq!(deleted.status.as_u16(), 204);
    assert_eq!(problem(&console.get(&path).await, 404), "object_unknown");
    for id in ["nothing", "%00", "00000000-0000-0000-0000-000000000000"] {
        assert_eq!(problem(&console.get(&format!("/users/{id}")).await, 404), "object_unknown", "{id}");
    }
    let log = entries(&server).await;
    assert_eq!(log.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["user.delete"]);
    assert!(log.iter().all(|entry| !entry.change.contains("alice")), "{log:?}");
}

#[tokio::test]
async fn connection_is_listed_narrowed_and_removed() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read message:read offline_access").await;
    let user = path_of(&server, "alice").await;
    let path = format!("{user}/connections/shop");
    let listed = console.get(&format!("{user}/connections")).await.ok();
    assert_eq!(listed.json["items"][0]["client_id"], "shop");
    let shown = console.get(&path).await.ok();
    assert!(shown.text("scope").contains("message:read"), "{shown:?}");
    let stale = shown.header("etag").to_owned();

    let narrowed = console.change(Method::DELETE, &path, "?scope=message:read", None).await;
    assert_eq!(narrowed.status.as_u16(), 204, "{narrowed:?}");
    assert!(!console.get(&path).await.ok().text("scope").contains("message:read"));
    let again = console.change(Method::DELETE, &path, "?scope=message:read", None).await;
    assert_eq!(problem(&again, 404), "object_unknown");
    let failed = console.send(Method::DELETE, &path, &[("if-match", &stale)], None).await;
    assert_eq!(problem(&failed, 412), "precondition_failed");
    assert_eq!(problem(&console.send(Method::DELETE, &path, &[], None).await, 428), "precondition_missing");

    assert_eq!(console.change(Method::DELETE, &path, "", None).await.status.as_u16(), 204);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    for unknown in [path, format!("{user}/connections/nothing"), "/users/x/connections".to_owned()] {
        assert_eq!(problem(&console.get(&unknown).await, 404), "object_unknown", "{unknown}");
    }
}

#[tokio::test]
async fn users_need_their_own_scopes() {
    let (server, _) = start().await;
    let path = path_of(&server, "alice").await;
    let app = console::register(&server, "clients", console::CLIENTS, json!({})).await;
    let token = console::ask_for_token(&app, console::CLIENTS).await.ok().text("access_token").to_owned();
    let other = Console { app, token, issuer: server.issuer.clone() };
    let headers = [("if-match", "*")];
    let send = async |method: Method, path: String| -> Answer { other.send(method, &path, &headers, None).await };
    for (method, path) in [
        (Method::GET, "/users".to_owned()),
        (Method::POST, "/users".to_owned()),
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/disable")),
        (Method::POST, format!("{path}/enable")),
        (Method::POST, format!("{path}/sign-out")),
        (Method::POST, format!("{path}/unlock")),
        (Method::GET, format!("{path}/connections")),
        (Method::GET, format!("{path}/connections/shop")),
        (Method::DELETE, format!("{path}/connections/shop")),
    ] {
        assert_eq!(problem(&send(method, path.clone()).await, 403), "insufficient_scope", "{path}");
    }
    let alice = server.user_id("alice").await;
    let unchanged = server.server.store.read(move |tx| users::find(tx, alice)).await.expect("read");
    assert!(unchanged.is_some_and(|user| user.disabled_at.is_none()));
}
