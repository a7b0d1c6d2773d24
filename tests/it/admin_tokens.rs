//! Who may administer over HTTP: a client that an operator registered, for itself.

use reqwest::Method;
use serde_json::json;
use writ::{
    administration::{self, Actor},
    store::{
        clients::{self, Origin},
        registrations::{self, NewRegistration},
        resources,
    },
};
use writ_core::vocabulary::scope::Risk;

use crate::support::{
    Answer, App, TestServer,
    console::{self, CLIENTS, Console, ask_for_token, problem},
    eventually, seed,
};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

async fn get(server: &TestServer, authorization: Option<&str>) -> Answer {
    let mut request = reqwest::Client::new().get(format!("{}/admin/v1/clients", server.issuer));
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    Answer::read(request.send().await.expect("an answer")).await
}

#[tokio::test]
async fn request_without_a_valid_token_is_challenged() {
    let server = console::start().await;
    let none = get(&server, None).await;
    assert_eq!((none.status.as_u16(), none.header("www-authenticate")), (401, "Bearer realm=\"writ\""));
    let basic = get(&server, Some("Basic Y29uc29sZTp4")).await;
    assert_eq!((basic.status.as_u16(), basic.header("www-authenticate")), (401, "Bearer realm=\"writ\""));
    let malformed = get(&server, Some("Bearer a b")).await;
    assert_eq!(problem(&malformed, 400), "invalid_request");
    assert!(malformed.header("www-authenticate").contains("invalid_request"), "{malformed:?}");
    for token in ["x", "e30.e30.e30"] {
        let answer = get(&server, Some(&format!("Bearer {token}"))).await;
        assert_eq!(problem(&answer, 401), "invalid_token");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
    }
}

#[tokio::test]
async fn token_for_another_resource_or_of_a_user_is_refused() {
    let server = console::start().await;
    let shop = server.shop().await;
    let of_user = shop.tokens("openid profile:read").await.text("access_token").to_owned();
    let of_client = ask_for_token(&shop, "message:read").await.ok().text("access_token").to_owned();
    for token in [of_user, of_client] {
        assert_eq!(problem(&get(&server, Some(&format!("Bearer {token}"))).await, 401), "invalid_token");
    }
}

#[tokio::test]
async fn operation_needs_its_scope() {
    let server = console::start().await;
    let console = Console::new(&server, "writ:clients:read").await;
    console.get("/clients").await.ok();
    let body = json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"] });
    let refused = console.post("/clients", &body).await;
    assert_eq!(problem(&refused, 403), "insufficient_scope");
    assert!(refused.header("www-authenticate").contains("scope=\"writ:clients:write\""), "{refused:?}");
    let headers = [("if-match", "*")];
    for (method, path) in [
        (Method::PATCH, "/clients/console"),
        (Method::DELETE, "/clients/console"),
        (Method::POST, "/clients/console/approve"),
        (Method::POST, "/clients/console/rotate-secret"),
    ] {
        let refused = console.send(method, path, &headers, None).await;
        assert_eq!(problem(&refused, 403), "insufficient_scope", "{path}");
    }
    let writer = console::register(&server, "writer", "writ:clients:write", json!({})).await;
    let token = ask_for_token(&writer, "writ:clients:write").await.ok().text("access_token").to_owned();
    assert_eq!(problem(&get(&server, Some(&format!("Bearer {token}"))).await, 403), "insufficient_scope");
}

#[tokio::test]
async fn token_request_gets_registered_scopes_of_the_api_alone() {
    let server = console::start().await;
    let app = console::register(&server, "console", "writ:clients:read message:read", json!({})).await;
    let issued = ask_for_token(&app, "writ:clients:read").await.ok();
    assert_eq!(issued.claims("access_token")["aud"], format!("{}/admin/v1", server.issuer));
    for (scope, error) in [
        ("writ:clients:write", "invalid_scope"),
        ("writ:everything", "invalid_scope"),
        ("writ:clients:read message:read", "invalid_target"),
    ] {
        assert_eq!(ask_for_token(&app, scope).await.refused(400), error, "{scope}");
    }
    let fields = [("grant_type", "client_credentials"), ("scope", "writ:clients:read"), ("resource", seed::TALK)];
    assert_eq!(app.post("/token", &fields).await.refused(400), "invalid_target");
    // Without a scope, there are no rights of administration.
    assert_eq!(app.post("/token", &fields[..1]).await.refused(400), "invalid_scope");
}

