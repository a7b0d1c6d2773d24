//! The administration API about resource servers, scopes, keys, initial access tokens and the audit
//! log.

use reqwest::Method;
use serde_json::{Value, json};
use writ::config::RegistrationMode;

use crate::support::{
    Answer, App, TestServer,
    console::{self, Console, problem},
    registrar, seed,
};

const RESOURCES: &str = "writ:resources:read writ:resources:write";

async fn with(scope: &str) -> (TestServer, Console) {
    let server = TestServer::start_with(|settings| {
        settings.admin_api.enabled = true;
        settings.registration.mode = RegistrationMode::InitialAccessToken;
    })
    .await;
    let console = Console::new(&server, scope).await;
    (server, console)
}

fn bank() -> Value {
    json!({ "id": "bank", "audience": "https://bank.example", "names": { "en": "Bank", "ko": "은행" }, "secret": true })
}

fn payment() -> Value {
    json!({
        "name": "payment:make", "resource": "bank", "risk": "high",
        "texts": { "en": { "sentence": "Pay", "consequence": "Money leaves your account" } },
    })
}

#[tokio::test]
async fn resource_server_and_scope_are_created_changed_and_deleted() {
    let (server, console) = with(RESOURCES).await;
    let created = console.post("/resources", &bank()).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
    let secret = created.text("secret").to_owned();
    assert!(console.get("/resources/bank").await.ok().json.get("secret").is_none(), "it is shown once");
    let introspects = async |secret: &str| {
        let bank = App::new(&server.issuer, "bank", Some(secret.to_owned()), "");
        bank.introspect("x").await.status.is_success()
    };
    assert!(introspects(&secret).await);
    let rotated = console.change(Method::POST, "/resources/bank", "/rotate-secret", None).await.ok();
    assert!(introspects(rotated.text("secret")).await && !introspects(&secret).await);

    let scope = console.post("/scopes", &payment()).await;
    assert_eq!((scope.status.as_u16(), &scope.json["default"]), (201, &json!(false)), "{scope:?}");
    assert_eq!(console.get("/resources/bank").await.ok().json["scopes"], json!(["payment:make"]));
    let patch =
        json!({ "texts": { "ko": { "sentence": "지불", "consequence": "돈이 나갑니다" } }, "risk": "elevated" });
    let changed = console.change(Method::PATCH, "/scopes/payment:make", "", Some(&patch)).await.ok();
    assert_eq!((&changed.json["risk"], &changed.json["texts"]["en"]["sentence"]), (&json!("elevated"), &json!("Pay")));
    let patch = json!({ "audience": "https://new.bank.example", "names": { "ko": null }, "token_lifetime": 60 });
    let moved = console.change(Method::PATCH, "/resources/bank", "", Some(&patch)).await.ok();
    assert_eq!((moved.text("audience"), &moved.json["names"]), ("https://new.bank.example", &json!({ "en": "Bank" })));

    let app = json!({ "grant_types": ["client_credentials"], "scope": "payment:make", "redirect_uris": [], "required_scope": "" });
    seed::client(&server.server.store, "payer", app).await;
    let deleted = console.change(Method::DELETE, "/scopes/payment:make", "", None).await.ok();
    assert_eq!(deleted.json, json!({ "withdrawn_from": ["payer"] }));
    console.change(Method::DELETE, "/resources/bank", "", None).await.ok();
    for gone in ["/scopes/payment:make", "/resources/bank"] {
        assert_eq!(problem(&console.get(gone).await, 404), "object_unknown");
    }
    let ids: Vec<Value> = console.get("/resources").await.ok().json["items"].as_array().expect("a list").clone();
    assert_eq!(ids.iter().map(|server| &server["id"]).collect::<Vec<_>>(), ["talk"]);
    assert_eq!(console.get("/scopes").await.ok().json["items"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn invalid_resource_server_is_refused() {
    let (server, console) = with(RESOURCES).await;
    let own = format!("{}/admin/v1", server.issuer);
    for (changes, status) in [
        (json!({ "id": "talk" }), 409),
        (json!({ "audience": seed::TALK }), 409),
        (json!({ "id": "a b" }), 400),
        (json!({ "id": null }), 400),
        (json!({ "audience": "bank" }), 400),
        (json!({ "audience": "https://bank.example/\u{0}" }), 400),
        (json!({ "audience": own }), 400),
        (json!({ "names": { "ko": "은행" } }), 400),
        (json!({ "names": { "en": " " } }), 400),
        (json!({ "names": { "en": "Bank", "x y": "b" } }), 400),
        (json!({ "names": "Bank" }), 400),
        (json!({ "token_typ": "x" }), 400),
        (json!({ "token_alg": "none" }), 400),
        (json!({ "token_lifetime": 0 }), 400),
        (json!({ "token_lifetime": 86_401 }), 400),
        (json!({ "secret": "my-own-secret" }), 400),
        (json!({ "surprise": 1 }), 400),
    ] {
        let answer = console.post("/resources", &crate::support::changed(bank(), &changes)).await;
        problem(&answer, status);
        assert!(!answer.body.contains("my-own-secret"), "{answer:?}");
        let member = changes.as_object().and_then(|changes| changes.keys().next()).expect("a member");
        assert!(status == 409 || answer.text("detail").contains(member.trim_end_matches('s')), "{answer:?}");
    }
    for patch in
        [json!({ "audience": own }), json!({ "names": null }), json!({ "id": "other" }), json!({ "audience": 1 })]
    {
        let answer = console.change(Method::PATCH, "/resources/talk", "", Some(&patch)).await;
        assert_eq!(problem(&answer, 400), "body_invalid", "{patch}");
    }
}

#[tokio::test]
async fn invalid_scope_is_refused() {
    let (_server, console) = with(RESOURCES).await;
    console.post("/resources", &bank()).await;
    for (changes, status, cause) in [
        (json!({ "name": "message:read" }), 409, "object_exists"),
        (json!({ "name": "openid" }), 400, "body_invalid"),
        (json!({ "name": "a b" }), 400, "body_invalid"),
        (json!({ "name": 1 }), 400, "body_invalid"),
        (json!({ "name": "writ:clients:write" }), 403, "scope_administrative"),
        (json!({ "resource": "nothing" }), 400, "resource_unknown"),
        (json!({ "risk": "huge" }), 400, "body_invalid"),
        (json!({ "texts": {} }), 400, "body_invalid"),
        (json!({ "texts": { "en": { "sentence": "Pay", "consequence": "" } } }), 400, "body_invalid"),
        (json!({ "texts": { "en": { "sentence": "Pay" } } }), 400, "body_invalid"),
        (json!({ "surprise": 1 }), 400, "body_invalid"),
    ] {
        let answer = console.post("/scopes", &crate::support::changed(payment(), &changes)).await;
        assert_eq!(problem(&answer, status), cause, "{changes}");
    }
    for patch in [json!({ "texts": null }), json!({ "name": "other" }), json!({ "texts": { "en": null } })] {
        let answer = console.change(Method::PATCH, "/scopes/message:read", "", Some(&patch)).await;
        assert_eq!(problem(&answer, 400), "body_invalid", "{patch}");
    }
}

#[tokio::test]
async fn resource_change_that_takes_something_from_users_needs_force() {
    let (server, console) = with(RESOURCES).await;
    let shop = server.shop().await;
    shop.tokens("openid profile:read message:read").await;
    let moved = json!({ "audience": "https://new.talk.example" });
    for (method, path, body) in [
        (Method::PATCH, "/resources/talk", Some(&moved)),
        (Method::DELETE, "/scopes/message:read", None),
        (Method::DELETE, "/resources/talk", None),
    ] {
        let refused = console.change(method.clone(), path, "", body).await;
        assert_eq!(problem(&refused, 409), "object_in_use", "{path}");
        let headers = [("if-match", "\"x\"")];
        let other = console.send(method.clone(), &format!("{path}?force=true"), &headers, body).await;
        assert_eq!(problem(&other, 412), "precondition_failed", "{path}");
        let missing = console.send(method.clone(), path, &[], body).await;
        assert_eq!(problem(&missing, 428), "precondition_missing", "{path}");
        console.change(method, path, "?force=true", body).await.ok();
    }
}

#[tokio::test]
async fn groups_and_demand_of_a_scope_are_tightened_over_the_api_and_not_loosened() {
    let (server, console) = with(&format!("{RESOURCES} writ:groups:read writ:groups:write")).await;
    for name in ["staff", "all"] {
        assert_eq!(console.post("/groups", &json!({ "name": name })).await.status.as_u16(), 201);
    }
    let path = "/scopes/message:read";
    let mfa = "urn:writ:acr:mfa";
    let patch = async |patch: Value| console.change(Method::PATCH, path, "", Some(&patch)).await;
    let both = patch(json!({ "groups": ["staff", "all"] })).await.ok();
    assert_eq!((&both.json["groups"], both.json.get("acr")), (&json!(["all", "staff"]), None));
    let tighter = patch(json!({ "groups": ["staff"], "acr": mfa })).await.ok();
    assert_eq!((&tighter.json["groups"], &tighter.json["acr"]), (&json!(["staff"]), &json!(mfa)));
    let kept = patch(json!({ "risk": "high" })).await.ok();
    assert_eq!((&kept.json["groups"], &kept.json["acr"]), (&json!(["staff"]), &json!(mfa)));
    assert_eq!(console.get(path).await.ok().json, kept.json);
    let listed = console.get("/scopes").await.ok().json["items"].to_string();
    assert!(listed.contains("\"groups\":[\"staff\"]"), "{listed}");
    for loosened in [
        json!({ "groups": null }),
        json!({ "groups": ["all"] }),
        json!({ "groups": ["staff", "all"] }),
        json!({ "acr": null }),
        json!({ "acr": "urn:writ:acr:password" }),
    ] {
        let refused = patch(loosened.clone()).await;
        assert_eq!(problem(&refused, 403), "access_denied", "{loosened}");
    }
    for invalid in [json!({ "groups": ["nope"] }), json!({ "groups": "staff" }), json!({ "acr": "mfa" })] {
        assert_eq!(problem(&patch(invalid.clone()).await, 400), "body_invalid", "{invalid}");
    }
    let unchanged = console.get(path).await.ok();
    assert_eq!(unchanged.json, kept.json);
    let staff = server.write(|tx| Ok(writ::store::groups::list(tx)?.find("staff").cloned())).await.expect("the group");
    let renamed = json!({ "name": "people" });
    console.change(Method::PATCH, &format!("/groups/{}", staff.id), "", Some(&renamed)).await;
    let new = json!({
        "name": "vault:open", "resource": "talk", "groups": ["all"], "acr": mfa,
        "texts": { "en": { "sentence": "Open", "consequence": "All of it." } },
    });
    let created = console.post("/scopes", &new).await;
    assert_eq!((created.status.as_u16(), &created.json["groups"]), (201, &json!(["all"])), "{created:?}");
}

#[tokio::test]
async fn keys_are_rotated_all_or_none() {
    let (server, console) = with("writ:keys:read writ:keys:write").await;
    let states = async || {
        let keys = console.get("/keys").await.ok().json["items"].as_array().expect("a list").clone();
        assert!(keys.iter().all(|key| key.get("sealed").is_none()), "{keys:?}");
        let active = keys.iter().filter(|key| key["state"] == "active");
        active.map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect::<Vec<_>>()
    };
    let before = states().await;
    let etag = console.etag("/keys").await;
    let headers = [("if-match", &*etag)];
    let missing = console.send(Method::POST, "/keys/rotate", &[], Some(&json!({}))).await;
    assert_eq!(problem(&missing, 428), "precondition_missing");
    for body in [json!({ "alg": "none" }), json!({ "at_once": 1 }), json!({ "kid": "x" })] {
        let refused = console.send(Method::POST, "/keys/rotate", &headers, Some(&body)).await;
        assert_eq!(problem(&refused, 400), "body_invalid", "{body}");
    }
    let early = console.send(Method::POST, "/keys/rotate", &headers, Some(&json!({}))).await;
    assert_eq!(problem(&early, 409), "key_too_recent");
    assert_eq!(states().await, before);
    let at_once = json!({ "alg": "ES256", "at_once": true });
    let refused = console.send(Method::POST, "/keys/rotate", &headers, Some(&at_once)).await;
    assert_eq!(problem(&refused, 400), "body_invalid");
    server.clock.advance(1000);
    let token = console::ask_for_token(&console.app, "writ:keys:read writ:keys:write").await.ok();
    let console = Console { token: token.text("access_token").to_owned(), ..console };
    let body = json!({ "alg": "ES256" });
    let rotated = console.send(Method::POST, "/keys/rotate", &headers, Some(&body)).await.ok();
    let retired: Vec<&Value> = rotated.json["items"].as_array().expect("a list").iter().collect();
    assert_eq!(retired.iter().filter(|key| key["state"] == "retired").count(), 1, "{rotated:?}");
    let stale = console.send(Method::POST, "/keys/rotate", &headers, Some(&body)).await;
    assert_eq!(problem(&stale, 412), "precondition_failed");
}

#[tokio::test]
async fn initial_access_token_registers_until_it_is_deleted() {
    let (server, console) = with("writ:initial-access-tokens:read writ:initial-access-tokens:write").await;
    let created = console.post("/initial-access-tokens", &json!({ "uses": 2 })).await;
    assert_eq!((created.status.as_u16(), &created.json["uses_left"]), (201, &json!(2)), "{created:?}");
    let token = created.text("initial_access_token").to_owned();
    let path = format!("/initial-access-tokens/{}", created.text("id"));
    let register = async |token: &str| -> Answer {
        let url = format!("{}/register", server.issuer);
        registrar::send(Method::POST, &url, Some(token), Some(&registrar::metadata(json!({})))).await
    };
    assert_eq!(register(&token).await.status.as_u16(), 201);
    let shown = console.get(&path).await.ok();
    assert_eq!((&shown.json["uses_left"], shown.json.get("initial_access_token")), (&json!(1), None));
    assert_eq!(console.get("/initial-access-tokens").await.ok().json["items"].as_array().map(Vec::len), Some(1));
    let stale = [("if-match", created.header("etag"))];
    assert_eq!(problem(&console.send(Method::DELETE, &path, &stale, None).await, 412), "precondition_failed");
    assert_eq!(console.change(Method::DELETE, &path, "", None).await.status.as_u16(), 204);
    assert_eq!(register(&token).await.status.as_u16(), 401);
    for body in [
        json!({ "uses": 0 }),
        json!({ "uses": 10_001 }),
        json!({ "days": 367 }),
        json!({ "days": "x" }),
        json!({ "secret": 1 }),
    ] {
        assert_eq!(problem(&console.post("/initial-access-tokens", &body).await, 400), "body_invalid", "{body}");
    }
}

#[tokio::test]
async fn audit_log_is_read_in_pages() {
    let (server, console) = with("writ:audit:read writ:initial-access-tokens:write").await;
    for _ in 0..3 {
        console.post("/initial-access-tokens", &json!({})).await;
    }
    let first = console.get("/audit?limit=2").await.ok();
    assert_eq!((first.json["items"].as_array().map(Vec::len), first.text("next")), (Some(2), "2"));
    assert_eq!(first.json["items"][0]["actor"], "console from 127.0.0.1");
    let rest = console.get("/audit?limit=2&after=2").await.ok();
    assert_eq!((&rest.json["items"][0]["sequence"], &rest.json["next"]), (&json!(3), &Value::Null));
    assert!(!rest.body.contains("mac"), "{rest:?}");
    assert_eq!(problem(&console.get("/audit?after=x").await, 400), "query_invalid");
    let other = console::register(&server, "other", RESOURCES, json!({})).await;
    let token = console::ask_for_token(&other, RESOURCES).await.ok().text("access_token").to_owned();
    let other = Console { app: other, token, issuer: server.issuer.clone() };
    for path in ["/audit", "/keys", "/initial-access-tokens", "/clients"] {
        assert_eq!(problem(&other.get(path).await, 403), "insufficient_scope", "{path}");
    }
    for (path, body) in [("/keys/rotate", json!({})), ("/initial-access-tokens", json!({}))] {
        assert_eq!(problem(&other.post(path, &body).await, 403), "insufficient_scope", "{path}");
    }
}
