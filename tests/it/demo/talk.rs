//! Talk with tokens of a test issuer: each request needs exactly its scope.

use std::{collections::HashMap, net::TcpListener};

use reqwest::{Client, Method, Response, StatusCode, header::WWW_AUTHENTICATE};
use serde_json::{Value, json};
use writ::demo::talk::{Talk, TalkUser};
use writ_verifier::testing::{Issuer, TokenBuilder};

struct Api {
    issuer: Issuer,
    base_url: String,
    http: Client,
}

impl Api {
    async fn start() -> Self {
        let issuer = Issuer::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let minji = TalkUser { handle: "minji".into(), name: "김민지".into() };
        let talk = Talk::new(HashMap::from([("sub-minji".into(), minji)]));
        tokio::spawn(talk.listen(listener, issuer.verifier(&base_url)).expect("a listener"));
        Self { issuer, base_url, http: Client::new() }
    }

    fn token(&self, scope: &str) -> TokenBuilder {
        self.issuer.token(&self.base_url).subject("sub-minji").scope(scope)
    }

    async fn get(&self, path: &str, token: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base_url)).bearer_auth(token);
        request.send().await.expect("Talk answers")
    }

    async fn send(&self, token: &str, body: &Value) -> Response {
        let request = self.http.post(format!("{}/messages", self.base_url)).bearer_auth(token).json(body);
        request.send().await.expect("Talk answers")
    }
}

async fn json(response: Response) -> Value {
    response.json().await.expect("JSON")
}

#[actix_web::test]
async fn request_needs_its_own_scope_and_no_other() {
    let api = Api::start().await;
    let requests = [
        (Method::GET, "/profile", "profile:read"),
        (Method::GET, "/messages", "message:read"),
        (Method::POST, "/messages", "message:send"),
        (Method::POST, "/payments", "payment:make"),
    ];
    for (method, path, needed) in &requests {
        for (_, _, held) in &requests {
            let response = api
                .http
                .request(method.clone(), format!("{}{path}", api.base_url))
                .bearer_auth(api.token(held).sign())
                .json(&json!({ "text": "Hello" }))
                .send()
                .await
                .expect("Talk answers");
            if held == needed {
                assert!(response.status().is_success(), "{method} {path} with {held}");
                continue;
            }
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{method} {path} with {held}");
            let challenge = response.headers()[WWW_AUTHENTICATE].to_str().expect("text");
            assert!(challenge.contains(r#"error="insufficient_scope""#), "{challenge}");
            assert!(challenge.contains(&format!(r#"scope="{needed}""#)), "{challenge}");
        }
    }
}

#[actix_web::test]
async fn message_has_the_user_as_author_and_names_the_app() {
    let api = Api::start().await;
    let token = api.token("message:read message:send").client_id("shop").sign();
    let sent = api.send(&token, &json!({ "text": " 안녕! " })).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    let messages = json(api.get("/messages", &token).await).await;
    let last = messages.as_array().and_then(|all| all.last()).expect("a message");
    assert_eq!(last["from"], "minji");
    assert_eq!(last["text"], "안녕!");
    assert_eq!(last["through"], "shop");
}

#[actix_web::test]
async fn token_for_another_audience_is_refused() {
    let api = Api::start().await;
    let elsewhere = api.issuer.token("http://elsewhere.example").subject("sub-minji").scope("profile:read");
    for token in [elsewhere.sign(), api.token("profile:read").expired().sign(), "nonsense".into()] {
        let response = api.get("/profile", &token).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let challenge = response.headers()[WWW_AUTHENTICATE].to_str().expect("text");
        assert!(challenge.contains(r#"error="invalid_token""#), "{challenge}");
    }
    let anonymous = api.http.get(format!("{}/profile", api.base_url)).send().await.expect("Talk answers");
    assert_eq!(anonymous.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn user_unknown_to_talk_is_not_invented() {
    let api = Api::start().await;
    let token = api.token("profile:read").subject("sub-nobody").sign();
    assert_eq!(api.get("/profile", &token).await.status(), StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn invalid_message_is_refused_with_the_reason() {
    let api = Api::start().await;
    let token = api.token("message:send").sign();
    for body in [
        json!({ "text": " " }),
        json!({ "text": "a".repeat(501) }),
        json!({}),
        json!("x"),
        json!({ "text": "a".repeat(5000) }),
    ] {
        let response = api.send(&token, &body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
        assert!(json(response).await["error"].is_string(), "{body}");
    }
    let unscoped = api.token("message:read").sign();
    assert_eq!(api.send(&unscoped, &json!({})).await.status(), StatusCode::FORBIDDEN, "the token is judged first");
}
