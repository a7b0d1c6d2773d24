//! The administration API about clients.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use writ::{
    config::RegistrationMode,
    store::{client_logos, clients},
};

use crate::{
    app_logo::PNG,
    support::{
        Answer, Site, TestServer,
        administrator::entries,
        app::basic,
        changed,
        console::{self, CLIENTS, Console, problem},
        registrar, seed,
    },
};

async fn start() -> (TestServer, Console) {
    let server = console::start().await;
    let console = Console::new(&server, CLIENTS).await;
    (server, console)
}

/// The metadata of a web app with changes.
fn metadata(changes: Value) -> Value {
    let app = json!({
        "client_id": "app", "client_name": "App", "redirect_uris": ["https://app.example/cb"],
        "grant_types": ["authorization_code", "client_credentials"], "scope": "openid message:read",
    });
    changed(app, &changes)
}

async fn created(console: &Console, changes: Value) -> Answer {
    let answer = console.post("/clients", &metadata(changes)).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    answer
}

#[tokio::test]
async fn client_is_created_shown_changed_and_deleted() {
    let (server, console) = start().await;
    let created = created(&console, json!({ "client_name#ko": "앱" })).await;
    let secret = created.text("client_secret").to_owned();
    assert_eq!(created.header("location"), format!("{}/admin/v1/clients/app", server.issuer));
    assert_eq!(created.header("cache-control"), "no-store");
    assert_eq!((&created.json["origin"], &created.json["approved"]), (&json!("administrator"), &json!(true)));
    assert!(console.authenticates("app", &secret).await);

    let shown = console.get("/clients/app").await.ok();
    assert_eq!(shown.header("etag"), created.header("etag"));
    let mut expected = created.json.clone();
    for secret in ["client_secret", "client_secret_expires_at"] {
        expected.as_object_mut().expect("an object").remove(secret);
    }
    assert_eq!(shown.json, expected, "the secret is shown once");
    assert!(!console.get("/clients").await.ok().body.contains(&secret));

    let renamed = json!({ "client_name": "Renamed" });
    let updated = console.change(Method::PATCH, "/clients/app", "", Some(&renamed)).await.ok();
    assert_eq!(updated.json["client_name"], "Renamed");
    assert_ne!(updated.header("etag"), created.header("etag"));

    let deleted = console.change(Method::DELETE, "/clients/app", "", None).await;
    assert_eq!((deleted.status.as_u16(), &*deleted.body), (204, ""));
    assert_eq!(problem(&console.get("/clients/app").await, 404), "object_unknown");
    assert!(!console.authenticates("app", &secret).await, "this node knows at once");
}

#[tokio::test]
async fn client_without_named_members_has_the_defaults_of_the_command_line() {
    let (_server, console) = start().await;
    let minimal =
        json!({ "client_name": "App", "redirect_uris": ["https://app.example/cb"], "response_types": ["code"] });
    let created = console.post("/clients", &minimal).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
    assert_eq!(created.json["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(created.text("client_id").len(), 36);
    let public = metadata(json!({ "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"] }));
    let created = console.post("/clients", &public).await;
    assert_eq!((created.status.as_u16(), created.json.get("client_secret")), (201, None));
}

#[tokio::test]
async fn patch_changes_the_named_members_and_keeps_the_rest() {
    let (_server, console) = start().await;
    let before = created(&console, json!({ "client_uri": "https://app.example", "contacts": ["a@app.example"] })).await;
    let patch = json!({ "client_uri": null, "client_name": "Renamed", "scope": "openid message:read message:send" });
    let after = console.change(Method::PATCH, "/clients/app", "", Some(&patch)).await.ok();
    let mut expected = before.json.clone();
    for gone in ["client_uri", "client_secret", "client_secret_expires_at"] {
        expected.as_object_mut().expect("an object").remove(gone);
    }
    expected["client_name"] = json!("Renamed");
    expected["scope"] = patch["scope"].clone();
    expected["digest"] = after.json["digest"].clone();
    assert_eq!(after.json, expected);

    // A client that becomes public loses its secret, and gets a new one when it returns.
    let public = json!({ "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"] });
    console.change(Method::PATCH, "/clients/app", "", Some(&public)).await.ok();
    assert!(!console.authenticates("app", before.text("client_secret")).await);
    let confidential = json!({ "token_endpoint_auth_method": null });
    let again = console.change(Method::PATCH, "/clients/app", "", Some(&confidential)).await.ok();
    assert!(console.authenticates("app", again.text("client_secret")).await);
    assert!(!console.authenticates("app", before.text("client_secret")).await);
}

