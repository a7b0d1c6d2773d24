//! Dynamic client registration (RFC 7591): who may register, and how often.

use reqwest::Method;
use serde_json::json;
use writ::{
    config::RegistrationMode,
    secret::Handle,
    store::{
        Id,
        initial_access_tokens::{self, InitialAccessToken},
    },
    tasks::sweep::run_once as sweep,
};

use super::registration::{open, start};
use crate::support::{
    Site, TestServer,
    registrar::{ask, metadata, register, send},
};

/// A server that requires an initial access token, and a token for `uses_left` registrations.
async fn start_with_token(uses_left: i32) -> (TestServer, String) {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::InitialAccessToken;
        settings.registration.max_clients_per_network = 1;
    })
    .await;
    let handle = Handle::random();
    let (id, secret_hash) = (Id(handle.id), handle.secret.hash().0.to_vec());
    server
        .write(move |tx| {
            let (created_at, expires_at) = (tx.now, tx.now + 3600);
            initial_access_tokens::insert(
                tx,
                &InitialAccessToken { id, secret_hash, uses_left, created_at, expires_at },
            )
        })
        .await;
    (server, handle.expose())
}

#[tokio::test]
async fn registration_attempts_that_fetch_are_throttled_by_network() {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.outgoing.allow_loopback = true;
        settings.throttle.network_attempts = 3;
        settings.throttle.network_interval = 3600;
    })
    .await;
    let site = Site::start();
    site.answer("/uris.json", 404, None, "");
    let calls = json!({ "subject_type": "pairwise", "sector_identifier_uri": site.url("/uris.json") });
    let (_, told) = register(&server, json!({})).await;
    let (uri, token) = (told.text("registration_client_uri"), told.text("registration_access_token"));
    let mut update = metadata(calls.clone());
    update["client_id"] = told.json["client_id"].clone();
    let put = async || send(Method::PUT, uri, Some(token), Some(&update)).await;
    assert_eq!(put().await.refused(400), "invalid_client_metadata");
    assert_eq!(ask(&server, &metadata(calls.clone())).await.refused(400), "invalid_client_metadata");
    for _ in 0..2 {
        assert_eq!(ask(&server, &metadata(calls.clone())).await.refused(403), "access_denied");
        assert_eq!(put().await.refused(403), "access_denied");
    }
    assert_eq!(site.fetched("/uris.json"), 2);
    server.clock.advance(3600);
    assert_eq!(put().await.refused(400), "invalid_client_metadata");
    assert_eq!(site.fetched("/uris.json"), 3);
}

#[tokio::test]
async fn registration_is_refused_when_off() {
    let server = TestServer::start().await;
    assert_eq!(ask(&server, &metadata(json!({}))).await.status.as_u16(), 404);
    let url = format!("{}/register/any", server.issuer);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(send(method, &url, Some("token"), None).await.status.as_u16(), 404);
    }
    let document = server.browser().get("/.well-known/openid-configuration").await;
    assert!(!document.body.contains("registration_endpoint"));
}

#[tokio::test]
async fn initial_access_token_has_limited_uses_and_lifetime() {
    let (server, token) = start_with_token(3).await;
    let url = format!("{}/register", server.issuer);
    let asked = metadata(json!({}));
    let register = async |token: Option<&str>| send(Method::POST, &url, token, Some(&asked)).await;
    let without = register(None).await;
    assert_eq!((without.status.as_u16(), without.header("www-authenticate")), (401, "Bearer realm=\"writ\""));
    let (mut forged, other) = (token.clone(), Handle::random().expose());
    forged.replace_range(30..31, if &token[30..31] == "A" { "B" } else { "A" });
    for wrong in [&*forged, &other, "nonsense", "a.b", &token[..token.len() - 1]] {
        let answer = register(Some(wrong)).await;
        assert_eq!(answer.status.as_u16(), 401, "{wrong}");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
        assert!(!answer.header("www-authenticate").contains(wrong), "no secret comes back");
    }
    // A refusal for another reason does not use it up.
    let bad = metadata(json!({ "grant_types": ["implicit"] }));
    assert_eq!(send(Method::POST, &url, Some(&token), Some(&bad)).await.refused(400), "invalid_client_metadata");
    assert_eq!(register(Some(&token)).await.status.as_u16(), 201);
    let race =
        tokio::join!(register(Some(&token)), register(Some(&token)), register(Some(&token)), register(Some(&token)));
    let taken = [race.0, race.1, race.2, race.3].iter().filter(|answer| answer.status.as_u16() == 201).count();
    assert_eq!((taken, server.count("clients").await), (2, 3));
    assert_eq!(register(Some(&token)).await.status.as_u16(), 401);

    let (server, token) = start_with_token(3).await;
    server.clock.advance(3600);
    let answer = send(Method::POST, &format!("{}/register", server.issuer), Some(&token), Some(&asked)).await;
    assert_eq!(answer.status.as_u16(), 401);
    sweep(&server.server).await.expect("swept");
    assert_eq!(server.count("initial_access_tokens").await, 0);
}

#[tokio::test]
async fn registration_quota_holds_per_network_and_in_total_under_concurrency() {
    for (total, of_network, reason) in [(3, 100, "themselves here"), (100, 3, "from this network")] {
        let server = TestServer::start_with(|settings| {
            open(settings);
            settings.registration.max_clients = total;
            settings.registration.max_clients_per_network = of_network;
        })
        .await;
        let asked = metadata(json!({}));
        let ask = || ask(&server, &asked);
        let answers = tokio::join!(ask(), ask(), ask(), ask(), ask());
        let answers = [answers.0, answers.1, answers.2, answers.3, answers.4];
        let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 201);
        assert_eq!((taken.len(), refused.len()), (3, 2), "{answers:?}");
        for answer in refused {
            assert_eq!(answer.refused(403), "access_denied");
            assert!(answer.text("error_description").ends_with(reason), "{answer:?}");
        }
        // Clients registered by an administrator are not counted.
        server.shop().await;
        assert_eq!(server.count("clients").await, 4);
    }
}

#[tokio::test]
async fn any_origin_may_register_when_registration_is_open() {
    let allowed = async |server: &TestServer, path: &str| {
        let request = reqwest::Client::new().request(Method::OPTIONS, format!("{}{path}", server.issuer));
        let request = request
            .header("origin", "https://unknown.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type");
        let answer = request.send().await.expect("an answer");
        assert!(answer.headers().get("access-control-allow-credentials").is_none());
        answer.headers().contains_key("access-control-allow-origin")
    };
    let server = start().await;
    assert!(allowed(&server, "/register").await);
    assert!(!allowed(&server, "/token").await && !allowed(&server, "/register/any").await);
    assert!(!allowed(&start_with_token(1).await.0, "/register").await);
}
