//! A disabled client gets nothing, and what it has is not active, until it is enabled again.

use reqwest::Method;
use serde_json::{Value, json};
use writ::{
    administration,
    store::{
        client_secrets,
        clients::{self, Origin},
        registrations::{self, NewRegistration},
    },
    tasks::{forget_clients, record_secret_uses},
};

use crate::support::{
    Answer, App, TestServer, address,
    administrator::{self, actor, change, click, enter, entries, open, user_path},
    console::{self, CLIENTS, Console, problem},
    device, seed,
};

const SCOPE: &str = "openid profile:read message:read offline_access";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

async fn set(server: &TestServer, id: &'static str, disabled: bool) {
    let actor = actor(server).await;
    server
        .write(move |tx| {
            let client = clients::find_and_lock(tx, id)?.expect("the client");
            let change = if disabled { administration::clients::disable } else { administration::clients::enable };
            change(tx, &actor, &client)
        })
        .await
        .expect("changed");
    server.server.refresh().await.expect("a snapshot");
}

/// The client `shop`, which may use every grant type.
async fn shop(server: &TestServer) -> App {
    let grant_types = ["authorization_code", "refresh_token", "client_credentials", GRANT];
    server.register("shop", json!({ "grant_types": grant_types })).await
}

async fn is_active(server: &TestServer, tokens: &Answer) -> bool {
    server.talk().introspect(tokens.text("access_token")).await.ok().json["active"] == true
}

async fn exchange(app: &App, subject: &str) -> Answer {
    let subject_type = "urn:ietf:params:oauth:token-type:access_token";
    let fields = [("grant_type", GRANT), ("subject_token", subject), ("subject_token_type", subject_type)];
    app.post("/token", &fields).await
}

