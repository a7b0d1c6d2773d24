//! `Idempotency-Key` at the administration API: a request that is sent again changes nothing twice.

use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use writ::{
    store::{
        clients,
        idempotency_keys::{self, LIFETIME, MOST},
    },
    tasks::sweep::run_once as sweep,
};

use crate::support::{
    Answer, TestServer,
    administrator::entries,
    console::{self, Console, ask_for_token, problem},
};

const SCOPES: &str = "writ:clients:read writ:clients:write writ:groups:write writ:users:write \
                      writ:initial-access-tokens:read writ:initial-access-tokens:write writ:keys:read writ:keys:write";
const TOKENS: &str = "/initial-access-tokens";
const KEY: (&str, &str) = ("idempotency-key", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"");

async fn start() -> (TestServer, Console) {
    let server = console::start().await;
    let console = Console::new(&server, SCOPES).await;
    (server, console)
}

fn app(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "App", "redirect_uris": ["https://app.example/cb"] })
}

fn assert_same(first: &Answer, again: &Answer) {
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for header in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
}

#[tokio::test]
async fn repeated_request_gets_the_first_response_and_changes_nothing_again() {
    let (server, console) = start().await;
    let users = json!({ "username": "carol" });
    let group = json!({ "name": "staff" });
    let new = app("app");
    for (path, body) in [("/clients", &new), ("/users", &users), ("/groups", &group), (TOKENS, &json!({}))] {
        let before = entries(&server).await.len();
        let headers = [("idempotency-key", path)];
        let first = console.send(Method::POST, path, &headers, Some(body)).await;
        assert_eq!(first.status.as_u16(), 201, "{first:?}");
        let quoted = format!("\"{path}\"");
        let second_node = server.second_node().await;
        let elsewhere =
            Console { app: console.app.clone(), token: console.token.clone(), issuer: second_node.issuer.clone() };
        for at in [&console, &elsewhere] {
            for key in [path, &quoted] {
                let again = at.send(Method::POST, path, &[("idempotency-key", key)], Some(body)).await;
                assert_same(&first, &again);
            }
        }
        assert_eq!(entries(&server).await.len(), before + 1, "{path}");
    }
    let secret = console.send(Method::POST, "/clients", &[("idempotency-key", "/clients")], Some(&new)).await;
    assert!(console.authenticates("app", secret.text("client_secret")).await);
    assert_eq!(server.count("idempotency_keys").await, 4);
}

#[tokio::test]
async fn change_with_a_stale_version_is_repeated_but_not_made_again() {
    let (server, console) = start().await;
    let etag = console.post("/clients", &app("app")).await.header("etag").to_owned();
    let headers = [("if-match", &*etag), KEY];
    let path = "/clients/app/rotate-secret";
    let first = console.send(Method::POST, path, &headers, None).await.ok();
    let rotations = async || entries(&server).await.iter().filter(|row| row.action == "client.rotate-secret").count();
    assert_same(&first, &console.send(Method::POST, path, &headers, None).await);
    let current = console.etag("/clients/app").await;
    assert_same(&first, &console.send(Method::POST, path, &[("if-match", &*current), KEY], None).await);
    assert_eq!(rotations().await, 1);
    assert!(console.authenticates("app", first.text("client_secret")).await);
    let without = console.send(Method::POST, path, &headers[..1], None).await;
    assert_eq!(problem(&without, 412), "precondition_failed");

    let etag = console.etag("/keys").await;
    server.clock.advance(1000);
    let token = ask_for_token(&console.app, SCOPES).await.ok().text("access_token").to_owned();
    let console = Console { token, ..console };
    let (headers, body) = ([("if-match", &*etag), ("idempotency-key", "keys")], json!({ "alg": "ES256" }));
    let first = console.send(Method::POST, "/keys/rotate", &headers, Some(&body)).await.ok();
    assert_same(&first, &console.send(Method::POST, "/keys/rotate", &headers, Some(&body)).await);
}

