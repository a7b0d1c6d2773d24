//! Which provider a sign-in is for: by the mail domain, or as the app says.

use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;

use crate::support::{
    Browser, Page, TestServer,
    provider::{ID, START, StubProvider, is_account, is_first_time, leave, sign_in_and_link},
};

async fn routed() -> (StubProvider, TestServer) {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "domains": ["example.com", "xn--mnchen-3ya.example"] })).await;
    (stub, server)
}

/// Whether the page offers the provider above the form.
fn is_offered(page: &Page) -> bool {
    page.body.contains("id=\"routed\"")
}

/// The path of the offer.
fn offer(page: &Page) -> String {
    let rest = page.body.split("id=\"routed\"").nth(1).unwrap_or_else(|| panic!("no offer: {page:?}"));
    let href = rest.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
    href.expect("a link").replace("&#38;", "&").replace("&amp;", "&")
}

async fn submit(browser: &Browser, username: &str, password: &str) -> Page {
    let login = browser.open("/login").await;
    assert!(!is_offered(&login) && login.body.contains(START), "{}", login.body);
    let page = browser.post_password(&login, username, password).await;
    browser.follow(page).await
}

#[rstest]
#[case("ada@example.com", true)]
#[case("Ada@EXAMPLE.com", true)]
#[case("alice@example.com", true)]
#[case("ada@m\u{fc}nchen.example", true)]
#[case("ada@eu.example.com", false)]
#[case("ada@example.com.evil.example", false)]
#[case("example.com", false)]
#[case("ada", false)]
#[tokio::test]
async fn address_in_a_domain_is_offered_its_provider(#[case] username: &str, #[case] offered: bool) {
    let (_stub, server) = routed().await;
    let page = submit(&server.browser(), username, "").await;
    assert_eq!(is_offered(&page), offered, "{}", page.body);
    assert_eq!(page.status, if offered { StatusCode::OK } else { StatusCode::BAD_REQUEST }, "{}", page.body);
    assert_eq!(page.body.matches("/login/with/stub").count(), 1, "it is not offered twice: {}", page.body);
}

#[tokio::test]
async fn provider_gets_the_typed_address_and_the_request_goes_on() {
    let (_stub, server) = routed().await;
    let (shop, browser) = (server.shop().await, server.browser());
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let page = browser.post_password(&login, "ada+x@example.com", "").await;
    let path = offer(&page);
    let away = leave(&browser, &path).await;
    assert_eq!(away.parameter("login_hint").as_deref(), Some("ada+x@example.com"));
    let back = browser.get(&away.callback("error=access_denied")).await;
    assert!(back.is_login() && back.hidden("request") == login.hidden("request"), "{}", back.body);

    let hinted = browser.open(&shop.authorize_url("profile:read", &[("login_hint", "ada@example.com")])).await;
    assert!(hinted.is_login() && is_offered(&hinted), "{}", hinted.body);
    assert_eq!(leave(&browser, &offer(&hinted)).await.parameter("login_hint").as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn password_of_an_account_in_a_domain_still_works() {
    let (_stub, server) = routed().await;
    let browser = server.browser();
    let wrong = submit(&browser, "alice@example.com", "wrong").await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && is_offered(&wrong), "{}", wrong.body);
    assert!(is_account(&browser.sign_in(&wrong, "alice@example.com").await));
}

#[rstest]
#[case("idp_hint")]
#[case("kc_idp_hint")]
#[tokio::test]
async fn hint_of_the_app_leads_to_the_provider(#[case] parameter: &str) {
    let (_stub, server) = routed().await;
    let (shop, browser) = (server.shop().await, server.browser());
    let url = shop.authorize_url("profile:read", &[(parameter, ID), ("login_hint", "ada@other.example")]);
    let away = browser.open(&url).await;
    assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.body);
    assert_eq!(away.parameter("login_hint").as_deref(), Some("ada@other.example"));
    let state = away.parameter("state").expect("a state");
    let back = crate::support::address(&format!("{START}/callback"), &[("state", &state), ("error", "access_denied")]);
    let back = browser.open(&back).await;
    assert!(back.is_login(), "a user who cancels is not sent back: {}", back.body);
    assert!(browser.sign_in(&back, "alice").await.is_consent(), "and the request goes on");
}

#[tokio::test]
async fn hinted_user_who_is_not_linked_can_sign_in_another_way() {
    let (stub, server) = routed().await;
    let (shop, browser) = (server.shop().await, server.browser());
    let away = browser.open(&shop.authorize_url("profile:read", &[("idp_hint", ID)])).await;
    let parameter = |name| away.parameter(name).expect("a parameter");
    stub.issue(&stub.key.sign(&stub.claims(server.clock.now(), &parameter("nonce"), &json!({}))));
    let state = parameter("state");
    let query = [("state", &*state), ("code", "c")];
    let first_time = browser.open(&crate::support::address(&format!("{START}/callback"), &query)).await;
    assert!(is_first_time(&first_time), "{}", first_time.body);
    assert!(sign_in_and_link(&browser, &first_time, "alice").await.is_consent());
}

#[tokio::test]
async fn unknown_or_unsuitable_hint_is_ignored() {
    let stub = StubProvider::start();
    let endpoint = |path: &str| stub.site.url(path);
    let server = stub
        .server(json!({
            "scopes": [], "domains": ["example.com"], "authorization_endpoint": endpoint("/authorize"),
            "token_endpoint": endpoint("/token"), "userinfo_endpoint": endpoint("/user"),
        }))
        .await;
    let shop = server.shop().await;
    for parameters in [
        [("idp_hint", "other"), ("login_hint", "ada@other.example")],
        [("idp_hint", "../x"), ("login_hint", "ada@other.example")],
        [("idp_hint", ID), ("max_age", "60")],
    ] {
        let page = server.browser().open(&shop.authorize_url("profile:read", &parameters)).await;
        assert!(page.is_login() && page.status == StatusCode::OK, "{parameters:?}: {}", page.body);
    }
    let parameters = [("login_hint", "ada@example.com"), ("max_age", "60")];
    let page = server.browser().open(&shop.authorize_url("profile:read", &parameters)).await;
    assert!(!is_offered(&page), "it cannot say when the user authenticated: {}", page.body);
}
