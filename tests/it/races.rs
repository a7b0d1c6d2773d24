//! Concurrent requests: what must happen once happens once, on every node.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use serde_json::json;
use writ_core::SigningAlg;

use writ::{
    keys::{
        SharedSecrets,
        rotation::{self, Rotation},
    },
    store::keys::{self, KeyState},
};

use crate::support::{
    Answer, App, TestServer,
    database::TestDatabase,
    seed,
    server::{open, start_two_at_once},
};

const SCOPE: &str = "openid profile:read message:read";

/// Splits responses into successes and refusals, which must all be `invalid_grant`.
fn winners(answers: Vec<Answer>) -> Vec<Answer> {
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    for answer in &lost {
        assert_eq!(answer.refused(400), "invalid_grant");
    }
    won
}

/// 64 concurrent calls, on two nodes in turn.
async fn at_once<F: Future<Output = Answer>>(nodes: [&App; 2], call: impl Fn(App) -> F) -> Vec<Answer> {
    join_all((0..64).map(|number| call(nodes[number % 2].clone()))).await
}

#[tokio::test]
async fn one_of_64_code_redemptions_wins_and_replays_revoke_it() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let shop = server.shop().await;
    let there = shop.at(&second.issuer);
    for _ in 0..3 {
        let code = shop.code(SCOPE).await;
        let answers = at_once([&shop, &there], |app| {
            let code = code.clone();
            async move { app.exchange_code(&code).await }
        })
        .await;
        let won = winners(answers);
        assert_eq!(won.len(), 1);
        let tokens = &won[0];
        assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
        assert_eq!(server.talk().introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
        assert_eq!(shop.userinfo(tokens.text("access_token")).await.status, 401);
    }
}

#[tokio::test]
async fn one_of_64_refreshes_wins_without_a_replay_window() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let strict = json!({ "rotate_refresh_tokens": true, "refresh_replay_window": 0 });
    let strict = server.register("strict", strict).await;
    second.server.refresh().await.expect("remembered");
    let there = strict.at(&second.issuer);
    for _ in 0..3 {
        let refresh_token = strict.tokens(SCOPE).await.text("refresh_token").to_owned();
        let answers = at_once([&strict, &there], |app| {
            let refresh_token = refresh_token.clone();
            async move { app.refresh(&refresh_token).await }
        })
        .await;
        let won = winners(answers);
        assert_eq!(won.len(), 1);
        assert_eq!(strict.refresh(won[0].text("refresh_token")).await.refused(400), "invalid_grant");
    }
}

#[tokio::test]
async fn concurrent_refreshes_within_the_window_get_the_same_successor() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let pocket = server.native().await;
    second.server.refresh().await.expect("remembered");
    let there = pocket.at(&second.issuer);
    for parallel in [11, 64] {
        let refresh_token = pocket.tokens(SCOPE).await.text("refresh_token").to_owned();
        let calls = (0..parallel).map(|number| if number % 2 == 0 { &pocket } else { &there });
        let answers = join_all(calls.map(|app| app.refresh(&refresh_token))).await;
        let won = winners(answers);
        assert_eq!(won.len(), 11, "one rotation and ten replays");
        let successors: BTreeSet<&str> = won.iter().map(|answer| answer.text("refresh_token")).collect();
        assert_eq!(successors.len(), 1);
        // Ten replays are tolerated; further ones revoke the grant.
        let next = pocket.refresh(won[0].text("refresh_token")).await;
        assert_eq!(next.status, if parallel == 11 { 200 } else { 400 });
    }
}

#[tokio::test]
async fn one_of_many_decisions_counts_and_yields_one_code() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let sets = [&["openid", "profile:read"][..], &["openid", "profile:read", "message:read"], &[]];
    let decisions = (0..24).map(|number| {
        let scopes = sets[number % 3];
        browser.post_decision(&consent, scopes, if scopes.is_empty() { "deny" } else { "approve" })
    });
    let pages = join_all(decisions).await;
    let ways_on: Vec<String> = pages.iter().filter_map(|page| page.next().or_else(|| page.way_back())).collect();
    let [resume] = ways_on.as_slice() else { panic!("one decision counts: {ways_on:?}") };
    assert_eq!(pages.iter().filter(|page| page.is_error()).count(), pages.len() - 1);

    let sent = join_all((0..16).map(|_| browser.get(resume))).await;
    let codes = sent.iter().filter(|page| page.parameter("code").is_some()).count();
    let denied = sent.iter().filter(|page| page.parameter("error").is_some()).count();
    assert!((codes, denied) == (1, 0) || (codes, denied) == (0, sent.len()), "{sent:?}");
    assert!(sent.iter().all(|page| page.next().is_some() || page.is_error()));
}