#[tokio::test]
async fn stored_response_is_sealed() {
    let (server, console) = start().await;
    let first = console.send(Method::POST, "/clients", &[KEY], Some(&app("app"))).await;
    let secret = first.text("client_secret");
    let holds = |text: &str| match server.database.is_postgres() {
        true => format!("idempotency_keys WHERE position('{text}'::bytea in sealed) > 0"),
        false => format!("idempotency_keys WHERE instr(sealed, CAST('{text}' AS BLOB)) > 0"),
    };
    assert_eq!(server.count("idempotency_keys WHERE length(sealed) > 100").await, 1);
    for text in [secret, "client_id", "https://app.example/cb"] {
        assert_eq!(server.count(&holds(text)).await, 0, "{text}");
    }
}

#[tokio::test]
async fn stored_response_of_another_key_is_not_sent() {
    let (server, console) = start().await;
    let send = async |key| console.send(Method::POST, TOKENS, &[("idempotency-key", key)], Some(&json!({}))).await;
    let first = [send("one").await, send("two").await];
    assert_ne!(first[0].text("initial_access_token"), first[1].text("initial_access_token"));
    let same = "UPDATE idempotency_keys SET sealed = (SELECT sealed FROM idempotency_keys ORDER BY id LIMIT 1)";
    server.database.execute(same).await;
    let mut statuses = [send("one").await.status.as_u16(), send("two").await.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 500], "a response is sealed for its key");
}

#[tokio::test]
async fn key_is_for_one_request_of_one_client() {
    let (server, console) = start().await;
    console.send(Method::POST, "/clients", &[KEY], Some(&app("app"))).await;
    let before = entries(&server).await.len();
    for (path, body) in [
        ("/clients", app("other")),
        ("/clients?x=1", app("app")),
        ("/groups", json!({ "name": "app" })),
        (TOKENS, json!({})),
    ] {
        let refused = console.send(Method::POST, path, &[KEY], Some(&body)).await;
        assert_eq!(problem(&refused, 422), "idempotency_key_reused", "{path}");
    }
    assert_eq!(entries(&server).await.len(), before);
    let other = console::register(&server, "robot", SCOPES, json!({})).await;
    let token = ask_for_token(&other, SCOPES).await.ok().text("access_token").to_owned();
    let other = Console { app: other, token, issuer: server.issuer.clone() };
    let own = other.send(Method::POST, "/clients", &[KEY], Some(&app("other"))).await;
    assert_eq!((own.status.as_u16(), own.text("client_id")), (201, "other"));
}

#[tokio::test]
async fn refused_request_is_decided_again() {
    let (server, console) = start().await;
    console.post("/clients", &app("app")).await;
    for _ in 0..2 {
        let refused = console.send(Method::POST, "/clients", &[KEY], Some(&app("app"))).await;
        assert_eq!(problem(&refused, 409), "object_exists");
    }
    let stale = console.send(Method::POST, "/clients/app/disable", &[KEY, ("if-match", "\"x\"")], None).await;
    assert_eq!(problem(&stale, 412), "precondition_failed");
    assert_eq!(server.count("idempotency_keys").await, 0);
    console.change(Method::DELETE, "/clients/app", "?force=true", None).await;
    let created = console.send(Method::POST, "/clients", &[KEY], Some(&app("app"))).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
}

#[tokio::test]
async fn one_of_eight_requests_with_a_key_is_made() {
    let (server, console) = start().await;
    let second = server.second_node().await;
    let other = Console { app: console.app.clone(), token: console.token.clone(), issuer: second.issuer.clone() };
    for round in 0..5 {
        let key = format!("round-{round}");
        let (headers, body) = ([("idempotency-key", &*key)], json!({ "uses": 7 }));
        let requests =
            (0..4).flat_map(|_| [&console, &other].map(|at| at.send(Method::POST, TOKENS, &headers, Some(&body))));
        let answers = join_all(requests).await;
        let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
        for answer in refused {
            assert_eq!(problem(answer, 409), "idempotency_key_busy");
        }
        made.iter().for_each(|answer| assert_same(made[0], answer));
        assert_same(made[0], &console.send(Method::POST, TOKENS, &headers, Some(&body)).await);
        assert_eq!(server.count("initial_access_tokens").await, round + 1);
    }
}

