//! The common behaviour of all pages: headers, cookies, language.

use serde_json::json;

use crate::support::{Page, TestServer};

fn assert_page_headers(page: &Page) {
    let policy = page.header("content-security-policy");
    let directives: Vec<&str> = policy.split("; ").collect();
    for expected in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"] {
        assert!(directives.contains(&expected), "{expected}: {policy} of {}", page.url);
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(directives.iter().any(|directive| directive.starts_with("form-action 'self'")), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{}", page.url);
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{}", page.url);
    assert_eq!(page.header("cache-control"), "no-store", "{}", page.url);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{}", page.url);
    assert_eq!(page.header("strict-transport-security"), "", "only an https issuer promises https");
    // There are no inline scripts, styles and handlers. The only style element is allowed by its
    // hash.
    assert!(!page.body.contains("<script>") && !page.body.contains(" style=") && !page.body.contains(" onclick="));
}

#[tokio::test]
async fn pages_have_security_headers() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    assert_page_headers(&browser.get("/").await);
    assert_page_headers(&browser.get("/no/such/page").await);
    assert_page_headers(&browser.get("/authorize").await);
    assert_page_headers(&browser.get("/login").await);
    assert_page_headers(&browser.get("/logout").await);
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    assert_page_headers(&login);
    let wrong = browser.post_password(&login, "alice", "wrong").await;
    assert_page_headers(&wrong);
    let consent = browser.sign_in(&login, "alice").await;
    assert_page_headers(&consent);
    assert_page_headers(&browser.get("/consent?request=gone").await);
    let leading_on = browser.allow(&consent, &["profile:read"]).await;
    assert_page_headers(&leading_on);
    let sent = browser.open(&shop.authorize_url("profile:read", &[])).await;
    assert_eq!((sent.header("cache-control"), sent.header("referrer-policy")), ("no-store", "no-referrer"));
}

#[tokio::test]
async fn https_issuer_sets_host_cookies_and_hsts() {
    let server = TestServer::start_with(|settings| {
        settings.server.issuer = "https://id.example".parse().expect("an issuer");
        settings.server.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    // A browser would store these cookies for https only, so the test sends them itself.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let login = http.get(format!("{}/login", server.issuer)).send().await.expect("an answer");
    assert_eq!(login.headers()["strict-transport-security"], "max-age=31536000");
    let cookie = login.headers()["set-cookie"].to_str().expect("ASCII").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Host-writ_browser="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(attributes.split("; ").any(|known| known == attribute), "{attribute}: {cookie}");
    }
    assert!(!attributes.contains("Domain"), "{cookie}");
    let body = login.text().await.expect("a page");
    let csrf = body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let fields = [("csrf", csrf), ("username", "alice"), ("password", crate::support::seed::PASSWORD)];
    let request = http.post(format!("{}/login", server.issuer)).header("cookie", pair).form(&fields);
    let signed_in = request.send().await.expect("an answer");
    let cookies = signed_in.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("ASCII"));
    let session = cookies.into_iter().find(|cookie| cookie.starts_with("__Host-writ_session="));
    assert!(session.is_some_and(|cookie| cookie.contains("Secure")), "{signed_in:?}");
}

#[tokio::test]
async fn login_hint_prefills_the_username_only() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let hint = "\"><script>alert(1)</script>민지";
    let login = server.browser().open(&shop.authorize_url("profile:read", &[("login_hint", hint)])).await;
    assert!(login.body.contains("name=\"username\" value=\"&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;민지\""));
    assert!(!login.body.contains("<script>alert"));
}

#[tokio::test]
async fn ui_locales_selects_the_language() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for (ui_locales, language) in [("ko", "ko"), ("ko-KR en", "ko"), ("fr ko", "ko"), ("en ko", "en"), ("xx", "en")] {
        let browser = server.browser();
        let login = browser.open(&shop.authorize_url("profile:read", &[("ui_locales", ui_locales)])).await;
        assert_eq!(login.header("content-language"), language, "{ui_locales}");
        assert!(login.body.contains(&format!("<html lang=\"{language}\">")), "{ui_locales}");
        let consent = browser.sign_in(&login, "alice").await;
        assert!(consent.body.contains(&format!("profile:read as a sentence in {language}")), "{ui_locales}");
    }
}

#[tokio::test]
async fn language_menu_keeps_the_user_on_the_page() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let chosen = browser.post("/language", &[("locale", "ko"), ("return_to", "/logout")]).await;
    assert_eq!((chosen.status.as_u16(), chosen.header("location")), (303, "/logout"));
    assert_eq!(browser.follow(chosen).await.header("content-language"), "ko");
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\t/evil.example"] {
        let home = browser.post("/language", &[("locale", "en"), ("return_to", elsewhere)]).await;
        assert_eq!(home.header("location"), "/", "{elsewhere}: {home:?}");
    }
    assert!(browser.post("/language", &[("locale", "xx"), ("return_to", "/")]).await.is_error());
}

