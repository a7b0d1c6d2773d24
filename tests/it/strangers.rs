//! Unauthenticated requests: rows, fetches and hashes are counted in advance, for every network of
//! an address, and a flood from one network leaves room for the others.

use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use reqwest::{Client, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::json;
use writ::{
    config::{RegistrationMode, Settings},
    store::{
        Tx, clients,
        throttle::{self, Key, Rate},
    },
};

use crate::support::{
    Answer, App, Site, TestServer, address,
    client_key::{ClientKey, post_with},
    registrar::metadata,
    seed::PASSWORD,
};

/// One attempt for the narrowest network, and no further one for a year. The wider ones have 4 and
/// 16 times as many (IPv6), or 8 times (IPv4).
fn one_attempt(settings: &mut Settings) {
    settings.throttle.network_attempts = 1;
    settings.throttle.network_interval = 86_400;
    behind_proxy(settings);
}

fn behind_proxy(settings: &mut Settings) {
    settings.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    settings.registration.mode = RegistrationMode::Open;
}

/// The addresses of an attacker, and how many requests their network allows.
fn attackers() -> [(Vec<String>, usize); 3] {
    [
        ((0..3).map(|host| format!("2001:db8:1:1::{host}")).collect(), 1),
        ((0..20).map(|site| format!("2001:db8:2:{site:x}00::1")).collect(), 16),
        ((0..12).map(|host| format!("198.51.100.{host}")).collect(), 8),
    ]
}

async fn send(request: RequestBuilder, from: &str) -> Answer {
    Answer::read(request.header("x-forwarded-for", from).send().await.expect("a response")).await
}

fn http() -> Client {
    Client::builder().redirect(Policy::none()).build().expect("a client")
}

/// The requests that store rows, each with its table.
async fn doors(server: &TestServer) -> Vec<(&'static str, RequestBuilder)> {
    let pocket = server.native().await;
    let device_grant = "urn:ietf:params:oauth:grant-type:device_code";
    let device = json!({ "token_endpoint_auth_method": "none", "grant_types": [device_grant] });
    let tv = server.register("tv", device).await;
    let long = "s".repeat(1500);
    let url = pocket.authorize_url("openid", &[("state", &long)]);
    vec![
        ("pushed_requests", http().post(pocket.url("/par")).form(&pocket.parameters("openid", &[]))),
        (
            "device_requests",
            http().post(tv.url("/device_authorization")).form(&[("client_id", "tv"), ("scope", "profile:read")]),
        ),
        ("authorization_requests", http().get(url)),
        ("client_registrations", http().post(pocket.url("/register")).json(&metadata(json!({})))),
    ]
}

/// Whether a response says that the limit of the network is reached.
fn is_refused(response: &Answer) -> bool {
    let location = response.header("location");
    matches!(response.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::FORBIDDEN)
        || location.contains("error=temporarily_unavailable")
}

#[tokio::test]
async fn unauthenticated_rows_are_bounded_for_every_prefix() {
    let server = TestServer::start_with(one_attempt).await;
    for (table, request) in doors(&server).await {
        let request = || request.try_clone().expect("a request");
        let mut expected = 0;
        for (addresses, accepted) in attackers() {
            let mut refused = 0;
            for from in &addresses {
                refused += usize::from(is_refused(&send(request(), from).await));
            }
            assert_eq!(addresses.len() - refused, accepted, "{table}: {addresses:?}");
            expected += accepted;
        }
        assert!(!is_refused(&send(request(), "192.0.2.7").await), "{table}: a bystander");
        assert_eq!(server.count(table).await, i64::try_from(expected).expect("few") + 1, "{table}");
    }
}

#[tokio::test]
async fn registration_quota_holds_for_every_prefix() {
    let server = TestServer::start_with(|settings| {
        behind_proxy(settings);
        settings.registration.max_clients_per_network = 1;
    })
    .await;
    let request = || http().post(format!("{}/register", server.issuer)).json(&metadata(json!({})));
    for (addresses, accepted) in attackers() {
        let mut registered = 0;
        for from in &addresses {
            registered += usize::from(send(request(), from).await.status == StatusCode::CREATED);
        }
        assert_eq!(registered, accepted, "{addresses:?}");
    }
    assert_eq!(send(request(), "192.0.2.7").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn expired_rows_are_deleted_when_a_request_is_refused() {
    let server = TestServer::start_with(one_attempt).await;
    for (table, request) in doors(&server).await {
        if table == "client_registrations" {
            continue;
        }
        let request = || request.try_clone().expect("a request");
        assert!(!is_refused(&send(request(), "192.0.2.1").await), "{table}");
        assert_eq!(server.count(table).await, 1, "{table}");
        server.clock.advance(700);
        assert!(is_refused(&send(request(), "192.0.2.1").await), "{table}");
        assert_eq!(server.count(table).await, 0, "{table}");
        assert!(!is_refused(&send(request(), "192.0.2.2").await), "{table}");
        server.clock.advance(86_400);
    }
}

/// The bucket that strangers of all networks share is full: expired rows go, no row is stored, and
/// the network that was refused keeps its own attempts.
#[tokio::test]
async fn rows_of_all_strangers_together_are_bounded() {
    let server = TestServer::start_with(one_attempt).await;
    let kinds = ["pushed", "device", "pending"];
    for ((table, request), kind) in doors(&server).await.into_iter().zip(kinds) {
        let request = || request.try_clone().expect("a request");
        assert!(!is_refused(&send(request(), "192.0.2.1").await), "{table}");
        server.clock.advance(700);
        let fill = move |tx: &mut Tx<'_>| throttle::attempt(tx, &Key::new(kind, "all"), Rate::new(1, 1_000_000));
        assert_eq!(server.write(fill).await, None, "{table}");
        for network in 0..3 {
            assert!(is_refused(&send(request(), &format!("198.51.{network}.1")).await), "{table}");
        }
        assert_eq!(server.count(table).await, 0, "{table}: the expired row went");
        server.clock.advance(1);
        assert!(!is_refused(&send(request(), "198.51.0.1").await), "{table}: its own attempt is left");
        assert_eq!(server.count(table).await, 1, "{table}");
        server.clock.advance(86_400);
    }
}

#[tokio::test]
async fn confidential_client_of_an_administrator_pushes_as_often_as_it_needs() {
    let server = TestServer::start_with(one_attempt).await;
    let shop = server.shop().await;
    let mut fields = shop.parameters("openid", &[]);
    fields.retain(|(name, _)| *name != "client_id");
    for _ in 0..3 {
        assert_eq!(shop.post("/par", &fields).await.status, StatusCode::CREATED);
    }
    let pocket = server.native().await;
    let push = async || pocket.post_as("/par", &pocket.parameters("openid", &[]), None).await;
    let refused = [push().await, push().await].into_iter().next_back().expect("two");
    assert_eq!(refused.refused(429), "temporarily_unavailable");
    assert_eq!(refused.header("retry-after"), "60");
}

#[tokio::test]
async fn failed_fetch_of_a_request_uri_is_counted_before_it() {
    let server = TestServer::start_with(|settings| {
        one_attempt(settings);
        settings.throttle.network_attempts = 2;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    let site = Site::start();
    let uris: Vec<String> = (0..3).map(|number| site.answer(&format!("/{number}"), 404, None, "")).collect();
    let bank = server.register("bank", json!({ "request_uris": uris })).await;
    let ask = async |uri: &str, from: &str| {
        let beside = [("client_id", "bank"), ("request_uri", uri), ("redirect_uri", &*bank.redirect_uri)];
        let response = send(http().get(address(&bank.url("/authorize"), &beside)), from).await;
        response.header("location").to_owned()
    };
    for (number, error) in [(0, "invalid_request_uri"), (1, "invalid_request_uri"), (2, "temporarily_unavailable")] {
        let location = ask(&uris[number], "192.0.2.1").await;
        assert!(location.contains(&format!("error={error}")), "{number}: {location}");
    }
    assert_eq!(site.fetched("/2"), 0);
    assert!(ask(&uris[2], "192.0.2.2").await.contains("invalid_request_uri"));
    assert_eq!(site.fetched("/2"), 1);
}

#[tokio::test]
async fn request_object_of_a_stranger_is_counted_before_its_jti_is_stored() {
    let server = TestServer::start_with(one_attempt).await;
    let key = ClientKey::new(Algorithm::ES256);
    let bank = server.register("bank", json!({ "jwks": key.jwks() })).await;
    let ask = async |jti: &str, from: &str| {
        let exp = server.clock.now() + 60;
        let claims = json!({ "iss": "bank", "aud": server.issuer, "client_id": "bank", "jti": jti, "exp": exp });
        let object = key.sign(&claims);
        let beside = [("client_id", "bank"), ("request", &*object), ("redirect_uri", &*bank.redirect_uri)];
        send(http().get(address(&bank.url("/authorize"), &beside)), from).await;
        server.count("client_assertions").await
    };
    assert_eq!((ask("1", "192.0.2.1").await, ask("2", "192.0.2.1").await), (1, 2), "an administrator registered it");
    assert!(server.write(|tx| clients::set_approved(tx, "bank", false)).await);
    server.server.refresh().await.expect("a snapshot");
    assert_eq!((ask("3", "192.0.2.1").await, ask("4", "192.0.2.1").await), (3, 3));
    assert_eq!(ask("4", "192.0.2.2").await, 4, "another network");
}

#[tokio::test]
async fn client_assertions_of_a_stranger_are_counted_before_their_jti_is_stored() {
    let server = TestServer::start().await;
    let key = ClientKey::new(Algorithm::ES256);
    let metadata = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() });
    let bank = server.register("bank", metadata).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "message:read")];
    let ask = async || {
        let claims = ClientKey::assertion_claims("bank", &server.issuer, server.clock.now());
        let answer = post_with(&bank, "/token", &fields, &key.sign(&claims)).await;
        (answer.status, server.count("client_assertions").await)
    };
    let counted = |times: usize| {
        let unit = move |tx: &mut Tx<'_>| {
            let key = Key::new("client assertion", "bank");
            (0..times).try_for_each(|_| throttle::attempt(tx, &key, Rate::new(1000, 1)).map(drop))
        };
        server.write(unit)
    };
    counted(1000).await;
    assert_eq!(ask().await, (StatusCode::OK, 1), "an administrator registered it");
    assert!(server.write(|tx| clients::set_approved(tx, "bank", false)).await);
    server.server.refresh().await.expect("a snapshot");
    assert_eq!(ask().await, (StatusCode::TOO_MANY_REQUESTS, 1));
    server.clock.advance(1);
    assert_eq!(ask().await, (StatusCode::OK, 2));
    assert_eq!(ask().await, (StatusCode::TOO_MANY_REQUESTS, 2));
}

