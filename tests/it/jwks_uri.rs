//! `jwks_uri`: keys that a client publishes, fetched on demand, and again for an unknown `kid`.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{
    Answer, App, Site, TestServer,
    client_key::{ClientKey, post_with},
};

const OWN: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "message:read")];

async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.outgoing.allow_loopback = true).await
}

async fn bank(server: &TestServer, jwks_uri: &str) -> App {
    let metadata = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": jwks_uri });
    server.register("bank", metadata).await
}

async fn ask(server: &TestServer, bank: &App, key: &ClientKey) -> Answer {
    let claims = ClientKey::assertion_claims("bank", &server.issuer, server.clock.now());
    post_with(bank, "/token", &OWN, &key.sign(&claims)).await
}

fn description(answer: &Answer) -> &str {
    assert_eq!(answer.refused(401), "invalid_client");
    answer.text("error_description")
}

#[tokio::test]
async fn jwks_uri_is_cached_for_its_max_age() {
    let (server, site) = (start().await, Site::start());
    let key = ClientKey::new(Algorithm::ES256);
    let keys = key.jwks().to_string();
    let uri = site.answer("/jwks", 200, Some(("cache-control", "max-age=2000")), keys);
    let bank = bank(&server, &uri).await;
    let asked = tokio::join!(ask(&server, &bank, &key), ask(&server, &bank, &key), ask(&server, &bank, &key));
    for answer in [asked.0, asked.1, asked.2] {
        answer.ok();
    }
    assert_eq!(site.fetched("/jwks"), 1, "one flight for all");
    server.clock.advance(1000);
    ask(&server, &bank, &key).await.ok();
    assert_eq!(site.fetched("/jwks"), 1);
    server.clock.advance(1000);
    ask(&server, &bank, &key).await.ok();
    assert_eq!(site.fetched("/jwks"), 2);
    // A removed key is trusted for at most an hour, whatever its server says about caching.
    site.answer("/jwks", 200, Some(("cache-control", "max-age=31536000")), key.jwks().to_string());
    server.clock.advance(2000);
    ask(&server, &bank, &key).await.ok();
    site.publish("/jwks", ClientKey::new(Algorithm::ES256).jwks().to_string());
    server.clock.advance(3600);
    assert_eq!(description(&ask(&server, &bank, &key).await), "client authentication failed");
}

#[tokio::test]
async fn unknown_kid_refetches_jwks_uri_at_a_bounded_rate() {
    let (server, site) = (start().await, Site::start());
    let (old, new) = (ClientKey::new(Algorithm::ES256), ClientKey::new(Algorithm::ES256));
    let uri = site.publish("/jwks", old.jwks().to_string());
    let bank = bank(&server, &uri).await;
    ask(&server, &bank, &old).await.ok();
    site.publish("/jwks", json!({ "keys": [old.jwk, new.jwk] }).to_string());
    assert_eq!(description(&ask(&server, &bank, &new).await), "client authentication failed");
    assert_eq!(site.fetched("/jwks"), 1, "it was fetched a moment ago");
    server.clock.advance(10);
    ask(&server, &bank, &new).await.ok();
    ask(&server, &bank, &old).await.ok();
    assert_eq!(site.fetched("/jwks"), 2);
    let stranger = ClientKey::new(Algorithm::ES256);
    assert_eq!(description(&ask(&server, &bank, &stranger).await), "client authentication failed");
    assert_eq!(site.fetched("/jwks"), 2);
    // A fresh key set is not lost when the site is unavailable.
    site.answer("/jwks", 500, None, "");
    server.clock.advance(10);
    ask(&server, &bank, &stranger).await.refused(401);
    assert_eq!(site.fetched("/jwks"), 3);
    ask(&server, &bank, &new).await.ok();
}

