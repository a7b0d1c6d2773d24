//! Remembered consent: the user decides again only if client, scopes or time require it.

use serde_json::json;

use crate::support::{App, Browser, Page, TestServer};

const SOME: &str = "openid profile:read message:read";

/// A shop that alice has allowed `SOME`, and her browser.
async fn allowed(server: &TestServer) -> (App, Browser) {
    let shop = server.register("shop", json!({ "implicit_offline_access": true })).await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SOME).await;
    (shop, browser)
}

fn error(page: &Page) -> String {
    page.parameter("error").unwrap_or_else(|| panic!("no error: {page:?}"))
}

#[tokio::test]
async fn second_request_skips_consent() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let sent = browser.get(&shop.authorize_url(SOME, &[])).await;
    assert_eq!(sent.status, 303);
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.text("scope"), SOME);
    // A smaller request gets a smaller grant.
    let sent = browser.get(&shop.authorize_url("profile:read", &[])).await;
    assert_eq!(shop.exchange(&sent).await.ok().text("scope"), "profile:read");
    // Another client has no consent, and neither has another user.
    let other = server.register("other", json!({ "client_name": "Other" })).await;
    assert!(browser.open(&other.authorize_url(SOME, &[])).await.is_consent());
    let minji = server.browser();
    let login = minji.open(&shop.authorize_url(SOME, &[])).await;
    assert!(minji.sign_in(&login, "minji").await.is_consent());
}

#[tokio::test]
async fn new_scope_asks_for_the_difference() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let consent = browser.open(&shop.authorize_url(&format!("{SOME} message:send"), &[])).await;
    assert!(consent.is_consent());
    let ticked = |scope: &str| {
        let input = format!("name=\"scope\" value=\"{scope}\" autocomplete=\"off\"");
        let rest = consent.body.split(&input).nth(1).unwrap_or_else(|| panic!("no box for {scope}: {}", consent.body));
        rest.starts_with(" checked")
    };
    assert!(ticked("message:read"), "what was allowed stays ticked");
    assert!(!ticked("message:send"), "a risky scope is off at first");
    let sent = browser.allow(&consent, &["openid", "profile:read", "message:read"]).await;
    assert_eq!(shop.exchange(&sent).await.ok().text("scope"), SOME);
    // An unticked scope is shown again; what was allowed earlier is still allowed.
    assert!(browser.open(&shop.authorize_url(&format!("{SOME} message:send"), &[])).await.is_consent());
    assert!(browser.get(&shop.authorize_url(SOME, &[])).await.parameter("code").is_some());
}

#[tokio::test]
async fn unticking_an_allowed_scope_narrows_earlier_grants() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let sent = browser.open(&shop.authorize_url(SOME, &[])).await;
    let earlier = shop.exchange(&sent).await.ok();
    let consent = browser.open(&shop.authorize_url(SOME, &[("prompt", "consent")])).await;
    assert!(consent.is_consent(), "prompt=consent asks again");
    let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
    assert_eq!(shop.exchange(&sent).await.ok().text("scope"), "openid profile:read");
    assert!(browser.open(&shop.authorize_url(SOME, &[])).await.is_consent(), "message:read was taken back");
    let seen = shop.introspect(earlier.text("access_token")).await.ok();
    assert_eq!(seen.text("scope"), "openid profile:read", "an earlier token, at once");
    let refreshed = shop.refresh(earlier.text("refresh_token")).await.ok();
    assert_eq!(refreshed.text("scope"), "openid profile:read", "and the next one");
}

#[tokio::test]
async fn consent_for_once_or_thirty_days_ends() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "implicit_offline_access": true })).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let mut consent = browser.sign_in(&login, "alice").await;
    let mut last = None;
    for duration in ["once", "30_days"] {
        let decided = decide(&browser, &consent, "profile:read", duration).await;
        last = Some(shop.exchange(&decided).await.ok());
        consent = browser.open(&shop.authorize_url("profile:read", &[])).await;
        assert_eq!(consent.is_consent(), duration == "once", "{duration}");
    }
    // The consent ends, and so does the grant, however often it was used.
    let tokens = last.expect("tokens");
    server.clock.advance(30 * 86_400 - 60);
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    assert!(browser.sign_in(&login, "alice").await.parameter("code").is_some(), "a minute before the end");
    let tokens = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(tokens.json["refresh_token"], json!(null), "a confidential client keeps its refresh token");
    server.clock.advance(60);
    assert!(browser.open(&shop.authorize_url("profile:read", &[])).await.is_consent());
}

