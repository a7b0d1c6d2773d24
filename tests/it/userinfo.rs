//! Userinfo: the claims of the granted scopes and no more.

use reqwest::{Client, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, App, TestServer};

async fn send(request: RequestBuilder) -> Answer {
    Answer::read(request.send().await.expect("an answer")).await
}

fn post(app: &App) -> RequestBuilder {
    Client::new().post(app.url("/userinfo"))
}

#[tokio::test]
async fn userinfo_claims_follow_the_granted_scopes() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let minji = server.user_id("minji").await.to_string();
    for (scope, expected) in [
        ("openid", json!({ "sub": minji })),
        ("openid email", json!({ "sub": minji, "email": "minji@example.com", "email_verified": true })),
        ("openid profile", json!({ "sub": minji, "name": "김민지", "preferred_username": "minji" })),
    ] {
        let sent = shop.authorize_as("minji", scope, &[("prompt", "consent")]).await;
        let tokens = shop.exchange(&sent).await.ok();
        assert_eq!(tokens.claims("access_token")["aud"], format!("{}/userinfo", server.issuer));
        let mut answer = shop.userinfo(tokens.text("access_token")).await.ok();
        assert_eq!(answer.header("cache-control"), "no-store");
        let updated_at = answer.json.as_object_mut().expect("claims").remove("updated_at");
        assert_eq!(updated_at.is_some(), scope.contains("profile"), "{scope}");
        assert_eq!(answer.json, expected, "{scope}");
        // The ID token has them as well, because many clients read nothing else.
        let id = tokens.claims("id_token");
        for name in ["email", "email_verified", "name", "preferred_username"] {
            assert_eq!(id[name], answer.json[name], "{scope}: {name}");
        }
    }
}

#[tokio::test]
async fn userinfo_accepts_the_token_in_header_or_form() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid message:read").await;
    let token = tokens.text("access_token");
    send(post(&shop).bearer_auth(token)).await.ok();
    send(post(&shop).form(&[("access_token", token)])).await.ok();
    let lower = Client::new().get(shop.url("/userinfo")).header("authorization", format!("bearer {token}"));
    send(lower).await.ok();

    let twice = send(post(&shop).bearer_auth(token).form(&[("access_token", token)])).await;
    assert_eq!(twice.status, 400);
    assert!(twice.header("www-authenticate").contains("error=\"invalid_request\""));
    let doubled = send(post(&shop).form(&[("access_token", token), ("access_token", token)])).await;
    assert_eq!(doubled.status, 400);
    let in_query = Client::new().get(format!("{}?access_token={token}", shop.url("/userinfo")));
    assert_eq!(send(in_query).await.status, 401, "never in an address");
}

#[tokio::test]
async fn userinfo_refusal_is_a_bearer_challenge() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let get = || Client::new().get(shop.url("/userinfo"));
    // Without a token, or with another scheme, the challenge has no error (RFC 6750 §3.1).
    for request in [get(), post(&shop), get().header("authorization", "Basic c2hvcDpzZWNyZXQ=")] {
        let answer = send(request).await;
        assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, "Bearer realm=\"writ\""));
    }
    for (header, status, error) in [
        ("Bearer x", 401, "invalid_token"),
        ("Bearer xa.b.c", 401, "invalid_token"),
        ("Bearer", 400, "invalid_request"),
        ("Bearer a b", 400, "invalid_request"),
    ] {
        let answer = send(get().header("authorization", header)).await;
        assert_eq!(answer.status, status, "{header}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(&format!("error=\"{error}\"")), "{header}: {answer:?}");
    }
    let without_openid = shop.tokens("message:read").await;
    let answer = shop.userinfo(without_openid.text("access_token")).await;
    assert_eq!(answer.status, 401, "it is for Talk alone");
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
    let own = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
    let answer = shop.userinfo(own.text("access_token")).await;
    assert_eq!(answer.status, 401, "a client's own token has no user");
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn id_token_has_no_claims_of_scopes_when_registered_as_minimal() {
    let server = TestServer::start().await;
    let app = server.register("minimal", json!({ "id_token_claims": "minimal" })).await;
    let tokens = app.tokens("openid profile email").await;
    let id = tokens.claims("id_token");
    assert!(id["email"].is_null() && id["name"].is_null(), "{id}");
    assert_eq!(app.userinfo(tokens.text("access_token")).await.ok().text("email"), "alice@example.com");
}
