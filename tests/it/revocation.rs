//! Revocation: a refresh token is revoked with its whole grant, an access token alone.

use serde_json::json;

use crate::support::TestServer;

const SCOPE: &str = "openid profile:read message:read";

#[tokio::test]
async fn revoking_a_refresh_token_revokes_the_grant() {
    let server = TestServer::start().await;
    for app in [server.shop().await, server.native().await] {
        let tokens = app.tokens(SCOPE).await;
        let other = app.tokens(SCOPE).await;
        let newer = app.refresh(tokens.text("refresh_token")).await.ok();
        let answer = app.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
        assert_eq!(answer.body, "");
        assert_eq!(app.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
        for token in [tokens.text("access_token"), newer.text("access_token")] {
            assert_eq!(server.talk().introspect(token).await.ok().json, json!({ "active": false }));
            assert_eq!(app.userinfo(token).await.status, 401);
        }
        app.userinfo(other.text("access_token")).await.ok();
        app.refresh(other.text("refresh_token")).await.ok();
        // A second revocation is not an error.
        app.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
    }
}

#[tokio::test]
async fn revoking_an_access_token_keeps_the_grant() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let newer = shop.refresh(tokens.text("refresh_token")).await.ok();
    let hint = ("token_type_hint", "refresh_token");
    shop.post("/revoke", &[("token", tokens.text("access_token")), hint]).await.ok();
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(server.talk().introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    shop.userinfo(newer.text("access_token")).await.ok();
    shop.refresh(tokens.text("refresh_token")).await.ok();
    // The same for a client's own token.
    let own = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
    shop.post("/revoke", &[("token", own.text("access_token"))]).await.ok();
    assert_eq!(server.talk().introspect(own.text("access_token")).await.ok().json, json!({ "active": false }));
}

#[tokio::test]
async fn revoking_another_clients_token_does_nothing() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let other = server.register("other", json!({})).await;
    let pocket = server.native().await;
    let tokens = shop.tokens(SCOPE).await;
    for stranger in [&other, &pocket] {
        for token in ["access_token", "refresh_token"] {
            let refused = stranger.post("/revoke", &[("token", tokens.text(token))]).await;
            assert_eq!(refused.refused(400), "invalid_grant", "{token}");
        }
    }
    shop.userinfo(tokens.text("access_token")).await.ok();
    shop.refresh(tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn revoking_an_unknown_token_succeeds_and_unknown_client_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    for token in ["nonsense", "a.b.c", tokens.text("id_token")] {
        shop.post("/revoke", &[("token", token)]).await.ok();
    }
    server.clock.advance(301);
    shop.post("/revoke", &[("token", tokens.text("access_token"))]).await.ok();
    assert_eq!(shop.post("/revoke", &[]).await.refused(400), "invalid_request");
    let field = [("token", tokens.text("refresh_token"))];
    assert_eq!(shop.post_as("/revoke", &field, None).await.refused(401), "invalid_client");
    let named = [field[0], ("client_id", "shop")];
    assert_eq!(shop.post_as("/revoke", &named, None).await.refused(401), "invalid_client", "a secret is missing");
    shop.refresh(tokens.text("refresh_token")).await.ok();
}
