//! Unverified clients: marked, never remembered, and deleted when unused.

use reqwest::Method;
use serde_json::json;
use writ::{
    config::RegistrationMode,
    store::{
        clients,
        resources::{self, Scope},
    },
    tasks::forget_clients::run_once as forget_unused,
};
use writ_core::vocabulary::scope::Risk;

use crate::support::{
    App, Browser, Page, TestServer,
    registrar::{register, send},
    seed::{TALK, scope},
};

const UNVERIFIED: &str = "Not verified: registered by its own developer";
const VERIFIED: &str = "approved this app";
const DAY: i64 = 86_400;

async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await
}

async fn approve(server: &TestServer, app: &App) {
    let id = app.id.clone();
    assert!(server.write(move |tx| clients::set_approved(tx, &id, true)).await);
    server.server.refresh().await.expect("remembered");
}

async fn sign_in(app: &App, browser: &Browser) -> Page {
    let page = browser.open(&app.authorize_url("openid profile", &[])).await;
    if page.is_login() { browser.sign_in(&page, "alice").await } else { page }
}

#[tokio::test]
async fn unverified_client_is_marked_and_needs_consent_each_time() {
    let server = start().await;
    let (app, _) = register(&server, json!({})).await;
    let browser = server.browser();
    // Until a user has allowed it, the client cannot learn whether a user is signed in.
    let stranger = server.browser().open(&app.authorize_url("openid profile", &[("prompt", "none")])).await;
    for _ in 0..2 {
        let consent = sign_in(&app, &browser).await;
        if server.count("consents").await == 0 {
            let visitor = browser.open(&app.authorize_url("openid profile", &[("prompt", "none")])).await;
            assert_eq!(visitor.body, stranger.body);
            assert!(visitor.next().is_none() && visitor.body.contains("error=login_required"), "{visitor:?}");
        }
        assert!(consent.is_consent() && consent.body.contains(UNVERIFIED), "{}", consent.body);
        assert!(!consent.body.contains(VERIFIED));
        app.exchange(&browser.allow(&consent, &["openid", "profile"]).await).await.ok();
    }
    let silent = browser.open(&app.authorize_url("openid profile", &[("prompt", "none")])).await;
    assert!(silent.next().is_none() && silent.body.contains("error=consent_required"), "{silent:?}");
    assert!(silent.body.contains(UNVERIFIED) && silent.body.contains("new.example"), "{}", silent.body);

    approve(&server, &app).await;
    let silent = browser.open(&app.authorize_url("openid profile", &[("prompt", "none")])).await;
    app.exchange(&silent).await.ok();
    let asked = browser.open(&app.authorize_url("openid profile", &[("prompt", "consent")])).await;
    assert!(asked.body.contains(VERIFIED) && !asked.body.contains(UNVERIFIED), "{}", asked.body);
}

#[tokio::test]
async fn omitted_scope_means_the_default_scopes_of_the_resource() {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.registration.scopes =
            ["openid", "profile:read", "message:read", "message:send"].map(str::to_owned).to_vec();
    })
    .await;
    let (app, _) = register(&server, json!({})).await;
    let talk = format!("{TALK}/");
    let boxes = async |changes: &[(&str, &str)]| {
        let browser = server.browser();
        let page = browser.open(&app.authorize_url("", changes)).await;
        let page = browser.sign_in(&page, "alice").await;
        (["openid", "profile:read", "message:read", "message:send"].into_iter())
            .filter(|scope| page.body.contains(&format!("value=\"{scope}\"")))
            .collect::<Vec<_>>()
    };
    assert_eq!(boxes(&[("resource", &talk)]).await, ["profile:read"], "the others change or disclose more");
    assert_eq!(boxes(&[("resource", &talk), ("scope", "message:read")]).await, ["message:read"]);

    let unnamed = server.browser().open(&app.authorize_url("", &[])).await;
    assert!(unnamed.body.contains("error=invalid_scope"), "{unnamed:?}");
    let unknown = [("resource", "https://other.example")];
    let unknown = server.browser().open(&app.authorize_url("", &unknown)).await;
    assert!(unknown.body.contains("error=invalid_target"), "{unknown:?}");

    for (name, is_default) in [("profile:read", false), ("message:read", true)] {
        let scope = Scope { is_default, ..scope(name, Risk::Low) };
        server.write(move |tx| resources::update_scope(tx, &scope)).await;
    }
    server.server.refresh().await.expect("remembered");
    assert_eq!(boxes(&[("resource", &talk)]).await, ["message:read"]);
    let page = app.authorize_as("alice", "message:read", &[("scope", ""), ("resource", &talk)]).await;
    let tokens = app.exchange(&page).await.ok();
    assert_eq!((tokens.text("scope"), &tokens.claims("access_token")["aud"]), ("message:read", &json!(TALK)));
}

