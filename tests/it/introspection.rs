//! Introspection: only the client and the resource server of a token see its status.

use serde_json::json;
use writ::store::{connections, resources};
use writ_core::token::access_token::TokenProfile;

use crate::support::{App, TestServer, app::basic};

const SCOPE: &str = "openid profile:read message:read";

#[tokio::test]
async fn introspection_describes_the_token_to_its_client_and_resource_server() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let claims = tokens.claims("access_token");
    for caller in [&shop, &server.talk()] {
        let answer = caller.introspect(tokens.text("access_token")).await.ok();
        assert_eq!(answer.json["active"], true);
        assert_eq!(answer.json["token_type"], "Bearer");
        for name in ["iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp", "auth_time"] {
            assert_eq!(answer.json[name], claims[name], "{name}");
        }
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let answer = shop.introspect(tokens.text("refresh_token")).await.ok();
    assert_eq!((&answer.json["active"], &answer.json["scope"]), (&json!(true), &json!(SCOPE)));
    assert_eq!(answer.json["sub"], claims["sub"]);
}

#[tokio::test]
async fn refresh_token_is_inactive_when_nothing_of_its_scope_is_left() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("message:read").await;
    assert!(server.write(|tx| resources::delete_scope(tx, "message:read")).await.is_some());
    server.server.refresh().await.expect("remembered");
    let answer = shop.introspect(tokens.text("refresh_token")).await.ok();
    assert_eq!(answer.json, json!({ "active": false }));
}

#[tokio::test]
async fn introspection_is_inactive_for_others() {
    let server = TestServer::start().await;
    let bank = writ::secret::Secret::random();
    let hash = bank.hash();
    server
        .write(move |tx| {
            let names = [("en".to_owned(), "Bank".to_owned())].into();
            writ::store::resources::insert(
                tx,
                "bank",
                "https://bank.example",
                &names,
                Some(hash),
                TokenProfile::default(),
            )
        })
        .await;
    server.server.refresh().await.expect("remembered");
    let bank = App::new(&server.issuer, "bank", Some(bank.expose()), "");
    let shop = server.shop().await;
    let other = server.register("other", json!({})).await;
    let tokens = shop.tokens(SCOPE).await;
    let inactive = json!({ "active": false });
    for (what, caller) in [("another client", &other), ("another resource server", &bank)] {
        for token in ["access_token", "refresh_token", "id_token"] {
            assert_eq!(caller.introspect(tokens.text(token)).await.ok().json, inactive, "{what}: {token}");
        }
    }
    assert_eq!(server.talk().introspect(tokens.text("refresh_token")).await.ok().json, inactive);
    // Tokens for the userinfo endpoint alone concern no resource server.
    let own = shop.tokens("openid email").await;
    assert_eq!(server.talk().introspect(own.text("access_token")).await.ok().json, inactive);
}

#[tokio::test]
async fn introspection_requires_authentication() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    server.native().await;
    let token = shop.tokens(SCOPE).await.text("access_token").to_owned();
    let field = ("token", token.as_str());
    let pocket = [field, ("client_id", "pocket")];
    let wrong = basic("talk", crate::support::app::VERIFIER);
    for (what, fields, header) in [
        ("nobody", &[field][..], None),
        ("a public client", &pocket, None),
        ("a wrong secret", &[field], Some(wrong.clone())),
        ("no secret", &[field], Some(basic("talk", ""))),
        ("an unknown caller", &[field], Some(wrong.replace("talk", "walk"))),
        ("an access token", &[field], Some(format!("Bearer {token}"))),
    ] {
        let answer = shop.post_as("/introspect", fields, header.as_deref()).await;
        assert_eq!(answer.refused(401), "invalid_client", "{what}");
        assert!(answer.header("www-authenticate").starts_with("Basic "), "{what}");
    }
    assert_eq!(shop.post("/introspect", &[]).await.refused(400), "invalid_request");
    assert_eq!(shop.post("/introspect", &[field, field]).await.refused(400), "invalid_request");
}

#[tokio::test]
async fn replaced_refresh_token_introspects_as_inactive() {
    let server = TestServer::start().await;
    let careful = server.register("careful", json!({ "rotate_refresh_tokens": true })).await;
    let first = careful.tokens(SCOPE).await.text("refresh_token").to_owned();
    let second = careful.refresh(&first).await.ok().text("refresh_token").to_owned();
    assert_eq!(careful.introspect(&first).await.ok().json, json!({ "active": false }));
    assert_eq!(careful.introspect(&second).await.ok().json["active"], true);
}

#[tokio::test]
async fn introspected_scope_is_no_wider_than_the_grant() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let alice = server.user_id("alice").await;
    // As when the user removes it on the page of connected apps.
    for removed in ["openid", "message:read"] {
        server.write(move |tx| connections::remove_scope(tx, alice, "shop", removed, "")).await;
    }
    let answer = server.talk().introspect(tokens.text("access_token")).await.ok();
    assert_eq!((&answer.json["active"], &answer.json["scope"]), (&json!(true), &json!("profile:read")));
    let refused = shop.userinfo(tokens.text("access_token")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.header("www-authenticate").contains("error=\"insufficient_scope\""));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.ok().text("scope"), "profile:read");
}
