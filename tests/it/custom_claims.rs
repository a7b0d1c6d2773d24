//! Claims of the operator's own, by attributes of users and by constants.

use serde_json::{Value, json};
use writ::{
    administration::{self, Actor, users::InvalidAttribute},
    config::Settings,
};

use crate::support::{
    Page, TestServer,
    authenticator::enter_password,
    device::{allow, codes, poll, question, television},
};

const SCOPE: &str = "openid profile:read";

fn with_mappings(settings: &mut Settings, mappings: Value) {
    settings.claims.mappings = serde_json::from_value(mappings).expect("mappings");
}

fn mappings() -> Value {
    json!([
        { "name": "department", "scope": "profile:read", "attribute": "department" },
        { "name": "https://acme.example/level", "scope": "profile:read", "attribute": "level", "type": "integer" },
        { "name": "tenant", "scope": "profile:read", "constant": "acme", "clients": ["shop"] },
        { "name": "salary", "scope": "message:send", "attribute": "salary" },
    ])
}

async fn start() -> TestServer {
    TestServer::start_with(|settings| with_mappings(settings, mappings())).await
}

/// The same installation after the operator has changed the mappings.
async fn changed(server: &TestServer, mappings: Value) -> TestServer {
    server.second_node_with_settings(|settings| with_mappings(settings, mappings)).await
}

fn names(page: &Page, claims: &str) -> bool {
    page.is_consent() && page.body.contains(&format!("The app also gets from your account: {claims}<"))
}

async fn set(server: &TestServer, name: &'static str, value: Option<&'static str>) -> Result<(), InvalidAttribute> {
    let actor = Actor::at_command_line("test".to_owned(), None, &server.shared_secrets().await);
    let alice = server.user("alice").await;
    server.write(move |tx| administration::users::set_attribute(tx, &actor, &alice, name, value)).await
}

#[tokio::test]
async fn client_gets_a_claim_only_with_its_scope() {
    let server = start().await;
    for (name, value) in [("department", "sales"), ("level", "3"), ("salary", "1000")] {
        set(&server, name, Some(value)).await.expect("set");
    }
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await.ok();
    let claims = tokens.claims("id_token");
    assert_eq!((&claims["department"], &claims["https://acme.example/level"]), (&json!("sales"), &json!(3)));
    assert_eq!((&claims["tenant"], claims.get("salary")), (&json!("acme"), None), "{claims}");
    let userinfo = shop.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!((&userinfo["department"], userinfo.get("salary")), (&json!("sales"), None), "{userinfo}");

    let less = shop.tokens("openid profile").await.ok();
    assert_eq!(less.claims("id_token").get("department"), None);
    assert_eq!(shop.userinfo(less.text("access_token")).await.ok().json.get("tenant"), None);

    let blog = server.register("blog", json!({})).await;
    let claims = blog.tokens(SCOPE).await.ok().claims("id_token");
    assert_eq!((&claims["department"], claims.get("tenant")), (&json!("sales"), None), "{claims}");
}

#[tokio::test]
async fn attribute_is_changed_removed_and_in_the_data_of_its_user() {
    let server = start().await;
    let shop = server.shop().await;
    set(&server, "department", Some("sales")).await.expect("set");
    set(&server, "level", Some("three")).await.expect("set");
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!(data["attributes"], json!({ "department": "sales", "level": "three" }));
    let tokens = shop.tokens(SCOPE).await.ok();
    assert_eq!(tokens.claims("id_token").get("https://acme.example/level"), None, "it is no number");
    set(&server, "department", None).await.expect("removed");
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json.get("department"), None);
    for (name, value, refusal) in [
        ("Department", "sales", InvalidAttribute::Name),
        ("", "sales", InvalidAttribute::Name),
        ("department", "", InvalidAttribute::Value),
        ("department", "a\nb", InvalidAttribute::Value),
    ] {
        assert_eq!(set(&server, name, Some(value)).await, Err(refusal), "{name:?} {value:?}");
    }
}

#[tokio::test]
async fn minimal_id_token_has_no_claim_of_the_operators_own() {
    let server = start().await;
    set(&server, "department", Some("sales")).await.expect("set");
    let shop = server.register("shop", json!({ "id_token_claims": "minimal" })).await;
    let tokens = shop.tokens(SCOPE).await.ok();
    assert_eq!(tokens.claims("id_token").get("department"), None);
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.ok().json["department"], "sales");
}

#[tokio::test]
async fn further_claim_of_an_allowed_scope_needs_consent_and_earlier_grants_do_not_get_it() {
    let server = start().await;
    for (name, value) in [("department", "sales"), ("salary", "1000")] {
        set(&server, name, Some(value)).await.expect("set");
    }
    let shop = server.register("shop", json!({ "implicit_offline_access": true })).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(names(&consent, "department, https://acme.example/level, tenant"), "{}", consent.body);
    let before = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await.ok();

    let mut more = mappings();
    more[3] = json!({ "name": "salary", "scope": "profile:read", "attribute": "salary" });
    let node = changed(&server, more).await;
    let (there, browser) = (shop.at(&node.issuer), browser.at(&node.issuer));
    let refreshed = there.refresh(before.text("refresh_token")).await.ok();
    for claims in [refreshed.claims("id_token"), there.userinfo(refreshed.text("access_token")).await.ok().json] {
        assert_eq!((&claims["department"], claims.get("salary")), (&json!("sales"), None), "{claims}");
    }
    let silent = browser.get(&there.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"), "{silent:?}");
    let asked = browser.open(&there.authorize_url(SCOPE, &[])).await;
    assert!(names(&asked, "department, https://acme.example/level, salary, tenant"), "{}", asked.body);
    let late = browser.post_decision(&consent, &["openid", "profile:read"], "approve").await;
    assert!(late.next().is_none_or(|next| !next.contains("code=")), "an earlier form: {late:?}");
    let after = there.exchange(&browser.allow(&asked, &["openid", "profile:read"]).await).await.ok();
    assert_eq!(after.claims("id_token")["salary"], "1000");
    let again = browser.get(&there.authorize_url(SCOPE, &[])).await;
    assert!(again.parameter("code").is_some(), "it is asked once: {again:?}");
}

#[tokio::test]
async fn fewer_claims_need_no_consent() {
    let server = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let node = changed(&server, json!([{ "name": "tenant", "scope": "profile:read", "constant": "acme" }])).await;
    let (shop, browser) = (shop.at(&node.issuer), browser.at(&node.issuer));
    let sent = browser.get(&shop.authorize_url(SCOPE, &[])).await;
    let claims = shop.exchange(&sent).await.ok().claims("id_token");
    assert_eq!((&claims["tenant"], claims.get("department")), (&json!("acme"), None), "{claims}");
}

#[tokio::test]
async fn device_gets_the_claims_that_its_question_named() {
    let server = start().await;
    set(&server, "department", Some("sales")).await.expect("set");
    let tv = television(&server).await;
    let codes = codes(&tv, SCOPE).await.ok();
    let browser = server.browser();
    let page = question(&browser, &codes).await;
    let named = "The app also gets from your account: department, https://acme.example/level<";
    assert!(page.body.contains(named), "{}", page.body);
    allow(&browser, &page, &["openid", "profile:read"]).await;
    let claims = poll(&tv, &codes).await.ok().claims("id_token");
    assert_eq!((&claims["department"], claims.get("tenant")), (&json!("sales"), None), "{claims}");
}