#[tokio::test]
async fn two_nodes_that_start_on_an_empty_database_agree_on_their_keys() {
    let database = TestDatabase::create().await;
    let [one, two] = start_two_at_once(&database).await;
    let rows = one.store.read(keys::list).await.expect("keys");
    for alg in SigningAlg::ALL {
        let of_alg: Vec<_> = rows.iter().filter(|row| row.alg == alg.as_str()).map(|row| row.state).collect();
        assert_eq!(of_alg, [KeyState::Active], "{alg}");
    }
    for node in [&one, &two] {
        node.refresh().await.expect("refreshed");
    }
    assert_eq!(one.snapshot().keys.jwks, two.snapshot().keys.jwks);
    for alg in SigningAlg::ALL {
        assert!(one.snapshot().keys.signing(alg).is_ok() && two.snapshot().keys.signing(alg).is_ok());
    }
}

#[tokio::test]
async fn concurrent_key_rotations_leave_one_active_key() {
    // Without a server, whose task would create keys as well.
    let database = TestDatabase::create().await;
    let nodes = [open(&database).await, open(&database).await];
    seed::keys(&nodes[0]).await;
    let master_keys = Arc::new(seed::master_key().into());
    for node in &nodes {
        SharedSecrets::load(node, &master_keys).await.expect("the key of the audit log");
    }
    // RSA keys take too long to generate.
    let algorithms = [SigningAlg::ES256, SigningAlg::EdDSA];
    for _ in 0..5 {
        let rotations = (0..32).flat_map(|number| {
            let store = &nodes[number % 2];
            algorithms.map(|alg| store.write(move |tx| rotation::rotate(tx, alg, true)))
        });
        let rotated = join_all(rotations).await;
        let promoted = rotated.iter().filter(|outcome| matches!(outcome, Ok(Rotation::Rotated))).count();
        assert_eq!(promoted, algorithms.len(), "each algorithm once: {rotated:?}");
        let filled = tokio::join!(
            rotation::fill(&nodes[0], &master_keys, KeyState::Next),
            rotation::fill(&nodes[1], &master_keys, KeyState::Next)
        );
        assert!(filled.0.is_ok() && filled.1.is_ok(), "{filled:?}");
        let rows = nodes[0].read(keys::list).await.expect("keys");
        for alg in SigningAlg::ALL {
            let count = |state| rows.iter().filter(|row| row.alg == alg.as_str() && row.state == state).count();
            assert_eq!((count(KeyState::Active), count(KeyState::Next)), (1, 1), "{alg}");
        }
    }
}

#[tokio::test]
async fn concurrent_scope_removals_all_take_effect() {
    let server = TestServer::start().await;
    let second = server.second_node().await;
    let removed = ["email", "profile", "message:read", "message:send"];
    let all = [&["openid", "profile:read"][..], &removed].concat();
    for round in 0..8 {
        let shop = server.register(&format!("shop-{round}"), json!({})).await;
        second.server.refresh().await.expect("remembered");
        let browser = server.browser();
        let login = browser.open(&shop.authorize_url(&all.join(" "), &[])).await;
        let consent = browser.sign_in(&login, "alice").await;
        let tokens = shop.exchange(&browser.allow(&consent, &all).await).await.ok();
        let csrf = browser.open("/account/apps").await.hidden("csrf");
        let there = browser.at(&second.issuer);
        let posts = removed.iter().enumerate().map(|(number, scope)| {
            let browser = if number % 2 == 0 { &browser } else { &there };
            let fields = [("csrf", csrf.clone()), ("client_id", shop.id.clone()), ("scope", (*scope).to_owned())];
            async move {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
                browser.post("/account/apps", &fields).await.status
            }
        });
        assert!(join_all(posts).await.iter().all(|status| *status == 200));
        let left = shop.refresh(tokens.text("refresh_token")).await.ok();
        assert_eq!(left.text("scope"), "openid profile:read", "round {round}");
        for scope in removed {
            let asked = browser.open(&shop.authorize_url(&format!("profile:read {scope}"), &[])).await;
            assert!(asked.is_consent(), "round {round}: {scope} is still allowed");
        }
        assert!(!browser.open(&shop.authorize_url("openid profile:read", &[])).await.is_consent());
    }
}