/// Signs `username` in from an address, with a new browser.
async fn sign_in(app: &App, username: &str, from: &str) -> StatusCode {
    let http = Client::builder().cookie_store(true).redirect(Policy::none()).build().expect("a client");
    let login = send(http.get(app.url("/login")), from).await;
    let csrf = login.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let fields = [("csrf", csrf.expect("a token")), ("username", username), ("password", PASSWORD)];
    send(http.post(app.url("/login")).form(&fields), from).await.status
}

#[tokio::test]
async fn bystander_signs_in_while_one_prefix_floods_the_password_queue() {
    let server = TestServer::start_with(|settings| {
        behind_proxy(settings);
        settings.passwords.hash_threads = 1;
        settings.passwords.hash_queue = 8;
    })
    .await;
    let app = server.shop().await;
    let addresses: Vec<String> = (0..60).map(|site| format!("2001:db8:3:{site:x}00::1")).collect();
    let flood = join_all(addresses.iter().map(|from| sign_in(&app, "unknown", from)));
    let bystanders = async {
        let mut statuses = Vec::new();
        for host in 0..3 {
            statuses.push(sign_in(&app, "minji", &format!("192.0.2.{host}")).await);
        }
        statuses
    };
    let (flood, bystanders) = tokio::join!(flood, bystanders);
    assert_eq!(bystanders, [StatusCode::SEE_OTHER; 3]);
    let busy = flood.iter().filter(|status| **status != StatusCode::BAD_REQUEST).count();
    assert!(busy > 0, "the flood is no flood: {flood:?}");
}
