//! Signing in with another provider: first sign-ins, the request that waits, the second factor.

use reqwest::StatusCode;
use serde_json::json;
use writ::store::{accepted_terms, accounts, linked_subjects, notices::Kind, sessions};

use crate::support::{
    Page, TestServer,
    app::VERIFIER,
    authenticator::{enter_code, enter_password, set_up},
    mailbox::{Mailbox, mails_to},
    provider::{
        START, StubProvider, button, create_account, decide_link, is_account, is_first_time, leave, sign_in_and_link,
    },
};

const TRUSTED: &str = "example.com";

async fn links_of(server: &TestServer, username: &'static str) -> Vec<String> {
    let id = server.user_id(username).await;
    let links = server.write(move |tx| linked_subjects::list_of_user(tx, id)).await;
    links.into_iter().map(|link| link.subject).collect()
}

fn says(page: &Page, text: &str) -> bool {
    page.is_login() && page.status == StatusCode::BAD_REQUEST && page.body.contains(text)
}

#[tokio::test]
async fn first_sign_in_creates_an_account_and_the_request_goes_on() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "create_accounts": true })).await;
    let (shop, browser) = (server.shop().await, server.browser());
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let claims = json!({ "email": "ada@stub.example", "email_verified": true });
    let first_time = stub.sign_in(&server, &browser, &button(&login), claims).await;
    assert!(is_first_time(&first_time) && first_time.body.contains("ada@stub.example"), "{}", first_time.body);
    assert!(first_time.body.contains("value=\"Ada Lovelace\""), "{}", first_time.body);
    assert_eq!(server.count("users").await, 2, "a GET creates nothing");
    let nameless = browser.post("/login/first-time", &[("csrf", &first_time.hidden("csrf")), ("name", " ")]).await;
    assert!(nameless.status == StatusCode::BAD_REQUEST && nameless.body.contains("aria-invalid"), "{}", nameless.body);

    let consent = create_account(&browser, &nameless, "Ada  Lovelace").await;
    assert!(consent.is_consent(), "{}", consent.body);
    let tokens = shop.exchange(&browser.allow(&consent, &["openid", "profile:read"]).await).await;
    assert_eq!(tokens.status, StatusCode::OK);
    let ada = server.user("ada-lovelace").await;
    assert_eq!((ada.email, ada.email_verified, ada.password_hash), (None, false, None), "the address is not trusted");
    assert_eq!(links_of(&server, "ada-lovelace").await, ["u1"]);
    assert!(browser.open("/account").await.body.contains("You created the account"));

    let other = server.browser();
    assert!(is_account(&stub.sign_in(&server, &other, START, json!({})).await), "the same user the next time");
    assert_eq!(server.count("users").await, 3);
    let again = create_account(&browser, &first_time, "Eve").await;
    assert!(again.is_login() || is_account(&again), "it works once: {}", again.body);
    assert_eq!(server.count("users").await, 3);
}

#[tokio::test]
async fn first_sign_in_creates_an_account_only_with_the_current_terms() {
    let stub = StubProvider::start();
    let server = stub
        .server_with(json!({ "create_accounts": true }), |settings| {
            settings.terms.version = Some("2027-01".to_owned());
            settings.terms.url = "https://example.com/terms".parse().ok();
        })
        .await;
    let (shop, browser) = (server.shop().await, server.browser());
    let login = browser.open(&shop.authorize_url("openid profile:read", &[])).await;
    let first_time = stub.sign_in(&server, &browser, &button(&login), json!({})).await;
    assert!(first_time.body.contains("https://example.com/terms"), "{}", first_time.body);
    let csrf = first_time.hidden("csrf");
    for terms in [None, Some(""), Some("2026-01")] {
        let fields = [("csrf", &*csrf), ("name", "Ada")].into_iter().chain(terms.map(|version| ("terms", version)));
        let refused = browser.post("/login/first-time", &fields.collect::<Vec<_>>()).await;
        let is_explained = refused.body.contains("tick the box") && refused.body.contains("value=\"Ada\"");
        assert!(refused.status == StatusCode::BAD_REQUEST && is_explained, "{terms:?}: {}", refused.body);
    }
    assert_eq!((server.count("users").await, server.count("accepted_terms").await), (2, 0));
    let fields = [("csrf", &*csrf), ("name", "Ada"), ("terms", "2027-01")];
    let consent = browser.follow(browser.post("/login/first-time", &fields).await).await;
    assert!(consent.is_consent(), "nothing is asked again: {}", consent.body);
    let ada = server.user_id("ada").await;
    let accepted = server.write(move |tx| accepted_terms::list_of_user(tx, ada)).await;
    let accepted: Vec<_> = accepted.into_iter().map(|terms| (terms.version, terms.accepted_at)).collect();
    assert_eq!(accepted, [("2027-01".to_owned(), server.clock.now())]);
}

