//! Two nodes with one database: no sticky sessions, and no state on one node alone.

use serde_json::json;
use writ::store::{clients, keys::KeyState, revision};

use crate::support::{TestServer, eventually, seed::client_metadata};

const SCOPE: &str = "openid profile:read message:read";

#[tokio::test]
async fn flow_continues_on_another_node_at_every_step() {
    let one = TestServer::start().await;
    let two = one.second_node().await;
    let shop = one.shop().await;
    let here = one.browser();
    let there = here.at(&two.issuer);

    let login = here.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = there.sign_in(&login, "alice").await;
    assert!(consent.is_consent(), "{consent:?}");
    let shown_here = here.get(&format!("/consent?request={}", consent.hidden("request"))).await;
    let sent = there.allow(&shown_here, &["openid", "profile:read", "message:read"]).await;
    let tokens = shop.at(&two.issuer).exchange(&sent).await.ok();
    assert_eq!(tokens.claims("access_token")["iss"], one.issuer, "one issuer, whichever node");
    let again = shop.refresh(tokens.text("refresh_token")).await.ok();
    shop.at(&two.issuer).userinfo(again.text("access_token")).await.ok();
    assert_eq!(two.talk().introspect(again.text("access_token")).await.ok().json["active"], true);
    // Both nodes know consent and session.
    let sent = here.get(&shop.authorize_url(SCOPE, &[])).await;
    shop.exchange(&sent).await.ok();
    let sent = there.get(&shop.at(&two.issuer).authorize_url(SCOPE, &[])).await;
    // A code that was redeemed on one node is a replay on the other.
    shop.exchange(&sent).await.ok();
    assert_eq!(shop.at(&two.issuer).exchange(&sent).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn revocation_holds_on_the_other_node_at_once() {
    let one = TestServer::start().await;
    let two = one.second_node().await;
    let shop = one.shop().await;
    let there = shop.at(&two.issuer);
    let tokens = shop.tokens(SCOPE).await;
    let access_token = tokens.text("access_token");
    there.userinfo(access_token).await.ok();
    shop.post("/revoke", &[("token", access_token)]).await.ok();
    assert_eq!(there.userinfo(access_token).await.status, 401);
    assert_eq!(two.talk().introspect(access_token).await.ok().json, json!({ "active": false }));

    let newer = there.refresh(tokens.text("refresh_token")).await.ok();
    shop.post("/revoke", &[("token", tokens.text("refresh_token"))]).await.ok();
    assert_eq!(there.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    assert_eq!(two.talk().introspect(newer.text("access_token")).await.ok().json, json!({ "active": false }));
    assert_eq!(there.userinfo(newer.text("access_token")).await.status, 401);
}

#[tokio::test]
async fn sign_out_holds_on_the_other_node() {
    let one = TestServer::start().await;
    let two = one.second_node().await;
    let here = one.browser();
    let login = here.get("/login").await;
    here.sign_in(&login, "alice").await;
    let there = here.at(&two.issuer);
    let page = there.get("/logout").await;
    assert!(page.body.contains("id=\"logout\""), "{page:?}");
    there.post("/logout", &[("csrf", &page.hidden("csrf")), ("request", "")]).await;
    assert!(here.get("/logout").await.body.contains("id=\"logged-out\""));
}

#[tokio::test]
async fn sign_in_attempts_are_counted_across_nodes() {
    let one = TestServer::start_with(|settings| settings.throttle.account_attempts = 4).await;
    let two = one.second_node().await;
    let browser = one.browser();
    let mut heard = 0;
    for number in 0..8 {
        let browser = browser.at(if number % 2 == 0 { &one.issuer } else { &two.issuer });
        let login = browser.get("/login").await;
        heard += usize::from(browser.post_password(&login, "alice", "wrong").await.status == 400);
    }
    assert_eq!(heard, 4);
}

#[tokio::test]
async fn client_change_on_another_node_is_seen() {
    let one = TestServer::start().await;
    let two = one.second_node().await;
    let shop = one.shop().await;
    let there = shop.at(&two.issuer);
    let grant = [("grant_type", "client_credentials"), ("scope", "message:read")];
    eventually("the new client is known", async || there.post("/token", &grant).await.status == 200).await;

    // As with an administrator's command: in the database only, without notifying a node.
    let narrow = client_metadata(&json!({ "scope": "openid profile:read" }));
    one.write(move |tx| clients::update(tx, "shop", &narrow)).await;
    for app in [&shop, &there] {
        eventually("the change is known", async || app.post("/token", &grant).await.status == 400).await;
        assert_eq!(app.post("/token", &grant).await.refused(400), "invalid_scope");
    }
    let old = basic_of(&shop);
    let secret = writ::secret::Secret::random();
    let hashes = [secret.hash(), writ::secret::Secret::random().hash()];
    one.write(move |tx| hashes.into_iter().try_for_each(|hash| clients::rotate_secret(tx, "shop", hash))).await;
    let read = [("grant_type", "client_credentials"), ("scope", "profile:read")];
    let refused = async || there.post_as("/token", &read, Some(&old)).await.status == 401;
    eventually("the old secret is known to be old", refused).await;
    let new = crate::support::app::basic("shop", &secret.expose());
    there.post_as("/token", &read, Some(&new)).await.ok();

    let token = there.post_as("/token", &read, Some(&new)).await.ok();
    assert_eq!(two.talk().introspect(token.text("access_token")).await.ok().json["active"], true);
    one.write(|tx| clients::delete(tx, "shop")).await;
    eventually("the deletion is known", async || there.post_as("/token", &read, Some(&new)).await.status == 401).await;
    assert!(two.browser().get(&there.authorize_url("profile:read", &[])).await.is_error());
    let inactive = two.talk().introspect(token.text("access_token")).await.ok();
    assert_eq!(inactive.json, json!({ "active": false }), "a deleted client's token");
}

#[tokio::test]
async fn concurrent_refreshes_leave_the_newest_snapshot() {
    let server = TestServer::start().await;
    let refresh = || async { server.server.refresh().await.expect("a snapshot") };
    for round in 0..50 {
        let change = async {
            server.write(revision::bump).await;
            refresh().await;
        };
        tokio::join!(refresh(), refresh(), change, refresh(), refresh());
        let newest = server.server.store.read(revision::current).await.expect("a revision");
        assert_eq!(server.server.snapshot().revision, newest, "round {round}");
    }
}

#[tokio::test]
async fn new_scope_and_keys_on_another_node_are_seen() {
    let one = TestServer::start().await;
    let two = one.second_node().await;
    one.write(|tx| {
        let scope = crate::support::seed::scope("message:delete", writ_core::vocabulary::scope::Risk::High);
        writ::store::resources::insert_scope(tx, "talk", &scope)?;
        writ::keys::rotation::rotate(tx, writ_core::SigningAlg::ES256, true)
    })
    .await;
    let metadata = async || {
        let url = format!("{}/.well-known/openid-configuration", two.issuer);
        reqwest::get(url).await.expect("an answer").text().await.expect("a document")
    };
    eventually("the new scope is known", async || metadata().await.contains("message:delete")).await;
    let shop = one.shop().await.at(&two.issuer);
    let rows = one.server.store.read(writ::store::keys::list).await.expect("keys");
    let active = rows.iter().find(|row| row.alg == "ES256" && row.state == KeyState::Active).expect("an active key");
    let grant = [("grant_type", "client_credentials"), ("scope", "message:read")];
    let token = shop.post("/token", &grant).await.ok();
    let header = jsonwebtoken::decode_header(token.text("access_token")).expect("a header");
    assert_eq!(header.kid.as_ref(), Some(&active.kid));
}

fn basic_of(app: &crate::support::App) -> String {
    crate::support::app::basic(&app.id, app.secret.as_deref().expect("a secret"))
}
