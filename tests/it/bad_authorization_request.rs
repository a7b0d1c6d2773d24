//! Invalid authorization requests: an error page until client and redirect URI are valid, then a
//! redirect.

use serde_json::json;

use crate::support::{App, Page, TestServer, app::VERIFIER};

/// Sends a request with changes from a signed-out browser.
async fn ask(server: &TestServer, app: &App, scope: &str, changes: &[(&str, &str)]) -> Page {
    server.browser().get(&app.authorize_url(scope, changes)).await
}

/// The error that the app received. The response must have `state` and `iss`.
fn error(server: &TestServer, page: &Page) -> String {
    assert_eq!(page.status, 303, "{page:?}");
    assert_eq!(page.parameter("iss").as_deref(), Some(server.issuer.as_str()), "{page:?}");
    assert_eq!(page.parameter("code"), None, "{page:?}");
    assert!(page.parameter("error_description").is_some_and(|text| !text.is_empty()), "{page:?}");
    page.parameter("error").unwrap_or_else(|| panic!("no error: {page:?}"))
}

#[tokio::test]
async fn unregistered_redirect_uri_is_never_followed() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for mutation in [
        "https://shop.example/callback/",
        "https://shop.example/callback?",
        "https://shop.example/callback?x=1",
        "https://shop.example/callback#",
        "https://shop.example/callback#fragment",
        "https://shop.example/callback/../evil",
        "https://shop.example/./callback",
        "https://shop.example//callback",
        "https://shop.example/Callback",
        "https://shop.example/%63allback",
        "https://shop.example/callback%00",
        "https://shop.example:443/callback",
        "https://SHOP.example/callback",
        "HTTPS://shop.example/callback",
        "http://shop.example/callback",
        "https://shop.example.evil.example/callback",
        "https://shop.example@evil.example/callback",
        "https://evil.example/https://shop.example/callback",
        "https://shop.example\\@evil.example/callback",
        "https://sub.shop.example/callback",
        "https://shop.example./callback",
        " https://shop.example/callback",
        "https://shop.example/callback ",
        "https://shop.example/callback\n",
        "//shop.example/callback",
        "/callback",
        "javascript:alert(1)",
        "https://shop.example/callbac",
        "https://shop.example/callbackk",
        "https://shop.example/callback,https://evil.example",
        "http://127.0.0.1:8080/callback",
    ] {
        for changes in [vec![("redirect_uri", mutation)], vec![("redirect_uri", mutation), ("prompt", "none")]] {
            let page = ask(&server, &shop, "profile:read", &changes).await;
            assert!(page.is_error(), "{mutation:?}: {page:?}");
            assert_eq!(page.header("location"), "", "{mutation:?}");
            assert!(page.body.contains("<code>invalid_request</code>"), "{mutation:?}: {}", page.body);
            assert!(!page.body.contains("href=\"https://evil"), "{mutation:?}");
        }
    }
}

#[tokio::test]
async fn unknown_client_or_redirect_uri_shows_a_page() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let good = shop.authorize_url("profile:read", &[]);
    let encoded = "https%3A%2F%2Fshop.example%2Fcallback";
    for url in [
        shop.authorize_url("profile:read", &[("client_id", "")]),
        shop.authorize_url("profile:read", &[("client_id", "nobody")]),
        shop.authorize_url("profile:read", &[("client_id", "SHOP")]),
        shop.authorize_url("profile:read", &[("client_id", "shop ")]),
        shop.authorize_url("openid", &[("redirect_uri", "")]),
        format!("{good}&client_id=shop"),
        format!("{good}&client_id=other"),
        format!("{good}&redirect_uri={encoded}"),
        format!("{good}&redirect_uri=https%3A%2F%2Fevil.example"),
        format!("{good}&x=%ff"),
        format!("{good}&x=%C3%28"),
        format!("{good}&x=%zz"),
        format!("{good}&x=%4"),
        format!("{good}&x=%00"),
        format!("{good}&x={}", "a".repeat(17_000)),
        format!("{good}{}", "&x".repeat(701)),
    ] {
        let page = browser.get(&url).await;
        assert!(page.is_error(), "{url}: {page:?}");
        assert!(page.body.contains("<code>invalid_request</code>"), "{url}: {}", page.body);
    }
    let posted = browser.post("/authorize", &[("client_id", "shop"), ("x", &"a".repeat(20_000))]).await;
    assert!(posted.is_error(), "{posted:?}");
}

