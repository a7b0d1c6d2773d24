//! Clocks that leap, and a node whose clock is wrong, in either direction.

use rstest::rstest;
use writ::tasks::{ClockWatch, rotate_keys};

use crate::support::TestServer;

const SCOPE: &str = "openid offline_access profile:read message:read";
const YEAR: i64 = 31_536_000;

#[rstest]
#[case(120)]
#[case(-120)]
#[case(3600)]
#[case(-3600)]
#[case(YEAR)]
#[case(-YEAR)]
#[tokio::test]
async fn nothing_is_deleted_or_rotated_after_the_clock_has_leapt(#[case] leap: i64) {
    let server = TestServer::start().await;
    let watch = ClockWatch::default();
    assert!(watch.permits(&server.server).await);
    server.clock.advance(30);
    assert!(watch.permits(&server.server).await, "half a minute is a correction");
    server.clock.advance(leap);
    assert!(!watch.permits(&server.server).await);
    server.clock.advance(-leap);
    assert!(!watch.permits(&server.server).await, "the way back is a leap as well");
    assert!(ClockWatch::default().permits(&server.server).await, "a restart confirms the time");
}

#[rstest]
#[case(5)]
#[case(-5)]
#[case(3600)]
#[case(-3600)]
#[case(YEAR)]
#[case(-YEAR)]
#[tokio::test]
async fn node_works_while_the_clock_of_another_is_wrong(#[case] skew: i64) {
    let server = TestServer::start_with(|settings| settings.throttle.account_attempts = 3).await;
    // Nodes with SQLite share a machine, and so a clock.
    if !server.database.is_postgres() {
        return;
    }
    let shop = server.shop().await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let jwks = async || server.browser().get("/jwks").await.body;
    let keys = jwks().await;

    let wrong = server.second_node_off_by(skew).await;
    let there = shop.at(&wrong.issuer);
    // Each of these stores a time.
    let issued_there = there.tokens(SCOPE).await;
    let code_of_there = there.code(SCOPE).await;
    for _ in 0..2 {
        let login = wrong.browser().get("/login").await;
        wrong.browser().post_password(&login, "alice", "wrong").await;
    }
    there.refresh(tokens.text("refresh_token")).await;
    there.post("/device_authorization", &[("scope", "openid")]).await;
    browser.at(&wrong.issuer).get(&there.authorize_url(SCOPE, &[])).await;
    let permits = ClockWatch::default().permits(&wrong.server).await;
    assert_eq!(permits, skew.abs() < 60);
    rotate_keys::run_once(&wrong.server).await.expect("no fault");

    assert_eq!(jwks().await, keys, "the keys are the same");
    // A code of a clock that is behind has expired on this one.
    assert_eq!(shop.exchange_code(&code_of_there).await.status == 200, skew > -60);
    shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(server.talk().introspect(tokens.text("access_token")).await.ok().json["active"], true);
    assert!(browser.get(&shop.authorize_url(SCOPE, &[])).await.parameter("code").is_some(), "the session lives");
    // Attempts of the other node lock no account.
    for _ in 0..4 {
        shop.tokens_in(&server.browser(), "alice", SCOPE).await;
    }
    shop.post("/revoke", &[("token", issued_there.text("refresh_token"))]).await.ok();
    assert_eq!(there.refresh(issued_there.text("refresh_token")).await.refused(400), "invalid_grant");
}

#[rstest]
#[case(70)]
#[case(-70)]
#[tokio::test]
async fn node_takes_no_lease_while_its_clock_is_wrong(#[case] skew: i64) {
    let server = TestServer::start().await;
    if !server.database.is_postgres() {
        return;
    }
    let holds_a_lease = async |node: &TestServer| {
        let id = node.server.node.0.simple();
        server.count(&format!("leases WHERE holder = '\\x{id}'")).await > 0
    };
    let wrong = server.second_node_off_by(skew).await;
    server.database.execute("DELETE FROM leases").await;
    rotate_keys::run_once(&wrong.server).await.expect("no fault");
    rotate_keys::run_once(&server.server).await.expect("no fault");
    assert!(holds_a_lease(&server).await);
    assert!(!holds_a_lease(&wrong).await);
}
