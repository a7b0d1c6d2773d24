//! What opens the account changes, and the account is deleted, only after every kind of factor was
//! proved: the same at each door.

use reqwest::StatusCode;

use crate::support::{
    Browser, Page, TestServer, administrator,
    authenticator::{Authenticator, enter_code, enter_password, set_up},
    passkey::{
        PASSKEYS, Passkey, confirm, is_refused, post, registered, sign_in, start, submit as submit_passkey,
        with_host_name,
    },
    seed::PASSWORD,
};

const NEW: &str = "three otters at the weir";

/// What a form of a sensitive page leads to.
async fn submit(browser: &Browser, path: &str) -> Page {
    let csrf = browser.open("/account/preferences").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("password", PASSWORD), ("new_password", NEW), ("email", "new@example.com")];
    browser.post(path, &fields).await
}

/// A browser of alice in which only the password was entered, and the app with her second factor.
async fn beside_a_factor(server: &TestServer) -> (Browser, Authenticator) {
    let [browser, other] = [server.browser(), server.browser()];
    enter_password(&browser, "alice").await;
    enter_password(&other, "alice").await;
    let (app, _) = set_up(server, &other).await;
    server.clock.advance(30);
    (browser, app)
}

#[tokio::test]
async fn password_alone_neither_deletes_nor_changes_an_account_with_a_second_factor() {
    let server = TestServer::start().await;
    let (browser, app) = beside_a_factor(&server).await;
    for path in ["/account/delete", "/account/password", "/account/email", "/account/passkeys/new"] {
        let asked = browser.open(path).await;
        assert!(asked.url.ends_with(&format!("/account/second-factor/prove?then={path}")), "{path}: {asked:?}");
        let refused = submit(&browser, path).await;
        let next = refused.next().unwrap_or_default();
        assert!(next.starts_with("/account/second-factor/prove?then="), "{path}: {refused:?}");
    }
    assert_eq!(server.count("users").await, 2);
    assert!(server.user("alice").await.email.as_deref() == Some("alice@example.com"));
    let asked = browser.open("/account/delete").await;
    let (csrf, then) = (asked.hidden("csrf"), asked.hidden("then"));
    let wrong = [("csrf", &*csrf), ("then", &*then), ("code", "000000")];
    assert!(is_refused(&browser.post("/account/second-factor/prove", &wrong).await));
    let right = [("csrf", &*csrf), ("then", &*then), ("code", &*app.code(&server))];
    let proved = browser.post("/account/second-factor/prove", &right).await;
    assert_eq!(proved.next().as_deref(), Some("/account/delete"));
    let csrf = browser.open("/account/delete").await.hidden("csrf");
    let wrong = browser.post("/account/delete", &[("csrf", &csrf), ("password", "wrong")]).await;
    assert!(is_refused(&wrong), "the password is asked for as well: {wrong:?}");
    assert!(submit(&browser, "/account/delete").await.body.contains("id=\"deleted\""));
    assert_eq!(server.count("users").await, 1);
}

#[tokio::test]
async fn password_alone_neither_deletes_nor_changes_an_account_with_a_passkey() {
    let server = start().await;
    let (browser, mut passkey) = registered(&server, "alice").await;
    for path in ["/account/delete", "/account/password", "/account/email"] {
        let asked = browser.open(path).await;
        assert!(asked.url.contains("/account/confirm?then=") && !asked.body.contains("id=\"password\""), "{asked:?}");
        let refused = submit(&browser, path).await;
        assert_eq!(refused.next().as_deref(), Some(&*format!("/account/confirm?then={path}")), "{refused:?}");
    }
    confirm(&browser, &mut passkey, "/account/password").await;
    assert!(submit(&browser, "/account/password").await.body.contains("id=\"done\""));
}

