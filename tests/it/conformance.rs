//! Modules of the OpenID Foundation's Basic plan that no other test covers (docs/conformance.md),
//! with a confidential client without PKCE, as the suite registers it.

use serde_json::{Value, json};

use crate::support::{App, Browser, Page, TestServer};

const OPENID: &str = "openid email";

async fn start() -> (TestServer, App) {
    let server = TestServer::start().await;
    let app = server.register("shop", json!({ "require_pkce": false, "require_nonce": false })).await;
    (server, app)
}

fn url(app: &App, scope: &str, changes: &[(&str, &str)]) -> String {
    app.authorize_url(scope, &[&[("code_challenge", ""), ("code_challenge_method", "")], changes].concat())
}

async fn sign_in(app: &App, browser: &Browser, url: &str) -> Value {
    let login = browser.open(url).await;
    assert!(login.is_login(), "{login:?}");
    let sent = browser.sign_in(&login, "alice").await;
    let sent = if sent.is_consent() { browser.allow(&sent, &["openid", "email"]).await } else { sent };
    id_token(app, &sent).await
}

/// The claims of the ID token for the code in the redirect.
async fn id_token(app: &App, sent: &Page) -> Value {
    let code = sent.parameter("code").unwrap_or_else(|| panic!("no code: {sent:?}"));
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", &app.redirect_uri)];
    app.post("/token", &fields).await.ok().claims("id_token")
}

#[tokio::test]
async fn scope_order_and_unknown_parameters_do_not_matter() {
    let (server, app) = start().await;
    let browser = server.browser();
    let first = sign_in(&app, &browser, &url(&app, "email openid", &[("extra", "foobar")])).await;
    assert!(first["sub"].is_string() && first.get("nonce").is_none(), "{first}");
    for scope in ["openid email", "email openid", "email  openid openid"] {
        let again = browser.open(&url(&app, scope, &[("nonce", "n-0S6_WzA2Mj"), ("unknown", "")])).await;
        let again = id_token(&app, &again).await;
        assert_eq!((&again["sub"], &again["nonce"]), (&first["sub"], &"n-0S6_WzA2Mj".into()));
    }
}

#[tokio::test]
async fn prompt_login_and_max_age_renew_auth_time() {
    let (server, app) = start().await;
    let browser = server.browser();
    let first = sign_in(&app, &browser, &url(&app, OPENID, &[])).await;
    server.clock.advance(2);
    for (parameter, value) in [("prompt", "none"), ("max_age", "10000")] {
        let silent = id_token(&app, &browser.open(&url(&app, OPENID, &[(parameter, value)])).await).await;
        assert_eq!((&silent["auth_time"], &silent["sub"]), (&first["auth_time"], &first["sub"]), "{parameter}");
    }
    let mut before = first;
    for (parameter, value) in [("prompt", "login"), ("max_age", "1"), ("prompt", "login consent")] {
        let again = sign_in(&app, &browser, &url(&app, OPENID, &[(parameter, value)])).await;
        assert!(
            again["auth_time"].as_i64() > before["auth_time"].as_i64(),
            "{parameter}={value}: {again} after {before}"
        );
        assert_eq!(again["sub"], before["sub"]);
        before = again;
        server.clock.advance(2);
    }
    let refused = browser.open(&url(&app, OPENID, &[("prompt", "none"), ("max_age", "1")])).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("login_required"));
}
