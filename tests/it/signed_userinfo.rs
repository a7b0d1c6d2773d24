//! Userinfo responses as JWTs (OpenID Connect Core §5.3.2), for clients registered for them.

use serde_json::{Value, json};
use writ::keys::TokenType;

use crate::support::TestServer;

#[tokio::test]
async fn userinfo_is_signed_with_the_registered_alg() {
    let server = TestServer::start().await;
    for alg in ["RS256", "ES256", "EdDSA"] {
        let app = server.register(&format!("app-{alg}"), json!({ "userinfo_signed_response_alg": alg })).await;
        let tokens = app.tokens("openid email profile:read").await;
        let answer = app.userinfo(tokens.text("access_token")).await.ok();
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/jwt", "no-store"));
        let header = jsonwebtoken::decode_header(&answer.body).expect("a JWT");
        assert_eq!(format!("{:?}", header.alg), alg);
        let keys = &server.server.snapshot().keys;
        let claims: Value = keys.verify(&answer.body, TokenType::UserInfo).expect("signed by us");
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(server.issuer), &json!(app.id)));
        assert_eq!(
            (&claims["sub"], &claims["email"]),
            (&tokens.claims("id_token")["sub"], &json!("alice@example.com"))
        );
        // It is neither an ID token nor an access token, although it has the same key.
        let hinted = app.authorize_url("openid", &[("id_token_hint", &answer.body)]);
        assert_eq!(server.browser().open(&hinted).await.parameter("error").as_deref(), Some("invalid_request"));
        assert_eq!(app.userinfo(&answer.body).await.status, 401);
    }
}

#[tokio::test]
async fn signed_userinfo_refusal_is_a_challenge_and_other_clients_get_json() {
    let server = TestServer::start().await;
    let signed = server.register("signed", json!({ "userinfo_signed_response_alg": "ES256" })).await;
    let narrow = signed.tokens("profile:read").await;
    let refused = signed.userinfo(narrow.text("access_token")).await;
    assert_eq!(refused.status, 401);
    assert!(refused.header("www-authenticate").contains("invalid_token"), "{refused:?}");
    let tokens = signed.tokens("openid profile:read").await;
    signed.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
    let refused = signed.userinfo(tokens.text("access_token")).await;
    assert!(refused.header("www-authenticate").contains("invalid_token"), "{refused:?}");

    let plain = server.shop().await;
    let answer = plain.userinfo(plain.tokens("openid profile:read").await.text("access_token")).await.ok();
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(answer.json["iss"].is_null() && answer.json["sub"].is_string(), "{answer:?}");
}
