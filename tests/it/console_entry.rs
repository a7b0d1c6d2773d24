//! Who enters the console: an administrator with a fresh second factor, at each request.

use reqwest::Method;
use uuid::Uuid;
use writ::{administration, config::ConsoleSettings, store::users};
use writ_core::groups::Group;

use crate::support::{
    Browser, Page, TestServer,
    administrator::{self, actor, click, click_with, demote, enter, entries, group, open, promote, sign_in, user_path},
    authenticator::enter_password,
    console::{CLIENTS, Console},
};

const PAGES: [&str; 10] = [
    "/admin",
    "/admin/apps",
    "/admin/users",
    "/admin/groups",
    "/admin/resources",
    "/admin/resources/talk",
    "/admin/keys",
    "/admin/mail",
    "/admin/audit",
    "/admin/settings",
];

/// The page that disables minji.
async fn disabling_minji(server: &TestServer, browser: &Browser) -> Page {
    open(browser, &user_path(server, "minji").await, "disable").await
}

async fn is_disabled(server: &TestServer, username: &'static str) -> bool {
    server.user(username).await.disabled_at.is_some()
}

/// Submits the page that asks for a code.
async fn step_up(browser: &Browser, code: &str, path: &str) -> Page {
    let page = browser.get(&format!("/step-up?return_to={path}")).await;
    let (csrf, return_to) = (page.hidden("csrf"), page.hidden("return_to"));
    browser.post("/step-up", &[("csrf", &csrf), ("return_to", &return_to), ("code", code)]).await
}

#[tokio::test]
async fn console_is_unknown_unless_enabled() {
    let server = TestServer::start().await;
    assert_eq!(
        server.server.settings.console,
        ConsoleSettings { enabled: false, group: "administrators".to_owned(), max_age: 900 }
    );
    promote(&server, "alice").await;
    let (browser, _) = sign_in(&server, "alice").await;
    for path in ["/admin", "/admin/apps", "/admin/users", "/admin/join?token=x", "/admin/apps/shop/delete"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    assert_eq!(browser.post("/admin/apps/shop/delete", &[("csrf", "x")]).await.status, 404);
}

#[tokio::test]
async fn user_who_is_no_administrator_sees_and_changes_nothing() {
    let server = administrator::start().await;
    server.shop().await;
    group(&server).await;
    let (browser, _) = sign_in(&server, "alice").await;
    let minji = user_path(&server, "minji").await;
    let others = ["/admin/apps/shop", "/admin/scopes/message:read", &minji, &format!("{minji}/disable")];
    for path in PAGES.into_iter().chain(others) {
        let page = browser.get(path).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(page.body.contains("id=\"closed\"") && !page.body.contains("minji"), "{page:?}");
    }
    for path in [format!("{minji}/disable"), "/admin/apps/shop/delete".to_owned()] {
        assert_eq!(browser.post(&path, &[("csrf", "x"), ("version", "x")]).await.status, 403);
    }
    assert!(!is_disabled(&server, "minji").await && server.count("clients").await == 1);
}

#[tokio::test]
async fn signed_out_user_returns_to_the_page_after_sign_in() {
    let server = administrator::start().await;
    promote(&server, "alice").await;
    let browser = server.browser();
    let page = browser.get("/admin/users").await;
    assert_eq!(page.next().as_deref(), Some("/login?return_to=/admin/users"));
    let login = browser.open("/admin/users").await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.url.ends_with("/admin/users") && page.status == 403, "a second factor comes first: {page:?}");
}

#[tokio::test]
async fn administrator_without_a_second_factor_is_led_to_set_one_up() {
    let server = administrator::start().await;
    promote(&server, "alice").await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    let page = browser.get("/admin").await;
    assert!(page.status == 403 && page.body.contains("id=\"set-up\" href=\"/account/second-factor/set-up\""));
    assert_eq!(browser.post("/admin/apps/shop/delete", &[("csrf", "x")]).await.status, 403);
    crate::support::authenticator::set_up(&server, &browser).await;
    assert_eq!(browser.get("/admin").await.status, 200);
}

