//! A decision is valid only for the user, browser and request that it was shown to.

use serde_json::json;

use crate::support::{App, Browser, Page, TestServer};

const SCOPE: &str = "openid profile:read message:read";

/// A new browser in which `username` is on the consent page of a request.
async fn at_consent(server: &TestServer, app: &App, username: &str) -> (Browser, Page) {
    let browser = server.browser();
    let login = browser.open(&app.authorize_url(SCOPE, &[("prompt", "consent")])).await;
    let consent = browser.sign_in(&login, username).await;
    assert!(consent.is_consent(), "{consent:?}");
    (browser, consent)
}

/// Posts a decision with these fields.
async fn post(browser: &Browser, request: &str, csrf: &str, scopes: &[&str], decision: &str) -> Page {
    let mut fields = vec![("request", request), ("csrf", csrf), ("decision", decision)];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    browser.post("/consent", &fields).await
}

/// Whether the request is still pending.
async fn still_waits(browser: &Browser, consent: &Page) -> bool {
    browser.open(&format!("/consent?request={}", consent.hidden("request"))).await.is_consent()
}

#[tokio::test]
async fn form_cannot_grant_unrequested_scopes() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    let more = ["openid", "profile:read", "message:read", "message:send", "email", "payment:make", "profile:read", ""];
    let sent = browser.allow(&consent, &more).await;
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.text("scope"), SCOPE);
    assert_eq!(tokens.claims("access_token")["scope"], SCOPE);
    // The decision is not remembered either.
    let page = browser.open(&shop.authorize_url("openid profile:read message:send", &[])).await;
    assert!(page.is_consent());
}

#[tokio::test]
async fn removing_a_required_scope_denies() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for ticked in [&["openid", "message:read"][..], &["profile:read"], &[], &["profile:read ", "openid"]] {
        let (browser, consent) = at_consent(&server, &shop, "alice").await;
        let sent = browser.allow(&consent, ticked).await;
        assert_eq!(sent.parameter("error").as_deref(), Some("access_denied"), "{ticked:?}");
        assert_eq!(sent.parameter("code"), None, "{ticked:?}");
    }
}

#[tokio::test]
async fn decision_other_than_approve_denies() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for decision in ["deny", "", "APPROVE", "approve "] {
        let (browser, consent) = at_consent(&server, &shop, "alice").await;
        let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
        let page = post(&browser, &request, &csrf, &["openid", "profile:read"], decision).await;
        let sent = browser.after_decision(page).await;
        assert_eq!(sent.parameter("error").as_deref(), Some("access_denied"), "{decision:?}");
    }
}

#[tokio::test]
async fn consent_form_is_bound_to_request_and_session() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (alice, consent) = at_consent(&server, &shop, "alice").await;
    let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
    let second = alice.open(&shop.authorize_url(SCOPE, &[("prompt", "consent")])).await;
    let (minji, shown_to_minji) = at_consent(&server, &shop, "minji").await;
    let (alice_elsewhere, shown_elsewhere) = at_consent(&server, &shop, "alice").await;
    let stranger = server.browser();
    let login = stranger.open(&shop.authorize_url(SCOPE, &[])).await;
    let all = ["openid", "profile:read", "message:read"];
    let wrong = [
        ("no token", &alice, String::new()),
        ("nonsense", &alice, "nonsense".to_owned()),
        ("the token of another request", &alice, second.hidden("csrf")),
        ("the token of another user", &alice, shown_to_minji.hidden("csrf")),
        ("the token of another session of the same user", &alice, shown_elsewhere.hidden("csrf")),
        ("a sign-in form's token", &alice, login.hidden("csrf")),
        ("another user with the form of alice", &minji, csrf.clone()),
        ("another session of hers with alice's form", &alice_elsewhere, csrf.clone()),
    ];
    for (what, browser, token) in wrong {
        let page = post(browser, &request, &token, &all, "approve").await;
        assert!(page.is_error(), "{what}: {page:?}");
        let leads_back = page.body.contains(&format!("href=\"/consent?request={request}\""));
        assert_eq!(leads_back, std::ptr::eq(browser, &alice), "{what}: a request belongs to one browser: {page:?}");
        assert!(still_waits(&alice, &consent).await, "{what}");
    }
    // A signed-out browser cannot decide.
    let page = post(&stranger, &request, &csrf, &all, "approve").await;
    assert!(page.is_error(), "{page:?}");
    assert!(still_waits(&alice, &consent).await);
    shop.exchange(&alice.allow(&consent, &all).await).await.ok();
}