#[tokio::test]
async fn native_client_may_vary_only_the_loopback_port() {
    let server = TestServer::start().await;
    let pocket = server.native().await;
    for good in ["http://127.0.0.1/callback", "http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback"] {
        let page = ask(&server, &pocket, "profile:read", &[("redirect_uri", good)]).await;
        assert!(page.header("location").starts_with("/login?"), "{good}: {page:?}");
    }
    for bad in [
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.2:80/callback",
        "http://localhost:80/callback",
        "http://[::1]:80/callback",
        "https://127.0.0.1:80/callback",
        "http://127.0.0.1:80/callback2",
        "http://127.0.0.1:80/callback?x",
    ] {
        assert!(ask(&server, &pocket, "profile:read", &[("redirect_uri", bad)]).await.is_error(), "{bad}");
    }
}

#[tokio::test]
async fn invalid_requests_redirect_with_their_error_code() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let narrow = server.register("narrow", json!({ "scope": "openid profile:read" })).await;
    let machine =
        server.register("machine", json!({ "grant_types": ["client_credentials"], "scope": "profile:read" })).await;
    let long = "a".repeat(2049);
    let challenge_of_32_bytes_padded = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=";
    for (app, scope, change, expected) in [
        (&shop, "profile:read", ("response_type", ""), "invalid_request"),
        (&shop, "profile:read", ("response_type", "token"), "unsupported_response_type"),
        (&shop, "profile:read", ("response_type", "id_token"), "unsupported_response_type"),
        (&shop, "profile:read", ("response_type", "code token"), "unsupported_response_type"),
        (&shop, "profile:read", ("response_type", "CODE"), "unsupported_response_type"),
        (&shop, "profile:read", ("response_mode", "fragment"), "invalid_request"),
        (&shop, "profile:read", ("response_mode", "web_message"), "invalid_request"),
        (&shop, "profile:read", ("code_challenge", ""), "invalid_request"),
        (&shop, "profile:read", ("code_challenge", "short"), "invalid_request"),
        (&shop, "profile:read", ("code_challenge", challenge_of_32_bytes_padded), "invalid_request"),
        (&shop, "profile:read", ("code_challenge_method", ""), "invalid_request"),
        (&shop, "profile:read", ("code_challenge_method", "plain"), "invalid_request"),
        (&shop, "profile:read", ("code_challenge_method", "s256"), "invalid_request"),
        (&shop, "profile:read", ("request", "e30.e30."), "invalid_request_object"),
        (&shop, "profile:read", ("request_uri", "https://shop.example/r"), "invalid_request_uri"),
        (&shop, "profile:read", ("registration", "{}"), "registration_not_supported"),
        (&shop, "profile:read", ("nonce", &long), "invalid_request"),
        (&shop, "payment:make", ("nonce", "n"), "invalid_scope"),
        (&shop, "profile:read \"quoted\"", ("nonce", "n"), "invalid_scope"),
        (&shop, "profile:read\tmessage:read", ("nonce", "n"), "invalid_scope"),
        (&shop, "메시지", ("nonce", "n"), "invalid_scope"),
        (&shop, "phone", ("nonce", "n"), "invalid_scope"),
        (&narrow, "message:read", ("nonce", "n"), "invalid_scope"),
        (&machine, "profile:read", ("nonce", "n"), "unauthorized_client"),
    ] {
        let page = ask(&server, app, scope, &[change]).await;
        assert_eq!(error(&server, &page), expected, "{scope} {change:?}");
        assert_eq!(page.parameter("state").as_deref(), Some("the state"), "{scope} {change:?}");
    }
    // A nonce does not replace PKCE if the client requires it.
    let strict = server.register("strict", json!({ "require_pkce": true })).await;
    let without_pkce = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "n")];
    let page = ask(&server, &strict, "openid profile:read", &without_pkce).await;
    assert_eq!(error(&server, &page), "invalid_request");
    let page = ask(&server, &shop, "profile:read", &[("state", &long)]).await;
    assert_eq!(error(&server, &page), "invalid_request");
}

#[tokio::test]
async fn redirect_uri_may_be_left_out_where_one_is_registered() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let sent = shop.authorize_as("alice", "profile:read", &[("redirect_uri", "")]).await;
    assert!(sent.next().expect("a redirect").starts_with("https://shop.example/callback?code="), "{sent:?}");
    let code = sent.parameter("code").expect("a code");
    let exchange = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    shop.post("/token", &exchange).await.ok();
    let two = json!({ "redirect_uris": ["https://shop.example/a", "https://shop.example/b"] });
    let two = server.register("two", two).await;
    assert!(server.browser().get(&two.authorize_url("profile:read", &[("redirect_uri", "")])).await.is_error());
}

