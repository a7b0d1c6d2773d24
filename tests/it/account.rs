//! The account pages: revocations by the user take effect at once.

use serde_json::{Value, json};
use writ::store::{
    security_events::{self, Kind},
    users,
};

use crate::support::{Browser, TestServer, browser::Page, eventually, seed::PASSWORD};

/// A signed-in user on an account page, without an authorization request.
async fn signed_in(server: &TestServer, path: &str) -> (Browser, Page) {
    let browser = server.browser();
    let login = browser.open(path).await;
    let (return_to, csrf) = (login.hidden("return_to"), login.hidden("csrf"));
    let fields = [("return_to", &*return_to), ("csrf", &csrf), ("username", "alice"), ("password", PASSWORD)];
    let page = browser.post("/login", &fields).await;
    let page = browser.follow(page).await;
    (browser, page)
}

async fn post(browser: &Browser, path: &str, page: &Page, fields: &[(&str, &str)]) -> Page {
    let csrf = page.hidden("csrf");
    let mut all = vec![("csrf", &*csrf)];
    all.extend(fields);
    browser.post(path, &all).await
}

#[tokio::test]
async fn account_pages_require_sign_in_and_return() {
    let server = TestServer::start().await;
    for path in ["", "/apps", "/delete", "/email", "/password", "/preferences", "/profile", "/sessions"] {
        let path = format!("/account{path}");
        let (_, page) = signed_in(&server, &path).await;
        assert_eq!((page.status.as_u16(), page.url), (200, format!("{}{path}", server.issuer)));
    }
    let browser = server.browser();
    assert_eq!(browser.get("/.well-known/change-password").await.next().as_deref(), Some("/account/password"));
    let login = browser.open("/login?return_to=https://evil.example").await;
    assert_eq!(login.hidden("return_to"), "/account");
}

#[tokio::test]
async fn removed_scope_narrows_live_tokens_and_the_next_refresh() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", "profile:read message:read").await;

    let apps = browser.open("/account/apps").await;
    assert!(apps.body.contains("Shop") && apps.body.contains("message:read as a sentence in en"), "{}", apps.body);
    let fields = [("client_id", "shop"), ("scope", "message:read")];
    let apps = post(&browser, "/account/apps", &apps, &fields).await;
    assert!(apps.body.contains("id=\"done\""), "{}", apps.body);

    let introspected = shop.introspect(tokens.text("access_token")).await.ok();
    assert_eq!((&introspected.json["active"], introspected.text("scope")), (&json!(true), "profile:read"));
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(refreshed.text("scope"), "profile:read");
    let asked_again = browser.open(&shop.authorize_url("profile:read message:read", &[])).await;
    assert!(asked_again.body.contains("You declined this last time"), "{}", asked_again.body);

    // A required scope cannot be removed by itself, and a foreign CSRF token removes nothing.
    let required = post(&browser, "/account/apps", &apps, &[("client_id", "shop"), ("scope", "profile:read")]).await;
    assert_eq!(required.status, 400);
    let forged = browser.post("/account/apps", &[("client_id", "shop"), ("csrf", "forged")]).await;
    assert_eq!(forged.status, 400);
    shop.refresh(tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn disconnect_revokes_at_once() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", "openid profile:read").await;
    let waiting = browser.open(&shop.authorize_url("openid profile:read", &[])).await;

    let apps = browser.open("/account/apps").await;
    let apps = post(&browser, "/account/apps", &apps, &[("client_id", "shop")]).await;
    assert!(apps.body.contains("id=\"no-apps\"") && apps.body.contains("id=\"done\""), "{}", apps.body);

    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    assert_eq!(shop.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    assert_eq!(shop.exchange(&waiting).await.refused(400), "invalid_grant", "a code that was on its way");
    assert!(browser.open(&shop.authorize_url("openid profile:read", &[])).await.body.contains("id=\"approve\""));
    assert!(browser.open("/account").await.body.contains("Shop was disconnected"));
}

#[tokio::test]
async fn receipt_is_signed_and_states_what_was_shown() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read message:read", &[("ui_locales", "ko")])).await;
    let consent = browser.sign_in(&login, "alice").await;
    browser.allow(&consent, &["profile:read"]).await;

    let receipt = browser.get("/account/apps/receipt?client_id=shop").await;
    let receipt: Value = serde_json::from_str(&receipt.body).expect("JSON");
    let shown = &receipt["receipt"]["decisions"][0]["shown"];
    assert_eq!((&shown["language"], &shown["decision"]), (&json!("ko"), &json!("approve")));
    assert_eq!(shown["scopes"][1]["sentence"], "message:read as a sentence in ko");
    assert_eq!(shown["scopes"][1]["granted"], false);
    let keys = server.server.snapshot();
    let signed: Value = keys
        .keys
        .verify(receipt["jws"].as_str().expect("a JWS"), writ::keys::TokenType::Receipt)
        .expect("our signature");
    assert_eq!(signed, receipt["receipt"]);
    assert_eq!(browser.get("/account/apps/receipt?client_id=nobody").await.status, 404);
}

