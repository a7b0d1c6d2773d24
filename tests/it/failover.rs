//! The database fails over under load, with two nodes (`scripts/with-postgres --replica`):
//! acknowledged writes survive, codes stay single-use, and both nodes recover by themselves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::support::{App, Browser, TestServer, eventually};

const SCOPE: &str = "openid profile:read message:read";
const WORKERS: usize = 4;
/// The number of acknowledged rounds before the failover, and after it.
const ROUNDS: usize = 40;

/// What the server has acknowledged.
#[derive(Default)]
struct Ledger {
    /// Redeemed codes, each with the refresh token that the app received.
    redeemed: Vec<(String, String)>,
    /// Refresh tokens that were revoked.
    revoked: Vec<String>,
    /// Codes whose redemption had no response, or a temporary error.
    unknown: Vec<String>,
}

/// Runs until stopped: redeems codes and revokes every third grant. Failures are skipped.
async fn work(
    app: App,
    browser: Browser,
    ledger: Arc<Mutex<Ledger>>,
    stop: Arc<AtomicBool>,
    done: UnboundedSender<()>,
) {
    let url = app.authorize_url(SCOPE, &[]);
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        let Ok(page) = browser.try_get(&url).await else { continue };
        let Some(code) = page.parameter("code") else {
            assert!(page.status == 503 || page.parameter("error").is_some(), "{page:?}");
            continue;
        };
        let answer = app.try_exchange_code(&code).await;
        let Some(tokens) = answer.ok().filter(|answer| answer.status == 200) else {
            ledger.lock().expect("no panic").unknown.push(code);
            continue;
        };
        let refresh_token = tokens.text("refresh_token").to_owned();
        round += 1;
        if round % 3 == 0 {
            let answer = app.try_post("/revoke", &[("token", &*refresh_token)]).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                ledger.lock().expect("no panic").revoked.push(refresh_token);
            }
        } else {
            ledger.lock().expect("no panic").redeemed.push((code, refresh_token));
        }
        if done.send(()).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_writes_survive_failover_and_both_nodes_work_again() {
    let Ok(order) = std::env::var("WRIT_TEST_FAILOVER") else { return };
    let replica = std::env::var("WRIT_TEST_REPLICA_PORT").expect("as WRIT_TEST_FAILOVER");
    let nodes = [TestServer::start().await];
    let nodes = [nodes[0].second_node().await, nodes.into_iter().next().expect("a node")];
    let app = nodes[1].register("careful", json!({ "rotate_refresh_tokens": true })).await;
    nodes[0].server.refresh().await.expect("the client is known");
    let browser = nodes[1].browser();
    app.authorize_in(&browser, "alice", SCOPE, &[]).await;

    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let (done, mut rounds) = unbounded_channel();
    let workers: Vec<_> = (0..WORKERS)
        .map(|number| {
            let issuer = &nodes[number % 2].issuer;
            let (app, browser) = (app.at(issuer), browser.at(issuer));
            tokio::spawn(work(app, browser, Arc::clone(&ledger), Arc::clone(&stop), done.clone()))
        })
        .collect();
    for _ in 0..ROUNDS {
        rounds.recv().await.expect("the nodes work");
    }
    std::fs::write(&order, "").expect("the order");
    let promoted = format!("postgres://writ@127.0.0.1:{replica}/postgres?target_session_attrs=read-write");
    eventually("the replica is promoted", async || {
        tokio_postgres::connect(&promoted, tokio_postgres::NoTls).await.is_ok()
    })
    .await;
    let began = Instant::now();
    // The old primary may have acknowledged what has been received so far.
    while rounds.try_recv().is_ok() {}
    for node in &nodes {
        eventually("the node is ready", async || node.browser().get("/readyz").await.status == 200).await;
    }
    println!("both nodes are ready {:?} after the promotion", began.elapsed());
    for _ in 0..ROUNDS {
        rounds.recv().await.expect("the nodes work again");
    }
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.expect("no panic");
    }

    let ledger = std::mem::take(&mut *ledger.lock().expect("no panic"));
    println!("{} redeemed, {} revoked, {} unknown", ledger.redeemed.len(), ledger.revoked.len(), ledger.unknown.len());
    for refresh_token in &ledger.revoked {
        assert_eq!(app.refresh(refresh_token).await.refused(400), "invalid_grant", "a revocation was lost");
    }
    for (code, refresh_token) in &ledger.redeemed {
        assert_eq!(app.refresh(refresh_token).await.status, 200, "a grant was lost");
        assert_eq!(app.exchange_code(code).await.refused(400), "invalid_grant", "a code was good twice");
    }
    for code in &ledger.unknown {
        let first = app.exchange_code(code).await;
        assert!(first.status == 200 || first.refused(400) == "invalid_grant", "{first:?}");
        assert_eq!(app.exchange_code(code).await.refused(400), "invalid_grant", "a code was good twice");
    }
}
