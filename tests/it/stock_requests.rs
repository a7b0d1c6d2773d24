//! Requests as unmodified clients send them: with parameters of other providers, empty parameters,
//! and unusual but valid encodings. Each completes a sign-in.

use reqwest::{Client, Method};
use serde_json::json;
use writ::store::resources;
use writ_core::vocabulary::scope::Risk;

use crate::support::{
    Answer, App, Page, TestServer,
    app::{VERIFIER, basic},
    seed::{TALK, scope},
};

const SCOPE: &str = "openid profile email";

/// Signs alice in at a URL, allows everything, and returns the response with the code.
async fn sign_in(server: &TestServer, url: &str) -> Page {
    let browser = server.browser();
    let mut page = browser.open(url).await;
    for _ in 0..4 {
        page = if page.is_login() {
            browser.sign_in(&page, "alice").await
        } else if page.is_consent() {
            browser.allow(&page, &[&SCOPE.split(' ').collect::<Vec<_>>()[..], &["profile:read"]].concat()).await
        } else {
            break;
        };
    }
    page
}

/// The code, from the redirect or from the form.
fn code(page: &Page) -> Option<String> {
    page.parameter("code").or_else(|| page.find_hidden("code"))
}

#[tokio::test]
async fn authorization_request_with_foreign_or_empty_parameters_succeeds() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let state = "s".repeat(2048);
    for changes in [
        // Google, Auth0, Keycloak and Microsoft libraries.
        &[("access_type", "offline"), ("approval_prompt", "force"), ("include_granted_scopes", "true")][..],
        &[("audience", TALK), ("organization", "org"), ("connection", "db"), ("screen_hint", "signup")],
        &[("kc_idp_hint", "github"), ("kc_action", "x")],
        &[
            ("x-client-SKU", "ID_NET8_0"),
            ("x-client-ver", "8.0.1.0"),
            ("response_mode", "form_post"),
            ("nonce", "638.YWJj"),
        ],
        &[("hd", "example.com"), ("domain_hint", "example.com"), ("client_info", "1"), ("tenant", "common")],
        // Empty parameters are omitted ones (RFC 6749 §3.1).
        &[("nonce", ""), ("state", ""), ("max_age", ""), ("prompt", ""), ("claims", ""), ("resource", "")],
        &[("response_mode", "query"), ("display", "popup"), ("acr_values", "1 urn:mace:incommon:iap:silver")],
        &[("prompt", "consent"), ("max_age", "0"), ("login_hint", "alice@example.com")],
        &[("prompt", "select_account consent"), ("ui_locales", "ko_KR en-US"), ("claims_locales", "ko")],
        &[("state", &state), ("nonce", &state)],
        &[("claims", r#"{"id_token":{"groups":null,"acr":{"values":["1"]}},"verified_claims":{"x":1},"userinfo":{}}"#)],
    ] {
        let page = sign_in(&server, &shop.authorize_url(SCOPE, changes)).await;
        let code = code(&page).unwrap_or_else(|| panic!("{changes:?}: {page:?}"));
        let tokens = shop.exchange_code(&code).await.ok();
        assert_eq!(tokens.text("scope"), SCOPE, "{changes:?}");
        assert!(tokens.json["id_token"].is_string(), "{changes:?}");
    }
}

/// Empty parameters in the query itself, not left out by a client library.
#[tokio::test]
async fn authorization_request_is_read_in_every_valid_encoding() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let redirect_uri = "https%3A%2F%2Fshop.example%2Fcallback";
    let bound = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    for (query, granted) in [
        (format!("scope=openid+profile+email&redirect_uri={redirect_uri}"), SCOPE),
        (format!("scope=openid%20profile%20%20email%20&redirect_uri={redirect_uri}"), SCOPE),
        ("scope=%6fpenid+profile+email&redirect_uri=https://shop.example/callback".to_owned(), SCOPE),
        (format!("&&scope=openid+profile+email&&redirect_uri={redirect_uri}&nonce=&state=&max_age=&prompt=&"), SCOPE),
        (format!("scope=openid+profile+email&redirect_uri={redirect_uri}&state&nonce"), SCOPE),
        (format!("scope=openid+profile+openid+email+groups&redirect_uri={redirect_uri}"), SCOPE),
        (format!("scope=&redirect_uri={redirect_uri}"), "profile:read"),
        (format!("redirect_uri={redirect_uri}"), "profile:read"),
        (format!("scope=profile:read&redirect_uri={redirect_uri}&resource={TALK}&resource={TALK}/"), "profile:read"),
    ] {
        let url = format!("{}/authorize?response_type=code&client_id=shop&{bound}&{query}", server.issuer);
        let page = sign_in(&server, &url).await;
        let code = code(&page).unwrap_or_else(|| panic!("{query}: {page:?}"));
        assert_eq!(shop.exchange_code(&code).await.ok().text("scope"), granted, "{query}");
        assert_eq!(page.parameter("state"), None, "{query}");
    }
}

