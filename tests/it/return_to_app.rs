//! The redirect to the app after a decision, in Chromium: `form-action 'self'` must not block it.

use serde_json::json;
use writ_chromium::Chromium;

use crate::support::{App, TestServer, seed::PASSWORD};

#[tokio::test]
async fn decision_leads_to_every_kind_of_redirect_uri() -> anyhow::Result<()> {
    if !writ_chromium::wanted() {
        return Ok(());
    }
    let server = TestServer::start().await;
    // Nothing listens at these URLs: the test only checks that the browser navigates to them.
    let targets = ["https://127.0.0.1:9/callback", "http://127.0.0.1:9/callback", "com.example.app:/callback"];
    for (number, target) in targets.into_iter().enumerate() {
        let metadata = json!({
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"],
            "redirect_uris": [target],
        });
        let app = server.register(&format!("app-{number}"), metadata).await;
        for (decision, answer) in [("approve", "code="), ("deny", "error=access_denied")] {
            // A new browser each time: one that asks about a private-use scheme ignores clicks.
            let sent_to = format!("{target}?{answer}");
            writ_chromium::run(async |browser| decide(&browser, &app, decision, &sent_to).await).await?;
        }
    }
    Ok(())
}

async fn decide(browser: &Chromium, app: &App, decision: &str, sent_to: &str) -> anyhow::Result<()> {
    browser.goto(&app.authorize_url("profile:read", &[("prompt", "consent")])).await?;
    browser.fill("username", "alice").await?;
    browser.fill("password", PASSWORD).await?;
    browser.click("login").await?;
    browser.click(decision).await?;
    if decision == "deny" {
        browser.text_with("denied", "Nothing new was shared").await?;
        browser.click("continue").await?;
    }
    browser.wait_until_sent_to(sent_to).await?;
    let complaints = browser.complaints().await?;
    assert!(!complaints.iter().any(|line| line.contains("Content Security Policy")), "{complaints:?}");
    Ok(())
}
