//! The sweep deletes what has expired and keeps the rest.

use writ::{
    config::DatabaseUrl,
    store::{
        Tx,
        throttle::{self, Key, Rate},
    },
    tasks::sweep::run_once as sweep,
};

use crate::support::{TestServer, eventually, seed, server::open};

const SCOPE: &str = "openid profile:read";

/// The number of rows in each table, counted directly.
async fn rows(server: &TestServer) -> [i64; 5] {
    let mut counts = [0; 5];
    let tables = ["authorization_requests", "grants", "sessions", "revoked_access_tokens", "throttle"];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = server.count(table).await;
    }
    counts
}

#[tokio::test]
async fn sweep_deletes_expired_rows_and_keeps_live_ones() {
    let server = TestServer::start_with(|settings| {
        settings.sweep.batch = 2;
        settings.throttle.account_interval = 3600;
        settings.throttle.network_interval = 3600;
    })
    .await;
    let shop = server.shop().await;
    // A request that is too long for the URL is a row.
    let long_state = "s".repeat(1500);
    // Five of each will expire; a batch has two.
    for _ in 0..5 {
        let browser = server.browser();
        let login = browser.open(&shop.authorize_url(SCOPE, &[("state", &long_state)])).await;
        browser.post_password(&login, "nobody", "wrong").await;
        shop.code(SCOPE).await;
        let own = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
        shop.post("/revoke", &[("token", own.text("access_token"))]).await.ok();
    }
    sweep(&server.server).await.expect("swept");
    // The throttle counts the name, the nested networks, the rows of strangers, for nested networks
    // and in all, and the row of a signed-in user.
    assert_eq!(rows(&server).await, [5, 5, 5, 5, 7], "nothing is over yet");

    // After a month, one of each is new.
    server.clock.advance(31 * 86_400);
    let tokens = shop.tokens(SCOPE).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[("state", &long_state)])).await;
    browser.post_password(&login, "nobody", "wrong").await;
    let own = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
    shop.post("/revoke", &[("token", own.text("access_token"))]).await.ok();
    sweep(&server.server).await.expect("swept");
    assert_eq!(rows(&server).await, [1, 1, 1, 1, 6]);
    // The remaining one is the new one.
    shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(server.talk().introspect(own.text("access_token")).await.ok().json["active"], false);
    assert!(browser.get(&format!("/login?request={}", login.hidden("request"))).await.is_login());
}

#[tokio::test]
async fn expired_credentials_are_refused_alike_after_the_sweep() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let code = shop.code(SCOPE).await;
    let refresh_token = shop.tokens(SCOPE).await.text("refresh_token").to_owned();
    server.clock.advance(server.server.settings.tokens.grant_idle_lifetime + 3601);
    for _ in 0..2 {
        assert_eq!(shop.exchange_code(&code).await.refused(400), "invalid_grant");
        assert_eq!(shop.refresh(&refresh_token).await.refused(400), "invalid_grant");
        shop.post("/revoke", &[("token", &*refresh_token)]).await.ok();
        sweep(&server.server).await.expect("swept");
    }
    assert_eq!(server.count("grants").await, 0);
}

#[tokio::test]
async fn revocation_is_kept_until_the_token_expires() {
    let server = TestServer::start_with(|settings| settings.tokens.access_token_lifetime = 600).await;
    let shop = server.shop().await;
    let own = shop.post("/token", &[("grant_type", "client_credentials")]).await.ok();
    shop.post("/revoke", &[("token", own.text("access_token"))]).await.ok();
    server.clock.advance(590);
    sweep(&server.server).await.expect("swept");
    assert_eq!(server.talk().introspect(own.text("access_token")).await.ok().json["active"], false);
    assert_eq!(server.count("revoked_access_tokens").await, 1);
    server.clock.advance(11);
    sweep(&server.server).await.expect("swept");
    assert_eq!(server.count("revoked_access_tokens").await, 0);
}

/// On SQLite one unit of work writes at a time.
#[tokio::test]
async fn row_that_is_used_while_it_is_swept_stays() {
    let (database, _) = seed::database().await;
    let DatabaseUrl::Postgres(url) = &database.url else { return };
    let store = open(&database).await;
    let count = |tx: &mut Tx<'_>| throttle::attempt(tx, &Key::new("swept", "row"), Rate::new(1, 60));
    store.write(count).await.expect("counted");
    database.execute("UPDATE throttle SET empty_at = 1").await;
    let (other, connection) = tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(connection);
    other.batch_execute("BEGIN; UPDATE throttle SET empty_at = 4102444800").await.expect("used");
    let sweep = tokio::spawn(async move { store.write(|tx| throttle::sweep(tx, 100)).await });
    let waiting = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("the sweep waits", async || database.count(waiting).await == 1).await;
    other.batch_execute("COMMIT").await.expect("committed");
    assert_eq!(sweep.await.expect("no panic").expect("swept"), 0);
    assert_eq!(database.count("throttle").await, 1);
}
