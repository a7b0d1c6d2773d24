//! The way back to the app after a decision, in Chromium: `form-action 'self'` must not stand in it.

use serde_json::json;

use crate::support::{Chromium, TestServer, seed::PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_leads_to_any_kind_of_target() {
    let Some(chromium) = Chromium::start().await else { return };
    let server = TestServer::start().await;
    // Nothing listens at any of these: what counts is that the browser sets out for them.
    let targets = ["https://127.0.0.1:9/callback", "http://127.0.0.1:9/callback", "com.example.app:/callback"];
    let mut signed_in = false;
    for (number, target) in targets.into_iter().enumerate() {
        let metadata = json!({
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"],
            "redirect_uris": [target],
        });
        let app = server.register(&format!("app-{number}"), metadata).await;
        for decision in ["approve", "deny"] {
            chromium.goto(&app.authorize_url("profile:read", &[("prompt", "consent")])).await;
            if !signed_in {
                chromium.fill("username", "alice").await;
                chromium.fill("password", PASSWORD).await;
                chromium.click("login").await;
                signed_in = true;
            }
            chromium.click(decision).await;
            let answer = if decision == "approve" { "code=" } else { "error=access_denied" };
            chromium.wait_until_sent_to(&format!("{target}?{answer}")).await;
        }
    }
    let complaints = chromium.complaints().await;
    assert!(!complaints.iter().any(|line| line.contains("Content Security Policy")), "{complaints:?}");
    chromium.close().await;
}