#[tokio::test]
async fn second_factor_is_asked_for_again_when_it_is_stale() {
    let server = administrator::start().await;
    promote(&server, "alice").await;
    let (browser, app) = sign_in(&server, "alice").await;
    let confirm = disabling_minji(&server, &browser).await;
    server.clock.advance(900);
    assert_eq!(browser.get("/admin").await.status, 200, "it is as old as allowed");
    server.clock.advance(1);
    let minji = user_path(&server, "minji").await;
    let asked = format!("/step-up?return_to={minji}/disable");
    assert_eq!(browser.get(&minji).await.next(), Some(format!("/step-up?return_to={minji}")));
    assert_eq!(click(&browser, &confirm).await.next(), Some(asked.clone()));
    assert!(!is_disabled(&server, "minji").await);

    let wrong = step_up(&browser, "000000", "/admin/users").await;
    assert_eq!(wrong.status, 400);
    let page = step_up(&browser, &app.code(&server), &format!("{minji}/disable")).await;
    assert_eq!(page.next(), Some(format!("{minji}/disable")));
    // What the page of a change is for was not seen after the code, so the user's page comes first.
    assert_eq!(browser.get(&format!("{minji}/disable")).await.next(), Some(minji.clone()));
    let confirm = disabling_minji(&server, &browser).await;
    assert_eq!(click(&browser, &confirm).await.next(), Some(format!("{minji}?done=disable")));
    assert!(is_disabled(&server, "minji").await);
}

#[tokio::test]
async fn trusted_browser_does_not_replace_the_second_factor() {
    let server = administrator::start().await;
    promote(&server, "alice").await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    sign_in(&server, "alice").await;
    assert_eq!(browser.get("/admin").await.next().as_deref(), Some("/step-up?return_to=/admin"));
}