#[tokio::test]
async fn change_without_if_match_or_of_another_version_is_refused() {
    let (server, console) = start().await;
    let first = created(&console, json!({})).await.header("etag").to_owned();
    console.change(Method::PATCH, "/clients/app", "", Some(&json!({ "client_name": "Renamed" }))).await.ok();
    let current = console.etag("/clients/app").await;
    let patch = json!({ "client_name": "Again" });
    let recorded = entries(&server).await.len();
    for (method, operation, body) in [
        (Method::PATCH, "", Some(&patch)),
        (Method::DELETE, "", None),
        (Method::POST, "/rotate-secret", None),
        (Method::POST, "/approve", None),
    ] {
        let path = format!("/clients/app{operation}");
        let missing = console.send(method.clone(), &path, &[], body).await;
        assert_eq!(problem(&missing, 428), "precondition_missing", "{method} {path}");
        for other in [&*first, "\"x\"", &format!("W/{current}")] {
            let failed = console.send(method.clone(), &path, &[("if-match", other)], body).await;
            assert_eq!(problem(&failed, 412), "precondition_failed", "{method} {path} {other}");
        }
        let malformed = console.send(method.clone(), &path, &[("if-match", "x")], body).await;
        assert_eq!(problem(&malformed, 428), "precondition_missing", "{method} {path}");
    }
    assert_eq!(console.etag("/clients/app").await, current);
    assert_eq!(entries(&server).await.len(), recorded, "a refused change makes no entry");
    let one_of = format!("{first}, {current}");
    console.send(Method::PATCH, "/clients/app", &[("if-match", &one_of)], Some(&patch)).await.ok();
    console.send(Method::PATCH, "/clients/app", &[("if-match", "*")], Some(&json!({ "client_name": "B" }))).await.ok();
}

#[tokio::test]
async fn one_of_eight_changes_of_a_version_wins() {
    let (server, console) = start().await;
    let second = server.second_node().await;
    created(&console, json!({})).await;
    let etag = console.etag("/clients/app").await;
    let other = Console { app: console.app.clone(), token: console.token.clone(), issuer: second.issuer.clone() };
    let renamed: Vec<Value> = (0..4).map(|number| json!({ "client_name": format!("App {number}") })).collect();
    let headers = [("if-match", &*etag)];
    let patches = renamed
        .iter()
        .flat_map(|body| [&console, &other].map(|at| at.send(Method::PATCH, "/clients/app", &headers, Some(body))));
    let answers = join_all(patches).await;
    let won = answers.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(won, 1, "{answers:?}");
    let lost: Vec<String> =
        answers.iter().filter(|answer| !answer.status.is_success()).map(|answer| problem(answer, 412)).collect();
    assert_eq!(lost, ["precondition_failed"; 7]);
    let updates = entries(&server).await.iter().filter(|entry| entry.action == "client.update").count();
    assert_eq!(updates, 1);
}

#[tokio::test]
async fn secret_is_rotated_once_for_each_version() {
    let (_server, console) = start().await;
    let first = created(&console, json!({})).await;
    let etag = first.header("etag").to_owned();
    let headers = [("if-match", &*etag)];
    let second = console.send(Method::POST, "/clients/app/rotate-secret", &headers, None).await.ok();
    let repeated = console.send(Method::POST, "/clients/app/rotate-secret", &headers, None).await;
    assert_eq!(problem(&repeated, 412), "precondition_failed");
    for answer in [&first, &second] {
        assert!(console.authenticates("app", answer.text("client_secret")).await);
    }
    let third = console.change(Method::POST, "/clients/app", "/rotate-secret", None).await.ok();
    assert!(console.authenticates("app", third.text("client_secret")).await);
    assert!(!console.authenticates("app", first.text("client_secret")).await);

    let keyless =
        json!({ "client_id": "pocket", "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"] });
    created(&console, keyless).await;
    let refused = console.change(Method::POST, "/clients/pocket", "/rotate-secret", None).await;
    assert_eq!(problem(&refused, 400), "invalid_client_metadata");
}