#[tokio::test]
async fn language_menu_wins_over_the_language_that_the_app_suggests() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[("ui_locales", "en")])).await;
    let (_, here) = login.body.split_once("name=\"return_to\" value=\"/login").expect("a menu");
    let here = format!("/login{}", here.split('"').next().unwrap_or_default());
    let chosen = browser.post("/language", &[("locale", "ko"), ("return_to", &here)]).await;
    let login = browser.follow(chosen).await;
    assert_eq!(login.header("content-language"), "ko");
    let consent = browser.sign_in(&login, "alice").await;
    assert_eq!(consent.header("content-language"), "ko", "{}", consent.body);
}

#[tokio::test]
async fn every_page_has_a_language_menu_that_repeats_no_query() {
    const MENU: &str = "action=\"/language\"";
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let unknown_client = shop.authorize_url("profile:read", &[("client_id", "nobody")]);
    let paths = ["/", "/nothing/here", "/login", "/device", "/logout", "/docs/errors", "/docs/errors/scope_unknown"];
    for path in paths.into_iter().chain(["/consent?request=gone", &unknown_client]) {
        let page = browser.open(path).await;
        assert!(page.body.contains(MENU), "{path}: {}", page.body);
    }
    let missing = browser.open("/nothing/here").await;
    assert!(missing.body.contains("name=\"return_to\" value=\"/nothing/here\""), "{}", missing.body);
    let error = browser.open(&unknown_client).await;
    assert!(error.body.contains("name=\"return_to\" value=\"/\""), "a query is not repeated: {}", error.body);

    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let denied = browser.post_decision(&consent, &[], "deny").await;
    assert!(denied.body.contains("id=\"denied\"") && denied.body.contains(MENU), "{}", denied.body);
    let signed_out = browser.open("/logout").await;
    let fields = [("csrf", &*signed_out.hidden("csrf")), ("request", "")];
    let signed_out = browser.post("/logout", &fields).await;
    assert!(signed_out.body.contains("id=\"logged-out\"") && signed_out.body.contains(MENU), "{}", signed_out.body);
}

#[tokio::test]
async fn page_that_leads_on_by_itself_has_no_language_menu() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let sent = browser.allow(&consent, &["profile:read"]).await;
    assert!(sent.parameter("code").is_some() && !sent.body.contains("action=\"/language\""), "{}", sent.body);
}

#[tokio::test]
async fn private_use_scheme_is_not_shown_as_a_host() {
    let server = TestServer::start().await;
    let uri = "com.example.app://bank.example/callback";
    let app = json!({ "application_type": "native", "redirect_uris": [uri], "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"] });
    let app = server.register("app", app).await;
    let browser = server.browser();
    let login = browser.open(&app.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let korean = browser.open(&app.authorize_url("profile:read", &[("ui_locales", "ko")])).await;
    for (page, native) in [(&consent, "A program on this device"), (&korean, "이 기기에 설치된 앱")] {
        assert!(page.body.contains(native), "{}", page.body);
        assert!(!page.body.contains("<bdi>bank.example"), "{}", page.body);
    }
    let decided = browser.allow(&consent, &["profile:read"]).await;
    // The link and the automatic redirect use the app's URI, so that both work repeatedly.
    assert_eq!(decided.body.matches("com.example.app://bank.example/callback?code=").count(), 2, "{}", decided.body);
    let decided = Page { body: decided.body.replace("com.example.app://bank.example/callback", ""), ..decided };
    assert!(!decided.body.contains("bank.example"), "{}", decided.body);
}

#[tokio::test]
async fn unencrypted_issuer_is_named_on_every_page() {
    let server = TestServer::start_with(|settings| {
        settings.server.issuer = "http://id.lab".parse().expect("an issuer");
        settings.server.insecure_hosts = vec!["id.lab".parse().expect("a host")];
    })
    .await;
    let encrypted = TestServer::start().await;
    for path in ["/", "/login", "/logout", "/device", "/docs/errors"] {
        let warning = "This is a test system without encryption";
        assert!(server.browser().open(path).await.body.contains(warning), "{path}");
        assert!(!encrypted.browser().open(path).await.body.contains(warning), "{path}");
    }
}

#[tokio::test]
async fn names_are_escaped() {
    let server = TestServer::start().await;
    let evil = server.register("evil", json!({ "client_name": "<img src=x onerror=alert(1)> & Söhne" })).await;
    let browser = server.browser();
    let login = browser.open(&evil.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "minji").await;
    assert!(consent.body.contains("김민지"));
    for page in [login, consent] {
        assert!(!page.body.contains("<img src=x"), "{}", page.body);
        assert!(page.body.contains("&#60;img src=x onerror=alert(1)&#62; &#38; Söhne"), "{}", page.body);
    }
}
