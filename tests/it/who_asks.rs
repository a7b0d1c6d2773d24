//! What pages show about an app: its owner, its users, and what it could be mistaken for.

use serde_json::json;
use writ::{config::RegistrationMode, store::clients, web::locale::Locale};

use crate::support::{App, Page, TestServer, registrar};

const SCOPE: &str = "openid profile:read";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn consent_page(server: &TestServer, app: &App, language: &str) -> Page {
    let browser = server.browser();
    let login = browser.open(&app.authorize_url(SCOPE, &[("ui_locales", language), ("prompt", "consent")])).await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.is_consent(), "{page:?}");
    page
}

/// An app that registered itself before the one that it resembles was approved.
async fn start_with_sh0p() -> (TestServer, App) {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let metadata = json!({
        "client_name": "Sh0p", "redirect_uris": ["https://sh0p-login.example/callback"],
        "grant_types": ["authorization_code", DEVICE],
    });
    let (sh0p, _) = registrar::register(&server, metadata).await;
    (server, sh0p)
}

#[tokio::test]
async fn unapproved_app_with_the_name_of_another_has_a_warning_above_the_boxes() {
    let (server, sh0p) = start_with_sh0p().await;
    let page = consent_page(&server, &sh0p, "en").await;
    assert!(!page.body.contains("id=\"look-alike\""), "nothing is like it yet: {}", page.body);

    let shop = server.shop().await;
    shop.tokens(SCOPE).await;
    // The number of users is cached for this long.
    server.clock.advance(600);
    server.server.refresh().await.expect("read");
    for (language, warning, leads_to) in [
        ("en", "This is not the Shop that one person here uses (shop.example).", "It leads to sh0p-login.example."),
        ("ko", "여기에서 1명이 사용하는 ‘Shop’ 앱(shop.example)이 아닙니다.", "sh0p-login.example 사이트로 이동"),
    ] {
        let page = consent_page(&server, &sh0p, language).await;
        assert!(page.body.contains(warning) && page.body.contains(leads_to), "{}", page.body);
        let (banner, first_box) = (page.body.find("id=\"look-alike\""), page.body.find("name=\"scope\""));
        assert!(banner.is_some() && banner < first_box, "{banner:?} {first_box:?}");
        let month = page.body.split("value=\"30_days\"").nth(1).expect("a choice");
        assert!(month.split('>').next().is_some_and(|rest| rest.contains("checked")), "30 days are preset");
    }
    let own = consent_page(&server, &shop, "en").await;
    assert!(!own.body.contains("id=\"look-alike\""), "an approved app is itself");
}

#[tokio::test]
async fn device_page_of_a_look_alike_has_the_warning_and_the_record_keeps_it() {
    let (server, sh0p) = start_with_sh0p().await;
    server.shop().await;
    server.server.refresh().await.expect("read");
    let codes = sh0p.post("/device_authorization", &[("scope", "openid")]).await.ok();
    let browser = server.browser();
    browser.sign_in(&browser.open("/device").await, "alice").await;
    let page = browser.open("/device").await;
    let typed = [("csrf", &*page.hidden("csrf")), ("user_code", codes.text("user_code"))];
    browser.post("/language", &[("locale", "ko"), ("return_to", "/")]).await;
    let korean = browser.post("/device", &typed).await;
    assert!(korean.body.contains("‘Shop’ 서비스(shop.example)가 아닙니다."), "{}", korean.body);
    browser.post("/language", &[("locale", "en"), ("return_to", "/")]).await;
    let question = browser.post("/device", &typed).await;
    let warning = "This is not Shop (shop.example).";
    assert!(question.body.contains(warning), "{}", question.body);
    let (csrf, code) = (question.hidden("csrf"), question.hidden("user_code"));
    browser.post("/device", &[("csrf", &*csrf), ("user_code", &*code), ("decision", "deny")]).await;
    let alice = server.user_id("alice").await;
    let read = move |tx: &mut writ::store::Tx<'_>| writ::store::decisions::list_of_user(tx, alice);
    let decisions = server.server.store.read(read).await.expect("read");
    let shown = decisions[0].shown().expect("JSON");
    assert_eq!(shown.app.look_alike.as_deref(), Some(warning));
}

#[tokio::test]
async fn warning_goes_when_an_administrator_approves_the_app() {
    let (server, sh0p) = start_with_sh0p().await;
    server.shop().await;
    let id = sh0p.id.clone();
    assert!(server.write(move |tx| clients::set_approved(tx, &id, true)).await);
    server.server.refresh().await.expect("read");
    let page = consent_page(&server, &sh0p, "en").await;
    assert!(!page.body.contains("id=\"look-alike\""), "{}", page.body);
}

#[tokio::test]
async fn page_says_whose_the_app_is_and_who_uses_it_in_the_users_language() {
    let server = TestServer::start().await;
    let metadata = json!({
        "client_name": "Planner", "client_name#ko": "플래너",
        "organization_name": "Harbour Trading", "organization_name#ko": "하버 상사",
        "contacts": ["help@planner.example"],
        "client_uri": "https://www.planner.example/about", "policy_uri": "https://planner.example/privacy",
        "required_scope": "openid profile:read",
        "required_scope_reason": "It cannot start otherwise.",
        "required_scope_reasons": { "profile:read": "It puts your name on your plan." },
        "required_scope_reasons#ko": { "profile:read": "계획표에 이름을 적습니다." },
    });
    let planner = server.register("planner", metadata).await;
    let page = consent_page(&server, &planner, "en").await.body;
    for expected in [
        "Owner: Harbour Trading",
        "Contact: help@planner.example",
        "Website: www.planner.example",
        "Planner’s privacy policy",
        "Nobody here uses it yet",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let of_openid = page.find("It cannot start otherwise.").expect("the reason of all");
    let of_profile = page.find("Required. Planner says: “It puts your name on your plan.”").expect("the reason of one");
    assert!(of_openid < of_profile && page.matches("Planner says:").count() == 2, "{page}");

    let page = consent_page(&server, &planner, "ko").await.body;
    for expected in
        ["운영: 하버 상사", "플래너 개인정보 처리방침", "필수. 플래너 앱의 설명: “계획표에 이름을 적습니다.”"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}

#[tokio::test]
async fn owner_of_an_unapproved_app_is_marked_as_its_own_words() {
    let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
    let (app, _) = registrar::register(&server, json!({ "organization_name": "Harbour Trading" })).await;
    for locale in [Locale::EN, Locale::KO] {
        let page = consent_page(&server, &app, &locale.to_string()).await.body;
        let about = |key: &str| locale.text_with(key, &[("organization", "Harbour Trading"), ("product", "Writ")]);
        for claim in ["consent-organization-unverified", "consent-unverified"] {
            assert!(page.contains(&about(claim)), "{claim}: {page}");
        }
        let owner = format!("<li>{}</li>", about("consent-organization"));
        assert!(!page.contains(&owner) && !page.contains(&about("consent-verified")), "{page}");
    }
    let claims = json!({ "client_name": "Newcomer", "redirect_uris": ["https://new.example/callback"],
        "organization_name": "Harbour, official" });
    let refused = registrar::ask(&server, &claims).await;
    assert_eq!(refused.refused(400), "invalid_client_metadata");
}
