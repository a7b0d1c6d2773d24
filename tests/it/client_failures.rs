//! Refusals have a cause with documentation, and are recorded for the client's developer.

use jsonwebtoken::Algorithm;
use reqwest::StatusCode;
use serde_json::json;
use writ::{
    store::client_failures::{self, ClientFailure, KEPT},
    tasks::record_failures,
};

use crate::support::{
    App, Browser, TestServer,
    app::{VERIFIER, basic},
    client_key::{ClientKey, post_with},
    eventually,
};

/// The recorded failures of a client, newest first, as soon as there are `count`.
async fn failures(server: &TestServer, client_id: &str, count: usize) -> Vec<ClientFailure> {
    let mut found = Vec::new();
    eventually("the failures are written down", async || {
        // The server's own task may be writing some of them.
        record_failures::run_once(&server.server).await.expect("written down");
        let id = client_id.to_owned();
        found = server.server.store.read(move |tx| client_failures::list_of_client(tx, &id)).await.expect("failures");
        found.len() == count
    })
    .await;
    found
}

fn causes(failures: &[ClientFailure]) -> Vec<&str> {
    failures.iter().map(|failure| failure.cause.as_str()).collect()
}

#[tokio::test]
async fn failure_shows_sent_and_registered_redirect_uri() {
    let server = TestServer::start().await;
    let redirect_uris = ["https://other.example/callback", "https://shop.example/callback"];
    let app = server.register("shop", json!({ "redirect_uris": redirect_uris })).await;
    let sent = "https://shop.example/Callback";
    let page = server.browser().get(&app.authorize_url("openid", &[("redirect_uri", sent)])).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("/docs/errors/redirect_uri_unregistered"), "{}", page.body);
    assert!(!page.body.contains("https://shop.example/callback"), "the page does not disclose what is registered");

    let failures = failures(&server, "shop", 1).await;
    assert_eq!(causes(&failures), ["redirect_uri_unregistered"]);
    let failure = &failures[0];
    assert_eq!(failure.expected.as_deref(), Some("https://shop.example/callback"), "the likeliest");
    assert_eq!(failure.actual.as_deref(), Some(sent));
    assert_eq!(failure.differs_at(), Some("https://shop.example/".len()));
    assert_eq!((&*failure.endpoint, &*failure.error), ("authorization", "invalid_request"));
}

#[tokio::test]
async fn failure_text_has_no_control_characters() {
    let server = TestServer::start().await;
    let key = ClientKey::new(Algorithm::ES256);
    let metadata = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() });
    let bank = server.register("bank", metadata).await;
    let mut claims = ClientKey::assertion_claims("bank", &server.issuer, server.clock.now());
    claims["iss"] = json!("bank\u{0}\u{1b}[2J\nanother line");
    post_with(&bank, "/token", &[("grant_type", "client_credentials")], &key.sign(&claims)).await.refused(401);
    let told = failures(&server, "bank", 1).await;
    assert!(told[0].detail.ends_with("bank��[2J�another line"), "{:?}", told[0].detail);
}

#[tokio::test]
async fn token_endpoint_failures_have_no_secrets() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let sent = app.authorize("openid profile:read").await;
    let code = sent.parameter("code").expect("a code");
    let other = "https://shop.example/other";
    let wrong = async |redirect_uri: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        app.post("/token", &fields).await
    };
    let forged = VERIFIER.replace("dBj", "dBk");
    wrong(other, VERIFIER).await;
    wrong(&app.redirect_uri, &forged).await;
    app.exchange(&sent).await.ok();
    app.exchange(&sent).await;
    let secret = app.secret.clone().expect("a secret");
    let wrong_secret = secret.replace(&secret[..4], "AAAA");
    app.post_as("/token", &[("grant_type", "client_credentials")], Some(&basic("shop", &wrong_secret))).await;

    let failures = failures(&server, "shop", 4).await;
    let expected = ["client_secret_wrong", "code_replayed", "code_verifier_mismatch", "code_redirect_uri_mismatch"];
    assert_eq!(causes(&failures), expected);
    assert_eq!(failures[3].actual.as_deref(), Some(other));
    let stored = format!("{failures:?}");
    let proof = |handle: &str| handle.rsplit('.').next().unwrap_or_default().to_owned();
    for secret in [proof(&code), VERIFIER.to_owned(), forged, secret, wrong_secret] {
        assert!(!stored.contains(&secret), "{secret} was stored: {stored}");
    }
}

