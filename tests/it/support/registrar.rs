//! A program that registers itself as a client.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{Answer, App, TestServer, changed};

/// Sends JSON with a token.
pub(crate) async fn send(method: Method, url: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let mut request = Client::new().request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    Answer::read(request.send().await.expect("an answer")).await
}

/// Sends a registration request.
pub(crate) async fn ask(server: &TestServer, metadata: &Value) -> Answer {
    send(Method::POST, &format!("{}/register", server.issuer), None, Some(metadata)).await
}

/// The metadata of a web app with changes.
pub(crate) fn metadata(changes: Value) -> Value {
    changed(json!({ "client_name": "Newcomer", "redirect_uris": ["https://new.example/callback"] }), &changes)
}

/// Registers and returns the response.
pub(crate) async fn register(server: &TestServer, changes: Value) -> (App, Answer) {
    let told = ask(server, &metadata(changes)).await;
    assert_eq!(told.status.as_u16(), 201, "{told:?}");
    let secret = told.json["client_secret"].as_str().map(str::to_owned);
    let redirect_uri = told.json["redirect_uris"][0].as_str().unwrap_or_default().to_owned();
    (App::new(&server.issuer, told.text("client_id"), secret, &redirect_uri), told)
}