#[tokio::test]
async fn password_change_requires_the_old_one_and_ends_other_sessions() {
    let server = TestServer::start().await;
    let (phone, _) = signed_in(&server, "/account").await;
    let (browser, page) = signed_in(&server, "/account/password").await;
    let new = "a tide atlas at noon";
    let wrong = [("password", "not the password"), ("new_password", new), ("sign_out_others", "yes")];
    assert!(post(&browser, "/account/password", &page, &wrong).await.body.contains("id=\"error\""));
    let weak = [("password", PASSWORD), ("new_password", "alice2026")];
    let refused = post(&browser, "/account/password", &page, &weak).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("easy to guess: your own name or address is in it"), "{}", refused.body);
    let short = [("password", PASSWORD), ("new_password", "short")];
    assert!(post(&browser, "/account/password", &page, &short).await.body.contains("id=\"error\""));
    assert!(phone.open("/account").await.body.contains("id=\"edit-profile\""), "nothing happened yet");

    let right = [("password", PASSWORD), ("new_password", new), ("sign_out_others", "yes")];
    assert!(post(&browser, "/account/password", &page, &right).await.body.contains("id=\"done\""));
    assert!(browser.open("/account").await.body.contains("The password was changed"));
    let login = phone.open("/account").await;
    assert!(phone.sign_in_with(&login, "alice", PASSWORD).await.body.contains("id=\"error\""));
    assert!(phone.sign_in_with(&login, "alice", new).await.body.contains("id=\"edit-profile\""));
}