/// Allows the `ticked` scopes for this duration.
async fn decide(browser: &Browser, consent: &Page, ticked: &str, duration: &str) -> Page {
    assert!(consent.is_consent(), "{consent:?}");
    let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
    let mut fields = vec![("request", &*request), ("csrf", &csrf), ("duration", duration), ("decision", "approve")];
    fields.extend(ticked.split(' ').map(|scope| ("scope", scope)));
    let decided = browser.post("/consent", &fields).await;
    browser.follow(decided).await
}

#[tokio::test]
async fn consent_for_once_replaces_a_lasting_consent() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let earlier = shop.exchange(&browser.open(&shop.authorize_url(SOME, &[])).await).await.ok();
    let ask = shop.authorize_url(SOME, &[("prompt", "consent")]);
    let consent = browser.open(&ask).await;
    assert!(consent.body.contains("Your choice here replaces that"), "{}", consent.body);
    let tokens = shop.exchange(&decide(&browser, &consent, "openid profile:read", "once").await).await.ok();
    assert_eq!(tokens.text("scope"), "openid profile:read");
    let narrowed = shop.refresh(earlier.text("refresh_token")).await.ok();
    assert_eq!(narrowed.text("scope"), "openid profile:read", "what was left out is taken back at once");
    let asked_anew = browser.open(&shop.authorize_url(SOME, &[])).await;
    assert!(asked_anew.is_consent() && !asked_anew.body.contains("Already allowed"), "{}", asked_anew.body);
    assert!(!asked_anew.body.contains("You declined this last time"), "nothing is remembered");
    assert!(!browser.open("/account/apps").await.body.contains("Until you take it back"));

    server.clock.advance(3599);
    for tokens in [&earlier, &tokens] {
        shop.refresh(tokens.text("refresh_token")).await.ok();
    }
    server.clock.advance(1);
    for tokens in [&earlier, &tokens] {
        assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
        assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    }
    assert!(browser.open("/account/apps").await.body.contains("id=\"no-apps\""));
}

#[tokio::test]
async fn chosen_end_shortens_earlier_grants_and_never_lengthens_them() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let earlier = shop.exchange(&browser.open(&shop.authorize_url(SOME, &[])).await).await.ok();
    let ask = shop.authorize_url(SOME, &[("prompt", "consent")]);
    let ending = decide(&browser, &browser.open(&ask).await, SOME, "30_days").await;
    let ending = shop.exchange(&ending).await.ok();
    let lasting = decide(&browser, &browser.open(&ask).await, SOME, "until_revoked").await;
    let lasting = shop.exchange(&lasting).await.ok();
    assert!(browser.open("/account/apps").await.body.contains("Until you take it back"));
    server.clock.advance(30 * 86_400);
    for tokens in [&earlier, &ending] {
        assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    }
    shop.refresh(lasting.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn tokens_expire_at_the_chosen_end() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "access_token_lifetime": 86_400 })).await;
    for (duration, expected) in [("once", 3600), ("30_days", 86_400)] {
        let browser = server.browser();
        let login = browser.open(&shop.authorize_url("profile:read", &[("prompt", "consent")])).await;
        let consent = browser.sign_in(&login, "alice").await;
        let decided = decide(&browser, &consent, "profile:read", duration).await;
        let tokens = shop.exchange(&decided).await.ok();
        let claims = tokens.claims("access_token");
        let lifetime = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
        assert_eq!(tokens.json["expires_in"], lifetime);
        assert!((expected - 60..=expected).contains(&lifetime), "{duration}: {lifetime} s");
    }
}

#[tokio::test]
async fn prompt_none_never_shows_a_page() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    let none = |scope: &str| shop.authorize_url(scope, &[("prompt", "none")]);
    assert!(browser.get(&none(SOME)).await.parameter("code").is_some());
    assert_eq!(error(&browser.get(&none(&format!("{SOME} message:send"))).await), "consent_required");
    let refused = server.browser().get(&none(SOME)).await;
    assert_eq!(error(&refused), "login_required");
    assert_eq!(refused.parameter("state").as_deref(), Some("the state"));
    let stale = shop.authorize_url(SOME, &[("prompt", "none"), ("max_age", "100")]);
    assert!(browser.get(&stale).await.parameter("code").is_some());
    server.clock.advance(101);
    assert_eq!(error(&browser.get(&stale).await), "login_required");
}

