//! Two `Authorization` headers make a request malformed, even if one of them is valid
//! ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1),
//! [RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use writ::config::RegistrationMode;

use crate::support::{
    Answer, TestServer,
    registrar::{metadata, register},
};

/// Sends a request with the two headers in either order, and expects `invalid_request` with 400.
async fn assert_refused(method: Method, url: &str, headers: [&str; 2], body: &Body<'_>) {
    for [first, second] in [headers, [headers[1], headers[0]]] {
        let request = Client::new().request(method.clone(), url);
        let request = request.header("authorization", first).header("authorization", second);
        let request = match body {
            Body::None => request,
            Body::Form(fields) => request.form(fields),
            Body::Json(json) => request.header("content-type", "application/json").body(json.to_string()),
        };
        let response = Answer::read(request.send().await.expect("a response")).await;
        assert_eq!(response.status, 400, "{url}: {response:?}");
        let challenge = response.headers.get("www-authenticate").map(|value| value.to_str().expect("text"));
        let is_invalid_request = response.json["error"] == "invalid_request"
            || challenge.is_some_and(|challenge| challenge.contains("error=\"invalid_request\""));
        assert!(is_invalid_request, "{url}: {response:?}");
    }
}

enum Body<'a> {
    None,
    Form(&'a [(&'a str, &'a str)]),
    Json(Value),
}

#[tokio::test]
async fn client_endpoints_refuse_two_authorization_headers() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let secret = shop.secret.clone().expect("a secret");
    let good = format!("Basic {}", BASE64_STANDARD.encode(format!("shop:{secret}")));
    for (path, fields) in [
        ("/token", vec![("grant_type", "client_credentials")]),
        ("/introspect", vec![("token", "x")]),
        ("/revoke", vec![("token", "x")]),
        ("/par", shop.parameters("openid", &[])),
        ("/device_authorization", vec![("scope", "openid")]),
    ] {
        for other in [good.as_str(), "Basic eDp5", "Bearer x"] {
            assert_refused(Method::POST, &shop.url(path), [&good, other], &Body::Form(&fields)).await;
        }
    }
}

#[tokio::test]
async fn userinfo_refuses_two_authorization_headers() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid").await;
    let good = format!("Bearer {}", tokens.text("access_token"));
    for other in [good.as_str(), "Bearer x", "Basic eDp5"] {
        assert_refused(Method::GET, &shop.url("/userinfo"), [&good, other], &Body::None).await;
        assert_refused(Method::POST, &shop.url("/userinfo"), [&good, other], &Body::Form(&[])).await;
    }
}

#[tokio::test]
async fn registration_refuses_two_authorization_headers_in_every_mode() {
    for mode in [RegistrationMode::Open, RegistrationMode::InitialAccessToken] {
        let server = TestServer::start_with(|settings| settings.registration.mode = mode).await;
        let url = format!("{}/register", server.issuer);
        let body = Body::Json(metadata(json!({})));
        assert_refused(Method::POST, &url, ["Bearer a", "Bearer b"], &body).await;
    }
}

#[tokio::test]
async fn registration_management_refuses_two_authorization_headers() {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let (_, registered) = register(&server, json!({})).await;
    let good = format!("Bearer {}", registered.text("registration_access_token"));
    let url = registered.text("registration_client_uri");
    for (method, body) in
        [(Method::GET, Body::None), (Method::PUT, Body::Json(metadata(json!({})))), (Method::DELETE, Body::None)]
    {
        assert_refused(method, url, [&good, "Bearer x"], &body).await;
    }
    let read = Client::new().get(url).header("authorization", &good).send().await.expect("a response");
    assert_eq!(read.status(), 200, "it is still registered");
}
