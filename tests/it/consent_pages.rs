//! The statements on the consent page are true, and decisions are kept.

use serde_json::{Value, json};
use writ::store::{
    Tx, accounts, connections,
    resources::{self, Scope},
    users,
};
use writ_core::{StandardClaims, vocabulary::scope::Risk};

use writ::web::{locale::Locale, zone::Zone};

use crate::support::{Browser, Page, TestServer, device, seed};

const SOME: &str = "openid profile:read message:read";
const DAY: i64 = 86_400;
/// The languages in which statements are compared with behaviour.
const LANGUAGES: [Locale; 2] = [Locale::EN, Locale::KO];

/// The text of the page's element with this id.
fn says(page: &Page, id: &str) -> String {
    let start = format!("id=\"{id}\">");
    let rest = page.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {id}: {}", page.body));
    rest.split('<').next().unwrap_or_default().to_owned()
}

async fn sign_out(browser: &Browser) {
    let page = browser.open("/logout").await;
    browser.post("/logout", &[("csrf", &*page.hidden("csrf")), ("request", "")]).await;
    assert!(browser.open("/account").await.is_login());
}

async fn consent_page(browser: &Browser, url: &str) -> Page {
    let mut page = browser.open(url).await;
    if page.is_login() {
        page = browser.sign_in(&page, "alice").await;
    }
    assert!(page.is_consent(), "{page:?}");
    page
}

async fn decide(browser: &Browser, consent: &Page, scopes: &[&str], duration: &str) -> Page {
    let (request, csrf) = (consent.hidden("request"), consent.hidden("csrf"));
    let mut fields = vec![("request", &*request), ("csrf", &csrf), ("duration", duration), ("decision", "approve")];
    fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
    let decided = browser.post("/consent", &fields).await;
    browser.follow(decided).await
}

#[tokio::test]
async fn statement_about_sign_out_matches_what_refresh_does() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let mailer = server.register("mailer", json!({ "implicit_offline_access": true })).await;
    let situations = [
        (&shop, SOME, SOME, "consent-away-ends", false),
        (&shop, "openid offline_access", "openid", "consent-away-optional", false),
        (&shop, "openid offline_access", "openid offline_access", "consent-away-optional", true),
        (&mailer, SOME, SOME, "consent-away-implicit", true),
    ];
    let everywhere = LANGUAGES.into_iter().flat_map(|locale| situations.map(|situation| (locale, situation)));
    for (locale, (app, requested, ticked, statement, survives)) in everywhere {
        let browser = server.browser();
        let language = locale.to_string();
        let changes = [("prompt", "consent"), ("ui_locales", language.as_str())];
        let page = consent_page(&browser, &app.authorize_url(requested, &changes)).await;
        let said = says(&page, "away");
        let lifetime = locale.duration(server.server.settings.sessions.lifetime);
        let expected = locale.text_with(statement, &[("product", "Writ"), ("duration", lifetime.as_str())]);
        assert_eq!(said, expected, "{requested}");
        let ticked: Vec<&str> = ticked.split(' ').collect();
        let tokens = app.exchange(&browser.allow(&page, &ticked).await).await.ok();
        app.refresh(tokens.text("refresh_token")).await.ok();
        sign_out(&browser).await;
        let refreshed = app.refresh(tokens.text("refresh_token")).await;
        assert_eq!(refreshed.status == 200, survives, "{requested}, ticked {ticked:?}: {said}");
    }
}

#[tokio::test]
async fn statement_about_denial_matches_what_is_kept() {
    for locale in LANGUAGES {
        deny_something_new(locale).await;
    }
}