#[tokio::test]
async fn sessions_end_one_by_one_and_all_at_once() {
    let server = TestServer::start().await;
    let (phone, _) = signed_in(&server, "/account").await;
    let (tablet, _) = signed_in(&server, "/account").await;
    let (browser, page) = signed_in(&server, "/account/sessions").await;
    let ids: Vec<&str> =
        page.body.split("name=\"session\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), 3, "two others, and the button for all of them: {ids:?}");
    post(&browser, "/account/sessions", &page, &[("session", ids[0])]).await;
    let mut left = 0;
    for device in [&phone, &tablet] {
        left += usize::from(device.get("/account").await.status == 200);
    }
    assert_eq!(left, 1);
    post(&browser, "/account/sessions", &page, &[("session", "others")]).await;
    for device in [&phone, &tablet] {
        assert_eq!(device.get("/account").await.status, 303);
    }
    assert_eq!(browser.get("/account").await.status, 200);
}

#[tokio::test]
async fn unverified_email_is_stored_but_cannot_sign_in_and_is_not_disclosed() {
    let server = TestServer::start().await;
    let shop = server.register("shop", json!({ "scope": "openid email", "required_scope": "openid" })).await;
    let id = server.user_id("alice").await;
    server.write(move |tx| users::set_email(tx, id, Some("minji@example.com"), false)).await;
    let alice = server.user("alice").await;
    assert_eq!((alice.email.as_deref(), alice.email_verified), (Some("minji@example.com"), false));
    // The address still belongs to minji alone.
    assert_eq!(server.user("minji@example.com").await.username, "minji");
    let tokens = shop.tokens("openid email").await;
    let claims = shop.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!((&claims["sub"], &claims["email"]), (&json!(alice.id.to_string()), &Value::Null));
}

#[tokio::test]
async fn sensitive_page_asks_for_the_password_after_ten_minutes() {
    let server = TestServer::start().await;
    let (browser, profile) = signed_in(&server, "/account/profile").await;
    server.clock.advance(601);
    let confirm = browser.open("/account/profile").await;
    assert!(confirm.body.contains("id=\"confirm\""), "{}", confirm.body);
    let refused = post(&browser, "/account/profile", &profile, &[("name", "Mallory")]).await;
    assert_eq!(refused.next().as_deref(), Some("/account/confirm?then=/account/profile"));
    let then = ("then", "/account/profile");
    let wrong = post(&browser, "/account/confirm", &confirm, &[then, ("password", "wrong")]).await;
    assert!(wrong.body.contains("id=\"error\""));
    let right = post(&browser, "/account/confirm", &confirm, &[then, ("password", PASSWORD)]).await;
    let profile = browser.follow(right).await;

    let fields = [("name", "Alice M."), ("email", "alice@example.org"), ("birthdate", "1990-02-28")];
    let saved = post(&browser, "/account/profile", &profile, &fields).await;
    assert!(saved.body.contains("id=\"done\"") && saved.body.contains("<bdi>Alice M.</bdi>"), "{}", saved.body);
    let data = browser.get("/account/data").await;
    let data: Value = serde_json::from_str(&data.body).expect("JSON");
    assert_eq!(
        (&data["email"], &data["email_verified"]),
        (&json!("alice@example.com"), &json!(true)),
        "it has a page of its own"
    );
    assert_eq!(data["claims"]["birthdate"], "1990-02-28");
    assert_eq!(data["security_events"][0]["kind"], "data_downloaded");
    assert!(!data.to_string().contains("argon2"));
}

#[tokio::test]
async fn profile_field_is_marked_when_its_text_is_too_long() {
    let server = TestServer::start().await;
    let (browser, profile) = signed_in(&server, "/account/profile").await;
    let long = "가".repeat(201);
    for (field, text) in [("name", &*long), ("street_address", &*long), ("gender", "a\tb")] {
        let refused = post(&browser, "/account/profile", &profile, &[(field, text)]).await;
        let body = refused.body.split_once("<main").expect("a page").1;
        let tags: Vec<_> = body.split('<').filter(|tag| tag.contains("aria-invalid=\"true\"")).collect();
        assert!(matches!(tags[..], [tag] if tag.contains(&format!("id=\"{field}\""))), "{field}: {tags:?}");
    }
}

#[tokio::test]
async fn profile_form_values_reach_userinfo() {
    let server = TestServer::start().await;
    let scope = "openid profile email address phone";
    let minimal = json!({ "scope": scope, "required_scope": "openid", "id_token_claims": "minimal" });
    let shop = server.register("shop", minimal).await;
    let (browser, profile) = signed_in(&server, "/account/profile").await;
    let texts = [
        ("name", "Alice B. Martin"),
        ("given_name", "Alice"),
        ("middle_name", "B."),
        ("family_name", "Martin"),
        ("nickname", "Ali"),
        ("website", "https://alice.example"),
        ("birthdate", "1990-02-28"),
        ("gender", "female"),
    ];
    let others = [("phone_number", "+44 1"), ("street_address", "12 Weir Lane\r\nFlat 3")];
    let place = [("locality", "Stroud"), ("region", "Glos"), ("postal_code", "GL5 1AA"), ("country", "UK")];
    let fields: Vec<_> = texts.into_iter().chain(others).chain(place).collect();
    let saved = post(&browser, "/account/profile", &profile, &fields).await;
    assert!(saved.body.contains("id=\"done\""), "{}", saved.body);
    for (name, value) in &fields {
        let kept = if *name == "street_address" { "12 Weir Lane\nFlat 3" } else { value };
        assert!(saved.body.contains(kept), "{name} is not on the page: {}", saved.body);
    }

    let address = json!({
        "street_address": "12 Weir Lane\nFlat 3", "locality": "Stroud", "region": "Glos", "postal_code": "GL5 1AA",
        "country": "UK", "formatted": "12 Weir Lane\nFlat 3\nStroud, Glos\nGL5 1AA UK",
    });
    let claims = json!({ "id_token": { "middle_name": null, "address": null } }).to_string();
    let consent = browser.open(&shop.authorize_url(scope, &[("claims", &claims)])).await;
    let scopes: Vec<_> = scope.split(' ').collect();
    let tokens = shop.exchange(&browser.allow(&consent, &scopes).await).await.ok();
    let told = shop.userinfo(tokens.text("access_token")).await.ok().json;
    for (claim, value) in texts {
        assert_eq!(told[claim], value, "{claim}");
    }
    assert_eq!((&told["address"], &told["phone_number"]), (&address, &json!("+44 1")));
    let id = tokens.claims("id_token");
    assert_eq!((&id["middle_name"], &id["address"], &id["gender"]), (&json!("B."), &address, &Value::Null));

    let data: Value = serde_json::from_str(&browser.get("/account/data").await.body).expect("JSON");
    assert_eq!((&data["claims"]["gender"], &data["claims"]["address"]["country"]), (&json!("female"), &json!("UK")));
    let metadata = server.metadata().await;
    let supported = metadata["claims_supported"].as_array().expect("a list").clone();
    for claim in told.as_object().expect("claims").keys() {
        assert!(supported.contains(&json!(claim)), "{claim}");
    }

    // An empty field is an absent claim.
    let profile = browser.open("/account/profile").await;
    post(&browser, "/account/profile", &profile, &[("name", "Alice")]).await;
    let told = shop.userinfo(tokens.text("access_token")).await.ok().json;
    let mut left: Vec<_> = told.as_object().expect("claims").keys().map(String::as_str).collect();
    left.sort_unstable();
    assert_eq!(left, ["email", "email_verified", "name", "preferred_username", "sub", "updated_at"]);
}

#[tokio::test]
async fn deleted_account_leaves_no_rows() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", "profile:read").await;
    let page = browser.open("/account/delete").await;
    assert!(post(&browser, "/account/delete", &page, &[("password", "wrong")]).await.body.contains("id=\"error\""));
    let gone = post(&browser, "/account/delete", &page, &[("password", PASSWORD)]).await;
    assert!(gone.body.contains("id=\"deleted\""), "{}", gone.body);
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json, json!({ "active": false }));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
    let login = browser.open("/account").await;
    assert!(browser.sign_in(&login, "alice").await.body.contains("id=\"error\""));
}

