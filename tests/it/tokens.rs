//! The contents of tokens, and which endpoints accept them.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};
use writ_verifier::Verifier;

use crate::support::{App, TestServer, seed::TALK};

/// Verifies a JWT with the published keys, as any library would. Returns its header and claims.
async fn verify(server: &TestServer, token: &str, audience: &str) -> (jsonwebtoken::Header, Value) {
    let jwks = reqwest::get(format!("{}/jwks", server.issuer)).await.expect("an answer");
    let jwks: JwkSet = jwks.json().await.expect("a JWK set");
    let header = jsonwebtoken::decode_header(token).expect("a header");
    let jwk = jwks.find(header.kid.as_deref().expect("a kid")).expect("a published key");
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[&server.issuer]);
    let key = DecodingKey::from_jwk(jwk).expect("a key");
    let token = jsonwebtoken::decode(token, &key, &validation).expect("a token that verifies");
    (header, token.claims)
}

async fn client_credentials(app: &App, scope: &str) -> String {
    let fields = [("grant_type", "client_credentials"), ("scope", scope)];
    app.post("/token", &fields).await.ok().text("access_token").to_owned()
}

#[tokio::test]
async fn client_credentials_token_verifies_under_each_alg() {
    let server = TestServer::start().await;
    let verifier = Verifier::discover(&server.issuer, TALK).expect("a verifier");
    for alg in ["ES256", "RS256", "EdDSA"] {
        let metadata = json!({ "access_token_signed_response_alg": alg, "access_token_lifetime": 77 });
        let app = server.register(alg, metadata).await;
        let token = client_credentials(&app, "message:read").await;
        let (header, claims) = verify(&server, &token, TALK).await;
        assert_eq!((format!("{:?}", header.alg), header.typ.as_deref()), (alg.to_owned(), Some("at+jwt")));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!(alg), &json!(alg)));
        assert_eq!(claims["scope"], "message:read");
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 77));
        assert_eq!((&claims["auth_time"], &claims["grant_id"]), (&json!(null), &json!(null)), "there is no user");
        let believed = verifier.verify(&token).await.expect("a resource server believes it");
        assert!(believed.require("message:read").is_ok() && believed.require("message:send").is_err());
        let elsewhere = Verifier::discover(&server.issuer, "https://bank.example").expect("a verifier");
        assert!(elsewhere.verify(&token).await.is_err());
        let introspected = server.talk().introspect(&token).await.ok();
        assert_eq!((&introspected.json["active"], introspected.text("sub")), (&json!(true), alg));
    }
}

#[tokio::test]
async fn client_credentials_scope_is_limited_to_the_registration() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let answer = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
    assert_eq!(answer.text("scope"), "profile:read", "an omitted scope is the required one");
    assert_eq!((&answer.json["refresh_token"], &answer.json["id_token"]), (&json!(null), &json!(null)));
    let narrow = server.register("narrow", json!({ "scope": "openid profile:read" })).await;
    for (scope, error) in
        [("message:read", "invalid_scope"), ("openid", "invalid_scope"), ("payment:make", "invalid_scope")]
    {
        let refused = narrow.post("/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
        assert_eq!(refused.refused(400), error, "{scope}");
    }
}

#[tokio::test]
async fn token_lifetimes_and_algs_follow_the_registration() {
    let server = TestServer::start().await;
    for (access_alg, id_alg, hash) in
        [("ES256", "RS256", &digest::SHA256), ("RS256", "ES256", &digest::SHA256), ("EdDSA", "EdDSA", &digest::SHA512)]
    {
        let id = format!("app-{access_alg}");
        let metadata = json!({
            "access_token_signed_response_alg": access_alg,
            "id_token_signed_response_alg": id_alg,
            "access_token_lifetime": 60,
            "id_token_lifetime": 120,
        });
        let app = server.register(&id, metadata).await;
        let tokens = app.tokens("openid message:read").await;
        assert_eq!(tokens.json["expires_in"], 60);
        let access_token = tokens.text("access_token");
        let (header, claims) = verify(&server, access_token, TALK).await;
        assert_eq!((format!("{:?}", header.alg), header.typ.as_deref()), (access_alg.to_owned(), Some("at+jwt")));
        let mut names: Vec<&str> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names.join(" "), "acr aud auth_time client_id exp grant_id iat iss jti scope sub");
        let (header, claims) = verify(&server, tokens.text("id_token"), &id).await;
        assert_eq!((format!("{:?}", header.alg), header.typ.as_deref()), (id_alg.to_owned(), Some("JWT")));
        assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|iat| iat + 120));
        let hash = digest::digest(hash, access_token.as_bytes());
        let half = BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]);
        assert_eq!(claims["at_hash"], half);
        assert!(claims["azp"].is_null() || claims["azp"] == id);
    }
}

#[tokio::test]
async fn expired_access_token_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid message:read").await;
    let access_token = tokens.text("access_token");
    server.clock.advance(295);
    shop.userinfo(access_token).await.ok();
    assert_eq!(server.talk().introspect(access_token).await.ok().json["active"], true);
    server.clock.advance(6);
    let refused = shop.userinfo(access_token).await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    assert_eq!(server.talk().introspect(access_token).await.ok().json, json!({ "active": false }));
}

#[tokio::test]
async fn endpoints_refuse_tokens_of_another_type() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let sent = shop.authorize("openid message:read").await;
    let code = sent.parameter("code").expect("a code");
    let tokens = shop.exchange(&sent).await.ok();
    let (access, id) = (tokens.text("access_token"), tokens.text("id_token"));
    let refresh = tokens.text("refresh_token");
    let mut forged: Vec<&str> = access.split('.').collect();
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    forged[0] = &none;
    let unsigned = format!("{}.{}.", forged[0], forged[1]);
    let resigned = format!("{}.{}.{}", forged[0], forged[1], forged[2]);
    let id_parts: Vec<&str> = id.split('.').collect();
    let mixed = format!("{}.{}.{}", access.split('.').next().unwrap_or_default(), id_parts[1], id_parts[2]);
    // The same token with the type of an access token: the signature is no longer valid.
    let header = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id_parts[0]).expect("base64url")).expect("JSON");
    let retyped = BASE64_URL_SAFE_NO_PAD.encode(header.replace("\"JWT\"", "\"at+jwt\""));
    let retyped = format!("{retyped}.{}.{}", id_parts[1], id_parts[2]);
    for (what, token) in [
        ("an ID token", id),
        ("a refresh token", refresh),
        ("a code", &code),
        ("alg none", &unsigned),
        ("alg none with a signature", &resigned),
        ("an access token's header on an ID token", &mixed),
        ("an ID token that calls itself an access token", &retyped),
        ("a cut token", &access[..access.len() - 4]),
        ("nonsense", "nonsense"),
        ("dots", "..."),
    ] {
        let refused = shop.userinfo(token).await;
        assert_eq!(refused.status, 401, "{what}");
        assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""), "{what}: {refused:?}");
        assert!(!refused.header("www-authenticate").contains(token), "{what}");
        if what != "a refresh token" {
            let answer = shop.introspect(token).await.ok();
            assert_eq!(answer.json, json!({ "active": false }), "{what} at introspection");
        }
        shop.post("/revoke", &[("token", token)]).await.ok();
        if what == "a refresh token" {
            // It was valid for the revocation endpoint, so the rest needs a new grant.
            assert_eq!(shop.introspect(access).await.ok().json, json!({ "active": false }));
        }
    }
}
