//! The number of database statements that each frequent request needs, from the trace log.

use serde_json::{Value, json};

use crate::support::{database, device, process::Process};

const SCOPE: &str = "openid profile:read";

/// A server and the part of its log that was read.
struct Log {
    process: Process,
    read: usize,
}

impl Log {
    /// The statements of the requests since the last call. BEGIN and COMMIT count where the
    /// database runs them for this unit of work alone.
    fn statements(&mut self) -> u64 {
        let log = self.process.log();
        let units = log[self.read..]
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            // Periodic tasks have no span.
            .filter(|event| event["message"] == "unit of work" && event["span"].is_object());
        let statements = units.map(|unit| {
            let of_transaction = if unit["kind"] == "write" && database::postgres().is_some() { 2 } else { 0 };
            unit["statements"].as_u64().expect("a number") + of_transaction
        });
        let sum = statements.sum();
        self.read = log.len();
        sum
    }
}

#[tokio::test]
async fn frequent_requests_stay_within_their_statements() {
    let mut process = Process::start("[log]\nfilter = \"writ=trace\"\nformat = \"json\"\n").await;
    let changes = json!({
        "rotate_refresh_tokens": true,
        "grant_types": ["authorization_code", "refresh_token", device::GRANT_TYPE],
    });
    let app = process.register("frequent", changes).await;
    // Otherwise the node notices the registration some time later, and reads the client again.
    process.kill();
    process.restart().await;
    let talk = process.talk();
    let browser = process.browser();
    // The user signs in and allows the client. The resource server is known to the node.
    let first = app.tokens_in(&browser, "alice", SCOPE).await;
    talk.introspect(first.text("access_token")).await.ok();
    let mut log = Log { process, read: 0 };
    log.statements();

    let sent = browser.open(&app.authorize_url(SCOPE, &[])).await;
    assert!(sent.parameter("code").is_some(), "{}", sent.body);
    assert_eq!(log.statements(), 2, "authorization with a session: read it, insert the grant");
    let tokens = app.exchange(&sent).await.ok();
    assert_eq!(log.statements(), 2, "code: read the grant, redeem it");
    let newer = app.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(log.statements(), 2, "refresh: read the grant, rotate it");
    talk.introspect(newer.text("access_token")).await.ok();
    assert_eq!(log.statements(), 1, "introspection");
    app.userinfo(newer.text("access_token")).await.ok();
    assert_eq!(log.statements(), 1, "userinfo");
    assert_eq!(app.post("/par", &app.parameters(SCOPE, &[])).await.status, 201);
    assert_eq!(log.statements(), 1, "pushed authorization request");
    let codes = app.post("/device_authorization", &[("scope", SCOPE)]).await.ok();
    log.statements();
    assert_eq!(device::poll(&app, &codes).await.refused(400), "authorization_pending");
    assert_eq!(log.statements(), 1, "poll of a device");
    app.post("/revoke", &[("token", newer.text("refresh_token"))]).await.ok();
    assert_eq!(log.statements(), 1, "revocation of a refresh token");
    app.post("/revoke", &[("token", newer.text("access_token"))]).await.ok();
    assert_eq!(log.statements(), 1, "revocation of an access token");
}