#[tokio::test]
async fn user_cannot_be_asked_for_administration() {
    let server = console::start().await;
    let grants = json!([
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
    ]);
    let scope = "openid profile:read writ:clients:read writ:clients:write";
    let app = server.register("shop", json!({ "grant_types": grants, "scope": scope })).await;
    let refused = server.browser().open(&app.authorize_url("writ:clients:read", &[])).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_scope"), "{refused:?}");
    let tokens = app.tokens("openid profile:read writ:clients:read").await;
    assert_eq!(tokens.text("scope"), "openid profile:read");
    let audience = format!("{}/admin/v1", server.issuer);
    let named = server.browser().open(&app.authorize_url("openid profile:read", &[("resource", &audience)])).await;
    assert_eq!(named.parameter("error").as_deref(), Some("invalid_target"), "{named:?}");
    let device = app.post("/device_authorization", &[("scope", "writ:clients:read")]).await;
    assert_eq!(device.refused(400), "invalid_scope");
    let widened = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
        ("scope", "openid writ:clients:read"),
    ];
    assert_eq!(app.post("/token", &widened).await.refused(400), "invalid_scope");
}

#[tokio::test]
async fn token_of_administration_cannot_be_exchanged() {
    let server = console::start().await;
    let metadata = json!({ "grant_types": ["client_credentials", EXCHANGE], "may_act": ["helper"] });
    let app = console::register(&server, "console", "writ:clients:read", metadata.clone()).await;
    let helper = console::register(&server, "helper", "writ:clients:read", metadata).await;
    let token = ask_for_token(&app, "writ:clients:read").await.ok().text("access_token").to_owned();
    let fields = [
        ("grant_type", EXCHANGE),
        ("subject_token", &*token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
    ];
    for by in [&app, &helper] {
        assert_eq!(by.post("/token", &fields).await.refused(400), "invalid_scope");
    }
    assert_eq!(app.introspect(&token).await.ok().json["active"], true);
    assert_eq!(app.userinfo(&token).await.status.as_u16(), 401);
}

/// A client that registered itself, with the scope of administration in its row.
async fn self_registered(server: &TestServer, approved: bool) -> App {
    let metadata = seed::client_metadata(&json!({
        "redirect_uris": [], "grant_types": ["client_credentials"], "scope": CLIENTS, "required_scope": "",
    }));
    let secret = writ::secret::Secret::random();
    let hash = secret.hash();
    server
        .write(move |tx| {
            let new = NewRegistration {
                origin: Origin::SelfRegistered,
                client_id: "newcomer",
                metadata: &metadata,
                secret: Some(hash),
                token: None,
                networks: &[],
            };
            registrations::insert(tx, &new)?;
            clients::set_approved(tx, "newcomer", approved)
        })
        .await;
    server.server.refresh().await.expect("remembered");
    App::new(&server.issuer, "newcomer", Some(secret.expose()), "")
}

#[tokio::test]
async fn client_that_registered_itself_never_administers() {
    for approved in [false, true] {
        let server = console::start().await;
        let app = self_registered(&server, approved).await;
        assert_eq!(ask_for_token(&app, "writ:clients:read").await.refused(400), "invalid_scope", "{approved}");
    }
    // The operator cannot give it such a scope either.
    let server = console::start().await;
    let actor = Actor::at_command_line("ada".to_owned(), None, &server.shared_secrets().await);
    self_registered(&server, true).await;
    let refused = server
        .write(move |tx| {
            let seen = clients::find(tx, "newcomer")?.expect("registered");
            administration::clients::update(tx, &actor, &seen, &seen.metadata, None)
        })
        .await;
    assert!(refused.is_err_and(|refusal| refusal.to_string().contains("not registered by an operator")));
}

#[tokio::test]
async fn offer_to_self_registered_clients_never_has_administration() {
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.registration.mode = writ::config::RegistrationMode::Open;
        settings.registration.scopes = vec!["openid".to_owned(), "writ:clients:read".to_owned()];
    })
    .await;
    let (_, told) = crate::support::registrar::register(&server, json!({ "scope": "openid writ:clients:read" })).await;
    assert_eq!(told.text("scope"), "openid");
}

#[tokio::test]
async fn client_that_administers_can_neither_be_created_nor_changed_over_the_api() {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    console::register(&server, "other", "writ:clients:read", json!({})).await;
    let new =
        json!({ "client_id": "new", "client_name": "New", "grant_types": ["client_credentials"], "scope": CLIENTS });
    assert_eq!(problem(&console.post("/clients", &new).await, 403), "scope_administrative");
    let app = json!({ "client_id": "app", "client_name": "App", "grant_types": ["client_credentials"], "scope": "message:read" });
    assert_eq!(console.post("/clients", &app).await.status.as_u16(), 201);
    let raise = json!({ "scope": "message:read writ:clients:read" });
    let refused = console.change(Method::PATCH, "/clients/app", "", Some(&raise)).await;
    assert_eq!(problem(&refused, 403), "scope_administrative");
    let lower = json!({ "scope": "message:read" });
    let rename = json!({ "client_name": "Renamed" });
    for id in ["console", "other"] {
        let path = format!("/clients/{id}");
        for (method, operation, body) in [
            (Method::PATCH, "?force=true", Some(&lower)),
            (Method::PATCH, "", Some(&rename)),
            (Method::POST, "/rotate-secret", None),
            (Method::DELETE, "", None),
        ] {
            let refused = console.change(method.clone(), &path, operation, body).await;
            assert_eq!(problem(&refused, 403), "scope_administrative", "{method} {path}{operation}");
        }
        console.get(&path).await.ok();
    }
}