#[tokio::test]
async fn account_is_created_only_if_configured_and_by_the_browser_that_signed_in() {
    let stub = StubProvider::start();
    let server = stub.server(json!({})).await;
    let browser = server.browser();
    let first_time = stub.sign_in(&server, &browser, START, json!({})).await;
    assert!(is_first_time(&first_time) && !first_time.body.contains("id=\"create\""), "{}", first_time.body);
    // A node with another configuration shows the form.
    let other_node = server.second_node_with_settings(|settings| {
        settings.upstream.providers = vec![stub.settings(&json!({ "create_accounts": true }))];
    });
    let form = browser.at(&other_node.await.issuer).open("/login/first-time").await;
    create_account(&browser, &form, "Ada").await;
    assert_eq!(server.count("users").await, 2);

    let second = stub.server(json!({ "create_accounts": true })).await;
    let (browser, other) = (second.browser(), second.browser());
    let first_time = stub.sign_in(&second, &browser, START, json!({})).await;
    other.open("/login").await;
    create_account(&other, &first_time, "Ada").await;
    assert_eq!(second.count("users").await, 2, "another browser");
    let forged = browser.post("/login/first-time", &[("csrf", "x"), ("name", "Ada")]).await;
    assert!(forged.status == StatusCode::BAD_REQUEST && is_first_time(&forged), "{}", forged.body);
    second.clock.advance(901);
    create_account(&browser, &first_time, "Ada").await;
    assert_eq!(second.count("users").await, 2, "expired");
}

#[tokio::test]
async fn user_of_a_provider_who_is_not_linked_yet_is_known_by_the_secret_and_the_browser() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "create_accounts": true })).await;
    let browser = server.browser();
    let own = browser.open("/login").await.cookie("writ_browser").expect("an id");
    let arrived = stub.arrive(&server, &browser, START, &json!({})).await;
    let unlinked = arrived.cookie("writ_unlinked").expect("a handle");
    let forged = format!("{}.{VERIFIER}", unlinked.split_once('.').expect("a handle").0);
    for (id, handle, is_known) in [(&*own, &*unlinked, true), (&own, &forged, false), ("another", &unlinked, false)] {
        let cookies = format!("writ_browser={id}; writ_unlinked={handle}");
        let page = browser.with_cookies(&cookies).get("/login/first-time").await;
        assert_eq!(is_first_time(&page), is_known, "{page:?}");
    }
}

#[tokio::test]
async fn attempts_to_create_an_account_are_counted() {
    let stub = StubProvider::start();
    let members = json!({ "trusted_email_domains": [TRUSTED], "create_accounts": true });
    let server = stub.server_with(members, |settings| settings.throttle.network_attempts = 4).await;
    let owner = server.browser();
    enter_password(&owner, "alice").await;
    set_up(&server, &owner).await;
    // An address that is taken creates no account, and can be tried again.
    let browser = server.browser();
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    let first_time = stub.sign_in(&server, &browser, START, claims).await;
    let mut statuses = Vec::new();
    for _ in 0..40 {
        let fields = [("csrf", &*first_time.hidden("csrf")), ("name", "Ada")];
        statuses.push(browser.post("/login/first-time", &fields).await.status);
    }
    assert_eq!(statuses.first(), Some(&StatusCode::SEE_OTHER));
    assert_eq!(statuses.last(), Some(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn user_with_an_account_signs_in_once_and_links_it() {
    let (stub, mailbox) = (StubProvider::start(), Mailbox::new());
    let server = stub.server_with(json!({}), |settings| mailbox.receive(settings)).await;
    let (shop, browser) = (server.shop().await, server.browser());
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let first_time = stub.sign_in(&server, &browser, &button(&login), json!({})).await;
    let consent = sign_in_and_link(&browser, &first_time, "alice").await;
    assert!(consent.is_consent(), "the request goes on: {}", consent.body);
    assert_eq!(links_of(&server, "alice").await, ["u1"]);
    let letter = mailbox.newest_notice(&server, "alice@example.com", Kind::ProviderLinked, 1).await;
    assert!(letter.text().contains("account at Stub ID was connected to your account alice"), "{}", letter.text());
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, json!({})).await));

    let minji = server.browser();
    let first_time = stub.sign_in(&server, &minji, START, json!({ "sub": "u2" })).await;
    let login = minji.open("/login").await;
    let link = minji.sign_in(&login, "minji").await;
    assert!(link.body.contains("id=\"link-provider\""), "{}", link.body);
    let skipped = decide_link(&minji, &link, "skip").await;
    assert!(is_account(&minji.follow(skipped).await));
    assert!(links_of(&server, "minji").await.is_empty());
    assert!(!is_first_time(&minji.open("/login/first-time").await), "{}", first_time.body);
}

