//! Signing keys are published before they sign and until their last token has expired.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{Client, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use writ::{
    keys::{
        SigningKey, TokenType,
        rotation::{self, RETIRED_PUBLICATION, Rotation},
    },
    store::keys,
    tasks::rotate_keys,
};
use writ_core::SigningAlg;

use crate::support::{App, TestServer, changed, seed};

/// The response of `/jwks` to a request with `etag`.
async fn jwks(server: &TestServer, etag: &str) -> (StatusCode, HeaderMap, Value) {
    let request = Client::new().get(format!("{}/jwks", server.issuer)).header("if-none-match", etag);
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.json().await.unwrap_or_default())
}

async fn published(server: &TestServer) -> Vec<String> {
    let document = jwks(server, "").await.2;
    let keys = document["keys"].as_array().expect("keys").iter();
    keys.map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

/// The `kid` of a fresh ES256 token, and the token.
async fn signed(app: &App) -> (String, String) {
    let fields = [("grant_type", "client_credentials"), ("scope", "message:read")];
    let token = app.post("/token", &fields).await.ok().text("access_token").to_owned();
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    (header.kid.expect("a kid"), token)
}

/// Runs the rotation task once and refreshes the snapshot of this node.
async fn look(server: &TestServer) {
    rotate_keys::run_once(&server.server).await.expect("a look");
    server.server.refresh().await.expect("remembered");
}

#[tokio::test]
async fn kid_is_the_jwk_thumbprint_and_jwks_has_no_private_member() {
    let server = TestServer::start().await;
    let document = jwks(&server, "").await.2;
    let keys = document["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 6, "of three algorithms one that signs and one that is next");
    for key in keys {
        // RFC 7638 §3.2: only the required members, in order.
        let member = |name: &str| format!("\"{name}\":{}", key[name]);
        let names: &[&str] = match key["kty"].as_str().expect("kty") {
            "RSA" => &["e", "kty", "n"],
            "EC" => &["crv", "kty", "x", "y"],
            "OKP" => &["crv", "kty", "x"],
            other => panic!("{other}"),
        };
        let canonical = format!("{{{}}}", names.iter().map(|name| member(name)).collect::<Vec<_>>().join(","));
        let thumbprint = digest::digest(&digest::SHA256, canonical.as_bytes());
        assert_eq!(key["kid"], BASE64_URL_SAFE_NO_PAD.encode(thumbprint));
        assert_eq!(key["use"], "sig");
        assert!(["RS256", "ES256", "EdDSA"].contains(&key["alg"].as_str().expect("alg")));
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key[private], json!(null), "{private}");
        }
        if key["kty"] == "RSA" {
            assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(key["n"].as_str().expect("n")).expect("base64url").len(), 256);
        }
    }
}

#[tokio::test]
async fn jwks_responds_not_modified_to_a_matching_etag() {
    let server = TestServer::start().await;
    let (status, headers, _) = jwks(&server, "").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers["cache-control"], "public, max-age=900");
    assert_eq!(headers["content-type"], "application/jwk-set+json");
    let etag = headers["etag"].to_str().expect("ASCII").to_owned();
    for held in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let (status, headers, body) = jwks(&server, &held).await;
        assert_eq!((status, body), (StatusCode::NOT_MODIFIED, Value::Null), "{held}");
        assert_eq!(headers["etag"], etag);
        assert_eq!(headers["cache-control"], "public, max-age=900");
    }
    assert_eq!(jwks(&server, "\"other\"").await.0, StatusCode::OK);
}

