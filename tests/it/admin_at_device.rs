//! An administrator signs in at a device, such as the command line, and administers with it.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;
use writ::store::{Tx, accounts, clients, connections, users};
use writ_core::groups::GroupIds;

use crate::support::{
    Answer, App, Browser, TestServer,
    administrator::{self, entries},
    console::{Console, problem},
    device, seed,
};

const SCOPE: &str = "writ:clients:read writ:clients:write writ:users:read";

/// A server with the API and the console, and an administrator.
async fn start() -> TestServer {
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.console.enabled = true;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    administrator::promote(&server, "alice").await;
    server.server.refresh().await.expect("remembered");
    server
}

/// The client of the command line.
async fn command_line(server: &TestServer) -> App {
    let metadata = json!({
        "client_name": "Command line",
        "redirect_uris": [],
        "token_endpoint_auth_method": "none",
        "grant_types": [device::GRANT_TYPE, "refresh_token"],
        "scope": format!("{SCOPE} profile:read"),
        "required_scope": "",
    });
    seed::client(&server.server.store, "cli", metadata).await;
    server.server.refresh().await.expect("remembered");
    App::new(&server.issuer, "cli", None, "")
}

/// Allows these scopes at a device, and polls.
async fn allow(browser: &Browser, app: &App, scopes: &[&str]) -> Answer {
    let codes = device::codes(app, SCOPE).await;
    let question = device::question(browser, &codes).await;
    device::allow(browser, &question, scopes).await;
    device::poll(app, &codes).await
}

fn with(server: &TestServer, app: &App, tokens: &Answer) -> Console {
    Console { app: app.clone(), token: tokens.text("access_token").to_owned(), issuer: server.issuer.clone() }
}

fn new_app() -> serde_json::Value {
    json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"] })
}

#[tokio::test]
async fn administrator_allows_a_device_to_administer_in_words() {
    let server = start().await;
    let app = command_line(&server).await;
    let (browser, _) = administrator::sign_in(&server, "alice").await;
    let codes = device::codes(&app, SCOPE).await;
    let question = device::question(&browser, &codes).await;
    for words in ["See the apps of this server", "Add, change and delete apps of this server", "in your name"] {
        assert!(question.body.contains(words), "{words}: {question:?}");
    }
    device::allow(&browser, &question, &["writ:clients:read", "writ:clients:write"]).await;
    let tokens = device::poll(&app, &codes).await.ok();
    assert_eq!(tokens.text("scope"), "writ:clients:read writ:clients:write");
    let claims = tokens.claims("access_token");
    assert_eq!(claims["aud"], format!("{}/admin/v1", server.issuer));

    let console = with(&server, &app, &tokens);
    console.get("/clients").await.ok();
    assert_eq!(console.post("/clients", &new_app()).await.status.as_u16(), 201);
    let refused = console.get("/users").await;
    assert_eq!(problem(&refused, 403), "insufficient_scope", "it was not allowed");
    let created = entries(&server).await.into_iter().find(|entry| entry.action == "client.create").expect("an entry");
    let alice = server.user_id("alice").await;
    assert!(created.actor.starts_with(&format!("{alice} by cli from ")), "{}", created.actor);
    assert!(browser.get("/account/apps").await.body.contains("Command line"));
}

#[tokio::test]
async fn user_who_is_no_administrator_allows_no_administration() {
    let server = start().await;
    let app = command_line(&server).await;
    let (browser, _) = administrator::sign_in(&server, "minji").await;
    let codes = device::codes(&app, SCOPE).await;
    let question = device::question(&browser, &codes).await;
    assert!(!question.body.contains("writ:clients:write\""), "{question:?}");
    // A form by hand.
    let csrf = browser.get("/device").await.hidden("csrf");
    let code = codes.text("user_code");
    let fields = [
        ("csrf", &*csrf),
        ("user_code", code),
        ("decision", "approve"),
        ("duration", "until_revoked"),
        ("scope", "writ:clients:write"),
    ];
    browser.post("/device", &fields).await;
    assert_ne!(device::poll(&app, &codes).await.status.as_u16(), 200);
}

#[tokio::test]
async fn administrator_needs_two_factors_at_a_device() {
    let server = start().await;
    let app = command_line(&server).await;
    let browser = server.browser();
    let codes = device::codes(&app, SCOPE).await;
    let question = device::question(&browser, &codes).await;
    assert!(!question.body.contains("value=\"writ:clients:write\""), "{question:?}");
    assert_ne!(device::poll(&app, &codes).await.status.as_u16(), 200);
}

