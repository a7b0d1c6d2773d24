//! The second factor: set-up, sign-in, recovery codes, trusted browsers, removal.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use writ::{
    keys::{MasterKey, MasterKeys, master_keys::reseal},
    store::{Id, accounts, sessions},
};

use crate::support::{
    Browser, Page, TestServer,
    authenticator::{Authenticator, enter_code, enter_password, recovery_codes, set_up},
    seed::{self, PASSWORD},
};

const OVERVIEW: &str = "/account/second-factor";

/// A server on which alice has a second factor, and the browser in which she set it up. The next
/// code is not used yet.
async fn with_factor() -> (TestServer, Browser, Authenticator, Vec<String>) {
    let server = TestServer::start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let (app, codes) = set_up(&server, &browser).await;
    server.clock.advance(30);
    (server, browser, app, codes)
}

fn asks_for_code(page: &Page) -> bool {
    page.body.contains("id=\"verify\"")
}

fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && page.cookie("writ_session").is_some_and(|cookie| !cookie.is_empty())
}

async fn sessions_of(server: &TestServer, user_id: Id) -> usize {
    server.write(move |tx| sessions::list_of_user(tx, user_id)).await.len()
}

/// Submits a form of the account pages.
async fn submit(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.open(path).await;
    let csrf = page.hidden("csrf");
    let mut all = vec![("csrf", &*csrf)];
    all.extend(fields);
    browser.post(path, &all).await
}

