//! Pushed authorization requests (RFC 9126): authenticated, valid for a minute, completed once.

use serde_json::json;

use crate::support::{Answer, App, Page, TestServer, address, app::CHALLENGE};

/// Pushes a request. `changes` replace parameters, or remove them if empty.
async fn push(app: &App, scope: &str, changes: &[(&str, &str)]) -> Answer {
    let mut fields = app.parameters(scope, changes);
    fields.retain(|(name, _)| *name != "client_id");
    app.post("/par", &fields).await
}

fn pushed(answer: Answer) -> String {
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json["expires_in"], 60);
    let request_uri = answer.text("request_uri").to_owned();
    assert!(request_uri.starts_with("urn:ietf:params:oauth:request_uri:"), "{request_uri}");
    request_uri
}

fn visit(app: &App, request_uri: &str, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("client_id", app.id.as_str()), ("request_uri", request_uri)];
    pairs.extend_from_slice(more);
    address("/authorize", &pairs)
}

#[tokio::test]
async fn pushed_parameters_override_the_authorization_url() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let request_uri = pushed(push(&shop, "openid profile:read message:read", &[("nonce", "n-1")]).await);
    let beside = [("scope", "message:send"), ("state", "another"), ("redirect_uri", "https://evil.example/")];
    let login = browser.open(&visit(&shop, &request_uri, &beside)).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(!consent.body.contains("value=\"message:send\""), "{}", consent.body);
    for page in [&login, &consent] {
        assert_eq!(page.hidden("again"), "client_id=shop", "what was pushed stays out of the browser");
    }
    let sent = browser.allow(&consent, &["openid", "profile:read", "message:read"]).await;
    assert!(sent.next().expect("a redirect").starts_with("https://shop.example/callback?"), "{sent:?}");
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.text("scope"), "openid profile:read message:read");
    assert_eq!(tokens.claims("id_token")["nonce"], "n-1");
}

#[tokio::test]
async fn request_uri_is_used_up_by_completion_and_not_by_a_visit() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let address = visit(&shop, &pushed(push(&shop, "profile:read", &[]).await), &[]);
    assert!(browser.open(&address).await.is_login());
    assert!(server.browser().open(&address).await.is_login(), "a preview of the link has not used it up");
    let other_tab = browser.open(&address).await;
    // The minute is for opening the URL; the user has more time.
    server.clock.advance(300);
    let consent = browser.sign_in(&other_tab, "alice").await;
    let first = browser.open(&format!("/consent?request={}", consent.hidden("request"))).await;
    shop.exchange(&browser.allow(&first, &["profile:read"]).await).await.ok();
    assert!(browser.get(&address).await.is_error(), "it was answered");

    // With a remembered consent, the first visit completes the request.
    let address = visit(&shop, &pushed(push(&shop, "profile:read", &[]).await), &[]);
    shop.exchange(&browser.open(&address).await).await.ok();
    assert!(browser.open(&address).await.is_error(), "it was answered");
}

#[tokio::test]
async fn request_uri_completes_once_of_two_visits() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let address = visit(&shop, &pushed(push(&shop, "profile:read", &[("prompt", "consent")]).await), &[]);
    let login = browser.open(&address).await;
    let one = browser.sign_in(&login, "alice").await;
    let two = browser.open(&address).await;
    assert!(one.is_consent() && two.is_consent());
    assert!(browser.allow(&one, &["profile:read"]).await.parameter("code").is_some());
    let late = browser.allow(&two, &["profile:read"]).await;
    assert_eq!((late.status.as_u16(), late.next()), (400, None), "{late:?}");
}

#[tokio::test]
async fn request_uri_is_used_up_by_a_refusal() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let address = visit(&shop, &pushed(push(&shop, "profile:read", &[("prompt", "none")]).await), &[]);
    let sent = browser.open(&address).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("login_required"));
    assert!(browser.open(&address).await.is_error());
}

#[tokio::test]
async fn request_uri_expires_and_belongs_to_its_client() {
    let server = TestServer::start().await;
    let (shop, pocket) = (server.shop().await, server.native().await);
    let browser = server.browser();
    let request_uri = pushed(push(&shop, "profile:read", &[]).await);
    let prefix = "urn:ietf:params:oauth:request_uri:";
    let changed = request_uri.replace(prefix, &format!("{prefix}A"));
    for (app, uri) in [(&pocket, request_uri.as_str()), (&shop, &format!("{prefix}x")), (&shop, &changed)] {
        let page = browser.get(&visit(app, uri, &[])).await;
        assert!(page.is_error() && page.body.contains("invalid_request_uri"), "{page:?}");
    }
    let without_client = format!("/authorize?request_uri={request_uri}");
    assert!(browser.get(&without_client).await.is_error());
    // Its handle cannot be used as that of a pending request.
    let handle = request_uri.rsplit(':').next().expect("a handle");
    assert!(!browser.get(&format!("/authorize/resume?request={handle}")).await.body.contains("id=\"login\""));
    assert_eq!(browser.get(&format!("/login?request={handle}")).await.status, 400);
    server.clock.advance(59);
    assert!(browser.open(&visit(&shop, &request_uri, &[])).await.is_login());
    server.clock.advance(1);
    assert!(browser.get(&visit(&shop, &request_uri, &[])).await.is_error());
}