async fn deny_something_new(locale: Locale) {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let language = locale.to_string();
    let ui_locales = ("ui_locales", language.as_str());
    let today = locale.date(&Zone::UTC.at(server.clock.now()));
    let about = |key: &str| locale.text_with(key, &[("app", "Shop"), ("date", today.as_str())]);
    let first = consent_page(&browser, &shop.authorize_url(SOME, &[ui_locales])).await;
    assert_eq!(says(&first, "deny-keeps"), about("consent-deny-nothing"));
    let tokens = shop.exchange(&browser.allow(&first, &SOME.split(' ').collect::<Vec<_>>()).await).await.ok();

    let wider = format!("{SOME} message:send");
    let second = consent_page(&browser, &shop.authorize_url(&wider, &[ui_locales])).await;
    let title = format!("<title>{} ·", about("consent-heading-difference"));
    assert!(second.body.contains(&title), "{}", second.body);
    assert_eq!(says(&second, "deny-keeps"), about("consent-deny-keeps"));
    let new = second.body.find("value=\"message:send\"").expect("the new scope");
    assert!(new < second.body.find("value=\"message:read\"").expect("the old scope"), "what is new comes first");
    let denied = browser.post_decision(&second, &[], "deny").await;
    for key in ["denied-heading-again", "denied-still-allowed"] {
        assert!(denied.body.contains(&about(key)), "{key}: {}", denied.body);
    }
    let shown_again = browser.get(&format!("/consent?request={}", second.hidden("request"))).await;
    assert!(shown_again.body.contains("id=\"denied\""), "the page after a denial can be reloaded");
    assert_eq!(browser.after_decision(denied).await.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.ok().text("scope"), SOME);

    let third = consent_page(&browser, &shop.authorize_url(SOME, &[("prompt", "consent"), ui_locales])).await;
    let title = format!("<title>{} ·", about("consent-heading-nothing-new"));
    assert!(third.body.contains(&title), "{}", third.body);
    assert!(third.body.contains(&locale.text("consent-lead-nothing-new")), "{}", third.body);
    assert_eq!(says(&third, "holds-now"), locale.text("consent-duration-now-open"));
}

#[tokio::test]
async fn page_shows_the_end_of_the_earlier_consent_in_the_users_time_zone() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let id = server.user_id("alice").await;
    let claims: StandardClaims = serde_json::from_value(json!({ "zoneinfo": "Pacific/Kiritimati" })).expect("claims");
    server.write(move |tx| users::set_claims(tx, id, &claims)).await;
    let zone = Zone::find("Pacific/Kiritimati").expect("a zone");
    // Fourteen hours ahead of UTC: at noon in UTC, it is the next day there.
    server.clock.advance(DAY * 3 / 2 - server.clock.now().rem_euclid(DAY));
    let browser = server.browser();
    let page = consent_page(&browser, &shop.authorize_url(SOME, &[])).await;
    let date = |at: i64| Locale::EN.date(&zone.at(at));
    let end = server.clock.now() + 30 * DAY;
    assert!(page.body.contains(&format!("until {}", date(end))), "{}", page.body);
    decide(&browser, &page, &SOME.split(' ').collect::<Vec<_>>(), "30_days").await;
    let page = consent_page(&browser, &shop.authorize_url(SOME, &[("prompt", "consent")])).await;
    let stated = Locale::EN.text_with("consent-duration-now", &[("date", date(end))]);
    assert_eq!(says(&page, "holds-now"), stated);
    assert_ne!(date(end), Locale::EN.date(&Zone::UTC.at(end)));
}

