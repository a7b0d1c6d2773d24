//! Clients and groups that demand an `acr`: step-up where a user can be asked, and nothing below it
//! elsewhere.

use reqwest::Method;
use serde_json::json;
use uuid::Uuid;
use writ::{
    administration::{self, Actor},
    store::clients,
};
use writ_core::{groups::Group, vocabulary::acr::Acr};

use crate::support::{
    App, Browser, Page, TestServer,
    authenticator::{Authenticator, enter_password, set_up},
    console::{self, Console},
    device,
};

const SCOPE: &str = "openid profile:read";
const MFA: &str = "urn:writ:acr:mfa";

async fn demand(server: &TestServer, client: &'static str, acr: Option<Acr>) {
    assert!(server.write(move |tx| clients::set_acr(tx, client, acr)).await);
    server.server.refresh().await.expect("a snapshot");
}

/// A group that demands a second factor of alice, who is in a group in it.
async fn demanding_group(server: &TestServer) -> [Group; 2] {
    let actor = Actor::at_command_line("test".to_owned(), None, &server.shared_secrets().await);
    let board = Group { id: Uuid::now_v7(), name: "board".to_owned(), parent: None, acr: Some(Acr::Mfa) };
    let chairs = Group { id: Uuid::now_v7(), name: "chairs".to_owned(), parent: Some(board.id), acr: None };
    let (groups, alice) = ([board, chairs], server.user("alice").await);
    let created = groups.clone();
    server
        .write(move |tx| {
            for group in &created {
                administration::groups::create(tx, &actor, group)?.expect("a new group");
            }
            administration::groups::add(tx, &actor, &created[1], &[alice])
        })
        .await
        .expect("a new member");
    server.server.refresh().await.expect("a snapshot");
    groups
}

/// A browser in which only the password was entered, and the app with the second factor.
async fn beside_a_factor(server: &TestServer) -> (Browser, Authenticator) {
    let [browser, other] = [server.browser(), server.browser()];
    enter_password(&browser, "alice").await;
    enter_password(&other, "alice").await;
    let (app, _) = set_up(server, &other).await;
    server.clock.advance(30);
    (browser, app)
}

async fn enter_code(browser: &Browser, page: &Page, code: &str) -> Page {
    assert!(page.url.contains("/step-up?"), "{page:?}");
    let hidden = ["csrf", "request", "return_to"].map(|name| (name, page.find_hidden(name).unwrap_or_default()));
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    fields.push(("code", code));
    let page = browser.post("/step-up", &fields).await;
    browser.follow(page).await
}

/// Allows the request after the step-up.
async fn step_up(browser: &Browser, shop: &App, code: &str) -> crate::support::Answer {
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let consent = enter_code(browser, &page, code).await;
    let answered = match consent.is_consent() {
        true => browser.allow(&consent, &["openid", "profile:read"]).await,
        false => consent,
    };
    shop.exchange(&answered).await.ok()
}

#[tokio::test]
async fn client_that_demands_a_factor_gets_nothing_of_a_weaker_sign_in() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, app) = beside_a_factor(&server).await;
    let consent = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let before = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await.ok();
    demand(&server, "shop", Some(Acr::Mfa)).await;

    assert_eq!(shop.refresh(before.text("refresh_token")).await.refused(400), "invalid_grant");
    assert_eq!(shop.introspect(before.text("refresh_token")).await.ok().json["active"], false);
    assert_eq!(server.talk().introspect(before.text("access_token")).await.ok().json["active"], false);
    let silent = browser.open(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("login_required"));
    let page = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let without = page.body.split("id=\"without-code\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let refused = browser.open(&without.expect("a way on").replace("&#38;", "&")).await;
    assert_eq!(refused.parameter("error").as_deref(), Some("unmet_authentication_requirements"));

    let tokens = step_up(&browser, &shop, &app.code(&server)).await;
    assert_eq!(tokens.claims("access_token")["acr"], MFA);
    shop.refresh(tokens.text("refresh_token")).await.ok();
    demand(&server, "shop", None).await;
    shop.refresh(before.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn member_of_a_demanding_group_proves_a_factor_for_every_client() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, app) = beside_a_factor(&server).await;
    let of_minji = server.browser();
    demanding_group(&server).await;
    let tokens = step_up(&browser, &shop, &app.code(&server)).await;
    assert_eq!(tokens.claims("access_token")["acr"], MFA);
    shop.tokens_in(&of_minji, "minji", SCOPE).await.ok();
}

#[tokio::test]
async fn member_without_a_factor_sets_one_up() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    demanding_group(&server).await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.url.contains("/account/second-factor/set-up?request="), "{page:?}");
}

#[tokio::test]
async fn device_waits_for_the_factor_that_its_client_demands() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, SCOPE).await.ok();
    let (browser, app) = beside_a_factor(&server).await;
    let page = device::question(&browser, &codes).await;
    demand(&server, "tv", Some(Acr::Mfa)).await;
    device::allow(&browser, &page, &["openid", "profile:read"]).await;
    assert_ne!(device::poll(&tv, &codes).await.status, 200, "an earlier form decides nothing");
    let page = browser.follow(device::question(&browser, &codes).await).await;
    enter_code(&browser, &page, &app.code(&server)).await;
    let page = device::question(&browser, &codes).await;
    device::allow(&browser, &page, &["openid", "profile:read"]).await;
    server.clock.advance(10);
    assert_eq!(device::poll(&tv, &codes).await.ok().claims("access_token")["acr"], MFA);
}

#[tokio::test]
async fn device_is_denied_without_the_factor_that_its_client_demands() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    demand(&server, "tv", Some(Acr::Mfa)).await;
    let (with_factor, _) = beside_a_factor(&server).await;
    let without = server.browser();
    enter_password(&without, "minji").await;
    for browser in [&with_factor, &without] {
        let codes = device::codes(&tv, SCOPE).await.ok();
        let page = browser.follow(device::question(browser, &codes).await).await;
        assert!(page.body.contains("id=\"deny\"") && !page.body.contains("id=\"approve\""), "{page:?}");
        let denial = page.hidden("denial");
        let fields = [("denial", &*denial), ("user_code", codes.text("user_code")), ("decision", "deny")];
        let done = browser.post("/device", &fields).await;
        assert!(done.status == 200 && done.body.contains("id=\"answered\""), "{done:?}");
        assert_eq!(device::poll(&tv, &codes).await.refused(400), "access_denied");
    }
}

#[tokio::test]
async fn api_lifts_no_demand_of_a_group() {
    let server = console::start().await;
    let api = Console::new(&server, "writ:groups:read writ:groups:write").await;
    let [board, chairs] = demanding_group(&server).await;
    let alice = json!({ "users": [server.user_id("alice").await] });
    let path = |group: &Group| format!("/groups/{}", group.id);
    for (method, path, operation, body) in [
        (Method::POST, path(&chairs), "/remove", Some(&alice)),
        (Method::PATCH, path(&chairs), "", Some(&json!({ "parent": null }))),
        (Method::DELETE, path(&board), "", None),
    ] {
        let refused = api.change(method, &path, operation, body).await;
        assert_eq!(console::problem(&refused, 403), "access_denied", "{path}{operation}");
    }
    let renamed = api.change(Method::PATCH, &path(&board), "", Some(&json!({ "name": "directors" }))).await.ok();
    assert_eq!(renamed.json["acr"], MFA, "{renamed:?}");
}
