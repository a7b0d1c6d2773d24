//! The same API over axum.

use axum::{Extension, Router, body::to_bytes, extract::Request, routing::get as route};
use http::header;
use tower::ServiceExt;
use writ_verifier::{Token, Verifier, VerifyError, axum::Protect};

use crate::{PASSWORD, Received};

async fn read(token: Token) -> Result<String, VerifyError> {
    token.require("message:read")?;
    Ok(token.subject().to_owned())
}

async fn client(Extension(token): Extension<Token>) -> String {
    token.client_id().to_owned()
}

pub(crate) async fn get(verifier: &Verifier, path: &str, authorization: &[&str]) -> Received {
    let admin = Protect::new(verifier.clone()).require("admin");
    let recent = Protect::new(verifier.clone()).require_authentication(&[PASSWORD], Some(300));
    let app = Router::new()
        .route("/messages", route(read))
        .merge(writ_verifier::axum::resource_metadata(verifier))
        .merge(Router::new().route("/admin", route(client)).layer(admin))
        .merge(Router::new().route("/payments", route(client)).layer(recent))
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
    Received { status, challenge, body: String::from_utf8(body.to_vec()).expect("text") }
}
