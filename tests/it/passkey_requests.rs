//! Passkeys in the middle of an authorization request: step-up, the second step, and the offer of
//! one after a password.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{
    App, Browser, Page, TestServer,
    authenticator::{enter_password, set_up},
    passkey::{PASSKEYS, Passkey, confirm, is_in, is_refused, post, registered, start, with_passkey},
    seed::PASSWORD,
};

const SCOPE: &str = "openid profile:read";

#[tokio::test]
async fn step_up_asks_for_the_passkey_only_and_the_request_goes_on() {
    let (server, browser, mut passkey) = with_passkey().await;
    let shop = server.shop().await;
    shop.tokens_in(&browser, "alice", SCOPE).await;
    let mfa = json!("urn:writ:acr:mfa");
    let essential = json!({ "id_token": { "acr": { "essential": true, "value": mfa } } }).to_string();
    let page = browser.open(&shop.authorize_url(SCOPE, &[("claims", &essential)])).await;
    assert!(page.url.contains("/step-up?request=") && !page.body.contains("id=\"code\""), "{page:?}");
    let own = ["csrf", "request"].map(|name| (name, page.hidden(name)));
    let (_, mut of_minji) = registered(&server, "minji").await;
    let response = of_minji.assertion(&page);
    assert!(is_refused(&post(&browser, "/step-up", &own, response).await), "a passkey of another user");
    let response = passkey.assertion(&page);
    let proven = post(&browser, "/step-up", &own, response.clone()).await;
    let answered = browser.follow(proven).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&mfa, &json!(["pwd", "pop", "user", "mfa"])));
    let again = post(&browser, "/step-up", &own, response).await;
    assert_ne!(again.status, StatusCode::SEE_OTHER, "replayed: {again:?}");
}

/// Enters the password at the start of a request, on a device that can keep a passkey. Returns what
/// follows.
async fn next_on_a_capable_device(server: &TestServer, shop: &App) -> (Browser, Page) {
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    let hidden = ["request", "return_to", "csrf"].map(|name| (name, login.hidden(name)));
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    fields.extend([("username", "alice"), ("password", PASSWORD), ("can_keep_passkey", "yes")]);
    let next = browser.post("/login", &fields).await;
    (browser, next)
}

#[tokio::test]
async fn passkey_is_offered_once_a_month_after_a_password_and_the_request_goes_on() {
    let server = start().await;
    let shop = server.shop().await;
    let is_offer = |page: &Page| page.next().is_some_and(|next| next.starts_with("/account/passkeys/new?request="));
    let (browser, next) = next_on_a_capable_device(&server, &shop).await;
    assert!(is_offer(&next), "{next:?}");
    let offer = browser.follow(next).await;
    let later = offer.body.split("id=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert!(browser.open(later.expect("a way past the offer")).await.body.contains("id=\"approve\""));
    assert!(!is_offer(&next_on_a_capable_device(&server, &shop).await.1), "a second time");

    server.clock.advance(30 * 24 * 3600);
    let (browser, next) = next_on_a_capable_device(&server, &shop).await;
    let offer = browser.follow(next).await;
    let passkey = Passkey::synced(&server);
    let own = ["csrf", "request"].map(|name| (name, offer.hidden(name)));
    let created = post(&browser, "/account/passkeys/new", &own, passkey.creation(&offer)).await;
    let consent = browser.follow(created).await;
    assert!(consent.body.contains("id=\"approve\""), "{consent:?}");

    server.clock.advance(30 * 24 * 3600);
    assert!(!is_offer(&next_on_a_capable_device(&server, &shop).await.1), "the user has a passkey");
}

#[tokio::test]
async fn passkey_replaces_the_code_after_the_password() {
    let (server, browser, mut passkey) = with_passkey().await;
    confirm(&browser, &mut passkey, PASSKEYS).await;
    set_up(&server, &browser).await;
    let other = server.browser();
    let page = enter_password(&other, "alice").await;
    assert!(page.body.contains("id=\"verify\"") && page.body.contains("action=\"/login\""), "{}", page.body);
    let prompt = Page { body: page.body.split("id=\"passkey\"").nth(1).expect("a prompt").to_owned(), ..page };
    assert!(is_in(&passkey.sign_in(&other, &prompt).await));
}