#[tokio::test]
async fn token_ends_with_its_revocation_its_scope_and_its_client() {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    let token = async || ask_for_token(&console.app, CLIENTS).await.ok().text("access_token").to_owned();
    let with = |token: String| Console { app: console.app.clone(), token, issuer: server.issuer.clone() };
    let (first, second) = (with(token().await), with(token().await));
    console.app.post("/revoke", &[("token", &first.token)]).await.ok();
    assert_eq!(problem(&first.get("/clients").await, 401), "access_token_revoked");
    second.get("/clients").await.ok();

    let fewer = seed::client_metadata(&json!({
        "redirect_uris": [], "grant_types": ["client_credentials"], "scope": "writ:clients:read", "required_scope": "",
    }));
    server.write(move |tx| clients::update(tx, "console", &fewer)).await;
    // The node has not noticed, but the unit of work of a change looks at the registration.
    let body = json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"] });
    assert_eq!(problem(&second.post("/clients", &body).await, 403), "insufficient_scope");
    server.write(|tx| clients::delete(tx, "console")).await;
    let ended = problem(&second.post("/clients", &body).await, 401);
    assert_eq!(ended, "access_token_revoked");
    eventually("the node notices", async || second.get("/clients").await.status.as_u16() == 401).await;
}

#[tokio::test]
async fn token_from_before_its_client_was_registered_again_is_refused() {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    server.clock.advance(10);
    server.write(|tx| clients::delete(tx, "console")).await;
    console::register(&server, "console", CLIENTS, json!({})).await;
    assert_eq!(problem(&console.get("/clients").await, 401), "access_token_revoked");
}

#[tokio::test]
async fn restricted_scope_and_its_resource_server_are_deleted_on_the_command_line_only() {
    let server = console::start().await;
    let console = Console::new(&server, "writ:resources:read writ:resources:write").await;
    server
        .write(|tx| {
            let mut scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let mut scope = scopes.find(|scope| scope.name == "message:send").expect("a scope");
            scope.acr = Some(writ_core::vocabulary::acr::Acr::Mfa);
            resources::update_scope(tx, &scope)
        })
        .await;
    for path in ["/scopes/message:send", "/resources/talk"] {
        let refused = console.change(Method::DELETE, path, "?force=true", None).await;
        assert_eq!(problem(&refused, 403), "access_denied", "{path}");
    }
}

#[tokio::test]
async fn token_that_expires_is_refused() {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    server.clock.advance(3600);
    assert_eq!(problem(&console.get("/clients").await, 401), "access_token_expired");
}

#[tokio::test]
async fn change_during_which_the_token_is_revoked_is_refused() {
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    let console = Console::new(&server, CLIENTS).await;
    let revocation = async { drop(console.app.post("/revoke", &[("token", &console.token)]).await.ok()) };
    let refused = console.create_app_interrupted(revocation).await;
    assert_eq!(problem(&refused, 401), "access_token_revoked");
    assert!(server.server.store.read(|tx| clients::find(tx, "app")).await.expect("read").is_none());
}

#[tokio::test]
async fn stored_scope_with_a_reserved_name_stops_the_start_and_grants_nothing() {
    let server = TestServer::start().await;
    server.write(|tx| resources::insert_scope(tx, "talk", &seed::scope("writ:clients:read", Risk::Low))).await;
    server.server.refresh().await.expect("refreshed");
    let shop = server.register("shop", json!({ "scope": "openid writ:clients:read", "required_scope": "" })).await;
    assert_eq!(ask_for_token(&shop, "writ:clients:read").await.refused(400), "invalid_scope");
    let mut settings = writ::config::Settings::clone(&server.server.settings);
    settings.admin_api.enabled = true;
    let started = writ::server::Server::start(settings, seed::master_key(), server.clock.clone()).await;
    let refused = started.err().map(|fault| fault.to_string()).unwrap_or_default();
    assert!(refused.contains("writ:clients:read"), "{refused}");
}

#[tokio::test]
async fn scope_and_audience_of_the_api_are_reserved() {
    let server = TestServer::start().await;
    let actor = Actor::at_command_line("ada".to_owned(), None, &server.shared_secrets().await);
    for (name, reserved) in [("writ:clients:read", true), ("writ:x", true), ("written:x", false)] {
        let (actor, scope) = (actor.clone(), seed::scope(name, Risk::Low));
        let created = server.write(move |tx| administration::scopes::create(tx, &actor, "talk", &scope)).await;
        assert_eq!(created.is_err(), reserved, "{name}");
    }
    let issuer = &server.server.settings.server.issuer;
    for (path, reserved) in
        [("/admin/v1", true), ("/Admin/v1", false), ("/admin/v1/x", false), ("/admin/../admin/v1", true)]
    {
        let checked = administration::resources::check_audience(&issuer.join(path), issuer);
        assert_eq!(checked.is_err(), reserved, "{path}");
    }
}