#[tokio::test]
async fn request_of_another_browser_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (alice, consent) = at_consent(&server, &shop, "alice").await;
    let request = consent.hidden("request");
    // minji has obtained the URL of alice's request.
    let (minji, _) = at_consent(&server, &shop, "minji").await;
    for page in ["/consent", "/authorize/resume"] {
        let refused = minji.open(&format!("{page}?request={request}")).await;
        assert!(refused.is_error(), "{page}: {refused:?}");
    }
    assert!(alice.open(&format!("/authorize/resume?request={request}")).await.is_consent());
}

#[tokio::test]
async fn second_decision_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    let first = browser.post_decision(&consent, &["openid", "profile:read"], "approve").await;
    // The first decision is kept, before and after the user follows the link.
    let second = browser.post_decision(&consent, &["openid", "profile:read", "message:read"], "approve").await;
    assert!(second.is_error(), "{second:?}");
    let sent = browser.follow(first).await;
    assert_eq!(shop.exchange(&sent).await.ok().text("scope"), "openid profile:read");
    let third = browser.post_decision(&consent, &["openid", "profile:read", "message:read"], "approve").await;
    assert!(third.is_error(), "{third:?}");
    let resumed = browser.get(&format!("/authorize/resume?request={}", consent.hidden("request"))).await;
    assert!(resumed.is_error(), "{resumed:?}");
}

#[tokio::test]
async fn consent_form_is_stale_when_scopes_change() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let all = ["openid", "profile:read", "message:read"];
    // message:read has become required since the form was shown, which the form did not say.
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    server.change_client("shop", json!({ "required_scope": "profile:read message:read" })).await;
    let page = browser.post_decision(&consent, &all, "approve").await;
    assert!(page.is_error(), "{page:?}");
    let again = browser.open(&format!("/consent?request={}", consent.hidden("request"))).await;
    shop.exchange(&browser.allow(&again, &all).await).await.ok();
    // The client is no longer registered for message:read.
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    server.change_client("shop", json!({ "scope": "openid profile:read" })).await;
    let page = browser.post_decision(&consent, &all, "approve").await;
    assert!(page.is_error(), "the form showed a scope that is dropped now: {page:?}");
    // The redirect URI is no longer registered.
    server.change_client("shop", json!({})).await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    server.change_client("shop", json!({ "redirect_uris": ["https://new.example/callback"] })).await;
    let page = browser.post_decision(&consent, &all, "approve").await;
    let stopped = browser.follow(page).await;
    assert!(stopped.is_error() && stopped.header("location").is_empty(), "{stopped:?}");
}

#[tokio::test]
async fn request_of_a_deleted_client_is_gone() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    server.write(|tx| writ::store::clients::delete(tx, "shop")).await;
    server.server.refresh().await.expect("remembered");
    let page = browser.post_decision(&consent, &["openid", "profile:read"], "approve").await;
    assert!(page.is_error(), "{page:?}");
}

#[tokio::test]
async fn pending_request_expires_after_ten_minutes() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    server.clock.advance(590);
    assert!(still_waits(&browser, &consent).await);
    server.clock.advance(11);
    for page in [
        browser.post_decision(&consent, &["openid", "profile:read"], "approve").await,
        browser.get(&format!("/consent?request={}", consent.hidden("request"))).await,
        browser.get(&format!("/login?request={}", consent.hidden("request"))).await,
        browser.get(&format!("/authorize/resume?request={}", consent.hidden("request"))).await,
    ] {
        assert!(page.is_error() && page.header("location").is_empty(), "{page:?}");
    }
}

