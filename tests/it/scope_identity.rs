//! Scopes have an identity: one that is deleted and created again under the same name is a
//! different one, which earlier consent does not grant.

use rstest::rstest;
use serde_json::json;
use uuid::Uuid;
use writ::{
    fault::Fault,
    store::{Tx, clients, resources},
};
use writ_core::{groups::GroupIds, token::access_token::TokenProfile, vocabulary::scope::Risk};

use crate::support::{
    Answer, TestServer, device,
    seed::{self, TALK},
    server::open,
};

const SCOPE: &str = "openid profile:read message:read";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// One scope, with other texts and another risk. The same clients may request it.
fn create_scope_again(tx: &mut Tx<'_>) -> Result<(), Fault> {
    seed::create_scope_again(tx, "message:read", Risk::High)
}

/// The whole resource server, with the same audience and the same scopes, for the same clients.
fn create_resource_again(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let registered = clients::list(tx)?;
    replace_resource(tx)?;
    seed::register_again(tx, &registered)
}

fn replace_scope(tx: &mut Tx<'_>) -> Result<(), Fault> {
    resources::delete_scope(tx, "message:read")?;
    resources::insert_scope(tx, "talk", &seed::scope("message:read", Risk::High))
}

fn replace_resource(tx: &mut Tx<'_>) -> Result<(), Fault> {
    resources::delete(tx, "talk")?;
    let names = [("en".to_owned(), "Another Talk".to_owned())].into();
    resources::insert(tx, "talk", TALK, &names, None, TokenProfile::default())?;
    let scopes = ["profile:read", "message:read"].map(|name| seed::scope(name, Risk::Low));
    scopes.iter().try_for_each(|scope| resources::insert_scope(tx, "talk", scope))
}

fn delete_scope(tx: &mut Tx<'_>) -> Result<(), Fault> {
    resources::delete_scope(tx, "message:read").map(drop)
}

/// Opens the scope to a group that the user is not in.
fn close_scope(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
    let scope = scopes.into_iter().find(|scope| scope.name == "message:read").expect("the scope");
    let open_to = Some(GroupIds::from_iter([Uuid::now_v7()]));
    resources::update_scope(tx, &resources::Scope { open_to, ..scope })
}

/// Withdraws the scope from the registrations of both clients.
fn withdraw_scope(tx: &mut Tx<'_>) -> Result<(), Fault> {
    for id in ["shop", "tv"] {
        let mut metadata = clients::find(tx, id)?.expect("the client").metadata;
        metadata.scope = metadata.scope.filter(|name| name != "message:read");
        clients::update(tx, id, &metadata)?;
    }
    Ok(())
}

fn has_scope(answer: &Answer) -> bool {
    answer.json["scope"].as_str().is_some_and(|scope| scope.split(' ').any(|name| name == "message:read"))
}

#[rstest]
#[case::scope_created_again(create_scope_again, true)]
#[case::resource_created_again(create_resource_again, true)]
#[case::scope_deleted(delete_scope, false)]
#[case::scope_withdrawn_from_the_registration(withdraw_scope, false)]
#[case::scope_closed_to_the_user(close_scope, false)]
#[tokio::test]
async fn every_issue_respects_what_the_scope_and_the_registration_are_today(
    #[case] change: fn(&mut Tx<'_>) -> Result<(), Fault>,
    #[case] can_be_requested: bool,
) {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "may_act": ["helper"] })).await;
    let helper = json!({ "grant_types": [EXCHANGE, "client_credentials"], "redirect_uris": ["https://a.example/cb"] });
    let helper = server.register("helper", helper).await;
    let tv = device::television(&server).await;
    let browser = server.browser();
    let scopes: Vec<&str> = SCOPE.split(' ').collect();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    assert!(has_scope(&tokens));
    let code = shop.authorize_in(&browser, "alice", SCOPE, &[]).await.parameter("code").expect("a code");
    let codes = device::codes(&tv, SCOPE).await;
    device::allow(&browser, &device::question(&browser, &codes).await, &scopes).await;
    let consent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "consent")])).await;
    let decided = browser.post_decision(&consent, &scopes, "approve").await;

    server.write(change).await;
    server.server.refresh().await.expect("a snapshot");

    let (access_token, refresh_token) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let subject = [("grant_type", EXCHANGE), ("subject_token", access_token), ("subject_token_type", ACCESS_TOKEN)];
    let sent = browser.follow(decided).await;
    for (what, answer) in [
        ("refresh", shop.refresh(refresh_token).await),
        ("code", shop.exchange_code(&code).await),
        ("device code", device::poll(&tv, &codes).await),
        ("introspection of an access token", shop.introspect(access_token).await),
        ("introspection of a refresh token", shop.introspect(refresh_token).await),
        ("exchange", helper.post("/token", &subject).await),
    ] {
        assert!(answer.status.as_u16() < 500 && !has_scope(&answer), "{what}: {answer:?}");
    }
    if let Some(code) = sent.parameter("code") {
        assert!(!has_scope(&shop.exchange_code(&code).await), "a decision that was not followed");
    }
    if !can_be_requested {
        return;
    }
    let apps = browser.open("/account/apps").await.body;
    assert!(apps.contains("Shop") && !apps.contains("message:read as a sentence"), "{apps}");
    // The new scope requires consent, and is then granted.
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(page.is_consent(), "{page:?}");
    let tokens = shop.exchange(&browser.allow(&page, &scopes).await).await.ok();
    assert!(has_scope(&tokens) && has_scope(&shop.introspect(tokens.text("access_token")).await));
    assert!(has_scope(&shop.refresh(tokens.text("refresh_token")).await));
}

