//! Localized client names (RFC 7591 §2.2), from the registration to the pages.

use reqwest::Method;
use serde_json::{Value, json};
use writ::config::RegistrationMode;

use crate::support::{
    Browser, TestServer,
    registrar::{ask, metadata, register, send},
};

const KOREAN: (&str, &str) = ("ui_locales", "ko");

async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await
}

fn words() -> Value {
    json!({
        "client_name": "Shop", "client_name#ko-KR": "가게", "client_name#FR-ca": "Boutique",
        "client_uri": "https://shop.example/", "policy_uri#ko": "https://shop.example/ko/privacy",
        "tos_uri": "https://shop.example/terms", "tos_uri#ko": "https://shop.example/ko/terms",
        "logo_uri#ko": "https://shop.example/logo-ko.png", "unheard_of#ko": 7,
        "post_logout_redirect_uris": ["https://new.example/bye"],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
    })
}

#[tokio::test]
async fn localized_members_are_returned_and_updated() {
    let server = start().await;
    let (_, told) = register(&server, words()).await;
    let (url, token) = (told.text("registration_client_uri"), Some(told.text("registration_access_token")));
    let read = send(Method::GET, url, token, None).await.ok();
    for answer in [&told.json, &read.json] {
        assert_eq!(answer["client_name#ko-KR"], "가게");
        assert_eq!(answer["client_name#fr-CA"], "Boutique", "in its usual case");
        assert_eq!(answer["policy_uri#ko"], "https://shop.example/ko/privacy");
        assert_eq!(answer["tos_uri#ko"], "https://shop.example/ko/terms");
        for ignored in ["logo_uri#ko", "unheard_of#ko", "policy_uri"] {
            assert_eq!(answer.get(ignored), None, "{ignored}");
        }
    }
    let mut changed = metadata(json!({ "client_name#ko": "새 가게", "client_id": told.text("client_id") }));
    let updated = send(Method::PUT, url, token, Some(&changed)).await.ok();
    assert_eq!((&updated.json["client_name#ko"], updated.json.get("client_name#ko-KR")), (&json!("새 가게"), None));
    changed["client_name#ko"] = json!(" ");
    let refused = send(Method::PUT, url, token, Some(&changed)).await;
    assert_eq!(refused.refused(400), "invalid_client_metadata");
}

#[tokio::test]
async fn invalid_language_tag_or_value_is_refused() {
    let server = start().await;
    let mut many = json!({});
    for letter in 'a'..='z' {
        many[format!("client_name#{letter}a")] = json!("Shop");
        many[format!("client_name#{letter}b")] = json!("Shop");
    }
    for (changes, reason) in [
        (json!({ "client_name#": "x" }), "`` is not a language tag"),
        (json!({ "client_name#nonsense!": "x" }), "`nonsense!` is not a language tag"),
        (json!({ "client_name#ko_KR": "x" }), "`ko_KR` is not a language tag"),
        (json!({ "client_name#ko": "x", "client_name#KO": "x" }), "client_name comes twice in one language"),
        (json!({ "client_name#ko": "x".repeat(101) }), "client_name#ko must have 1 to 100 characters"),
        (json!({ "client_name#ko": ["x"] }), "client_name#ko: "),
        (json!({ "tos_uri#ko": "javascript:alert(1)" }), "tos_uri#ko: "),
        (json!({ "policy_uri#ko": "http://shop.example/" }), "policy_uri#ko: "),
        (json!({ "required_scope_reason#ko": "x" }), "required_scope_reason#ko can be set by an administrator only"),
        (many, "more than 50 languages"),
    ] {
        let refused = ask(&server, &metadata(changes.clone())).await;
        assert_eq!(refused.refused(400), "invalid_client_metadata", "{changes}");
        let description = refused.text("error_description");
        assert!(description.contains(reason), "{description}");
    }
}

/// Whether the page at `url` has the Korean name of the client, or the default one.
async fn calls_it(browser: &Browser, url: &str, korean: bool) {
    let page = browser.open(url).await;
    assert_eq!((page.body.contains("가게"), page.body.contains("Shop")), (korean, !korean), "{}", page.body);
}

#[tokio::test]
async fn pages_show_the_localized_client_name() {
    let server = start().await;
    let (app, _) = register(&server, words()).await;
    let browser = server.browser();
    let (english, korean) = (app.authorize_url("openid", &[]), app.authorize_url("openid", &[KOREAN]));
    calls_it(&browser, &english, false).await;
    let login = browser.open(&korean).await;
    assert!(login.is_login() && login.body.contains("가게") && !login.body.contains("Shop"), "{}", login.body);

    let consent = browser.sign_in(&login, "alice").await;
    assert!(
        consent.body.contains("가게") && consent.body.contains("aria-hidden=\"true\">가</span>"),
        "{}",
        consent.body
    );
    for address in ["https://shop.example/", "https://shop.example/ko/privacy", "https://shop.example/ko/terms"] {
        assert!(consent.body.contains(&format!("href=\"{address}\"")), "{address}: {}", consent.body);
    }
    let chooser = app.authorize_url("openid", &[KOREAN, ("prompt", "select_account")]);
    calls_it(&browser, &chooser, true).await;
    browser.allow(&consent, &["openid"]).await;
    let plain = browser.open(&english).await;
    assert!(
        plain.body.contains("href=\"https://shop.example/terms\"") && !plain.body.contains("/privacy"),
        "{}",
        plain.body
    );

    calls_it(&browser, "/account/apps", false).await;
    let back = "client_id={id}&post_logout_redirect_uri=https://new.example/bye".replace("{id}", &app.id);
    calls_it(&browser, &format!("/end_session?{back}"), false).await;
    browser.post("/language", &[("locale", "ko"), ("return_to", "/")]).await;
    for page in ["/account", "/account/apps", &format!("/end_session?{back}")] {
        calls_it(&browser, page, true).await;
    }
    let device = app.post("/device_authorization", &[("scope", "openid")]).await.ok();
    let code = browser.open("/device").await;
    let fields = [("csrf", &*code.hidden("csrf")), ("user_code", device.text("user_code"))];
    let question = browser.post("/device", &fields).await;
    assert!(question.body.contains("가게") && !question.body.contains("Shop"), "{}", question.body);
}
