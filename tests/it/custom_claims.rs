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
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

fn with_mappings(settings: &mut Settings, mappings: Value) {
    settings.claims.mappings = serde_json::from_value(mappings).expect("mappings");
}

fn mapping(name: &str, labels: [&str; 2], mut members: Value) -> Value {
    members["name"] = json!(name);
    members["labels"] = json!({ "en": labels[0], "ko": labels[1] });
    members
}

fn tenant() -> Value {
    let members = json!({ "scope": "profile:read", "constant": "acme", "clients": ["shop"] });
    mapping("tenant", ["Company", "회사"], members)
}

fn salary(scope: &str) -> Value {
    mapping("salary", ["Salary", "급여"], json!({ "scope": scope, "attribute": "salary" }))
}

fn mappings() -> Value {
    let department = json!({ "scope": "profile:read", "attribute": "department" });
    let level = json!({ "scope": "profile:read", "attribute": "level", "type": "integer" });
    json!([
        mapping("department", ["Department", "부서"], department),
        mapping("https://acme.example/level", ["Level", "등급"], level),
        tenant(),
        salary("message:send"),
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
    assert!(names(&consent, "Department, Level, Company"), "{}", consent.body);
    let before = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await.ok();

    let mut more = mappings();
    more[3] = salary("profile:read");
    let node = changed(&server, more).await;
    let (there, browser) = (shop.at(&node.issuer), browser.at(&node.issuer));
    let refreshed = there.refresh(before.text("refresh_token")).await.ok();
    for claims in [refreshed.claims("id_token"), there.userinfo(refreshed.text("access_token")).await.ok().json] {
        assert_eq!((&claims["department"], claims.get("salary")), (&json!("sales"), None), "{claims}");
    }
    let silent = browser.get(&there.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"), "{silent:?}");
    let asked = browser.open(&there.authorize_url(SCOPE, &[])).await;
    assert!(names(&asked, "Department, Level, Company, Salary"), "{}", asked.body);
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
    let node = changed(&server, json!([tenant()])).await;
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
    let named = "The app also gets from your account: Department, Level<";
    assert!(page.body.contains(named), "{}", page.body);
    allow(&browser, &page, &["openid", "profile:read"]).await;
    let claims = poll(&tv, &codes).await.ok().claims("id_token");
    assert_eq!((&claims["department"], claims.get("tenant")), (&json!("sales"), None), "{claims}");
}

#[tokio::test]
async fn connected_app_and_receipt_name_the_claims_in_words_of_the_page() {
    let server = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let apps = browser.get("/account/apps").await;
    assert!(apps.body.contains("account: Department, Level, Company<"), "{}", apps.body);
    let receipt = browser.get("/account/apps/receipt?client_id=shop").await;
    let receipt: Value = serde_json::from_str(&receipt.body).expect("JSON");
    let shown = &receipt["receipt"]["decisions"][0]["shown"]["scopes"];
    for scopes in [&receipt["receipt"]["scopes"], shown] {
        let scope = scopes.as_array().expect("scopes").iter().find(|scope| scope["scope"] == "profile:read");
        let claims = &scope.expect("the scope")["claims"];
        assert_eq!(claims[0], json!({ "claim": "department", "label": "Department" }), "{receipt}");
        assert_eq!(claims.as_array().map(Vec::len), Some(3), "{receipt}");
    }

    let mut more = mappings();
    more[3] = salary("profile:read");
    let node = changed(&server, more).await;
    let apps = browser.at(&node.issuer).get("/account/apps").await;
    assert!(apps.body.contains("account: Department, Level, Company<"), "the user has not read of it: {}", apps.body);
}

#[tokio::test]
async fn claim_with_other_words_shows_the_earlier_ones_and_needs_no_consent() {
    let server = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let mut renamed = mappings();
    renamed[0]["labels"] = json!({ "en": "Cost centre" });
    let node = changed(&server, renamed).await;
    let (shop, browser) = (shop.at(&node.issuer), browser.at(&node.issuer));
    let silent = browser.get(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert!(silent.parameter("code").is_some(), "{silent:?}");
    let asked = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "consent")])).await;
    assert!(names(&asked, "Cost centre, Level, Company"), "{}", asked.body);
    assert!(asked.body.contains("<del>Department, Level, Company</del>"), "{}", asked.body);
    let korean = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "consent"), ("ui_locales", "ko")])).await;
    assert!(korean.body.contains("Cost centre, 등급, 회사<"), "English stands for a missing label: {}", korean.body);
}