#[tokio::test]
async fn disabled_client_gets_no_code_and_no_token_until_it_is_enabled() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let own = shop.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:read")]).await.ok();
    let code = shop.authorize_in(&browser, "alice", SCOPE, &[]).await.parameter("code").expect("a code");
    set(&server, "shop", true).await;

    let page = browser.get(&shop.authorize_url(SCOPE, &[])).await;
    assert!(page.status == 400 && page.next().is_none() && page.body.contains("client_disabled"), "{page:?}");
    let silent = browser.get(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert!(silent.status == 400 && silent.next().is_none(), "it is not redirected to: {silent:?}");
    let refused = |answer: Answer| answer.refused(400).to_owned();
    assert_eq!(refused(shop.exchange_code(&code).await), "unauthorized_client");
    assert_eq!(refused(shop.refresh(tokens.text("refresh_token")).await), "unauthorized_client");
    let credentials = [("grant_type", "client_credentials"), ("scope", "message:read")];
    assert_eq!(refused(shop.post("/token", &credentials).await), "unauthorized_client");
    let pushed = shop.parameters(SCOPE, &[]);
    assert_eq!(refused(shop.post("/par", &pushed).await), "unauthorized_client");
    assert_eq!(refused(exchange(&shop, tokens.text("access_token")).await), "unauthorized_client");
    assert_eq!(refused(shop.introspect(tokens.text("access_token")).await), "unauthorized_client");

    assert!(!is_active(&server, &tokens).await && !is_active(&server, &own).await);
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status, 401);

    set(&server, "shop", false).await;
    assert!(is_active(&server, &tokens).await && is_active(&server, &own).await);
    assert_eq!(shop.exchange_code(&code).await.status, 200, "the code was not used up");
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn logout_does_not_return_to_a_disabled_client() {
    let server = TestServer::start().await;
    let bye = "https://shop.example/bye";
    let shop = server.register("shop", json!({ "post_logout_redirect_uris": [bye] })).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let asked = [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", bye)];
    let asked = address("/end_session", &asked);
    let sealed = browser.get(&asked).await.next().expect("the page that signs out");
    set(&server, "shop", true).await;

    for url in [&asked, &sealed] {
        let page = browser.open(url).await;
        assert!(page.body.contains("id=\"logged-out\"") && page.next().is_none(), "{page:?}");
        assert!(!page.body.contains(bye), "no link either: {page:?}");
    }
    set(&server, "shop", false).await;
    let silent = browser.open(&shop.authorize_url("openid profile:read", &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("code"), None, "the user is signed out: {silent:?}");
    assert_eq!(browser.open(&asked).await.next().as_deref(), Some(bye));
}

#[tokio::test]
async fn wrong_secret_of_a_disabled_client_is_only_wrong() {
    let server = TestServer::start().await;
    shop(&server).await;
    set(&server, "shop", true).await;
    let wrong = App::new(&server.issuer, "shop", Some("x".repeat(43)), "");
    let answer = wrong.post("/token", &[("grant_type", "client_credentials")]).await;
    assert_eq!(answer.refused(401), "invalid_client", "{answer:?}");
}

#[tokio::test]
async fn request_that_waits_for_the_user_is_refused() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(consent.is_consent(), "{consent:?}");
    set(&server, "shop", true).await;
    let page = browser.allow(&consent, &["profile:read"]).await;
    assert!(page.status == 400 && page.parameter("code").is_none(), "{page:?}");
    let again = browser.open(&consent.url).await;
    assert!(again.is_error() && !again.is_consent(), "{again:?}");
    assert_eq!(server.count("grants").await, 0);
}

#[tokio::test]
async fn disabled_device_is_neither_asked_for_nor_served() {
    let server = TestServer::start().await;
    let television = device::television(&server).await;
    let codes = device::codes(&television, "profile:read").await;
    let browser = server.browser();
    let question = device::question(&browser, &codes).await;
    assert!(question.find_hidden("csrf").is_some(), "{question:?}");
    set(&server, "tv", true).await;
    assert_eq!(device::question(&browser, &codes).await.status, 400);
    device::allow(&browser, &question, &["profile:read"]).await;
    assert_eq!(device::poll(&television, &codes).await.refused(400), "unauthorized_client");
    let answer = television.post("/device_authorization", &[("scope", "profile:read")]).await;
    assert_eq!(answer.refused(400), "unauthorized_client");
}

#[tokio::test]
async fn token_that_an_actor_exchanged_ends_with_either_client() {
    let server = TestServer::start().await;
    let metadata = json!({
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", GRANT],
        "may_act": ["helper"],
    });
    let shop = server.register("shop", metadata).await;
    let helper = json!({
        "client_name": "Helper",
        "grant_types": ["authorization_code", "client_credentials", GRANT],
        "scope": "profile:read message:read",
    });
    let helper = server.register("helper", helper).await;
    let tokens = shop.tokens(SCOPE).await;
    let handed = exchange(&helper, tokens.text("access_token")).await.ok();
    assert!(is_active(&server, &handed).await);
    for id in ["shop", "helper"] {
        set(&server, id, true).await;
        assert!(!is_active(&server, &handed).await, "{id}");
        set(&server, id, false).await;
        assert!(is_active(&server, &handed).await, "{id}");
    }
    set(&server, "shop", true).await;
    assert_eq!(exchange(&helper, tokens.text("access_token")).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn token_of_three_clients_ends_with_any_of_them() {
    let server = TestServer::start().await;
    let ids = ["first", "second", "third", "fourth"];
    let mut apps = Vec::new();
    for (index, id) in ids.into_iter().enumerate() {
        let next: Vec<&str> = ids.get(index + 1).copied().into_iter().collect();
        let metadata = json!({
            "client_name": id,
            "grant_types": ["authorization_code", "client_credentials", GRANT],
            "scope": "profile:read message:read",
            "may_act": next,
        });
        apps.push(server.register(id, metadata).await);
    }
    // A user's token, and one that the first client has for itself.
    let of_user = apps[0].tokens("profile:read message:read").await;
    let of_client = [("grant_type", "client_credentials"), ("scope", "message:read")];
    let of_client = apps[0].post("/token", &of_client).await.ok();
    for start in [&of_user, &of_client] {
        let second = exchange(&apps[1], start.text("access_token")).await.ok();
        let third = exchange(&apps[2], second.text("access_token")).await.ok();
        assert!(is_active(&server, &third).await);
        for id in ["first", "second", "third"] {
            set(&server, id, true).await;
            assert!(!is_active(&server, &third).await, "{id}");
            let again = exchange(&apps[3], third.text("access_token")).await;
            assert_eq!(again.refused(400), "invalid_request", "{id}");
            set(&server, id, false).await;
            assert!(is_active(&server, &third).await, "{id}");
        }
        exchange(&apps[3], third.text("access_token")).await.ok();
    }
    let second = exchange(&apps[1], of_user.text("access_token")).await.ok();
    let third = exchange(&apps[2], second.text("access_token")).await.ok();
    assert!(is_active(&server, &third).await);
    server.write(|tx| clients::delete(tx, "second")).await;
    server.server.refresh().await.expect("a snapshot");
    assert!(!is_active(&server, &third).await, "a client of the chain was deleted");
}

#[tokio::test]
async fn user_sees_that_a_connected_app_is_disabled() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let disabled = "The operator has disabled this app here";
    assert!(!browser.get("/account/apps").await.body.contains(disabled));
    set(&server, "shop", true).await;
    let page = browser.get("/account/apps").await;
    assert!(page.body.contains(disabled) && page.body.contains("value=\"shop\""), "it can be disconnected: {page:?}");
}

#[tokio::test]
async fn unused_client_that_is_disabled_is_not_forgotten() {
    let server = TestServer::start().await;
    let metadata = seed::client_metadata(&json!({}));
    for id in ["stays", "goes"] {
        let metadata = metadata.clone();
        server
            .write(move |tx| {
                let origin = Origin::SelfRegistered;
                let new = NewRegistration {
                    origin,
                    client_id: id,
                    metadata: &metadata,
                    secret: None,
                    token: None,
                    networks: &[],
                };
                registrations::insert(tx, &new)
            })
            .await;
    }
    set(&server, "stays", true).await;
    server.clock.advance(server.server.settings.registration.unused_lifetime + 1);
    forget_clients::run_once(&server.server).await.expect("a look");
    let left = server.write(clients::list).await;
    assert_eq!(left.iter().map(|client| client.id.as_str()).collect::<Vec<_>>(), ["stays"]);
}

async fn start_api() -> (TestServer, Console) {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    (server, console)
}

async fn send(console: &Console, path: &str, version: &str) -> Answer {
    console.send(Method::POST, path, &[("if-match", version)], None).await
}

#[tokio::test]
async fn client_is_disabled_and_enabled_over_the_api() {
    let (server, console) = start_api().await;
    let shop = shop(&server).await;
    let tokens = shop.tokens(SCOPE).await;
    let seen = console.etag("/clients/shop").await;
    assert_eq!(problem(&send(&console, "/clients/shop/disable", &seen).await, 409), "object_in_use");
    assert!(is_active(&server, &tokens).await);
    let disabled = send(&console, "/clients/shop/disable?force=true", &seen).await.ok();
    assert!(disabled.json["disabled_at"].is_i64(), "{disabled:?}");
    assert!(!is_active(&server, &tokens).await);
    assert_eq!(problem(&send(&console, "/clients/shop/enable", &seen).await, 412), "precondition_failed");
    let seen = console.etag("/clients/shop").await;
    let enabled = send(&console, "/clients/shop/enable", &seen).await.ok();
    assert_eq!(enabled.json["disabled_at"], Value::Null);
    assert!(is_active(&server, &tokens).await);
    let actions: Vec<_> = entries(&server).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["client.disable", "client.enable"]);
    assert_eq!(problem(&send(&console, "/clients/nope/disable", "*").await, 404), "object_unknown");
    assert_eq!(problem(&send(&console, "/clients/console/disable", "*").await, 403), "scope_administrative");
}

#[tokio::test]
async fn token_of_a_disabled_client_administers_nothing() {
    let (server, console) = start_api().await;
    set(&server, "console", true).await;
    assert_eq!(console.get("/clients").await.status, 401);
}

#[tokio::test]
async fn console_disables_and_enables_a_client() {
    let server = administrator::start().await;
    let shop = shop(&server).await;
    let tokens = shop.tokens(SCOPE).await;
    let browser = enter(&server).await;
    let stale = open(&browser, "/admin/apps/shop", "disable").await;
    assert!(stale.body.contains("1 grant of 1 user is suspended."), "{stale:?}");
    server.change_client("shop", json!({ "client_name": "Store" })).await;
    assert_eq!(click(&browser, &stale).await.status, 409);
    assert!(is_active(&server, &tokens).await);
    change(&browser, "/admin/apps/shop", "disable").await;
    assert!(!is_active(&server, &tokens).await);
    let page = browser.get("/admin/apps/shop?done=disable").await;
    assert!(page.body.contains("id=\"disabled\"") && page.body.contains("id=\"done\""), "{page:?}");
    assert!(browser.get("/admin/apps").await.body.contains("Disabled"));
    change(&browser, "/admin/apps/shop", "enable").await;
    assert!(is_active(&server, &tokens).await);
    let page = browser.get("/admin/apps/shop?done=disable").await;
    assert!(!page.body.contains("id=\"disabled\"") && !page.body.contains("id=\"done\""), "{page:?}");
}

#[tokio::test]
async fn one_app_of_a_user_is_disconnected_as_it_was_seen() {
    let server = administrator::start().await;
    let shop = shop(&server).await;
    let other = server.register("other", json!({ "client_name": "Other" })).await;
    let of_minji = server.browser();
    let first = shop.tokens_in(&of_minji, "minji", "openid profile:read offline_access").await;
    let kept = other.tokens_in(&of_minji, "minji", SCOPE).await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let number =
        if browser.get(&minji).await.body.find("/apps/shop") < browser.get(&minji).await.body.find("/apps/other") {
            "disconnect-1"
        } else {
            "disconnect-2"
        };
    let stale = open(&browser, &minji, number).await;
    assert!(stale.body.contains("profile:read"), "{stale:?}");
    shop.authorize_in(&of_minji, "minji", SCOPE, &[("prompt", "consent")]).await;
    assert_eq!(click(&browser, &stale).await.status, 409, "it was allowed more meanwhile");
    assert!(is_active(&server, &kept).await);
    let confirm = open(&browser, &minji, number).await;
    assert_eq!(click(&browser, &confirm).await.next(), Some(minji.clone()));
    assert_eq!(shop.refresh(first.text("refresh_token")).await.refused(400), "invalid_grant");
    assert!(is_active(&server, &kept).await);
    assert_eq!(click(&browser, &confirm).await.status, 404);
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!((entry.action.as_str(), entry.reason.as_str()), ("connection.remove", "ticket 7"));
    for path in [format!("{minji}/apps/nope"), "/admin/users/x/apps/shop".to_owned()] {
        assert_eq!(browser.get(&format!("{path}?version=x")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn last_use_of_a_secret_is_shown_to_the_hour() {
    let server = administrator::start().await;
    let shop = shop(&server).await;
    let last_use = async || server.write(|tx| client_secrets::times(tx, "shop")).await[0].1;
    let ask = async || shop.post("/token", &[("grant_type", "client_credentials"), ("scope", "message:read")]).await;
    let store = async || record_secret_uses::run_once(&server.server).await.expect("stored");
    store().await;
    assert_eq!(last_use().await, None);
    ask().await.ok();
    store().await;
    let first = server.clock.now();
    assert_eq!(last_use().await, Some(first));
    server.clock.advance(3599);
    ask().await.ok();
    store().await;
    assert_eq!(last_use().await, Some(first), "at most once an hour");
    server.clock.advance(1);
    ask().await.ok();
    store().await;
    assert_eq!(last_use().await, Some(first + 3600));

    let wrong = App::new(&server.issuer, "shop", Some("x".repeat(43)), "");
    server.clock.advance(3600);
    assert_eq!(wrong.post("/token", &[("grant_type", "client_credentials")]).await.status, 401);
    store().await;
    assert_eq!(last_use().await, Some(first + 3600), "a wrong secret is no use");
    let browser = enter(&server).await;
    assert!(browser.get("/admin/apps/shop").await.body.contains("Last used"));
}