/// Sends a token request as it is.
async fn post(app: &App, headers: &[(&str, &str)], body: String) -> Answer {
    let mut request = Client::new().post(app.url("/token")).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::read(request.send().await.expect("a response")).await
}

#[tokio::test]
async fn token_request_of_every_library_succeeds() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let secret = shop.secret.clone().expect("a secret");
    let (header, form) = (basic("shop", &secret), "application/x-www-form-urlencoded");
    let with_charset = "application/x-www-form-urlencoded;charset=UTF-8";
    let id = "client_id=shop";
    for (headers, more) in [
        (&[("content-type", form), ("authorization", &header)][..], String::new()),
        (&[("content-type", with_charset), ("authorization", &header), ("accept", "application/json")], id.to_owned()),
        (&[("content-type", with_charset)], format!("{id}&client_secret={secret}&scope=openid+profile+email")),
        (
            &[("content-type", form), ("accept", "*/*")],
            format!("{id}&client_secret={secret}&response_type=code&state=x"),
        ),
        (&[("content-type", form), ("authorization", &header)], "audience=x&nonce=&resource=&scope=".to_owned()),
        (&[("content-type", form), ("authorization", &header), ("origin", "https://other.example")], String::new()),
    ] {
        let code = shop.code(SCOPE).await;
        let redirect_uri = "https%3A%2F%2Fshop.example%2Fcallback";
        let body = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={redirect_uri}&code_verifier={VERIFIER}&{more}"
        );
        let tokens = post(&shop, headers, body).await;
        assert!(tokens.status.is_success(), "{more}: {tokens:?}");
        assert!(tokens.header("content-type").starts_with("application/json"), "{tokens:?}");
    }
}

/// golang.org/x/oauth2 tries the header first, also without a secret, and then the body. The code
/// stays valid for the second attempt.
#[tokio::test]
async fn public_client_that_tries_the_header_first_succeeds_in_the_body() {
    let server = TestServer::start().await;
    let metadata = json!({
        "redirect_uris": ["http://localhost:8000", "http://localhost:18000"],
        "token_endpoint_auth_method": "none", "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let kubelogin = server.register("kubelogin", metadata).await;
    for redirect_uri in ["http://localhost:8000", "http://localhost:18000"] {
        let mut app = kubelogin.clone();
        app.redirect_uri = redirect_uri.to_owned();
        let page = sign_in(&server, &app.authorize_url(SCOPE, &[])).await;
        let code = code(&page).expect("a code");
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", VERIFIER),
        ];
        let first = app.post_as("/token", &fields, Some(&basic("kubelogin", ""))).await;
        assert_eq!(first.refused(401), "invalid_client");
        app.post("/token", &fields).await.ok();
    }
}

#[tokio::test]
async fn userinfo_and_discovery_are_reached_as_libraries_reach_them() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let url = shop.url("/userinfo");
    for (method, scheme) in [(Method::GET, "Bearer"), (Method::GET, "bearer"), (Method::POST, "BEARER")] {
        let header = format!("{scheme} {}", tokens.text("access_token"));
        let request = Client::new().request(method, &url).header("authorization", header);
        let claims = Answer::read(request.send().await.expect("a response")).await.ok();
        assert_eq!(claims.text("email"), "alice@example.com");
        assert!(claims.json["email_verified"].is_boolean() && claims.json["sub"].is_string(), "{claims:?}");
    }
    for path in ["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/jwks"] {
        for method in [Method::GET, Method::HEAD] {
            let response = Client::new().request(method, shop.url(path)).send().await.expect("a response");
            assert_eq!(response.status(), 200, "{path}");
        }
    }
}

/// The consent form of the largest request fits into a form.
#[tokio::test]
async fn request_for_500_scopes_completes_and_a_longer_one_is_refused() {
    let server = TestServer::start().await;
    let names: Vec<String> = (0..501).map(|number| format!("talk:t{number:03}")).collect();
    let scopes: Vec<_> = names[..500].iter().map(|name| scope(name, Risk::Low)).collect();
    server.write(move |tx| scopes.iter().try_for_each(|scope| resources::insert_scope(tx, "talk", scope))).await;
    let all = names[..500].join(" ");
    let metadata = json!({ "scope": all, "required_scope": "" });
    let app = server.register("greedy", metadata).await;
    let page = app.authorize(&all).await;
    let tokens = app.exchange(&page).await.ok();
    assert_eq!(tokens.text("scope"), all);
    let page = server.browser().get(&app.authorize_url(&names.join(" "), &[])).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_scope"), "{page:?}");
}
