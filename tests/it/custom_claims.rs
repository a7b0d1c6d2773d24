//! Claims of the operator's own, by attributes of users and by constants.

use serde_json::{Value, json};
use writ::{
    administration::{self, Actor, users::InvalidAttribute},
    config::Settings,
};

use crate::support::{TestServer, authenticator::enter_password};

const SCOPE: &str = "openid profile:read";

fn with_mappings(settings: &mut Settings, mappings: Value) {
    settings.claims.mappings = serde_json::from_value(mappings).expect("mappings");
}

async fn start() -> TestServer {
    let mappings = json!([
        { "name": "department", "scope": "profile:read", "attribute": "department" },
        { "name": "https://acme.example/level", "scope": "profile:read", "attribute": "level", "type": "integer" },
        { "name": "tenant", "scope": "profile:read", "constant": "acme", "clients": ["shop"] },
        { "name": "salary", "scope": "message:send", "attribute": "salary" },
    ]);
    TestServer::start_with(|settings| with_mappings(settings, mappings)).await
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
