//! Rules that must hold at every endpoint alike.

use std::net::TcpListener;

use serde_json::json;
use writ::{
    config::RegistrationMode,
    store::{Id, logout_deliveries, resources},
};

use crate::support::{App, Receiver, TestServer, eventually, registrar::register, seed::TALK};

const DAY: i64 = 86_400;

#[tokio::test]
async fn logout_reaches_other_clients_while_one_hangs() {
    let server = TestServer::start_with(|settings| settings.outgoing.allow_loopback = true).await;
    // It accepts connections and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let hanging = format!("http://{}/logout", silent.local_addr().expect("an address"));
    let receiver = Receiver::start();
    let clients = [("hanging", hanging), ("healthy", receiver.url.clone())];
    for (id, uri) in &clients {
        server.register(id, json!({ "backchannel_logout_uri": uri })).await;
    }
    let alice = server.user_id("alice").await;
    // The longest overdue ones, and many more than the concurrent requests.
    let queue = |client: &'static str, count: i64, age: i64| {
        server.write(move |tx| {
            let due = tx.now - age;
            (0..count).try_for_each(|_| logout_deliveries::queue_for(tx, client, alice, Id::now_v7(), due))
        })
    };
    queue("hanging", 160, 60).await;
    queue("healthy", 3, 0).await;
    eventually("the healthy client is notified", async || receiver.bodies().len() == 3).await;
    let hanging = server.write(|tx| logout_deliveries::list_of_client(tx, "hanging", 200)).await;
    assert!(hanging.iter().all(|delivery| delivery.attempts == 0), "none of its calls has ended before");
}

#[tokio::test]
async fn sid_of_a_pairwise_client_is_its_own() {
    let server = TestServer::start().await;
    let pairwise = |id, uri| {
        let metadata = json!({ "subject_type": "pairwise", "redirect_uris": [uri] });
        server.register(id, metadata)
    };
    let one = pairwise("one", "https://one.example/cb").await;
    let other = pairwise("other", "https://other.example/cb").await;
    let public = server.shop().await;
    let browser = server.browser();
    let sid = async |app: &App| app.tokens_in(&browser, "alice", "openid").await.claims("id_token")["sid"].clone();
    let sids = [sid(&one).await, sid(&other).await, sid(&public).await];
    assert!(sids[0] != sids[1] && sids[0] != sids[2] && sids[1] != sids[2], "{sids:?}");
    assert_eq!(sid(&one).await, sids[0], "the session's, for this client");
}

#[tokio::test]
async fn grant_ends_after_a_year_by_default_however_it_is_used() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid offline_access profile:read").await;
    let mut refresh_token = tokens.text("refresh_token").to_owned();
    for _ in 0..6 {
        server.clock.advance(60 * DAY);
        let refreshed = shop.refresh(&refresh_token).await.ok();
        if let Some(newer) = refreshed.json["refresh_token"].as_str() {
            newer.clone_into(&mut refresh_token);
        }
    }
    server.clock.advance(6 * DAY);
    assert_eq!(shop.refresh(&refresh_token).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn refresh_makes_no_token_for_a_deleted_audience() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens("openid offline_access profile:read message:read").await;
    assert!(tokens.claims("access_token")["aud"].to_string().contains(TALK), "{tokens:?}");
    assert!(server.write(|tx| resources::delete(tx, "talk")).await.is_some());
    server.server.refresh().await.expect("the snapshot");
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_target");
    assert_eq!(server.talk().introspect(tokens.text("access_token")).await.status, 401);
}

#[tokio::test]
async fn unapproved_client_is_redirected_to_by_a_marked_link_only() {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let (app, _) = register(&server, json!({ "post_logout_redirect_uris": ["https://new.example/out"] })).await;
    let browser = server.browser();
    for changes in [
        &[("response_type", "token")][..],
        &[("scope", "no-such-scope")],
        &[("prompt", "none")],
        &[("code_challenge_method", "plain")],
        &[("max_age", "soon")],
    ] {
        let page = browser.get(&app.authorize_url("openid", changes)).await;
        assert!(page.next().is_none(), "{changes:?}: {page:?}");
        assert!(page.body.contains("new.example") && page.body.contains("Not verified"), "{changes:?}: {}", page.body);
    }
    let tokens = app.tokens_in(&browser, "alice", "openid").await;
    let end = format!(
        "/end_session?id_token_hint={}&post_logout_redirect_uri=https%3A%2F%2Fnew.example%2Fout",
        tokens.text("id_token")
    );
    let page = browser.open(&end).await;
    assert!(page.next().is_none() && page.body.contains("https://new.example/out"), "{page:?}");
}

#[tokio::test]
async fn unknown_and_known_names_cost_the_same_rows() {
    let server = TestServer::start().await;
    let mut costs = Vec::new();
    for username in ["alice", "unknown", "alice@example.com", "unknown@example.com"] {
        server.clock.advance(DAY);
        writ::tasks::sweep::run_once(&server.server).await.expect("swept");
        let browser = server.browser();
        let login = browser.get("/login").await;
        let refused = browser.post_password(&login, username, "wrong").await;
        let lengths = (refused.status, refused.headers.len());
        costs.push((lengths, server.count("throttle").await, server.count("sessions").await));
    }
    assert!(costs.windows(2).all(|pair| pair[0] == pair[1]), "{costs:?}");
}