#[tokio::test]
async fn prompt_login_and_max_age_require_a_new_sign_in() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    for changes in [("prompt", "login"), ("max_age", "0"), ("max_age", "20")] {
        server.clock.advance(21);
        let login = browser.open(&shop.authorize_url(SOME, &[changes])).await;
        assert!(login.is_login(), "{changes:?}: {login:?}");
        // Continuing without a sign-in leads back to the sign-in page.
        let resumed = browser.open(&format!("/authorize/resume?request={}", login.hidden("request"))).await;
        assert!(resumed.is_login(), "{changes:?}");
        let before = server.clock.now();
        let sent = browser.sign_in(&login, "alice").await;
        let tokens = shop.exchange(&sent).await.ok();
        assert!(tokens.claims("id_token")["auth_time"].as_i64() >= Some(before), "{changes:?}");
    }
}

#[tokio::test]
async fn request_does_not_continue_in_another_browser() {
    let server = TestServer::start().await;
    let (shop, signed_in) = allowed(&server).await;
    server.clock.advance(10);
    for changes in [("prompt", "login"), ("max_age", "5")] {
        let login = server.browser().open(&shop.authorize_url(SOME, &[changes])).await;
        let resumed = signed_in.open(&format!("/authorize/resume?request={}", login.hidden("request"))).await;
        assert!(resumed.is_error(), "{changes:?}: {resumed:?}");
    }
}

#[tokio::test]
async fn extreme_max_age_is_handled() {
    let server = TestServer::start().await;
    let (shop, browser) = allowed(&server).await;
    for huge in ["9223372036854775807", "31536000", "00100"] {
        let sent = browser.get(&shop.authorize_url(SOME, &[("max_age", huge)])).await;
        assert!(sent.parameter("code").is_some(), "{huge}: {sent:?}");
    }
    for bad in ["-1", "+5", "1.5", "soon", "9223372036854775808", "1 0", "0x10"] {
        let sent = browser.get(&shop.authorize_url(SOME, &[("max_age", bad)])).await;
        assert_eq!(error(&sent), "invalid_request", "{bad}");
    }
    for bad in ["none login", "create", "LOGIN"] {
        let sent = browser.get(&shop.authorize_url(SOME, &[("prompt", bad)])).await;
        assert_eq!(error(&sent), "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn impersonable_client_needs_consent_each_time() {
    let server = TestServer::start().await;
    let register = async |id: &str, method: &str, redirect_uri: &str| {
        let metadata = json!({
            "application_type": "native", "token_endpoint_auth_method": method, "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code"],
        });
        server.register(id, metadata).await
    };
    for (id, method, redirect_uri, asked) in [
        ("loopback", "none", "http://127.0.0.1/callback", true),
        ("own-scheme", "none", "com.example.app:/callback", true),
        ("claimed-https", "none", "https://shop.example/callback", false),
        ("with-a-secret", "client_secret_basic", "http://127.0.0.1/callback", false),
    ] {
        let app = register(id, method, redirect_uri).await;
        let browser = server.browser();
        let login = browser.open(&app.authorize_url(SOME, &[])).await;
        let consent = browser.sign_in(&login, "alice").await;
        app.exchange(&browser.allow(&consent, &["openid", "profile:read", "message:read"]).await).await.ok();

        let again = browser.open(&app.authorize_url(SOME, &[])).await;
        assert_eq!(again.is_consent(), asked, "{id}");
        let silent = browser.open(&app.authorize_url(SOME, &[("prompt", "none")])).await;
        assert_eq!(silent.parameter("error").as_deref(), asked.then_some("consent_required"), "{id}");
        if asked {
            assert_eq!(again.body.matches("Already allowed").count(), 3, "{id}: nothing is new");
            let sent = browser.allow(&again, &["openid", "profile:read", "message:read"]).await;
            app.exchange(&sent).await.ok();
        }
    }
}