#[tokio::test]
async fn request_handle_needs_its_secret() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    let request = consent.hidden("request");
    let (id, secret) = request.split_once('.').expect("a handle");
    let other = crate::support::app::VERIFIER;
    for forged in [format!("{id}.{other}"), format!("{id}."), id.to_owned(), format!(".{secret}"), String::new()] {
        for path in ["consent", "authorize/resume"] {
            let page = browser.get(&format!("/{path}?request={forged}")).await;
            assert!(page.is_error(), "{path} {forged}: {page:?}");
        }
    }
}

#[tokio::test]
async fn page_parameters_never_redirect_elsewhere() {
    let server = TestServer::start().await;
    let browser = server.browser();
    for name in ["request", "return_to", "next", "redirect", "redirect_uri", "url", "continue"] {
        for path in ["/login", "/consent", "/logout", "/authorize/resume", "/authorize", "/"] {
            let page = browser.get(&format!("{path}?{name}=https%3A%2F%2Fevil.example")).await;
            assert!(!page.next().is_some_and(|next| next.contains("evil")), "{path} {name}: {page:?}");
            assert!(!page.body.contains("href=\"https://evil"), "{path} {name}: {}", page.body);
        }
    }
}

#[tokio::test]
async fn unknown_duration_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
    let mut fields = vec![("request", &*request), ("csrf", &csrf), ("decision", "approve"), ("duration", "for_ever")];
    fields.extend(SCOPE.split(' ').map(|scope| ("scope", scope)));
    let refused = browser.post("/consent", &fields).await;
    assert_eq!(refused.status.as_u16(), 400, "{refused:?}");
    assert!(still_waits(&browser, &consent).await);
}

#[tokio::test]
async fn form_of_an_expired_request_offers_a_restart() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    server.clock.advance(86_400);
    let late = [("request", &*login.hidden("request")), ("again", &login.hidden("again")), ("username", "alice")];
    let login = browser.open(&begins_anew(&browser.post("/login", &late).await)).await;
    let consent = browser.sign_in(&login, "alice").await;
    server.clock.advance(86_400);
    let late = [("request", &*consent.hidden("request")), ("again", &consent.hidden("again")), ("decision", "approve")];
    let consent = browser.open(&begins_anew(&browser.post("/consent", &late).await)).await;
    let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    shop.exchange(&sent).await.ok();

    // An unknown request leads to the account page and nowhere else.
    for again in ["", "scope=openid", "client_id=a&client_id=b", "client_id=%00", "https://evil.example"] {
        let page = browser.post("/consent", &[("request", "gone"), ("again", again)]).await;
        assert!(page.is_error() && page.body.contains("id=\"continue\" href=\"/account\""), "{again}: {page:?}");
    }
    let again = "client_id=//evil.example\"><b>&response_type=code";
    let page = browser.post("/consent", &[("request", "gone"), ("again", again)]).await;
    assert!(
        page.body.contains("href=\"/authorize?client_id=%2F%2Fevil.example%22%3E%3Cb%3E&#38;response_type=code\""),
        "{page:?}"
    );
}

#[tokio::test]
async fn page_of_an_expired_request_offers_a_restart_unless_completed() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    let request = consent.hidden("request");
    let lifetime = server.server.settings.sessions.request_lifetime;
    server.clock.advance(lifetime + 1);
    for path in ["/login", "/accounts", "/consent", "/authorize/resume"] {
        let late = browser.get(&format!("{path}?request={request}")).await;
        let begun = browser.open(&begins_anew(&late)).await;
        assert!(begun.is_consent(), "{path}: {begun:?}");
        // The id of the row is useless without its secret.
        let guessed = format!("{}.{}", request.split('.').next().expect("an id"), crate::support::app::VERIFIER);
        assert_eq!(begins_anew(&browser.get(&format!("{path}?request={guessed}")).await), "/account");
    }
    let (browser, consent) = at_consent(&server, &shop, "alice").await;
    browser.allow(&consent, &["openid", "profile:read"]).await;
    server.clock.advance(lifetime + 1);
    assert_eq!(begins_anew(&browser.get(&format!("/consent?request={}", consent.hidden("request"))).await), "/account");
}

fn begins_anew(page: &Page) -> String {
    assert!(page.is_error(), "{page:?}");
    let link = page.body.split("id=\"continue\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    link.expect("a way on").replace("&#38;", "&")
}