#[tokio::test]
async fn step_up_leads_to_no_other_site() {
    let server = administrator::start().await;
    promote(&server, "alice").await;
    let (browser, _) = sign_in(&server, "alice").await;
    for path in ["https://evil.example/admin", "//evil.example", "/admin?x=//evil.example", "/account"] {
        assert_eq!(browser.get(&format!("/step-up?return_to={path}")).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn take_back_between_the_page_and_the_click_counts() {
    type TakeBack =
        fn(&mut writ::store::Tx<'_>, &administration::Actor, &users::User) -> Result<(), writ::fault::Fault>;
    let take_backs: [(&str, TakeBack); 4] = [
        ("sign-out", |tx, actor, user| administration::users::sign_out(tx, actor, user).map(drop)),
        ("disabled", |tx, actor, user| administration::users::disable(tx, actor, user).map(drop)),
        ("password", |tx, actor, user| administration::users::set_password(tx, actor, user, "hash")),
        ("factor", |tx, actor, user| administration::users::reset_factors(tx, actor, user).map(drop)),
    ];
    for (name, take_back) in take_backs {
        let server = administrator::start().await;
        let browser = enter(&server).await;
        let confirm = disabling_minji(&server, &browser).await;
        let (actor, alice) = (actor(&server).await, server.user("alice").await);
        server.write(move |tx| take_back(tx, &actor, &alice)).await;
        let page = click(&browser, &confirm).await;
        assert!(page.status == 403 || page.next().is_some_and(|next| next.starts_with("/login")), "{name}: {page:?}");
        assert!(!is_disabled(&server, "minji").await, "{name}");
    }
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let confirm = disabling_minji(&server, &browser).await;
    demote(&server, "alice").await;
    assert_eq!(click(&browser, &confirm).await.status, 403);
    assert_eq!(browser.get("/admin").await.status, 403);
    assert!(!is_disabled(&server, "minji").await);
}

#[tokio::test]
async fn form_needs_the_token_of_its_own_session() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    promote(&server, "minji").await;
    let (other, _) = sign_in(&server, "minji").await;
    let confirm = disabling_minji(&server, &browser).await;
    let of_another = disabling_minji(&server, &other).await.hidden("csrf");
    let of_account = browser.get("/account/apps").await;
    let of_account = browser.get("/account/password").await.find_hidden("csrf").or(of_account.find_hidden("csrf"));
    for csrf in ["", "x", &of_another, &of_account.expect("a token")] {
        let page = click_with(&browser, &confirm, csrf).await;
        assert_eq!(page.status, 400, "{csrf}: {page:?}");
    }
    assert!(!is_disabled(&server, "minji").await);
}

#[tokio::test]
async fn form_of_another_site_is_refused() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let path = format!("{}/disable", user_path(&server, "minji").await);
    for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let page = browser.try_out(&path, Method::POST, Some(header)).await;
        assert!(page.status == 400 && page.body.contains("id=\"error\""), "{page:?}");
    }
    assert!(!is_disabled(&server, "minji").await);
}

#[tokio::test]
async fn get_changes_nothing() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    shop.tokens("openid profile:read").await;
    let browser = enter(&server).await;
    let before = (entries(&server).await.len(), server.count("sessions").await, server.count("grants").await);
    let alice = user_path(&server, "alice").await;
    let actions = ["sign-out", "unlock", "reset-factors", "disable", "enable", "delete"];
    let of_user = actions.map(|action| format!("{alice}/{action}?version=x"));
    let of_app = ["approve", "rotate-secret", "disconnect", "disable", "enable", "delete"]
        .map(|action| format!("/admin/apps/shop/{action}?version=x"));
    for path in of_user.iter().chain(&of_app) {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(browser.try_out(path, method, None).await.status, 200, "{path}");
        }
    }
    let after = (entries(&server).await.len(), server.count("sessions").await, server.count("grants").await);
    assert_eq!(before, after);
    for path in ["/admin/apps/shop/explode", "/admin/apps/unknown", "/admin/users/unknown", "/admin/apps/%00"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn api_token_opens_no_page_and_session_opens_no_api() {
    let server = TestServer::start_with(|settings| {
        settings.console.enabled = true;
        settings.admin_api.enabled = true;
    })
    .await;
    let console = Console::new(&server, CLIENTS).await;
    let bearer = format!("Bearer {}", console.token);
    for path in PAGES {
        let page = server.browser().try_out(path, Method::GET, Some(("authorization", &bearer))).await;
        assert_eq!(page.next(), Some(format!("/login?return_to={path}")));
    }
    let browser = enter(&server).await;
    for path in ["/admin/v1/clients", "/admin/v1/users", "/admin/v1/audit"] {
        assert_eq!(browser.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn pages_are_private_small_and_without_scripts_of_their_own() {
    let server = administrator::start().await;
    server.shop().await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let others = ["/admin/apps/shop", "/admin/scopes/message:read", &minji, &format!("{minji}/delete?version=x")];
    for path in PAGES.into_iter().chain(others) {
        let page = browser.get(path).await;
        assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"), "{path}");
        assert!(page.body.len() < 60_000, "{path}: {}", page.body.len());
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.body.matches("<script").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn member_of_a_nested_group_is_an_administrator() {
    let server = administrator::start().await;
    let outer = group(&server).await;
    let nested = Group { id: Uuid::now_v7(), name: "on call".to_owned(), parent: Some(outer.id), acr: None };
    let (actor, users, created) = (actor(&server).await, [server.user("alice").await], nested.clone());
    let add = move |tx: &mut writ::store::Tx<'_>| {
        administration::groups::create(tx, &actor, &created)?.expect("a group");
        administration::groups::add(tx, &actor, &nested, &users)
    };
    server.write(add).await.expect("a member");
    let (browser, _) = sign_in(&server, "alice").await;
    assert_eq!(browser.get("/admin").await.status, 200);
}
