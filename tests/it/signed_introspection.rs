//! Introspection responses as JWTs (RFC 9701), if the caller requests them.

use serde_json::{Value, json};
use writ::keys::TokenType;

use crate::support::{App, TestServer};

const JWT: &str = "application/token-introspection+jwt";
const SCOPE: &str = "openid profile:read message:read";

fn asking(app: &App, accept: &str) -> App {
    let mut app = app.clone();
    app.accept = accept.to_owned();
    app
}

#[tokio::test]
async fn introspection_jwt_is_signed_for_the_caller() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "introspection_signed_response_alg": "ES256" })).await;
    let tokens = shop.tokens(SCOPE).await;
    let token = tokens.text("access_token");
    for (caller, aud, alg) in [(shop.clone(), "shop", "ES256"), (server.talk(), "https://talk.example", "RS256")] {
        let plain = caller.introspect(token).await.ok();
        let answer = asking(&caller, JWT).introspect(token).await.ok();
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (JWT, "no-store"));
        let header = jsonwebtoken::decode_header(&answer.body).expect("a JWT");
        assert_eq!((&*format!("{:?}", header.alg), header.typ.as_deref()), (alg, Some("token-introspection+jwt")));
        let claims: Value =
            server.server.snapshot().keys.verify(&answer.body, TokenType::Introspection).expect("signed by us");
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(server.issuer), &json!(aud)));
        assert_eq!(claims["token_introspection"], plain.json);
        assert!(claims["iat"].is_i64() && claims.get("sub").is_none() && claims.get("exp").is_none(), "{claims}");
    }
    assert_eq!(tokens.claims("access_token")["acr"], "urn:writ:acr:password");
}

#[tokio::test]
async fn introspection_jwt_needs_accept_and_errors_stay_json() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    for accept in
        ["*/*", "application/json", "application/jwt", "application/*", "application/token-introspection+jwt;q=0"]
    {
        let answer = asking(&shop, accept).introspect(tokens.text("access_token")).await.ok();
        assert_eq!(
            (answer.header("content-type"), &answer.json["active"]),
            ("application/json", &json!(true)),
            "{accept}"
        );
    }
    let mut stranger = asking(&shop, JWT);
    stranger.secret = Some("wrong".to_owned());
    assert_eq!(stranger.introspect(tokens.text("access_token")).await.refused(401), "invalid_client");
}

#[tokio::test]
async fn inactive_introspection_jwt_is_signed_and_is_no_access_token() {
    let server = TestServer::start().await;
    let shop = asking(&server.shop().await, JWT);
    let answer = shop.introspect("nonsense").await.ok();
    let claims: Value = server.server.snapshot().keys.verify(&answer.body, TokenType::Introspection).expect("signed");
    assert_eq!(claims["token_introspection"], json!({ "active": false }));
    let tokens = shop.tokens(SCOPE).await;
    let answer = shop.introspect(tokens.text("access_token")).await.ok();
    assert_eq!(shop.userinfo(&answer.body).await.status, 401);
}