#[tokio::test]
async fn proof_that_is_old_deletes_no_account() {
    let server = TestServer::start().await;
    let (browser, app) = beside_a_factor(&server).await;
    let asked = browser.open("/account/delete").await;
    let fields = [("csrf", &*asked.hidden("csrf")), ("then", "/account/delete"), ("code", &*app.code(&server))];
    browser.post("/account/second-factor/prove", &fields).await;
    assert_eq!(browser.get("/account/delete").await.status, StatusCode::OK);
    server.clock.advance(600);
    let refused = submit(&browser, "/account/delete").await;
    assert_eq!(refused.next().as_deref(), Some("/account/confirm?then=/account/delete"), "{refused:?}");
    // The password is recent again, the code is not.
    let csrf = browser.open("/account/preferences").await.hidden("csrf");
    let fields = [("csrf", &*csrf), ("then", "/account/delete"), ("password", PASSWORD)];
    assert_eq!(browser.post("/account/confirm", &fields).await.next().as_deref(), Some("/account/delete"));
    let refused = submit(&browser, "/account/delete").await;
    assert_eq!(refused.next().as_deref(), Some("/account/second-factor/prove?then=/account/delete"));
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn account_with_only_a_password_is_deleted_with_it() {
    let server = TestServer::start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    server.clock.advance(3600);
    let csrf = browser.open("/account/delete").await.hidden("csrf");
    let wrong = browser.post("/account/delete", &[("csrf", &csrf), ("password", "wrong")]).await;
    assert!(is_refused(&wrong), "{wrong:?}");
    assert!(submit(&browser, "/account/delete").await.body.contains("id=\"deleted\""));
}

/// A node of the same installation after an operator has switched passkeys off: its host is an
/// address.
async fn without_passkeys(server: &TestServer) -> TestServer {
    let issuer = server.issuer.clone();
    server.second_node_with_settings(move |settings| settings.server.issuer = issuer.parse().expect("a URL")).await
}

#[tokio::test]
async fn passkey_that_is_switched_off_is_no_factor_and_nothing_loops() {
    let server = TestServer::start_with(|settings| {
        with_host_name(settings);
        settings.console.enabled = true;
    })
    .await;
    administrator::promote(&server, "alice").await;
    let (browser, mut passkey) = registered(&server, "alice").await;
    let node = without_passkeys(&server).await;
    let browser = browser.at(&node.issuer);
    let closed = browser.get("/admin").await;
    assert!(closed.status == StatusCode::FORBIDDEN && closed.body.contains("id=\"closed\""), "{closed:?}");
    assert_eq!(browser.get("/step-up?return_to=/admin").await.next().as_deref(), Some("/admin"));
    for path in ["/account/delete", "/account/password", "/account/email", "/account/second-factor/set-up"] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
    assert!(!browser.open("/account/password").await.body.contains("id=\"remove-password\""));
    let login = node.browser().open("/login").await;
    assert!(!login.body.contains("id=\"passkey\""), "{}", login.body);
    let shop = server.shop().await.at(&node.issuer);
    node.server.refresh().await.expect("read");
    let mfa = r#"{"id_token":{"acr":{"essential":true,"value":"urn:writ:acr:mfa"}}}"#;
    let page = browser.open(&shop.authorize_url("openid profile:read", &[("claims", mfa)])).await;
    assert!(page.url.contains("/account/second-factor/set-up?request="), "{page:?}");
    set_up(&node, &browser).await;
    let other = node.browser();
    let page = enter_password(&other, "alice").await;
    assert!(page.body.contains("id=\"verify\"") && !page.body.contains("id=\"passkey\""), "{}", page.body);
    let response = passkey.assertion(&server.browser().open("/login").await);
    let refused = sign_in(&other, &login, response).await;
    assert!(is_refused(&refused), "{refused:?}");
}

#[tokio::test]
async fn last_passkey_stays_where_the_other_ways_in_are_switched_off() {
    let server = start().await;
    let (browser, mut passkey) = registered(&server, "alice").await;
    confirm(&browser, &mut passkey, PASSKEYS).await;
    let csrf = browser.open(PASSKEYS).await.hidden("csrf");
    browser.post("/account/password/remove", &[("csrf", &csrf)]).await;
    assert!(server.user("alice").await.password_hash.is_none());
    let alice = server.user_id("alice").await;
    let link = "https://gone.example";
    server.write(move |tx| writ::store::linked_subjects::insert(tx, alice, link, "a")).await;
    let refused = submit_passkey(&browser, "/account/passkeys/remove", &[]).await;
    assert!(is_refused(&refused) && refused.body.contains("could not sign in any more"), "{refused:?}");
}

#[tokio::test]
async fn pending_request_survives_what_is_asked_for_before_the_offered_passkey() {
    let server = start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let hidden = ["request", "return_to", "csrf"].map(|name| (name, login.hidden(name)));
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, &**value)).collect();
    fields.extend([("username", "alice"), ("password", PASSWORD), ("can_keep_passkey", "yes")]);
    let offer = browser.follow(browser.post("/login", &fields).await).await;
    let request = offer.hidden("request");
    let here = format!("/account/passkeys/new?request={request}");

    // Meanwhile, the user sets up a second factor in another browser.
    let other = server.browser();
    enter_password(&other, "alice").await;
    let (app, _) = set_up(&server, &other).await;
    server.clock.advance(30);
    let passkey = Passkey::synced(&server);
    let own = ["csrf", "request"].map(|name| (name, offer.hidden(name)));
    let asked = post(&browser, "/account/passkeys/new", &own, passkey.creation(&offer)).await;
    assert_eq!(asked.next().as_deref(), Some(&*format!("/account/second-factor/prove?then={here}")), "{asked:?}");
    let asked = browser.follow(asked).await;
    assert!(asked.body.contains(&format!("href=\"/authorize/resume?request={request}\"")), "{}", asked.body);
    let fields = [("csrf", &*asked.hidden("csrf")), ("then", &*asked.hidden("then")), ("code", &*app.code(&server))];
    let proved = browser.post("/account/second-factor/prove", &fields).await;
    assert_eq!(proved.next().as_deref(), Some(&*here), "{proved:?}");
    let offer = browser.follow(proved).await;

    // The sign-in is not recent any more.
    server.clock.advance(600);
    let own = ["csrf", "request"].map(|name| (name, offer.hidden(name)));
    let asked = post(&browser, "/account/passkeys/new", &own, passkey.creation(&offer)).await;
    assert_eq!(asked.next().as_deref(), Some(&*format!("/account/confirm?then={here}")), "{asked:?}");
}

#[tokio::test]
async fn pending_request_goes_on_after_a_code_and_the_offered_passkey() {
    let server = start().await;
    let shop = server.shop().await;
    let [browser, other] = [server.browser(), server.browser()];
    enter_password(&other, "alice").await;
    let (app, _) = set_up(&server, &other).await;
    server.clock.advance(30);
    let code = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let code = browser.sign_in(&code, "alice").await;
    let consent = browser.follow(enter_code(&browser, &code, &app.code(&server), &[]).await).await;
    let request = consent.hidden("request");
    let here = format!("/account/passkeys/new?request={request}");
    let offer = browser.open(&here).await;
    let own = ["csrf", "request"].map(|name| (name, offer.hidden(name)));
    let passkey = Passkey::synced(&server);
    let created = post(&browser, "/account/passkeys/new", &own, passkey.creation(&offer)).await;
    let consent = browser.follow(created).await;
    assert!(consent.body.contains("id=\"approve\""), "{consent:?}");
}