/// The URL of the page's only button, with `ISSUER` instead of the issuer.
fn way_on(server: &TestServer, page: &Page) -> String {
    let before = page.body.split("id=\"continue\" href=\"").nth(1).expect("a button");
    let issuer: String = url::form_urlencoded::byte_serialize(server.issuer.as_bytes()).collect();
    before.split('"').next().unwrap_or_default().replace(&issuer, "ISSUER")
}

#[tokio::test]
async fn expired_request_uri_leads_back_to_the_app() {
    for (metadata, expected) in [
        (json!({ "initiate_login_uri": "https://shop.example/begin" }), "https://shop.example/begin?iss=ISSUER"),
        (json!({ "client_uri": "https://shop.example/" }), "https://shop.example/"),
        (json!({}), "/account"),
    ] {
        let server = TestServer::start().await;
        let shop = server.register("shop", metadata).await;
        let browser = server.browser();
        let address = visit(&shop, &pushed(push(&shop, "profile:read", &[]).await), &[]);
        let login = browser.open(&address).await;
        let handle = login.hidden("request");
        server.clock.advance(601);
        let says = |page: &Page| {
            assert_eq!(page.status, 400, "{page:?}");
            assert!(page.body.contains("no longer waiting") && page.body.contains("go back to Shop"), "{}", page.body);
            assert_eq!(way_on(&server, page), expected);
            // Its parameters were never sent to the browser, and are not now.
            assert!(!page.body.contains("code_challenge") && !page.body.contains("/authorize?"), "{}", page.body);
        };
        says(&browser.get(&address).await);
        let form = [("request", &*handle), ("again", &login.hidden("again")), ("username", "alice")];
        says(&browser.post("/login", &form).await);
        for path in ["/login", "/consent", "/accounts", "/authorize/resume"] {
            says(&browser.get(&format!("{path}?request={handle}")).await);
        }
        // When the server no longer knows the request, the form still names its client.
        server.clock.advance(2 * 86_400);
        writ::tasks::sweep::run_once(&server.server).await.expect("swept");
        says(&browser.post("/login", &form).await);
        let unknown = browser.get(&format!("/login?request={handle}")).await;
        assert!(unknown.body.contains("open the app again"), "{}", unknown.body);
        assert_eq!(way_on(&server, &unknown), "/account");
    }
}

#[tokio::test]
async fn invalid_request_is_refused_when_pushed() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for (name, value, error) in [
        ("redirect_uri", "https://evil.example/", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("scope", "payment:make", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://nobody.example", "invalid_target"),
        ("prompt", "none login", "invalid_request"),
        ("id_token_hint", "no ID token", "invalid_request"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
    ] {
        assert_eq!(push(&shop, "profile:read", &[(name, value)]).await.refused(400), error, "{name}={value}");
    }
}

#[tokio::test]
async fn pushing_requires_client_authentication() {
    let server = TestServer::start().await;
    let (shop, pocket) = (server.shop().await, server.native().await);
    let fields = [
        ("response_type", "code"),
        ("redirect_uri", "https://shop.example/callback"),
        ("scope", "profile:read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let mut named = fields.to_vec();
    named.push(("client_id", "shop"));
    assert_eq!(shop.post_as("/par", &named, None).await.refused(401), "invalid_client");
    assert_eq!(shop.post_as("/par", &fields, None).await.refused(401), "invalid_client");
    let mut stranger = shop.clone();
    stranger.secret = Some("wrong".to_owned());
    assert_eq!(stranger.post("/par", &fields).await.refused(401), "invalid_client");
    let mut other = fields.to_vec();
    other.push(("client_id", "pocket"));
    assert_eq!(shop.post("/par", &other).await.refused(400), "invalid_request");
    let mut twice = fields.to_vec();
    twice.push(("scope", "profile:read"));
    assert_eq!(shop.post("/par", &twice).await.refused(400), "invalid_request");
    assert_eq!(server.browser().get("/par").await.status, 405);
    // A public client does not authenticate.
    pushed(push(&pocket, "profile:read", &[]).await);
}

#[tokio::test]
async fn unpushed_request_is_refused_when_push_is_required() {
    let server = TestServer::start().await;
    let bank = server.register("bank", json!({ "require_pushed_authorization_requests": true })).await;
    let browser = server.browser();
    let sent = browser.open(&bank.authorize_url("profile:read", &[])).await;
    assert_eq!(sent.parameter("error").as_deref(), Some("invalid_request"));
    assert_eq!(sent.parameter("state").as_deref(), Some("the state"));
    let login = browser.open(&visit(&bank, &pushed(push(&bank, "profile:read", &[]).await), &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    bank.exchange(&browser.allow(&consent, &["profile:read"]).await).await.ok();

    let metadata = server.metadata().await;
    assert_eq!(metadata["pushed_authorization_request_endpoint"], format!("{}/par", server.issuer));
    assert_eq!(metadata["require_pushed_authorization_requests"], false);
}