#[tokio::test]
async fn statement_about_this_time_only_matches_when_it_ends() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = consent_page(&browser, &shop.authorize_url("openid offline_access", &[])).await;
    assert!(page.body.contains("for 1 hour at most"), "{}", page.body);
    let without_box = shop.authorize_url("openid", &[("prompt", "consent"), ("ui_locales", "ko")]);
    let bound = consent_page(&server.browser(), &without_box).await;
    assert!(bound.body.contains("최대 1시간, 로그아웃하면 바로 끝납니다"), "{}", bound.body);
    let sent = decide(&browser, &page, &["openid", "offline_access"], "once").await;
    let tokens = shop.exchange(&sent).await.ok();
    server.clock.advance(3599);
    shop.refresh(tokens.text("refresh_token")).await.ok();
    server.clock.advance(1);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn box_for_offline_access_is_locked_where_unticking_it_would_change_nothing() {
    let server = TestServer::start().await;
    let mailer = server.register("mailer", json!({ "implicit_offline_access": true })).await;
    let pocket = server.native().await;
    for app in [&mailer, &pocket] {
        let browser = server.browser();
        let page = consent_page(&browser, &app.authorize_url("openid profile:read offline_access", &[])).await;
        assert!(page.body.contains("type=\"hidden\" name=\"scope\" value=\"offline_access\""), "{}", page.body);
        assert!(page.body.contains("Always so for this app."), "{}", page.body);
        assert!(!page.body.contains("data-scope=\"offline_access\""), "it is not listed as withheld: {}", page.body);
        let sent = browser.allow(&page, &["openid", "profile:read", "offline_access"]).await;
        let tokens = app.exchange(&sent).await.ok();
        let apps = browser.open("/account/apps").await;
        assert!(apps.body.contains("Also after you sign out"), "{}", apps.body);
        assert!(!apps.body.contains("value=\"offline_access\""), "nothing to remove: {}", apps.body);
        sign_out(&browser).await;
        app.refresh(tokens.text("refresh_token")).await.ok();
    }
}

#[tokio::test]
async fn connected_apps_say_whether_the_access_continues_after_sign_out() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    for locale in LANGUAGES {
        let browser = server.browser();
        let language = locale.to_string();
        for (requested, statement) in [("openid", "apps-away-ends"), ("openid offline_access", "apps-away-continues")] {
            let changes = [("prompt", "consent"), ("ui_locales", language.as_str())];
            let page = consent_page(&browser, &shop.authorize_url(requested, &changes)).await;
            browser.allow(&page, &requested.split(' ').collect::<Vec<_>>()).await;
            browser.post("/language", &[("locale", &*language), ("return_to", "/")]).await;
            let apps = browser.open("/account/apps").await;
            assert!(apps.body.contains(&locale.text(statement)), "{requested}: {}", apps.body);
        }
        let alice = server.user_id("alice").await;
        server.write(move |tx| connections::disconnect(tx, alice, "shop", "")).await;
    }
}

#[tokio::test]
async fn scope_created_again_needs_consent_again() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SOME).await;
    assert!(browser.get(&shop.authorize_url(SOME, &[])).await.parameter("code").is_some());
    server.write(|tx| seed::create_scope_again(tx, "message:read", Risk::High)).await;
    server.server.refresh().await.expect("a snapshot");
    let page = browser.open(&shop.authorize_url(SOME, &[])).await;
    assert!(page.is_consent() && page.body.contains("Has changed since you allowed it"), "{}", page.body);
    let silent = browser.open(&shop.authorize_url(SOME, &[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").as_deref(), Some("consent_required"));
}

#[tokio::test]
async fn changed_scope_needs_consent_again_when_its_risk_rises_or_its_api_moves() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SOME).await;
    let change = async |edit: fn(&mut Scope)| {
        let unit = move |tx: &mut Tx<'_>| {
            let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let mut scope = scopes.into_iter().find(|scope| scope.name == "message:read").expect("the scope");
            edit(&mut scope);
            resources::update_scope(tx, &scope)
        };
        server.write(unit).await;
        server.server.refresh().await.expect("a snapshot");
    };
    let reword = |scope: &mut Scope| {
        for text in scope.texts.values_mut() {
            text.sentence.push_str(", in other words");
        }
    };
    change(reword).await;
    assert!(browser.get(&shop.authorize_url(SOME, &[])).await.parameter("code").is_some(), "only its words changed");
    let page = browser.open(&shop.authorize_url(SOME, &[("prompt", "consent")])).await;
    assert!(page.body.contains("Already allowed, described in other words now"), "{}", page.body);
    let previous = "When you allowed it, it said: <del>message:read as a sentence in en</del>";
    assert!(page.body.contains(previous), "{}", page.body);
    let korean = [("prompt", "consent"), ("ui_locales", "ko")];
    let page = browser.open(&shop.authorize_url(SOME, &korean)).await;
    assert!(page.is_consent() && !page.body.contains("<del>"), "{}", page.body);
    browser.post("/language", &[("locale", "en"), ("return_to", "/")]).await;

    change(|scope| scope.risk = Risk::High).await;
    let page = browser.open(&shop.authorize_url(SOME, &[])).await;
    assert!(page.is_consent() && page.body.contains("Has changed since you allowed it"), "{}", page.body);
    assert!(page.body.contains(previous), "{}", page.body);
    browser.allow(&page, &SOME.split(' ').collect::<Vec<_>>()).await;
    assert!(browser.get(&shop.authorize_url(SOME, &[])).await.parameter("code").is_some());

    server
        .write(|tx| {
            let mut talk = resources::list(tx)?.into_iter().find(|server| server.id == "talk").expect("Talk");
            talk.audience = "https://elsewhere.example".to_owned();
            resources::update(tx, &talk)
        })
        .await;
    server.server.refresh().await.expect("a snapshot");
    let page = browser.open(&shop.authorize_url(SOME, &[])).await;
    assert!(page.is_consent() && page.body.contains("Has changed since you allowed it"), "{}", page.body);
}

