//! The axum extractor, layer and RFC 9728 document.
#![allow(missing_docs)]

use axum::{Extension, Router, body::to_bytes, extract::Request, routing::get as route};
use http::header;
use serde_json::{Value, json};
use tower::ServiceExt;
use writ_verifier::{Token, Verifier, VerifyError, axum::Protect, testing::Issuer};

const TALK: &str = "https://talk.example";
const METADATA: &str = "resource_metadata=\"https://talk.example/.well-known/oauth-protected-resource\"";

async fn read(token: Token) -> Result<String, VerifyError> {
    token.require("message:read")?;
    Ok(token.subject().to_owned())
}

async fn admin(Extension(token): Extension<Token>) -> String {
    token.client_id().to_owned()
}

/// Status, challenge and body of `GET path` with these `Authorization` headers.
async fn get(verifier: &Verifier, path: &str, authorization: &[&str]) -> (u16, String, String) {
    let admin = Router::new().route("/admin", route(admin)).layer(Protect::new(verifier.clone()).require("admin"));
    let app = Router::new()
        .route("/messages", route(read))
        .merge(writ_verifier::axum::resource_metadata(verifier))
        .merge(admin)
        .with_state(verifier.clone());
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header(header::AUTHORIZATION, *value);
    }
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let response = app.oneshot(request).await.expect("infallible");
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 10_000).await.expect("a short body");
    (status, challenge, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn the_extractor_admits_and_refuses() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("bearer {}", issuer.token(TALK).scope(scope).sign());

    let granted = get(&verifier, "/messages", &[&bearer("message:read")]).await;
    assert_eq!(granted, (200, String::new(), "alice".to_owned()));

    let (status, challenge, body) = get(&verifier, "/messages", &[&bearer("message:send")]).await;
    assert_eq!(status, 403);
    assert!(challenge.contains("scope=\"message:read\"") && challenge.ends_with(METADATA));
    let body = serde_json::from_str::<Value>(&body).expect("JSON");
    assert_eq!(body["error"], json!("insufficient_scope"));

    let anonymous = get(&verifier, "/messages", &[]).await;
    assert_eq!((anonymous.0, anonymous.1), (401, format!("Bearer {METADATA}")));
    let twice = bearer("message:read");
    assert_eq!(get(&verifier, "/messages", &[&twice, &twice]).await.0, 400);
}

#[tokio::test]
async fn the_layer_guards_its_routes() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier(TALK);
    let bearer = |scope| format!("Bearer {}", issuer.token(TALK).scope(scope).sign());
    assert_eq!(get(&verifier, "/admin", &[&bearer("admin")]).await.2, "shop");
    assert_eq!(get(&verifier, "/admin", &[&bearer("message:read")]).await.0, 403);
    assert_eq!(get(&verifier, "/admin", &[]).await.0, 401);
}

#[tokio::test]
async fn an_unreachable_issuer_is_a_503_without_a_challenge() {
    let issuer = Issuer::start().await;
    issuer.set_down(true);
    let bearer = format!("Bearer {}", issuer.token(TALK).sign());
    let (status, challenge, _) = get(&issuer.verifier(TALK), "/messages", &[&bearer]).await;
    assert_eq!((status, challenge.as_str()), (503, ""));
}

#[tokio::test]
async fn the_resource_metadata_is_served_where_challenges_point() {
    let issuer = Issuer::start().await;
    let path = "/.well-known/oauth-protected-resource";
    let (status, _, body) = get(&issuer.verifier(TALK), path, &[]).await;
    let document = serde_json::from_str::<Value>(&body).expect("JSON");
    assert_eq!((status, &document["resource"]), (200, &json!(TALK)));
}