#[tokio::test]
async fn language_choice_persists_and_menu_does_not_redirect_elsewhere() {
    let server = TestServer::start().await;
    let browser = server.browser();
    let chosen = browser.post("/language", &[("locale", "ko"), ("return_to", "/login")]).await;
    assert_eq!(chosen.next().as_deref(), Some("/login"));
    assert!(browser.open("/login").await.body.contains("<html lang=\"ko\">"));
    let elsewhere = browser.post("/language", &[("locale", "en"), ("return_to", "//evil.example")]).await;
    assert_eq!(elsewhere.next().as_deref(), Some("/"));
    assert_eq!(browser.post("/language", &[("locale", "tlh"), ("return_to", "/")]).await.status, 400);

    let (browser, page) = signed_in(&server, "/account/preferences").await;
    let fields = [("locale", "ko"), ("zoneinfo", "Asia/Seoul")];
    assert!(post(&browser, "/account/preferences", &page, &fields).await.body.contains("저장했습니다"));
    assert!(browser.open("/account").await.body.contains("(UTC+9)"));
    let nowhere = [("locale", "ko"), ("zoneinfo", "Middle/Earth")];
    assert_eq!(post(&browser, "/account/preferences", &page, &nowhere).await.status, 400);
}

#[tokio::test]
async fn failed_sign_ins_are_listed_and_bounded() {
    let server = TestServer::start().await;
    let stranger = server.browser();
    let login = stranger.open("/login").await;
    for _ in 0..3 {
        assert_eq!(stranger.post_password(&login, "alice", "a guess").await.status, 400);
    }
    let (browser, _) = signed_in(&server, "/account").await;
    let told = async || browser.open("/account").await.body.contains("A wrong password was typed 3 times");
    eventually("the list tells of three wrong passwords", told).await;
    assert!(browser.open("/account").await.body.contains("127.0.0.1"));
    let before = server.count("security_events").await;

    // The number of rows per day is bounded, regardless of the number of networks.
    let alice = server.user_id("alice").await;
    for place in 0..100 {
        let network = format!("2001:db8:0:{place:x}::/64");
        let store = &server.server.store;
        store
            .write(move |tx| security_events::record_wrong(tx, alice, Kind::PasswordWrong, &network))
            .await
            .expect("recorded");
    }
    assert_eq!(server.count("security_events").await, before + 5);
    assert!(browser.open("/account").await.body.contains("A wrong password was typed 96 times"));
    server.clock.advance(86_400);
    assert_eq!(stranger.post_password(&login, "alice", "a guess").await.status, 400);
    let counted = async || server.count("security_events").await == before + 6;
    eventually("the next day has an event of its own", counted).await;
}