#[tokio::test]
async fn form_is_refused_when_its_scope_was_created_again() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = consent_page(&browser, &shop.authorize_url(SOME, &[])).await;
    server.write(|tx| seed::create_scope_again(tx, "message:read", Risk::High)).await;
    server.server.refresh().await.expect("a snapshot");
    let refused = browser.post_decision(&page, &SOME.split(' ').collect::<Vec<_>>(), "approve").await;
    assert!(refused.body.contains("This page was open too long"), "{}", refused.body);
}

#[tokio::test]
async fn single_claim_is_not_remembered_as_its_scope() {
    let server = TestServer::start().await;
    let id = server.user_id("alice").await;
    let claims: StandardClaims = serde_json::from_value(json!({ "nickname": "Ali" })).expect("claims");
    server.write(move |tx| users::set_claims(tx, id, &claims)).await;
    let shop = server.register("shop", json!({ "scope": "openid profile", "required_scope": "openid" })).await;
    let browser = server.browser();
    let claim = ("claims", r#"{"userinfo":{"nickname":null}}"#);
    let page = consent_page(&browser, &shop.authorize_url("openid", &[claim])).await;
    browser.allow(&page, &["openid", "profile"]).await;
    assert!(browser.get(&shop.authorize_url("openid", &[claim])).await.parameter("code").is_some(), "the same claim");
    let other = ("claims", r#"{"userinfo":{"birthdate":null}}"#);
    assert!(browser.open(&shop.authorize_url("openid", &[other])).await.is_consent(), "another claim");
    assert!(browser.open(&shop.authorize_url("openid profile", &[])).await.is_consent(), "the whole scope");
}

#[tokio::test]
async fn allowed_device_is_connected_before_it_polls_and_ended_by_disconnect() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, "openid profile:read").await;
    let browser = server.browser();
    device::allow(&browser, &device::question(&browser, &codes).await, &["openid", "profile:read"]).await;
    assert!(browser.open("/account/apps").await.body.contains("Television"));
    let alice = server.user_id("alice").await;
    assert!(server.write(move |tx| connections::disconnect(tx, alice, "tv", "")).await);
    server.clock.advance(5);
    assert_ne!(device::poll(&tv, &codes).await.status, 200);
}

#[tokio::test]
async fn password_change_ends_what_a_device_was_allowed() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, "openid").await;
    let browser = server.browser();
    device::allow(&browser, &device::question(&browser, &codes).await, &["openid"]).await;
    let alice = server.user_id("alice").await;
    server.write(move |tx| accounts::set_password(tx, alice, "$argon2id$none")).await;
    server.clock.advance(5);
    assert_ne!(device::poll(&tv, &codes).await.status, 200);
}

#[tokio::test]
async fn scope_revoked_before_the_device_polls_is_not_issued() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, "openid profile:read").await;
    let browser = server.browser();
    device::allow(&browser, &device::question(&browser, &codes).await, &["openid", "profile:read"]).await;
    let alice = server.user_id("alice").await;
    assert!(server.write(move |tx| connections::remove_scope(tx, alice, "tv", "profile:read", "")).await);
    server.clock.advance(5);
    assert_eq!(device::poll(&tv, &codes).await.ok().text("scope"), "openid");
}