#[tokio::test]
async fn repeated_parameter_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for twice in
        ["scope=openid", "nonce=a&nonce=a", "code_challenge=x", "response_type=code", "prompt=none&prompt=login"]
    {
        let url = format!("{}&{twice}", shop.authorize_url("profile:read", &[]));
        let page = server.browser().get(&url).await;
        assert_eq!(error(&server, &page), "invalid_request", "{twice}");
        assert_eq!(page.parameter("state").as_deref(), Some("the state"), "{twice}");
    }
    // A repeated `state` is not returned.
    let page = server.browser().get(&format!("{}&state=x", shop.authorize_url("profile:read", &[]))).await;
    assert_eq!(error(&server, &page), "invalid_request");
    assert_eq!(page.parameter("state"), None);
}

#[tokio::test]
async fn errors_use_the_requested_response_mode() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let page = ask(&server, &shop, "payment:make", &[("response_mode", "form_post")]).await;
    assert_eq!((page.status.as_u16(), page.hidden("error").as_str()), (200, "invalid_scope"));
    assert_eq!((page.hidden("state").as_str(), page.hidden("iss")), ("the state", server.issuer.clone()));
}

#[tokio::test]
async fn resource_must_be_known_and_own_the_scopes() {
    let server = TestServer::start().await;
    server
        .write(|tx| {
            let names = [("en".to_owned(), "Bank".to_owned())].into();
            writ::store::resources::insert(tx, "bank", "https://bank.example", &names, None, Default::default())?;
            let scope = crate::support::seed::scope("payment:make", writ_core::vocabulary::scope::Risk::High);
            writ::store::resources::insert_scope(tx, "bank", &scope)
        })
        .await;
    let both = server.register("both", json!({ "scope": "openid profile:read payment:make" })).await;
    for (scope, resource, expected) in [
        ("profile:read", "https://nobody.example", "invalid_target"),
        ("profile:read", "https://bank.example", "invalid_target"),
        ("profile:read", "https://talk.example/other", "invalid_target"),
        ("profile:read", "talk", "invalid_target"),
        ("profile:read payment:make", "", "invalid_target"),
        ("profile:read payment:make", "https://talk.example", "invalid_target"),
    ] {
        let page = ask(&server, &both, scope, &[("resource", resource)]).await;
        assert_eq!(error(&server, &page), expected, "{scope} {resource}");
    }
    let two = format!(
        "{}&resource=https%3A%2F%2Ftalk.example&resource=https%3A%2F%2Fbank.example",
        both.authorize_url("profile:read", &[])
    );
    assert!(server.browser().open(&two).await.is_login(), "resource may be repeated");
    let userinfo = format!("{}/userinfo", server.issuer);
    for (scope, resource, audience) in [
        ("openid", "https://talk.example", json!(["https://talk.example", userinfo])),
        ("profile:read openid", "https://talk.example", json!(["https://talk.example", userinfo])),
        ("profile:read", "https://talk.example", json!("https://talk.example")),
        ("profile:read", "https://talk.example/", json!("https://talk.example")),
        ("profile:read", "HTTPS://Talk.Example", json!("https://talk.example")),
        ("openid", "", json!(userinfo)),
    ] {
        let sent = both.authorize_as("alice", scope, &[("resource", resource)]).await;
        let tokens = both.exchange(&sent).await.ok();
        assert_eq!(tokens.claims("access_token")["aud"], audience, "{scope} {resource}");
    }
}

/// The path to which a request leads that an app posts with these bytes as `login_hint`. A form may
/// contain other characters than ASCII, whose size triples when they are encoded for storage.
async fn post_hint(shop: &App, login_hint: &str) -> String {
    let url = shop.authorize_url("profile:read", &[]);
    let body = format!("{}&login_hint={login_hint}", url.split_once('?').expect("a query").1);
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let request = http.post(shop.url("/authorize")).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(body).send().await.expect("an answer");
    answer.headers()["location"].to_str().expect("ASCII").to_owned()
}

#[tokio::test]
async fn overlong_request_is_refused() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let refused = url::Url::parse(&post_hint(&shop, &"한".repeat(5_000)).await).expect("the app's address");
    assert!(refused.query_pairs().any(|(name, value)| name == "error" && value == "invalid_request"), "{refused}");
}

#[tokio::test]
async fn long_request_can_be_completed() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&post_hint(&shop, &"한".repeat(1_500)).await).await;
    let (request, csrf, again) = (login.hidden("request"), login.hidden("csrf"), login.hidden("again"));
    let fields = [
        ("request", &*request),
        ("csrf", &csrf),
        ("again", &again),
        ("username", "alice"),
        ("password", crate::support::seed::PASSWORD),
    ];
    let consent = browser.follow(browser.post("/login", &fields).await).await;
    shop.exchange(&browser.allow(&consent, &["profile:read"]).await).await.ok();
}
