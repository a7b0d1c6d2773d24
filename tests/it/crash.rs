//! `kill -9` under load: acknowledged writes survive, and codes stay single-use.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::support::{App, Browser, process::Process};

const SCOPE: &str = "openid profile:read message:read";
const WORKERS: usize = 8;
/// The number of acknowledged rounds before the server is killed.
const BEFORE_THE_END: usize = 60;
/// How often it is killed, unless `WRIT_CRASHES` says otherwise.
const CRASHES: usize = 3;

/// What the server has acknowledged.
#[derive(Default)]
struct Ledger {
    /// Codes that the app received.
    issued: Vec<String>,
    /// Redeemed codes, each with the refresh token that the app received.
    redeemed: Vec<(String, String)>,
    /// Revoked grants: a refresh token, and an access token that has not expired.
    revoked: Vec<(String, String)>,
}

/// Runs until the server stops: requests codes, redeems some, refreshes some of these, revokes
/// some.
async fn work(app: App, browser: Arc<Browser>, ledger: Arc<Mutex<Ledger>>, done: UnboundedSender<()>) {
    let url = app.authorize_url(SCOPE, &[]);
    for round in 0..1000 {
        let Ok(sent) = browser.try_get(&url).await else { return };
        let code = sent.parameter("code").unwrap_or_else(|| panic!("no code: {sent:?}"));
        ledger.lock().expect("no panic").issued.push(code.clone());
        if round % 4 > 0 {
            let Ok(tokens) = app.try_exchange_code(&code).await else { return };
            let access_token = tokens.text("access_token").to_owned();
            let mut refresh_token = tokens.text("refresh_token").to_owned();
            if round % 4 > 1 {
                let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
                let Ok(newer) = app.try_post("/token", &fields).await else { return };
                refresh_token = newer.text("refresh_token").to_owned();
            }
            if round % 4 > 2 {
                let Ok(revoked) = app.try_post("/revoke", &[("token", &*refresh_token)]).await else { return };
                assert_eq!(revoked.status, 200);
                ledger.lock().expect("no panic").revoked.push((refresh_token, access_token));
            } else {
                ledger.lock().expect("no panic").redeemed.push((code, refresh_token));
            }
        }
        if done.send(()).is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_and_codes_stay_single_use() {
    let mut process = Process::start("").await;
    let app = process.register("careful", json!({ "rotate_refresh_tokens": true })).await;
    let browser = Arc::new(process.browser());
    app.authorize_in(&browser, "alice", SCOPE, &[]).await;

    let crashes = std::env::var("WRIT_CRASHES").map_or(CRASHES, |count| count.parse().expect("a number"));
    let (mut issued, mut redeemed, mut revoked) = (0, 0, 0);
    for _ in 0..crashes {
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (done, mut rounds) = unbounded_channel();
        let start = |_| tokio::spawn(work(app.clone(), Arc::clone(&browser), Arc::clone(&ledger), done.clone()));
        let workers: Vec<_> = (0..WORKERS).map(start).collect();
        drop(done);
        for _ in 0..BEFORE_THE_END {
            rounds.recv().await.expect("the server works");
        }
        process.kill();
        for worker in workers {
            worker.await.expect("no panic");
        }
        process.restart().await;
        let ledger = std::mem::take(&mut *ledger.lock().expect("no panic"));
        assert!(!ledger.redeemed.is_empty() && !ledger.revoked.is_empty() && ledger.issued.len() >= BEFORE_THE_END);
        issued += ledger.issued.len();
        redeemed += ledger.redeemed.len();
        revoked += ledger.revoked.len();
        check(&process, &app, ledger).await;
    }
    println!("{crashes} crashes: {issued} codes issued, {redeemed} redeemed, {revoked} grants revoked, none lost");
}

async fn check(process: &Process, app: &App, ledger: Ledger) {
    for (refresh_token, access_token) in &ledger.revoked {
        assert_eq!(app.refresh(refresh_token).await.refused(400), "invalid_grant", "a revocation was lost");
        assert_eq!(process.talk().introspect(access_token).await.ok().json, json!({ "active": false }));
    }
    let mut answered = Vec::new();
    for (code, refresh_token) in &ledger.redeemed {
        let answer = app.refresh(refresh_token).await;
        assert_eq!(answer.status, 200, "a grant was lost: {answer:?}");
        assert_eq!(app.exchange_code(code).await.refused(400), "invalid_grant", "a code was good twice");
        answered.push(code);
    }
    // The other codes were not redeemed, or redeemed without a response. A crash loses neither.
    for code in ledger.issued.iter().filter(|code| !answered.contains(code)) {
        let first = app.exchange_code(code).await;
        assert!(first.status == 200 || first.refused(400) == "invalid_grant", "{first:?}");
        assert_eq!(app.exchange_code(code).await.refused(400), "invalid_grant", "a code was good twice");
    }
}