#[tokio::test]
async fn key_is_free_again_after_a_day() {
    let (server, console) = start().await;
    let first = console.send(Method::POST, TOKENS, &[KEY], Some(&json!({ "days": 30 }))).await;
    server.clock.advance(LIFETIME - 1);
    let token = ask_for_token(&console.app, SCOPES).await.ok().text("access_token").to_owned();
    let console = Console { token, ..console };
    sweep(&server.server).await.expect("swept");
    assert_same(&first, &console.send(Method::POST, TOKENS, &[KEY], Some(&json!({ "days": 30 }))).await);
    server.clock.advance(1);
    let later = console.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await;
    assert_eq!(later.status.as_u16(), 201, "{later:?}");
    assert_ne!(later.text("id"), first.text("id"));
    server.clock.advance(LIFETIME);
    sweep(&server.server).await.expect("swept");
    assert_eq!(server.count("idempotency_keys").await, 0);
}

#[tokio::test]
async fn keys_of_a_client_are_bounded_and_end_with_it() {
    let (server, console) = start().await;
    let row = |index: i64| index.to_be_bytes().to_vec();
    // In several units of work, each of which has a few seconds.
    let most = MOST + 5;
    for begin in (0..most).step_by(20) {
        server
            .write(move |tx| {
                for index in begin..most.min(begin + 20) {
                    assert!(idempotency_keys::take(tx, &row(index), "console", b"x")?);
                }
                Ok(())
            })
            .await;
    }
    assert_eq!(server.count("idempotency_keys").await, MOST);
    server.clock.advance(1);
    let first = console.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await;
    assert_eq!(server.count("idempotency_keys").await, MOST);
    assert_same(&first, &console.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await);
    server.write(|tx| clients::delete(tx, "console").map(drop)).await;
    assert_eq!(server.count("idempotency_keys").await, 0);
}

#[tokio::test]
async fn repetition_needs_the_same_right_as_the_request() {
    let (server, console) = start().await;
    console.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await;
    let narrow = ask_for_token(&console.app, "writ:clients:write").await.ok().text("access_token").to_owned();
    let narrow = Console { app: console.app.clone(), token: narrow, issuer: server.issuer.clone() };
    let refused = narrow.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await;
    assert_eq!(refused.status.as_u16(), 403, "{refused:?}");
    console.app.post("/revoke", &[("token", &console.token)]).await.ok();
    let refused = console.send(Method::POST, TOKENS, &[KEY], Some(&json!({}))).await;
    assert_eq!(refused.status.as_u16(), 401, "{refused:?}");
}

#[tokio::test]
async fn malformed_key_is_refused() {
    let (server, console) = start().await;
    let long = "k".repeat(256);
    for key in ["", "\"\"", "\"a", "a, b", "\"a\", \"b\"", "\"a\";q=1", &long] {
        let refused = console.send(Method::POST, TOKENS, &[("idempotency-key", key)], Some(&json!({}))).await;
        assert_eq!(problem(&refused, 400), "idempotency_key_invalid", "{key}");
    }
    let request = Client::new().post(format!("{}/admin/v1{TOKENS}", server.issuer)).bearer_auth(&console.token);
    let request = request.header("idempotency-key", "a").header("idempotency-key", "a").json(&json!({}));
    let several = Answer::read(request.send().await.expect("an answer")).await;
    assert_eq!(problem(&several, 400), "idempotency_key_invalid");
    let request = Client::new().post(format!("{}/admin/v1{TOKENS}", server.issuer)).bearer_auth(&console.token);
    let request = request.header("idempotency-key", b"\xff".as_slice()).json(&json!({}));
    let binary = Answer::read(request.send().await.expect("an answer")).await;
    assert_eq!(problem(&binary, 400), "idempotency_key_invalid");
    assert_eq!(server.count("initial_access_tokens").await, 0);
}