#[tokio::test]
async fn connection_shows_where_it_was_last_used() {
    let server = TestServer::start().await;
    let (shop, pocket) = (server.shop().await, server.native().await);
    let browser = server.browser();
    let sent = shop.authorize_in(&browser, "alice", "profile:read", &[]).await;
    let unused = browser.open("/account/apps").await;
    assert!(unused.body.contains("Not used yet"), "{}", unused.body);
    shop.exchange(&sent).await.ok();
    let used = browser.open("/account/apps").await;
    assert!(used.body.contains("by the app’s server at 127.0.0.1"), "{}", used.body);

    let consent = browser.open(&pocket.authorize_url("profile:read", &[])).await;
    pocket.exchange(&browser.allow(&consent, &["profile:read"]).await).await.ok();
    let used = browser.open("/account/apps").await;
    assert_eq!(used.body.matches("by the app’s server").count(), 1);
    assert_eq!(used.body.matches("from 127.0.0.1").count(), 3, "two were allowed from here, and one is used from here");
}

#[tokio::test]
async fn pages_use_the_account_language() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let (browser, page) = signed_in(&server, "/account/preferences").await;
    let korean = [("locale", "ko"), ("zoneinfo", "Asia/Seoul")];
    post(&browser, "/account/preferences", &page, &korean).await;
    // Another browser with English as its language uses the account's language.
    let (elsewhere, _) = signed_in(&server, "/account").await;
    let answered_twice = elsewhere.open(&shop.authorize_url("profile:read", &[])).await;
    elsewhere.allow(&answered_twice, &["profile:read"]).await;
    let unknown_client = shop.authorize_url("profile:read", &[("client_id", "nobody")]);
    let form_post = shop.authorize_url("profile:read", &[("response_mode", "form_post")]);
    for path in ["/", "/nothing/here", "/login", "/logout", "/device", &unknown_client, &form_post, &answered_twice.url]
    {
        let page = elsewhere.get(path).await;
        assert!(page.body.contains("<html lang=\"ko\">"), "{path} speaks another language: {}", page.body);
    }
    let asked_for = shop.authorize_url("profile:read", &[("prompt", "consent"), ("ui_locales", "en")]);
    assert!(elsewhere.open(&asked_for).await.body.contains("<html lang=\"en\">"), "what the app asks for comes first");
}