#[tokio::test]
async fn request_allowed_and_not_followed_is_ended_by_disconnect() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let page = consent_page(&browser, &shop.authorize_url(SOME, &[])).await;
    let allowed = browser.post_decision(&page, &SOME.split(' ').collect::<Vec<_>>(), "approve").await;
    let alice = server.user_id("alice").await;
    assert!(server.write(move |tx| connections::disconnect(tx, alice, "shop", "")).await);
    let sent = browser.follow(allowed).await;
    assert_eq!(sent.parameter("code"), None, "{sent:?}");
}

#[tokio::test]
async fn device_allowed_for_once_ends_after_an_hour() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, "openid").await;
    let browser = server.browser();
    device::allow_for(&browser, &device::question(&browser, &codes).await, &["openid"], "once").await;
    server.clock.advance(5);
    let tokens = device::poll(&tv, &codes).await.ok();
    server.clock.advance(3600);
    assert_eq!(tv.refresh(tokens.text("refresh_token")).await.refused(400), "invalid_grant");
}

#[tokio::test]
async fn link_with_a_code_fills_it_in_and_approves_nothing() {
    let server = TestServer::start().await;
    let tv = device::television(&server).await;
    let codes = device::codes(&tv, "openid").await;
    let link = codes.text("verification_uri_complete");
    assert_eq!(link, format!("{}/device?user_code={}", server.issuer, codes.text("user_code")));
    let browser = server.browser();
    let login = browser.open(link).await;
    assert!(login.is_login());
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.body.contains(&format!("value=\"{}\"", codes.text("user_code"))), "{}", page.body);
    assert!(page.body.contains("exactly this code") && !page.is_consent(), "{}", page.body);
    server.clock.advance(5);
    assert_eq!(device::poll(&tv, &codes).await.refused(400), "authorization_pending");
    let typed = [("csrf", &*page.hidden("csrf")), ("user_code", "ＢＣＤＦ")];
    assert_eq!(browser.post("/device", &typed).await.status, 400, "a wrong code");
    let wide: String = codes
        .text("user_code")
        .chars()
        .map(|c| if c == '-' { '\u{a0}' } else { char::from_u32(u32::from(c) + 0xfee0).expect("a wide letter") })
        .collect();
    let question = browser.post("/device", &[("csrf", &*page.hidden("csrf")), ("user_code", &*wide)]).await;
    assert!(question.is_consent(), "full-width letters are the same letters: {}", question.body);
}

#[tokio::test]
async fn receipt_holds_what_was_shown() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SOME).await;
    let receipt = browser.get("/account/apps/receipt?client_id=shop").await;
    let receipt: Value = serde_json::from_str(&receipt.body).expect("JSON");
    let shown = &receipt["receipt"]["decisions"][0]["shown"];
    assert_eq!(shown["language"], "en");
    assert_eq!((&shown["app"]["verified"], &shown["decision"]), (&json!(true), &json!("approve")));
    assert!(shown["app"]["name"].is_string() && shown["app"]["host"].is_string(), "{shown}");
    let read = shown["scopes"].as_array().and_then(|scopes| scopes.iter().find(|it| it["scope"] == "message:read"));
    let read = read.expect("message:read");
    assert!(read["sentence"].is_string() && read["risk"].is_string() && read["scope_id"].is_string(), "{read}");
}

#[tokio::test]
async fn moderate_scope_of_a_verified_app_starts_ticked() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let ticked = |page: &Page, scope: &str| {
        let input = format!("name=\"scope\" value=\"{scope}\" autocomplete=\"off\"");
        page.body.split(&input).nth(1).is_some_and(|rest| rest.starts_with(" checked"))
    };
    let page = consent_page(&browser, &shop.authorize_url("openid email", &[])).await;
    assert!(ticked(&page, "email"), "{}", page.body);
    assert!(page.body.contains("value=\"until_revoked\" autocomplete=\"off\" checked"), "{}", page.body);
}