#[rstest]
#[case::scope(replace_scope)]
#[case::resource(replace_resource)]
#[tokio::test]
async fn registration_does_not_include_a_scope_that_was_created_again(
    #[case] replace: fn(&mut Tx<'_>) -> Result<(), Fault>,
) {
    let server = TestServer::start().await;
    let scope = "openid message:read message:reader";
    let job = json!({ "grant_types": ["client_credentials", "authorization_code"], "scope": scope,
        "required_scope": "message:read", "required_scope_reasons": { "message:read": "to read" } });
    let job = server.register("job", job).await;
    let token = async |scope| job.post("/token", &[("grant_type", "client_credentials"), ("scope", scope)]).await;
    assert_eq!(token("message:read").await.ok().text("scope"), "message:read");
    server.write(replace).await;
    server.server.refresh().await.expect("a snapshot");
    assert_eq!(token("message:read").await.refused(400), "invalid_scope");
    let stored = server.write(|tx| clients::find(tx, "job")).await.expect("the client");
    assert_eq!(stored.metadata.scope.to_string(), "openid message:reader");
    assert!(stored.approved && stored.metadata.required_scope.is_empty());
    // An administrator registers the new one.
    let again =
        json!({ "grant_types": ["client_credentials"], "scope": "message:read", "required_scope": "message:read" });
    server.change_client("job", again).await;
    assert_eq!(token("message:read").await.ok().text("scope"), "message:read");
}

#[tokio::test]
async fn grant_from_before_identities_holds_the_scopes_of_the_upgrade() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let refresh_token = tokens.text("refresh_token");
    server.database.execute("UPDATE grants SET scope_ids = NULL").await;
    assert!(!has_scope(&shop.introspect(refresh_token).await), "an unknown identity grants nothing");
    drop(open(&server.database).await);
    assert!(has_scope(&shop.refresh(refresh_token).await.ok()));
    server.write(create_scope_again).await;
    server.server.refresh().await.expect("a snapshot");
    assert!(!has_scope(&shop.refresh(refresh_token).await.ok()));
}

#[tokio::test]
async fn single_claim_is_not_disclosed_when_its_scope_is_unregistered() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "scope": "openid email", "required_scope": "openid" })).await;
    let claims = json!({ "id_token": { "email": null }, "userinfo": { "email": null } }).to_string();
    let sent = shop.authorize_as("alice", "openid email", &[("scope", "openid"), ("claims", &claims)]).await;
    let tokens = shop.exchange(&sent).await.ok();
    assert_eq!(tokens.claims("id_token")["email"], "alice@example.com");
    server.change_client("shop", json!({ "scope": "openid", "required_scope": "openid" })).await;
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert!(refreshed.claims("id_token").get("email").is_none());
    assert!(shop.userinfo(refreshed.text("access_token")).await.ok().json.get("email").is_none());
}