#[tokio::test]
async fn form_with_other_words_for_a_claim_is_not_accepted() {
    let server = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    let mut renamed = mappings();
    renamed[0]["labels"] = json!({ "en": "Salary" });
    let node = changed(&server, renamed).await;
    let late = browser.at(&node.issuer).post_decision(&consent, &["openid", "profile:read"], "approve").await;
    assert!(late.next().is_none(), "{late:?}");
    assert_eq!(server.count("decisions").await, 0);
}

#[tokio::test]
async fn api_gets_the_claims_that_are_for_access_tokens_and_no_others() {
    let mut mappings = mappings();
    mappings[0]["in"] = json!(["access_token"]);
    mappings[2]["in"] = json!(["id_token", "access_token"]);
    let server = TestServer::start_with(|settings| with_mappings(settings, mappings.clone())).await;
    set(&server, "department", Some("sales")).await.expect("set");
    set(&server, "level", Some("3")).await.expect("set");
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await.ok();
    let token = tokens.text("access_token");
    let claims = tokens.claims("access_token");
    assert_eq!((&claims["department"], &claims["tenant"]), (&json!("sales"), &json!("acme")), "{claims}");
    assert_eq!(claims.get("https://acme.example/level"), None, "{claims}");
    let id_token = tokens.claims("id_token");
    assert_eq!((id_token.get("department"), &id_token["tenant"]), (None, &json!("acme")), "{id_token}");
    let userinfo = shop.userinfo(token).await.ok().json;
    assert_eq!((userinfo.get("department"), userinfo.get("tenant")), (None, None), "{userinfo}");

    let state = shop.introspect(token).await.ok().json;
    assert_eq!((&state["department"], &state["tenant"]), (&json!("sales"), &json!("acme")), "{state}");
    set(&server, "department", Some("support")).await.expect("set");
    assert_eq!(shop.introspect(token).await.ok().json["department"], "support", "that of the moment");

    let other = shop.tokens("openid message:read").await.ok();
    assert_eq!(other.claims("access_token").get("department"), None, "the scope is not granted");
}

#[tokio::test]
async fn exchanged_token_has_the_claims_of_its_client_and_scope() {
    let mut mappings = mappings();
    mappings[0]["in"] = json!(["access_token"]);
    mappings[2]["in"] = json!(["access_token"]);
    let server = TestServer::start_with(|settings| with_mappings(settings, mappings.clone())).await;
    set(&server, "department", Some("sales")).await.expect("set");
    let shop = server.register("shop", json!({ "may_act": ["helper"] })).await;
    let metadata = json!({
        "grant_types": [EXCHANGE, "client_credentials"], "scope": "profile:read message:read",
        "required_scope": "message:read",
    });
    let helper = server.register("helper", metadata).await;
    let tokens = shop.tokens("openid profile:read message:read").await.ok();
    for (scope, department) in [("profile:read", Some("sales")), ("message:read", None)] {
        let fields = [
            ("grant_type", EXCHANGE),
            ("subject_token", tokens.text("access_token")),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("scope", scope),
        ];
        let claims = helper.post("/token", &fields).await.ok().claims("access_token");
        assert_eq!(claims.get("department"), department.map(Value::from).as_ref(), "{claims}");
        assert_eq!(claims.get("tenant"), None, "it is for the shop: {claims}");
    }
    let own = [("grant_type", "client_credentials"), ("scope", "profile:read message:read")];
    let claims = helper.post("/token", &own).await.ok().claims("access_token");
    assert_eq!((claims.get("department"), claims.get("tenant")), (None, None), "there is no user: {claims}");
}