#[tokio::test]
async fn address_links_only_if_verified_and_trusted_for_its_domain() {
    let (stub, mailbox) = (StubProvider::start(), Mailbox::new());
    let members = json!({ "trusted_email_domains": [TRUSTED], "create_accounts": true });
    let server = stub.server_with(members, |settings| mailbox.receive(settings)).await;
    for claims in [
        json!({ "email": "alice@example.com" }),
        json!({ "email": "alice@example.com", "email_verified": false }),
        json!({ "email": "alice@eu.example.com", "email_verified": true }),
        json!({ "email": "alice", "email_verified": true }),
        // A wide letter: another mailbox.
        json!({ "email": "\u{ff41}lice@example.com", "email_verified": true }),
        json!({ "email": "nobody@example.com", "email_verified": true }),
    ] {
        let page = stub.sign_in(&server, &server.browser(), START, claims.clone()).await;
        assert!(is_first_time(&page), "{claims}: {}", page.body);
    }
    assert!(links_of(&server, "alice").await.is_empty());
    let trusted = json!({ "email": "Alice@Example.com", "email_verified": true });
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, trusted).await));
    assert_eq!(links_of(&server, "alice").await, ["u1"]);
    assert_eq!(mails_to(&server, "alice@example.com", Some(Kind::ProviderLinked)).await.len(), 1);

    let browser = server.browser();
    let claims = json!({ "sub": "u2", "email": "ada@example.com", "email_verified": true });
    let first_time = stub.sign_in(&server, &browser, START, claims).await;
    assert!(is_account(&create_account(&browser, &first_time, "Ada").await));
    let ada = server.user("ada").await;
    assert_eq!((ada.email.as_deref(), ada.email_verified), (Some("ada@example.com"), true));
}

#[tokio::test]
async fn unverified_address_of_an_account_links_no_user() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": [TRUSTED] })).await;
    let minji = server.user_id("minji").await;
    let alice = server.user_id("alice").await;
    server
        .write(move |tx| {
            writ::store::users::set_email(tx, alice, None, false)?;
            writ::store::users::set_email(tx, minji, Some("alice@example.com"), false)
        })
        .await;
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    assert!(is_first_time(&stub.sign_in(&server, &server.browser(), START, claims).await));
}

#[tokio::test]
async fn address_links_no_account_with_a_second_factor() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": [TRUSTED] })).await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    set_up(&server, &browser).await;
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    assert!(is_first_time(&stub.sign_in(&server, &server.browser(), START, claims).await));
    assert!(links_of(&server, "alice").await.is_empty());
}