#[tokio::test]
async fn invalid_jwks_is_refused_with_the_reason() {
    let (server, site) = (start().await, Site::start());
    let key = ClientKey::new(Algorithm::ES256);
    let bank = bank(&server, &site.url("/jwks")).await;
    let private = json!({ "keys": [{"kty": "oct", "k": "AAAA"}] }).to_string();
    let large = format!("{}{}", key.jwks(), " ".repeat(70_000));
    let at = Some(("location", "/elsewhere"));
    site.publish("/elsewhere", key.jwks().to_string());
    for (status, header, body, reason) in [
        (404, None, String::new(), "cannot be fetched"),
        (500, None, key.jwks().to_string(), "cannot be fetched"),
        (302, at, key.jwks().to_string(), "cannot be fetched"),
        (200, None, large, "cannot be fetched"),
        (200, None, "no JSON".to_owned(), "does not return a JWK Set"),
        (200, None, "[]".to_owned(), "does not return a JWK Set"),
        (200, None, private, "does not return a JWK Set"),
    ] {
        site.answer("/jwks", status, header, body);
        server.clock.advance(3600);
        let answer = ask(&server, &bank, &key).await;
        assert!(description(&answer).contains(reason), "{reason}: {answer:?}");
    }
    assert_eq!(site.fetched("/elsewhere"), 0);
    // Failures are cached for a few seconds only.
    site.publish("/jwks", key.jwks().to_string());
    server.clock.advance(-100);
    assert!(description(&ask(&server, &bank, &key).await).contains("JWK Set"));
    server.clock.advance(110);
    ask(&server, &bank, &key).await.ok();
}

#[tokio::test]
async fn loopback_jwks_uri_is_not_fetched_by_default() {
    let (server, site) = (TestServer::start().await, Site::start());
    let key = ClientKey::new(Algorithm::ES256);
    let bank = bank(&server, &site.publish("/jwks", key.jwks().to_string())).await;
    assert!(description(&ask(&server, &bank, &key).await).contains("cannot be fetched"));
    assert_eq!(site.fetched("/jwks"), 0);
}

#[tokio::test]
async fn private_ca_is_trusted_only_when_configured() {
    let (site, authority) = Site::start_tls();
    let key = ClientKey::new(Algorithm::ES256);
    let uri = site.publish("/jwks", key.jwks().to_string());

    let server = start().await;
    let refused = ask(&server, &bank(&server, &uri).await, &key).await;
    assert!(description(&refused).contains("cannot be fetched"), "{refused:?}");
    assert_eq!(site.fetched("/jwks"), 0);

    let server = TestServer::start_with(|settings| {
        settings.outgoing.allow_loopback = true;
        settings.outgoing.ca_file = Some(authority.path().to_owned());
    })
    .await;
    ask(&server, &bank(&server, &uri).await, &key).await.ok();
}

#[tokio::test]
async fn request_object_verifies_with_jwks_uri_keys() {
    let (server, site) = (start().await, Site::start());
    let key = ClientKey::new(Algorithm::ES256);
    let uri = site.publish("/jwks", key.jwks().to_string());
    let shop = server.register("shop", json!({ "jwks_uri": uri })).await;
    let claims = json!({
        "iss": "shop", "aud": server.issuer, "client_id": "shop", "response_type": "code", "scope": "openid profile:read",
        "redirect_uri": shop.redirect_uri, "code_challenge": crate::support::app::CHALLENGE, "code_challenge_method": "S256",
    });
    let ask = async |object: &str| {
        server
            .browser()
            .open(&format!("/authorize?client_id=shop&redirect_uri={}&request={object}", shop.redirect_uri))
            .await
    };
    assert!(ask(&key.sign(&claims)).await.is_login());
    let other = ClientKey::new(Algorithm::ES256);
    let refused = ask(&other.sign(&claims)).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_request_object"));
    site.answer("/jwks", 503, None, "");
    server.clock.advance(3600);
    let refused = ask(&key.sign(&claims)).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("invalid_request_object"));
    let reason = refused.parameter("error_description").expect("a description");
    assert!(reason.ends_with("jwks_uri cannot be fetched"), "{reason}");
    assert_eq!(Value::from(refused.status.as_u16()), 303);
}