#[tokio::test]
async fn device_page_marks_unverified_client() {
    let server = start().await;
    let device = json!({
        "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "redirect_uris": [],
        "token_endpoint_auth_method": "none",
    });
    let (app, told) = register(&server, device).await;
    assert_eq!(told.json["response_types"], json!([]));
    let show = async || {
        let asked = app.post("/device_authorization", &[("scope", "openid")]).await.ok();
        let browser = server.browser();
        browser.sign_in(&browser.open("/device").await, "alice").await;
        let page = browser.open("/device").await;
        browser.post("/device", &[("csrf", &page.hidden("csrf")), ("user_code", asked.text("user_code"))]).await.body
    };
    let page = show().await;
    assert!(page.contains(UNVERIFIED) && !page.contains(VERIFIED), "{page}");
    approve(&server, &app).await;
    let page = show().await;
    assert!(page.contains(VERIFIED) && !page.contains(UNVERIFIED), "{page}");
}

#[tokio::test]
async fn self_registered_confidential_client_needs_pkce_when_configured() {
    let challenge = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "n")];
    let ask = async |server: &TestServer, changes| {
        let (app, _) = register(server, changes).await;
        server.browser().open(&app.authorize_url("openid", &challenge)).await
    };
    let strict = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.registration.require_pkce = true;
    })
    .await;
    let refused = ask(&strict, json!({})).await;
    assert!(refused.next().is_none() && refused.body.contains("error=invalid_request"), "{refused:?}");
    let lenient = start().await;
    assert!(ask(&lenient, json!({})).await.is_login());
    let public = ask(&lenient, json!({ "token_endpoint_auth_method": "none" })).await;
    assert!(public.body.contains("error=invalid_request"), "a public client cannot do without: {public:?}");
}

#[tokio::test]
async fn unused_registrations_expire_and_used_ones_stay() {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.registration.unused_lifetime = 30 * DAY;
        settings.sweep.batch = 2;
    })
    .await;
    server.shop().await;
    let refreshes = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    let (unused, told) = register(&server, json!({})).await;
    for _ in 0..4 {
        register(&server, json!({})).await;
    }
    let (granted, _) = register(&server, refreshes.clone()).await;
    let (revoked, _) = register(&server, refreshes).await;
    let (approved, _) = register(&server, json!({})).await;
    approve(&server, &approved).await;
    let tokens = granted.tokens("openid offline_access").await;
    let taken_back = revoked.tokens("openid").await;
    revoked.post("/revoke", &[("token", taken_back.text("refresh_token"))]).await.ok();
    server.clock.advance(30 * DAY - 600);
    forget_unused(&server.server).await.expect("looked");
    assert_eq!(server.count("clients").await, 9, "nothing is unused for long enough");
    let (young, _) = register(&server, json!({})).await;

    server.clock.advance(601);
    forget_unused(&server.server).await.expect("looked");
    server.server.refresh().await.expect("remembered");
    assert_eq!(server.count("clients").await, 4, "the shop, the granted one, the approved one, the young one");
    let gone =
        send(Method::GET, told.text("registration_client_uri"), Some(told.text("registration_access_token")), None);
    assert_eq!(gone.await.status.as_u16(), 401);
    for app in [&unused, &revoked] {
        assert!(server.browser().open(&app.authorize_url("openid", &[])).await.is_error());
    }
    for app in [&approved, &young] {
        assert!(server.browser().open(&app.authorize_url("openid", &[])).await.is_login());
    }
    granted.refresh(tokens.text("refresh_token")).await.ok();
    // A sign-in counts as use, although nothing of it is stored.
    let browser = server.browser();
    server.clock.advance(29 * DAY);
    let consent = sign_in(&young, &browser).await;
    young.exchange(&browser.allow(&consent, &["openid"]).await).await.ok();
    server.clock.advance(29 * DAY);
    forget_unused(&server.server).await.expect("looked");
    assert!(server.browser().open(&young.authorize_url("openid", &[])).await.is_login());
}

#[tokio::test]
async fn unused_registrations_stay_without_a_lifetime() {
    let server = TestServer::start_with(|settings| {
        settings.registration.mode = RegistrationMode::Open;
        settings.registration.unused_lifetime = 0;
    })
    .await;
    register(&server, json!({})).await;
    server.clock.advance(10_000 * DAY);
    forget_unused(&server.server).await.expect("looked");
    assert_eq!(server.count("clients").await, 1);
}
