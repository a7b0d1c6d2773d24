//! Revocations by a user are final, even while codes are being issued.

use futures_util::future::join_all;
use serde_json::json;
use writ::{
    fault::Fault,
    store::{Id, Tx, clients, connections, grants},
};

use crate::support::{App, Browser, TestServer};

const SCOPE: &str = "openid profile:read message:read";
const ROUNDS: usize = 6;

/// Requests codes without interaction, until a request fails or 20 were issued.
async fn request_codes(browser: &Browser, app: &App) -> usize {
    let url = app.authorize_url(SCOPE, &[("prompt", "none")]);
    for issued in 0..20 {
        if browser.get(&url).await.parameter("code").is_none() {
            return issued;
        }
    }
    20
}

/// Runs four such loops on two nodes during `take_back`. Afterwards no revoked grant must be live.
async fn race<F>(what: &str, take_back: F, kept_scope: Option<&str>)
where
    F: Fn(&mut Tx<'_>, Id) -> Result<(), Fault> + Copy + Send + 'static,
{
    let server = TestServer::start().await;
    let second = server.second_node().await;
    for round in 0..ROUNDS {
        let shop = server.register("shop", json!({})).await;
        second.server.refresh().await.expect("refreshed");
        let there = shop.at(&second.issuer);
        let browser = server.browser();
        shop.tokens_in(&browser, "alice", SCOPE).await;
        let other = browser.at(&second.issuer);
        let user_id = server.user_id("alice").await;
        let loops = join_all([
            request_codes(&browser, &shop),
            request_codes(&other, &there),
            request_codes(&browser, &shop),
            request_codes(&other, &there),
        ]);
        let taken_back = async {
            browser.get("/healthz").await;
            second.write(move |tx| take_back(tx, user_id)).await;
        };
        let (issued, ()) = tokio::join!(loops, taken_back);
        let living = server.write(move |tx| grants::list_live_of_user(tx, user_id)).await;
        let living: Vec<_> =
            living.iter().filter(|grant| kept_scope.is_none_or(|scope| grant.scope.contains(scope))).collect();
        assert!(living.is_empty(), "{what}, round {round}, {issued:?} issued: {} grants live", living.len());
        server.write(|tx| clients::delete(tx, "shop").map(drop)).await;
        server.server.refresh().await.expect("refreshed");
    }
}

#[tokio::test]
async fn code_does_not_outlive_a_disconnect() {
    race("disconnect", |tx, user| connections::disconnect(tx, user, "shop", "").map(drop), None).await;
}

#[tokio::test]
async fn code_does_not_outlive_a_removed_scope() {
    let remove = |tx: &mut Tx<'_>, user| connections::remove_scope(tx, user, "shop", "message:read", "").map(drop);
    race("narrow", remove, Some("message:read")).await;
}

#[tokio::test]
async fn code_does_not_outlive_the_client() {
    race("client delete", |tx, _| clients::delete(tx, "shop").map(drop), None).await;
}