#[tokio::test]
async fn list_comes_in_pages_by_client_id() {
    let (_server, console) = start().await;
    for id in ["b", "a", "d", "c"] {
        created(&console, json!({ "client_id": id })).await;
    }
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let page = console.get(&format!("/clients?limit=2{after}")).await.ok();
        let items = page.json["items"].as_array().expect("a list").clone();
        assert!(items.len() <= 2, "{page:?}");
        found.extend(items.iter().map(|item| item["client_id"].as_str().expect("an id").to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(found, ["a", "b", "c", "console", "d"]);
    assert_eq!(console.get("/clients?after=zzz").await.ok().json, json!({ "items": [], "next": null }));
    for query in ["limit=0", "limit=201", "limit=x", "limit=-1", "size=1", "after=%00", "after=a&after=b"] {
        let answer = console.get(&format!("/clients?{query}")).await;
        assert!(answer.status.as_u16() == 400, "{query}: {answer:?}");
        problem(&answer, 400);
    }
}

#[tokio::test]
async fn invalid_body_is_refused_with_its_cause() {
    let (server, console) = start().await;
    created(&console, json!({})).await;
    let recorded = entries(&server).await.len();
    for (changes, status, cause) in [
        (json!({}), 409, "object_exists"),
        (json!({ "client_id": "" }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "a b" }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "a".repeat(101) }), 400, "invalid_client_metadata"),
        (json!({ "client_id": 7 }), 400, "body_invalid"),
        // It could be the `sub` of a user.
        (json!({ "client_id": "0197f6c5-8a3e-7cc1-9f0b-2f1c5a7d3e42" }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "require_pkce": "my-own-secret" }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "client_secret": "my-own-secret" }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "surprise": 1 }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "client_name": 1 }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "redirect_uris": [] }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "redirect_uris": ["javascript:alert(1)"] }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "response_types": ["token"] }), 400, "invalid_client_metadata"),
        (json!({ "client_id": "b", "scope": "nothing:read" }), 400, "scope_unknown"),
        (json!({ "client_id": "b", "sector_identifier_uri": "https://10.0.0.1/x" }), 400, "invalid_client_metadata"),
    ] {
        let answer = console.post("/clients", &metadata(changes.clone())).await;
        assert_eq!(problem(&answer, status), cause, "{changes}");
        assert!(!answer.body.contains("my-own-secret"), "{answer:?}");
        for unknown in ["client_secret", "surprise"] {
            assert_eq!(changes.get(unknown).is_some(), answer.text("detail").contains(unknown), "{answer:?}");
        }
    }
    let post = async |body: String, media_type: &str| {
        let request = reqwest::Client::new().post(format!("{}/admin/v1/clients", server.issuer));
        let request = request.bearer_auth(&console.token).header("content-type", media_type).body(body);
        Answer::read(request.send().await.expect("an answer")).await
    };
    for (body, media_type) in [
        (String::new(), "application/json"),
        ("[]".to_owned(), "application/json"),
        ("{\"client_name\":".to_owned(), "application/json"),
        (metadata(json!({})).to_string(), "text/plain"),
        (metadata(json!({ "client_name": "x".repeat(20_000) })).to_string(), "application/json"),
        (format!("{{\"jwks\":{}1{}}}", "[".repeat(5000), "]".repeat(5000)), "application/json"),
    ] {
        assert_eq!(problem(&post(body.clone(), media_type).await, 400), "body_invalid", "{body}");
    }
    let empty = console.change(Method::PATCH, "/clients/app", "", Some(&json!({}))).await;
    assert_eq!(problem(&empty, 400), "body_invalid");
    let unexpected = console.change(Method::POST, "/clients/app", "/rotate-secret", Some(&json!({ "a": 1 }))).await;
    assert_eq!(problem(&unexpected, 400), "body_invalid");
    assert_eq!(entries(&server).await.len(), recorded);
}

#[tokio::test]
async fn unknown_path_and_hostile_id_are_problems_of_the_caller() {
    let (_server, console) = start().await;
    for path in
        ["/", "/nothing", "/clients/app/nothing", "/clients/", "/clients/nothing", "/clients/%00", "/clients/a%2Fb"]
    {
        assert_eq!(problem(&console.get(path).await, 404), "object_unknown", "{path}");
    }
    let headers = [("if-match", "*")];
    for id in ["nothing", "%00", "a%00b", "%FF"] {
        let answer = console.send(Method::DELETE, &format!("/clients/{id}"), &headers, None).await;
        assert!(answer.status.is_client_error(), "{id}: {answer:?}");
        let rotated = console.send(Method::POST, &format!("/clients/{id}/rotate-secret"), &headers, None).await;
        assert!(rotated.status.is_client_error(), "{id}: {rotated:?}");
    }
}

#[tokio::test]
async fn client_whose_id_is_a_url_is_found_by_its_encoded_id() {
    let (server, console) = start().await;
    let metadata = seed::client_metadata(&json!({}));
    server.write(move |tx| clients::insert(tx, "https://app.example/client?a=b", &metadata, None)).await;
    let shown = console.get("/clients/https%3A%2F%2Fapp.example%2Fclient%3Fa%3Db").await.ok();
    assert_eq!(shown.text("client_id"), "https://app.example/client?a=b");
}