#[tokio::test]
async fn second_factor_is_asked_for_after_the_provider() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": [TRUSTED] })).await;
    let claims = json!({ "email": "alice@example.com", "email_verified": true });
    assert!(is_account(&stub.sign_in(&server, &server.browser(), START, claims.clone()).await));
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let (app, _) = set_up(&server, &browser).await;
    server.clock.advance(30);
    let (shop, other) = (server.shop().await, server.browser());
    let login = other.open(&shop.authorize_url("openid profile:read", &[("acr_values", "urn:writ:acr:mfa")])).await;
    let code = stub.sign_in(&server, &other, &button(&login), claims.clone()).await;
    assert!(code.body.contains("id=\"verify\"") && code.cookie("writ_session").is_none(), "{}", code.body);
    assert_eq!(server.count("upstream_sessions").await, 1);
    let wrong = enter_code(&other, &code, "000000", &[]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let page = enter_code(&other, &wrong, &app.code(&server), &[]).await;
    let consent = other.follow(page).await;
    assert!(consent.is_consent(), "{}", consent.body);
    assert_eq!(server.count("upstream_sessions").await, 2);
    let tokens = shop.exchange(&other.allow(&consent, &["openid", "profile:read"]).await).await;
    let claims = writ_core::vocabulary::client_keys::unverified_claims::<serde_json::Value>(tokens.text("id_token"));
    let claims = claims.expect("an ID token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:writ:acr:mfa"), &json!(["otp", "mfa"])));
}

#[tokio::test]
async fn request_for_a_fresh_sign_in_needs_the_time_of_the_provider() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": [TRUSTED] })).await;
    let (shop, now) = (server.shop().await, server.clock.now());
    let claims = |auth_time: serde_json::Value| json!({ "email": "alice@example.com", "email_verified": true, "auth_time": auth_time });
    for (parameter, value, sent) in [("prompt", "login", "0"), ("max_age", "0", "0"), ("max_age", "60", "60")] {
        let browser = server.browser();
        let url = shop.authorize_url("profile:read", &[(parameter, value)]);
        let login = browser.open(&url).await;
        let away = leave(&browser, &button(&login)).await;
        assert_eq!(away.parameter("max_age").as_deref(), Some(sent), "{parameter}={value}");
        assert_eq!(away.parameter("prompt").as_deref(), (sent == "0").then_some("login"));
        for undisclosed in [claims(json!(null)), claims(json!(now - 100))] {
            let page = stub.sign_in(&server, &browser, &button(&login), undisclosed).await;
            assert!(says(&page, "Stub ID does not say that you have just signed in"), "{}", page.body);
        }
        assert_eq!(server.count("sessions").await, 0, "{parameter}={value}");
        let page = stub.sign_in(&server, &browser, &button(&login), claims(json!(now))).await;
        assert!(page.is_consent(), "{parameter}={value}: {}", page.body);
        let alice = server.user_id("alice").await;
        server.write(move |tx| accounts::sign_out(tx, alice)).await;
    }
    // A sign-in without the request does not count for it either.
    let browser = server.browser();
    browser.open(&shop.authorize_url("profile:read", &[("prompt", "login")])).await;
    assert!(is_account(&stub.sign_in(&server, &browser, START, claims(json!(null))).await));
    for (parameter, value) in [("prompt", "login"), ("max_age", "3600")] {
        assert!(
            browser.open(&shop.authorize_url("profile:read", &[(parameter, value)])).await.is_login(),
            "{parameter}"
        );
    }
    assert!(browser.open(&shop.authorize_url("profile:read", &[])).await.is_consent());
    let sensitive = browser.open("/account/second-factor/set-up").await;
    assert!(sensitive.body.contains("id=\"confirm\""), "it is not a recent sign-in either: {}", sensitive.body);
}

#[tokio::test]
async fn disabled_user_is_not_signed_in() {
    let stub = StubProvider::start();
    let server = stub.server(json!({ "trusted_email_domains": [TRUSTED], "create_accounts": true })).await;
    let (alice, issuer) = (server.user_id("alice").await, stub.issuer());
    server.write(move |tx| linked_subjects::insert(tx, alice, &issuer, "u1")).await;
    assert!(server.write(move |tx| accounts::disable(tx, alice)).await);
    let by_link = stub.sign_in(&server, &server.browser(), START, json!({})).await;
    let claims = json!({ "sub": "u2", "email": "alice@example.com", "email_verified": true });
    let by_address = stub.sign_in(&server, &server.browser(), START, claims).await;
    for page in [by_link, by_address] {
        assert!(says(&page, "is disabled"), "{}", page.body);
    }
    assert_eq!((server.count("sessions").await, links_of(&server, "alice").await.len()), (0, 1));
    assert!(server.write(move |tx| accounts::enable(tx, alice)).await);
    let browser = server.browser();
    assert!(is_account(&stub.sign_in(&server, &browser, START, json!({})).await));
    assert_eq!(server.write(move |tx| sessions::list_of_user(tx, alice)).await.len(), 1);
}