#[tokio::test]
async fn failure_keeps_the_query_of_a_wrong_uri_without_its_values() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let sent = app.authorize("openid").await;
    let wrong = "https://shop.example/other?code=xyzzy&token=xyzzy#xyzzy";
    let browser = server.browser();
    let refused = [
        browser.get(&app.authorize_url("openid", &[("redirect_uri", wrong)])).await,
        browser
            .get(&format!("{}&post_logout_redirect_uri={}", app.url("/end_session?client_id=shop"), encoded(wrong)))
            .await,
        browser.get(&app.authorize_url("openid", &[("request_uri", wrong)])).await,
    ];
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*sent.parameter("code").expect("a code")),
        ("redirect_uri", wrong),
        ("code_verifier", VERIFIER),
    ];
    app.post("/token", &fields).await.refused(400);
    let failures = failures(&server, "shop", 4).await;
    let expected = [
        "code_redirect_uri_mismatch",
        "request_uri_unregistered",
        "post_logout_redirect_uri_unregistered",
        "redirect_uri_unregistered",
    ];
    assert_eq!(causes(&failures), expected);
    let stored = format!("{failures:?}");
    assert!(!stored.contains("xyzzy") && stored.contains("https://shop.example/other?code=…&token=…#…"), "{stored}");
    for page in refused {
        assert!(!page.body.contains("xyzzy"), "{page:?}");
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn success_and_routine_refusals_are_not_recorded() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    app.tokens("openid profile:read").await;
    let silent = server.browser().get(&app.authorize_url("openid", &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    browser_asks_wrongly(&server, &app).await;
    assert_eq!(causes(&failures(&server, "shop", 1).await), ["max_age_invalid"], "and nothing before it");
}

#[tokio::test]
async fn failure_records_are_bounded_per_client() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let native = server.native().await;
    let browser = server.browser();
    for _ in 0..2 {
        for _ in 0..KEPT + 20 {
            browser.get(&app.authorize_url("openid", &[("redirect_uri", "https://evil.example/")])).await;
        }
        failures(&server, "shop", KEPT).await;
    }
    browser_asks_wrongly(&server, &native).await;
    assert_eq!(causes(&failures(&server, &native.id, 1).await), ["max_age_invalid"]);
    failures(&server, "shop", KEPT).await;
    let long = format!("https://evil.example/{}", "x".repeat(5000));
    browser.get(&native.authorize_url("openid", &[("redirect_uri", &long)])).await;
    assert_eq!(failures(&server, &native.id, 2).await[0].actual.as_ref().map(String::len), Some(500));
}

#[tokio::test]
async fn errors_all_have_a_documentation_page() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let browser = server.browser();
    let json = app.post("/token", &[("grant_type", "client_credentials"), ("scope", "no-such")]).await;
    let redirect = browser.get(&app.authorize_url("openid", &[("prompt", "login none")])).await;
    let challenge = app.userinfo("nonsense").await;
    let challenge = challenge.headers["www-authenticate"].to_str().expect("a challenge").to_owned();
    let in_challenge = challenge.split("error_uri=\"").nth(1).and_then(|rest| rest.split('"').next());
    for (found, cause) in [
        (json.text("error_uri").to_owned(), "scope_unknown"),
        (redirect.parameter("error_uri").expect("an error_uri"), "prompt_invalid"),
        (in_challenge.expect("an error_uri").to_owned(), "invalid_token"),
    ] {
        assert_eq!(found, format!("{}/docs/errors/{cause}", server.issuer));
        let page = Browser::new(&server.issuer).get(&found).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(&format!("<code>{cause}</code>")) && !page.body.contains("cause-"), "{}", page.body);
    }
    assert_eq!(browser.get("/docs/errors/no_such_cause").await.status, StatusCode::NOT_FOUND);
    let index = browser.get("/docs/errors").await.body;
    let group = index.find("id=\"invalid_scope\"").expect("a group for each code");
    let entry = index.find("href=\"/docs/errors/scope_unknown\"").expect("an entry");
    let next_group = index[group + 1..].find("<section").map_or(index.len(), |at| group + 1 + at);
    assert!((group..next_group).contains(&entry), "{index}");
    for (query, found, missing) in [
        ("scope_unknown", "scope_unknown", "code_expired"),
        ("CODE%20expired", "code_expired", "scope_unknown"),
        ("code_verifier%20match", "code_verifier_mismatch", "scope_unknown"),
    ] {
        let index = browser.get(&format!("/docs/errors?q={query}")).await.body;
        assert!(index.contains(&format!("href=\"/docs/errors/{found}\"")), "{query}: {index}");
        assert!(!index.contains(&format!("href=\"/docs/errors/{missing}\"")), "{query}: {index}");
    }
    let nothing = browser.get("/docs/errors?q=%3Cscript%3E").await.body;
    assert!(nothing.contains("id=\"nothing-found\"") && !nothing.contains("<script>"), "{nothing}");
}

#[tokio::test]
async fn responses_do_not_distinguish_secret_causes() {
    let server = TestServer::start().await;
    let app = server.shop().await;
    let post_secret = server.register("poster", json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    let fields = [("grant_type", "client_credentials"), ("scope", "profile:read")];
    let ask = async |id: &str| app.post_as("/token", &fields, Some(&basic(id, VERIFIER))).await;
    let (unknown, wrong, method) = (ask("nobody").await, ask("shop").await, ask(&post_secret.id).await);
    assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(unknown.body, method.body);

    let foreign_code = code_of_another(&server, &app).await;
    let redeem = async |code: &str| {
        let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &app.redirect_uri)];
        app.post("/token", &[&fields[..], &[("code_verifier", VERIFIER)]].concat()).await
    };
    let invented = format!("{}.{}", foreign_code.split('.').next().expect("an id"), "A".repeat(43));
    assert_eq!(redeem(&foreign_code).await.body, redeem(&invented).await.body);
    let failures = failures(&server, "shop", 3).await;
    assert_eq!(causes(&failures), ["code_invalid", "code_foreign", "client_secret_wrong"], "the developer sees it");
}

/// A code that was issued to another client than `app`.
async fn code_of_another(server: &TestServer, app: &App) -> String {
    let other = server.register("another", json!({ "redirect_uris": [app.redirect_uri] })).await;
    other.code("openid profile:read").await
}

async fn browser_asks_wrongly(server: &TestServer, app: &App) {
    server.browser().get(&app.authorize_url("openid", &[("max_age", "soon")])).await;
}

#[tokio::test]
async fn dropped_scopes_are_recorded_and_the_others_granted() {
    let server = TestServer::start().await;
    let narrow = server.register("narrow", json!({ "scope": "openid profile:read" })).await;
    let tokens = narrow.exchange(&narrow.authorize("openid mailbox profile:read message:read").await).await.ok();
    assert_eq!(tokens.text("scope"), "openid profile:read");
    let failures = failures(&server, "narrow", 2).await;
    assert_eq!(causes(&failures), ["scope_unregistered", "scope_unknown"]);
}
