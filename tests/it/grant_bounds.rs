//! The number of grants of a user to a client is bounded, so that revoking them is fast.

use std::collections::BTreeMap;

use serde_json::json;
use writ::store::{
    Id, Tx, connections,
    decisions::{self, ShownConsent},
    grants,
};
use writ_core::{
    ScopeSet,
    consent::Decision,
    grants::{Grant, GrantState, Live},
    vocabulary::{claims_request::ClaimsRequest, duration::GrantDuration},
};

use crate::support::TestServer;

const SCOPE: &str = "openid profile:read message:read";

async fn living(server: &TestServer) -> Vec<Grant> {
    let alice = server.user_id("alice").await;
    server.write(move |tx| grants::list_live_of_user(tx, alice)).await
}

/// Further grants like `grant`, each used a second later than the one before.
async fn add(server: &TestServer, grant: &Grant, count: i64) {
    let grant = grant.clone();
    let unit = move |tx: &mut Tx<'_>| {
        (1..=count).try_for_each(|number| {
            let last_used_at = tx.now + number;
            let live = Live { code: None, family: None, last_used_at, last_used_network: String::new() };
            grants::insert(tx, &Grant { id: Id::now_v7().0, state: GrantState::Live(live), ..grant.clone() })
        })
    };
    server.write(unit).await;
}

#[tokio::test]
async fn grants_of_a_user_and_a_client_are_bounded_and_the_longest_unused_ends() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let other = server.register("other", json!({})).await;
    let browser = server.browser();
    let elsewhere = other.tokens_in(&browser, "alice", SCOPE).await;
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let grant = living(&server).await.into_iter().find(|grant| grant.client_id == "shop").expect("a grant");
    add(&server, &grant, 99).await;
    shop.refresh(tokens.text("refresh_token")).await.ok();
    // A flood of codes revokes codes, but no grant that the client uses.
    for _ in 0..25 {
        let sent = browser.get(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
        assert!(sent.parameter("code").is_some());
    }
    shop.refresh(tokens.text("refresh_token")).await.ok();
    let (codes, redeemed): (Vec<_>, Vec<_>) = living(&server)
        .await
        .into_iter()
        .filter(|grant| grant.client_id == "shop")
        .partition(|grant| matches!(grant.state, GrantState::CodeIssued(_)));
    assert!((20..28).contains(&codes.len()), "{}: each eighth code is counted", codes.len());
    assert_eq!(redeemed.len(), 100);

    add(&server, &grant, 1).await;
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    let of_shop = living(&server).await.into_iter().filter(|grant| grant.client_id == "shop");
    assert_eq!(of_shop.count(), 20 + 90, "the longest unused tenth has ended");
    other.refresh(elsewhere.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn decisions_of_a_user_about_a_client_are_bounded_and_the_oldest_are_deleted() {
    let server = TestServer::start().await;
    let alice = server.user_id("alice").await;
    for client in ["shop", "other"] {
        server.register(client, json!({})).await;
    }
    let decide = |client: &'static str, network: String| {
        let shown = ShownConsent::new("en", true, GrantDuration::UntilRevoked);
        server.write(move |tx| decisions::insert(tx, alice, client, &shown, &network))
    };
    decide("other", "192.0.2.1".to_owned()).await;
    for number in 0..110 {
        decide("shop", number.to_string()).await;
    }
    let kept = server.write(move |tx| decisions::list_of_user(tx, alice)).await;
    let networks = |client: &str| -> Vec<String> {
        let about = kept.iter().filter(|decision| decision.client_id == client);
        about.map(|decision| decision.network.clone()).collect()
    };
    assert_eq!(networks("shop"), (10..110).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(networks("other"), ["192.0.2.1"]);
}

/// The largest connection: as many grants as a user may have with a client, each with other claims
/// and a long list of scopes. Returns the scopes of all.
async fn largest_connection(server: &TestServer) -> ScopeSet {
    server.shop().await.tokens("openid email").await;
    let grant = living(server).await.remove(0);
    let every: Vec<String> = (0..500).map(|number| format!("message:{number}")).collect();
    let every: ScopeSet = every.iter().map(String::as_str).collect();
    for number in 0..99 {
        let values: Vec<String> = (0..50).map(|value| format!("{number}-{value}@example.com")).collect();
        let claims = json!({ "userinfo": { "email": { "values": values }, "name": null } }).to_string();
        let claims = ClaimsRequest::parse(&claims).expect("claims");
        let scope = every.filter(|name| name != format!("message:{number}"));
        add(server, &Grant { scope, claims, ..grant.clone() }, 1).await;
    }
    every
}

#[tokio::test]
async fn hundreds_of_scopes_are_taken_out_of_the_largest_connection() {
    let server = TestServer::start().await;
    let every = largest_connection(&server).await;
    let alice = server.user_id("alice").await;
    let decision = Decision {
        requested: every.union(&ScopeSet::parse("openid email").expect("scopes")),
        implied: ScopeSet::default(),
        claims: ClaimsRequest::default(),
        ticked: ScopeSet::parse("openid message:7").expect("scopes"),
        duration: GrantDuration::UntilRevoked,
        disclosed: BTreeMap::new(),
    };
    server.write(move |tx| connections::remember(tx, alice, "shop", decision)).await;
    let left = living(&server).await;
    assert_eq!(left.len(), 99, "one had no other scope");
    for grant in left {
        assert!(["openid", "message:7"].contains(&&*grant.scope.to_string()), "{grant:?}");
        assert!(!grant.allowed().contains("email"), "{grant:?}");
    }
}

/// Prints how long the only SQLite writer is held: `cargo test --test it -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn time_to_narrow_the_largest_connection() {
    let server = TestServer::start().await;
    let every = largest_connection(&server).await;
    let alice = server.user_id("alice").await;
    for number in [1, 10, 100, 400] {
        let removed: Vec<String> = every.iter().take(number).map(str::to_owned).collect();
        let began = std::time::Instant::now();
        server
            .write(move |tx| {
                let removed = removed.iter().map(String::as_str).collect();
                grants::narrow_between(tx, alice, "shop", &removed)
            })
            .await;
        println!("{number} scopes: {:?}", began.elapsed());
    }
}

#[tokio::test]
async fn removed_scope_is_taken_out_of_every_kind_of_grant() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let alice = server.user_id("alice").await;
    shop.tokens("openid profile:read message:read email").await;
    let grant = living(&server).await.remove(0);
    let claims = ClaimsRequest::parse(r#"{"userinfo":{"email":null,"name":null},"id_token":{"email":null}}"#);
    let claims = claims.expect("claims");
    for scope in ["email", "email openid", "openid email", "a email b", "openid", "e-mail emails"] {
        let scope = ScopeSet::parse(scope).expect("a scope list");
        add(&server, &Grant { scope: scope.clone(), ..grant.clone() }, 2).await;
        add(&server, &Grant { scope, claims: claims.clone(), ..grant.clone() }, 2).await;
    }
    assert!(server.write(move |tx| connections::remove_scope(tx, alice, "shop", "email", "")).await);
    let left = living(&server).await;
    let mut scopes: Vec<String> = left.iter().map(|grant| grant.scope.to_string()).collect();
    scopes.dedup();
    let expected = ["openid profile:read message:read", "openid", "a b", "openid", "e-mail emails"];
    assert_eq!(scopes, expected, "a grant of email alone ended");
    for grant in &left {
        assert!(!grant.allowed().contains("email"), "{grant:?}");
        assert!(grant.claims.is_empty() || grant.claims.userinfo.contains_key("name"), "{grant:?}");
    }
}