#[tokio::test]
async fn factor_counts_once_the_app_has_shown_a_code() {
    let server = TestServer::start().await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let page = browser.open("/account/second-factor/set-up").await;
    let app = Authenticator::scan(&page);
    assert!(page.body.contains("<svg class=\"qr\"") && page.body.len() < 30_000, "{}", page.body.len());
    let (csrf, seed) = (page.hidden("csrf"), page.hidden("seed"));
    let late = app.code_at(server.clock.now() - 60);
    for wrong in ["", "000000", "12345", &late] {
        let fields = [("csrf", &*csrf), ("seed", &seed), ("code", wrong)];
        let refused = browser.post("/account/second-factor/set-up", &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(refused.hidden("seed"), seed, "the app need not scan again");
    }
    assert!(is_in(&{
        let other = server.browser();
        let login = other.open("/login").await;
        other.post_password(&login, "alice", PASSWORD).await
    }));
    assert_eq!(server.count("totp_factors").await, 0);

    let fields = [("csrf", &*csrf), ("seed", &seed), ("code", &app.code(&server))];
    let done = browser.post("/account/second-factor/set-up", &fields).await;
    let codes = recovery_codes(&done);
    assert_eq!(codes.len(), 10);
    assert!(asks_for_code(&enter_password(&server.browser(), "alice").await));
    assert_eq!(browser.open("/account/second-factor/set-up").await.url, format!("{}{OVERVIEW}", server.issuer));
    assert!(browser.open("/account").await.body.contains("Two-step sign-in was turned on"));
    let again = browser.post("/account/second-factor/set-up", &fields).await;
    assert_eq!(again.next().as_deref(), Some(OVERVIEW), "a second one replaces nothing");
    let overview = browser.open(OVERVIEW).await;
    assert!(overview.body.contains("10 left") && !overview.body.contains(&codes[0]), "{}", overview.body);
}

#[tokio::test]
async fn password_alone_makes_no_session_and_the_code_completes_the_request() {
    let (server, browser, app, _) = with_factor().await;
    let shop = server.shop().await;
    let alice = server.user_id("alice").await;
    let before = sessions_of(&server, alice).await;
    let other = server.browser();
    let login = other.open(&shop.authorize_url("openid profile:read", &[])).await;
    let page = other.sign_in(&login, "alice").await;
    assert!(asks_for_code(&page) && page.cookie("writ_session").is_none(), "{page:?}");
    assert_eq!(sessions_of(&server, alice).await, before);
    assert!(other.open("/account").await.is_login());

    let wrong = enter_code(&other, &page, "000000", &[]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(sessions_of(&server, alice).await, before);
    let forged = other
        .post("/login/code", &[("request", &page.hidden("request")), ("csrf", "forged"), ("code", &app.code(&server))])
        .await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);

    let consent = other.follow(enter_code(&other, &page, &app.code(&server), &[]).await).await;
    let answered = other.allow(&consent, &["openid", "profile:read"]).await;
    let tokens = shop.exchange(&answered).await.ok();
    let claims = tokens.claims("id_token");
    assert_eq!(claims["acr"], "urn:writ:acr:mfa");
    assert_eq!(claims["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(claims["auth_time"], server.clock.now());
    assert_eq!(tokens.claims("access_token")["acr"], "urn:writ:acr:mfa");
    server.clock.advance(60);
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(refreshed.claims("access_token")["acr"], "urn:writ:acr:mfa");
    let events = browser.open("/account").await;
    assert!(events.body.contains("A wrong code was typed after your password"), "{}", events.body);
}

#[tokio::test]
async fn user_without_a_factor_has_the_acr_of_a_password() {
    let server = TestServer::start().await;
    let tokens = server.shop().await.tokens("openid profile:read").await;
    let claims = tokens.claims("id_token");
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:writ:acr:password"), &json!(["pwd"])));
}

#[tokio::test]
async fn code_of_a_step_signs_in_once() {
    let (server, _, app, _) = with_factor().await;
    let code = app.code(&server);
    let [first, second] = [server.browser(), server.browser()];
    let page = enter_password(&first, "alice").await;
    assert!(is_in(&enter_code(&first, &page, &code, &[]).await));
    let page = enter_password(&second, "alice").await;
    assert_eq!(enter_code(&second, &page, &code, &[]).await.status, StatusCode::BAD_REQUEST);
    let earlier = app.code_at(server.clock.now() - 30);
    assert_eq!(enter_code(&second, &page, &earlier, &[]).await.status, StatusCode::BAD_REQUEST);
    let next = app.code_at(server.clock.now() + 30);
    assert!(is_in(&enter_code(&second, &page, &next, &[]).await), "a clock that runs ahead");
}

#[tokio::test]
async fn recovery_code_signs_in_once_and_a_new_set_replaces_it() {
    let (server, browser, app, codes) = with_factor().await;
    let other = server.browser();
    let page = enter_password(&other, "alice").await;
    let with_recovery = other.open(&format!("{}&with=recovery", page.url)).await;
    assert!(with_recovery.body.contains("Recovery code"), "{}", with_recovery.body);
    let upper = codes[0].to_uppercase().replace('-', " ");
    assert!(is_in(&enter_code(&other, &with_recovery, &upper, &[("with", "recovery")]).await));
    let third = server.browser();
    let page = enter_password(&third, "alice").await;
    assert_eq!(enter_code(&third, &page, &codes[0], &[]).await.status, StatusCode::BAD_REQUEST);
    let overview = browser.open(OVERVIEW).await;
    assert!(overview.body.contains("9 left"), "{}", overview.body);
    assert!(browser.open("/account").await.body.contains("A recovery code was used"));

    let path = "/account/second-factor/recovery-codes";
    assert_eq!(submit(&browser, path, &[("code", "000000")]).await.status, StatusCode::BAD_REQUEST);
    let new = recovery_codes(&submit(&browser, path, &[("code", &app.code(&server))]).await);
    assert_eq!(enter_code(&third, &page, &codes[1], &[]).await.status, StatusCode::BAD_REQUEST);
    assert!(is_in(&enter_code(&third, &page, &new[1], &[]).await));
}

#[tokio::test]
async fn trusted_browser_is_not_asked_until_the_trust_ends() {
    let (server, browser, app, _) = with_factor().await;
    let shop = server.shop().await;
    let trusted = server.browser();
    let trust = async || {
        let page = enter_password(&trusted, "alice").await;
        server.clock.advance(30);
        assert!(is_in(&enter_code(&trusted, &page, &app.code(&server), &[("trust", "yes")]).await));
    };
    let is_asked = async || asks_for_code(&enter_password(&trusted, "alice").await);
    trust().await;
    assert!(!is_asked().await);
    assert!(asks_for_code(&enter_password(&server.browser(), "alice").await), "only this browser");
    let answered = shop.authorize_in(&trusted, "alice", "openid profile:read", &[]).await;
    let claims = shop.exchange(&answered).await.ok().claims("id_token");
    assert_eq!(claims["acr"], "urn:writ:acr:password", "a browser is not a factor");

    submit(&browser, OVERVIEW, &[]).await;
    assert!(is_asked().await, "the user has ended it");
    trust().await;
    server.clock.advance(30 * 86_400);
    assert!(is_asked().await, "after 30 days");
    trust().await;
    let fields = [("password", PASSWORD), ("new_password", "three otters at the weir")];
    assert_eq!(submit(&trusted, "/account/password", &fields).await.status, StatusCode::OK);
    let login = trusted.open("/login").await;
    let page = trusted.sign_in_with(&login, "alice", "three otters at the weir").await;
    assert!(asks_for_code(&page), "the new password ends the trust and leaves the factor");
}

#[tokio::test]
async fn removal_needs_a_code_and_ends_everything_that_belongs_to_the_factor() {
    let (server, browser, app, _) = with_factor().await;
    let path = "/account/second-factor/remove";
    assert_eq!(submit(&browser, path, &[("code", "000000")]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(server.count("totp_factors").await, 1);
    server.clock.advance(600);
    assert!(browser.open(path).await.url.contains("/account/confirm"), "and a recent password");
    server.clock.advance(-600);
    let waiting = server.browser();
    let page = enter_password(&waiting, "alice").await;
    assert_eq!(submit(&browser, path, &[("code", &app.code(&server))]).await.next().as_deref(), Some(OVERVIEW));
    for table in ["totp_factors", "recovery_codes", "trusted_browsers"] {
        assert_eq!(server.count(table).await, 0, "{table}");
    }
    let answered = enter_code(&waiting, &page, &app.code(&server), &[]).await;
    assert!(!is_in(&answered) && answered.next().is_some_and(|next| next.starts_with("/login?")), "{answered:?}");
    assert!(!asks_for_code(&enter_password(&server.browser(), "alice").await));
}

#[tokio::test]
async fn password_step_is_bound_to_its_browser_its_time_and_the_account() {
    let (server, _, app, _) = with_factor().await;
    let browser = server.browser();
    let login = browser.open("/login").await;
    let verified = browser.post_password(&login, "alice", PASSWORD).await;
    let (own, proof) = (login.cookie("writ_browser"), verified.cookie("writ_password").expect("a proof"));
    let page = browser.follow(verified).await;
    for (id, asked) in [(own.as_deref().expect("an id"), true), ("another", false)] {
        let cookies = format!("writ_browser={id}; writ_password={proof}");
        let copied = server.browser().try_out("/login/code", Method::GET, Some(("cookie", &cookies))).await;
        assert_eq!(asks_for_code(&copied), asked, "{copied:?}");
    }
    let stranger = server.browser();
    stranger.open("/login").await;
    let fields = [("csrf", &*page.hidden("csrf")), ("request", ""), ("code", &app.code(&server))];
    let refused = stranger.post("/login/code", &fields).await;
    assert!(!is_in(&refused) && refused.next().is_some_and(|next| next.starts_with("/login?")), "{refused:?}");

    server.clock.advance(600);
    let late = enter_code(&browser, &page, &app.code(&server), &[]).await;
    assert!(!is_in(&late) && late.next().is_some_and(|next| next.starts_with("/login?")), "{late:?}");

    let page = enter_password(&browser, "alice").await;
    let alice = server.user_id("alice").await;
    let hash = server.server.passwords.hash("another password of alice".to_owned().into(), None).await.expect("hashed");
    server.write(move |tx| accounts::set_password(tx, alice, &hash)).await;
    assert_eq!(enter_code(&browser, &page, &app.code(&server), &[]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(sessions_of(&server, alice).await, 0);
}

#[tokio::test]
async fn second_step_leaves_the_password_as_old_as_it_is() {
    let (server, _, app, _) = with_factor().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = enter_password(&browser, "alice").await;
    server.clock.advance(540);
    assert!(is_in(&enter_code(&browser, &page, &app.code(&server), &[]).await));
    for (max_age, asks) in [("600", false), ("300", true)] {
        let page = browser.open(&shop.authorize_url("profile:read", &[("max_age", max_age)])).await;
        assert_eq!(!page.is_consent(), asks, "{max_age}: {}", page.body);
    }
}

#[tokio::test]
async fn attempts_are_bounded_per_account_without_locking_a_known_browser_out() {
    let (server, known, app, codes) = with_factor().await;
    let attacker = server.browser();
    let page = enter_password(&attacker, "alice").await;
    let attempts = server.server.settings.throttle.account_attempts;
    for _ in 0..attempts {
        assert_eq!(enter_code(&attacker, &page, "000000", &[]).await.status, StatusCode::BAD_REQUEST);
    }
    for code in [&app.code(&server), &codes[0]] {
        assert_eq!(enter_code(&attacker, &page, code, &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let page = enter_password(&known, "alice").await;
    assert!(is_in(&enter_code(&known, &page, &app.code(&server), &[]).await));
}

/// The browsers of alice, alternating between two nodes, that have entered the password.
async fn waiting(nodes: [&TestServer; 2], count: usize) -> Vec<(Browser, Page)> {
    let mut waiting = Vec::new();
    for number in 0..count {
        let browser = nodes[number % 2].browser();
        let page = enter_password(&browser, "alice").await;
        waiting.push((browser, page));
    }
    waiting
}

#[tokio::test]
async fn one_of_eight_sign_ins_with_a_code_wins() {
    let (server, _, app, codes) = with_factor().await;
    let second = server.second_node().await;
    for code in [app.code(&server), codes[0].clone()] {
        let browsers = waiting([&server, &second], 8).await;
        let attempts = browsers.iter().map(|(browser, page)| enter_code(browser, page, &code, &[]));
        let pages = join_all(attempts).await;
        assert_eq!(pages.iter().filter(|page| is_in(page)).count(), 1, "{code}");
        assert!(pages.iter().all(|page| page.status.as_u16() < 500), "{pages:?}");
    }
}

#[tokio::test]
async fn code_has_one_effect_when_a_removal_and_a_sign_in_compete_for_it() {
    let (server, browser, mut app, _) = with_factor().await;
    let second = server.second_node().await;
    let path = "/account/second-factor/remove";
    for _ in 0..5 {
        let form = browser.open(path).await;
        let (csrf, code) = (form.hidden("csrf"), app.code(&server));
        let (other, page) = waiting([&second, &second], 1).await.remove(0);
        let fields = [("csrf", &*csrf), ("code", &*code)];
        let (removal, sign_in) = tokio::join!(browser.post(path, &fields), enter_code(&other, &page, &code, &[]));
        let removed = server.count("totp_factors").await == 0;
        assert_ne!(removed, is_in(&sign_in), "{removal:?} {sign_in:?}");
        server.clock.advance(30);
        if removed {
            (app, _) = set_up(&server, &browser).await;
            server.clock.advance(30);
        }
    }
}

#[tokio::test]
async fn rotated_master_key_reseals_the_secret() {
    let (server, _, app, _) = with_factor().await;
    let text = writ::secret::Secret::random().expose();
    let new = || MasterKey::parse(&text).expect("a master key");
    let both = Arc::new(MasterKeys::rotated(new(), seed::master_key()));
    server.write(move |tx| reseal(tx, &both)).await;
    let after = server.second_node_with(new()).await;
    let browser = after.browser();
    let page = enter_password(&browser, "alice").await;
    assert!(is_in(&enter_code(&browser, &page, &app.code(&server), &[]).await));
}
