//! A device that asks for tokens, and the page on which a user allows it (RFC 8628).

use serde_json::json;

use super::{Answer, App, Browser, Page, TestServer};

/// The grant type of a device code.
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A public client on a television.
pub(crate) async fn television(server: &TestServer) -> App {
    let metadata = json!({
        "client_name": "Television",
        "token_endpoint_auth_method": "none",
        "grant_types": [GRANT_TYPE, "refresh_token"],
    });
    server.register("tv", metadata).await
}

/// A device code and a user code.
pub(crate) async fn codes(tv: &App, scope: &str) -> Answer {
    tv.post("/device_authorization", &[("scope", scope)]).await.ok()
}

/// One poll of the device.
pub(crate) async fn poll(tv: &App, codes: &Answer) -> Answer {
    tv.post("/token", &[("grant_type", GRANT_TYPE), ("device_code", codes.text("device_code"))]).await
}

/// The page that asks the user about a device. Signs alice in if no user is.
pub(crate) async fn question(browser: &Browser, codes: &Answer) -> Page {
    let mut page = browser.open("/device").await;
    if page.is_login() {
        browser.sign_in(&page, "alice").await;
        page = browser.open("/device").await;
    }
    let typed = [("csrf", &*page.hidden("csrf")), ("user_code", codes.text("user_code"))];
    browser.post("/device", &typed).await
}

/// Allows these scopes on that page until they are revoked.
pub(crate) async fn allow(browser: &Browser, question: &Page, scopes: &[&str]) -> Page {
    allow_for(browser, question, scopes, "until_revoked").await
}

/// Allows these scopes on that page for a `duration`.
pub(crate) async fn allow_for(browser: &Browser, question: &Page, scopes: &[&str], duration: &str) -> Page {
    let (csrf, code) = (question.hidden("csrf"), question.hidden("user_code"));
    let mut fields = vec![("csrf", &*csrf), ("user_code", &*code), ("decision", "approve"), ("duration", duration)];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    browser.post("/device", &fields).await
}