#[tokio::test]
async fn change_that_takes_something_from_users_needs_force() {
    let (server, console) = start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid profile:read message:read").await;
    let fewer = json!({ "scope": "openid profile profile:read" });
    let refused = console.change(Method::PATCH, "/clients/shop", "", Some(&fewer)).await;
    assert_eq!(problem(&refused, 409), "object_in_use");
    assert!(refused.text("detail").contains("1 live grant of 1 user"), "{refused:?}");
    let refused = console.change(Method::DELETE, "/clients/shop", "", None).await;
    assert_eq!(problem(&refused, 409), "object_in_use");
    let refused = console.change(Method::DELETE, "/clients/shop", "?force=yes", None).await;
    assert_eq!(problem(&refused, 400), "query_invalid");
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status.as_u16(), 200);

    // What takes nothing needs none.
    console.change(Method::PATCH, "/clients/shop", "", Some(&json!({ "client_name": "Shoppe" }))).await.ok();
    console.change(Method::PATCH, "/clients/shop", "?force=true", Some(&fewer)).await.ok();
    let deleted = console.change(Method::DELETE, "/clients/shop", "?force=true", None).await;
    assert_eq!(deleted.status.as_u16(), 204);
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status.as_u16(), 401);
}

#[tokio::test]
async fn change_is_in_the_audit_log_with_client_network_and_reason() {
    let (server, console) = start().await;
    created(&console, json!({})).await;
    let etag = console.etag("/clients/app").await;
    let headers = [("if-match", &*etag), ("writ-reason", "요청 #7")];
    console.send(Method::PATCH, "/clients/app", &headers, Some(&json!({ "client_name": "Renamed" }))).await.ok();
    let rows = entries(&server).await;
    let [create, update] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*create.action, &*create.reason), ("client.create", ""));
    assert_eq!((&*update.action, &*update.target, &*update.reason), ("client.update", "app", "요청 #7"));
    for row in &rows {
        assert_eq!((&*row.actor, &*row.face), ("console from 127.0.0.1", "api"));
    }
    let change: Value = serde_json::from_str(&update.change).expect("JSON");
    assert_eq!(change, json!({ "before": { "client_name": "App" }, "after": { "client_name": "Renamed" } }));
    let etag = console.etag("/clients/app").await;
    let long = "x".repeat(501);
    let headers = [("if-match", &*etag), ("writ-reason", &*long)];
    let refused = console.send(Method::DELETE, "/clients/app", &headers, None).await;
    assert_eq!(problem(&refused, 400), "invalid_request");
    assert_eq!(entries(&server).await.len(), 2);
}

#[tokio::test]
async fn self_registered_client_is_approved_with_its_logo() {
    let site = Site::start();
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.registration.mode = RegistrationMode::Open;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    let console = Console::new(&server, CLIENTS).await;
    let logo = site.publish("/logo.png", PNG);
    let (app, told) = registrar::register(&server, json!({ "logo_uri": logo.as_str() })).await;
    let path = format!("/clients/{}", app.id);
    let shown = console.get(&path).await.ok();
    assert_eq!((&shown.json["origin"], &shown.json["approved"]), (&json!("self_registered"), &json!(false)));
    assert!(shown.json.get("registration_access_token").is_none(), "{shown:?}");

    // The client changes between the look and the approval.
    let update = changed(
        registrar::metadata(json!({ "client_name": "Other", "logo_uri": logo })),
        &json!({ "client_id": app.id }),
    );
    let token = told.text("registration_access_token");
    registrar::send(Method::PUT, told.text("registration_client_uri"), Some(token), Some(&update)).await.ok();
    let headers = [("if-match", shown.header("etag"))];
    let refused = console.send(Method::POST, &format!("{path}/approve"), &headers, None).await;
    assert_eq!(problem(&refused, 412), "precondition_failed");

    let approved = console.change(Method::POST, &path, "/approve", None).await.ok();
    assert_eq!(approved.json["approved"], true);
    let logos = server.server.store.read(client_logos::hashes).await.expect("read");
    assert!(logos.contains_key(&app.id), "{logos:?}");
}

#[tokio::test]
async fn api_is_unknown_unless_it_is_enabled() {
    let server = TestServer::start().await;
    let app = console::register(&server, "console", CLIENTS, json!({})).await;
    let refused = console::ask_for_token(&app, "writ:clients:read").await;
    assert_eq!(refused.refused(400), "invalid_scope");
    let with = server.second_node_with_settings(|settings| settings.admin_api.enabled = true).await;
    let enabled = console::ask_for_token(&app.at(&with.issuer), "writ:clients:read").await.ok();
    let token = enabled.text("access_token").to_owned();
    let console = Console { app: app.clone(), token, issuer: server.issuer.clone() };
    assert_eq!(console.get("/clients").await.status.as_u16(), 404);
    assert_eq!(app.introspect(&console.token).await.ok().json, json!({ "active": false }));
    assert!(!with.metadata().await["scopes_supported"].to_string().contains("writ:"), "it is not announced to users");
    let basic = basic("console", app.secret.as_deref().unwrap_or_default());
    assert_eq!(app.post_as("/revoke", &[("token", &console.token)], Some(&basic)).await.status.as_u16(), 200);
}