#[tokio::test]
async fn device_ends_with_the_group_the_grant_and_the_account() {
    let server = start().await;
    let app = command_line(&server).await;
    let (browser, _) = administrator::sign_in(&server, "alice").await;
    let all = ["writ:clients:read", "writ:clients:write"];

    let console = with(&server, &app, &allow(&browser, &app, &all).await.ok());
    administrator::demote(&server, "alice").await;
    assert_eq!(problem(&console.post("/clients", &new_app()).await, 401), "access_token_revoked");
    server.server.refresh().await.expect("remembered");
    assert_eq!(problem(&console.get("/clients").await, 401), "access_token_revoked");

    administrator::promote(&server, "alice").await;
    server.server.refresh().await.expect("remembered");
    console.get("/clients").await.ok();
    let tokens = allow(&browser, &app, &all).await.ok();
    let console = with(&server, &app, &tokens);
    app.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
    assert_eq!(problem(&console.get("/clients").await, 401), "access_token_revoked");
    assert_eq!(problem(&console.post("/clients", &new_app()).await, 401), "access_token_revoked");
}

/// What an administrator can lose during a change.
#[derive(Clone, Copy)]
enum Lost {
    Group,
    Account,
    Client,
    Connection,
    Scope,
}

#[rstest]
#[case::group(Lost::Group, 401, "access_token_revoked")]
#[case::account(Lost::Account, 401, "access_token_revoked")]
#[case::client(Lost::Client, 401, "access_token_revoked")]
#[case::connection(Lost::Connection, 401, "access_token_revoked")]
#[case::scope(Lost::Scope, 403, "insufficient_scope")]
#[tokio::test]
async fn change_during_which_something_is_taken_back_is_refused(
    #[case] lost: Lost,
    #[case] status: u16,
    #[case] cause: &str,
) {
    let server = start().await;
    let app = command_line(&server).await;
    let (browser, _) = administrator::sign_in(&server, "alice").await;
    let tokens = allow(&browser, &app, &["writ:clients:read", "writ:clients:write"]).await.ok();
    let console = with(&server, &app, &tokens);
    let alice = server.user_id("alice").await;
    let unit = move |tx: &mut Tx<'_>| match lost {
        Lost::Group => users::set_groups(tx, alice, &GroupIds::default()).map(|()| true),
        Lost::Account => accounts::disable(tx, alice),
        Lost::Client => clients::set_open_to(tx, "cli", Some(&GroupIds::from_iter([Uuid::now_v7()]))),
        Lost::Connection => connections::disconnect(tx, alice, "cli", ""),
        Lost::Scope => connections::remove_scope(tx, alice, "cli", "writ:clients:write", ""),
    };
    let take_back = async { assert!(server.write(unit).await) };
    let refused = console.create_app_interrupted(take_back).await;
    assert_eq!(problem(&refused, status), cause);
    assert!(server.server.store.read(|tx| clients::find(tx, "app")).await.expect("read").is_none());
}

#[tokio::test]
async fn refreshed_token_administers_while_its_user_is_an_administrator() {
    let server = start().await;
    let app = command_line(&server).await;
    let (browser, _) = administrator::sign_in(&server, "alice").await;
    let tokens = allow(&browser, &app, &["writ:clients:read"]).await.ok();
    let refresh = async |tokens: &Answer| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.text("refresh_token"))];
        app.post("/token", &fields).await
    };
    let tokens = refresh(&tokens).await.ok();
    with(&server, &app, &tokens).get("/clients").await.ok();
    administrator::demote(&server, "alice").await;
    server.server.refresh().await.expect("remembered");
    assert_ne!(refresh(&tokens).await.status.as_u16(), 200);
}

#[tokio::test]
async fn administration_is_allowed_at_devices_only_and_by_a_group_only() {
    let server = start().await;
    let grants = json!(["authorization_code", "refresh_token", "client_credentials", device::GRANT_TYPE]);
    let scope = "openid profile:read writ:clients:read";
    let app = server.register("shop", json!({ "grant_types": grants, "scope": scope })).await;
    let refused = server.browser().open(&app.authorize_url("writ:clients:read", &[])).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_scope"), "{refused:?}");

    let without = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.console.enabled = true;
    })
    .await;
    let app = command_line(&without).await;
    let codes = app.post("/device_authorization", &[("scope", "writ:clients:read")]).await;
    assert_eq!(codes.refused(400), "invalid_scope", "there is no group");
}

#[tokio::test]
async fn idempotency_keys_of_two_administrators_are_apart() {
    let server = start().await;
    let app = command_line(&server).await;
    administrator::promote(&server, "minji").await;
    server.server.refresh().await.expect("remembered");
    let mut ids = Vec::new();
    for name in ["alice", "minji"] {
        let (browser, _) = administrator::sign_in(&server, name).await;
        let tokens = allow(&browser, &app, &["writ:clients:read", "writ:clients:write"]).await.ok();
        let headers = [("idempotency-key", "\"one\"")];
        let console = with(&server, &app, &tokens);
        let created = console.send(Method::POST, "/clients", &headers, Some(&new_app())).await;
        assert_eq!(created.status.as_u16(), 201, "{created:?}");
        ids.push(created.text("client_id").to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}