#[tokio::test]
async fn key_is_published_before_signing_and_until_its_last_token_expires() {
    let server = TestServer::start_with(|settings| {
        settings.keys.rotation_interval = 86_400;
        settings.tokens.access_token_lifetime = 86_400;
        settings.tokens.id_token_lifetime = 300;
    })
    .await;
    let shop = server.shop().await;
    let (first, old_token) = signed(&shop).await;
    let before = published(&server).await;
    look(&server).await;
    assert_eq!(signed(&shop).await.0, first, "nothing moves before its time");

    server.clock.advance(86_400 - 100);
    let (_, last_token) = signed(&shop).await;
    server.clock.advance(100);
    look(&server).await;
    let (second, _) = signed(&shop).await;
    assert_ne!(second, first);
    assert!(before.contains(&second), "it was published before it signed");
    let after = published(&server).await;
    assert!(after.contains(&first), "and the one before it still is");
    assert!(after.iter().any(|kid| !before.contains(kid)), "the next one is published already");
    let active = |token: &str| {
        let token = token.to_owned();
        let talk = server.talk();
        async move { talk.introspect(&token).await.ok().json["active"] == true }
    };
    assert!(active(&last_token).await, "its tokens are still believed");
    assert!(!active(&old_token).await, "until they expire");

    // Its last token expires after a day.
    server.clock.advance(86_400 - 1300);
    assert!(active(&last_token).await && published(&server).await.contains(&first));
    server.clock.advance(RETIRED_PUBLICATION - 86_400 + 1300);
    look(&server).await;
    assert!(!published(&server).await.contains(&first), "then it is archived");
    assert!(!active(&last_token).await);
}

#[tokio::test]
async fn key_signs_only_after_the_jwks_cache_lifetime() {
    let server = TestServer::start().await;
    let alg = writ_core::SigningAlg::ES256;
    let rotate = async || server.write(move |tx| rotation::rotate(tx, alg, false)).await;
    server.clock.advance(1000);
    assert_eq!(rotate().await, Rotation::Rotated);
    look(&server).await;
    let Rotation::TooEarly { wait } = rotate().await else { panic!("the next key is new") };
    assert!((1..=900).contains(&wait), "{wait}");
    server.clock.advance(wait);
    assert_eq!(rotate().await, Rotation::Rotated);
}

#[tokio::test]
async fn revoked_key_leaves_jwks_and_its_tokens_are_refused_on_every_node() {
    let server = TestServer::start().await;
    let other = server.second_node().await;
    let app = server.shop().await;
    let (kid, token) = signed(&app).await;
    assert_eq!(server.talk().introspect(&token).await.ok().json["active"], true);
    let revoked = kid.clone();
    assert!(server.write(move |tx| writ::keys::rotation::revoke(tx, &revoked)).await);
    for node in [&server, &other] {
        node.server.refresh().await.expect("the snapshot is new");
        assert!(!published(node).await.contains(&kid));
        let talk = server.talk().at(&node.issuer);
        assert_eq!(talk.introspect(&token).await.ok().json, json!({ "active": false }));
    }
    let (next, token) = signed(&app).await;
    assert_ne!(next, kid);
    assert_eq!(server.talk().introspect(&token).await.ok().json["active"], true);
}

#[tokio::test]
async fn token_of_a_leaked_key_is_refused_when_its_times_are_not_the_servers() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let (kid, token) = signed(&app).await;
    let rows = server.server.store.read(keys::list).await.expect("keys");
    let row = rows.iter().find(|row| row.kid == kid).expect("the signing key");
    let private = seed::master_key().unseal(&kid, &row.sealed).expect("unsealed");
    let leaked = SigningKey::parse(SigningAlg::ES256, kid.clone(), &private).expect("a key");
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("a payload")).expect("base64url");
    let claims: Value = serde_json::from_slice(&payload).expect("claims");
    let is_active = async |changes: Value| {
        let forged = leaked.sign(TokenType::AccessToken, &changed(claims.clone(), &changes)).expect("signed");
        server.talk().introspect(&forged).await.ok().json["active"] == true
    };
    let iat = server.clock.now();
    assert!(is_active(json!({ "iat": iat, "exp": iat + 86_400 })).await);
    assert!(!is_active(json!({ "iat": iat, "exp": iat + 86_401 })).await, "it would outlive every token");
    let rotated = server.write(|tx| rotation::rotate(tx, SigningAlg::ES256, true)).await;
    assert_eq!(rotated, Rotation::Rotated);
    server.server.refresh().await.expect("the snapshot is new");
    // Verifiers learn it from the JWKS.
    let document = jwks(&server, "").await.2;
    for key in document["keys"].as_array().expect("keys") {
        let latest_iat = (key["kid"] == kid).then_some(iat + 60);
        assert_eq!(key["writ_latest_iat"], json!(latest_iat), "{key}");
    }
    server.clock.advance(120);
    assert_eq!(server.talk().introspect(&token).await.ok().json["active"], true, "issued before");
    let iat = server.clock.now();
    assert!(!is_active(json!({ "iat": iat, "exp": iat + 300 })).await, "issued after the key's retirement");
}
