//! The users in the console: each change, and what refuses it.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;
use writ::{
    administration::{self, administrators},
    store::{Tx, users},
};
use writ_core::groups::Group;

use crate::support::{
    Browser, TestServer,
    administrator::{self, actor, change, click, enter, entries, open, promote, sign_in, user_path},
    authenticator::enter_password,
    console::{Console, problem},
    seed::PASSWORD,
};

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/account").await.status == 200
}

#[tokio::test]
async fn disabled_user_is_signed_out_until_enabled() {
    let server = administrator::start().await;
    let (shop, of_minji) = (server.shop().await, server.browser());
    let tokens = shop.tokens_in(&of_minji, "minji", "openid profile:read offline_access").await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let confirm = open(&browser, &minji, "disable").await;
    assert!(confirm.body.contains("1 session ends."), "{confirm:?}");
    assert!(is_signed_in(&of_minji).await, "the page ends nothing");
    click(&browser, &confirm).await;
    assert!(!is_signed_in(&of_minji).await);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    let page = browser.get(&minji).await;
    assert!(page.body.contains("id=\"disabled\"") && !page.body.contains("id=\"disable\""), "{page:?}");
    change(&browser, &minji, "enable").await;
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.status, 200);
    let done: Vec<_> = entries(&server).await.into_iter().filter(|entry| entry.face == "console").collect();
    assert_eq!(done.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["user.disable", "user.enable"]);
    let id = server.user_id("alice").await.to_string();
    assert!(done.iter().all(|entry| entry.actor.starts_with(&id) && entry.reason == "ticket 7"), "{done:?}");
}

#[tokio::test]
async fn user_is_signed_out_everywhere() {
    let server = administrator::start().await;
    let browsers = [server.browser(), server.browser()];
    for browser in &browsers {
        enter_password(browser, "minji").await;
    }
    let browser = enter(&server).await;
    change(&browser, &user_path(&server, "minji").await, "sign-out").await;
    for browser in &browsers {
        assert!(!is_signed_in(browser).await);
    }
    assert!(is_signed_in(&browser).await);
}

#[tokio::test]
async fn locked_user_is_unlocked() {
    let server = administrator::start().await;
    let stranger = server.browser();
    let mut login = stranger.open("/login").await;
    for _ in 0..12 {
        login = stranger.sign_in_with(&login, "minji", "wrong").await;
    }
    assert_eq!(login.status, 429);
    let browser = enter(&server).await;
    change(&browser, &user_path(&server, "minji").await, "unlock").await;
    let fresh = server.browser();
    enter_password(&fresh, "minji").await;
    assert!(is_signed_in(&fresh).await);
}

#[tokio::test]
async fn second_factor_is_removed() {
    let server = administrator::start().await;
    sign_in(&server, "minji").await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let page = browser.get(&minji).await;
    assert!(page.body.contains("10 left"), "{page:?}");
    let confirm = open(&browser, &minji, "reset-factors").await;
    assert!(confirm.body.contains("id=\"warning\""), "{confirm:?}");
    click(&browser, &confirm).await;
    let fresh = server.browser();
    enter_password(&fresh, "minji").await;
    assert!(is_signed_in(&fresh).await);
}

#[tokio::test]
async fn deleted_user_is_gone_with_all_grants() {
    let server = administrator::start().await;
    let (shop, of_minji) = (server.shop().await, server.browser());
    let tokens = shop.tokens_in(&of_minji, "minji", "openid profile:read offline_access").await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let page = browser.get(&minji).await;
    assert!(page.body.contains("href=\"/admin/apps/shop\"") && page.body.contains("<code>profile:read</code>"));
    let confirm = open(&browser, &minji, "delete").await;
    assert!(confirm.body.contains("1 grant to an app ends."), "{confirm:?}");
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/users?done=delete"));
    assert_eq!(server.count("users").await, 1);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
    assert_eq!(click(&browser, &confirm).await.status, 404);
}

#[tokio::test]
async fn change_of_another_version_is_refused_and_shows_the_changes() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let (disable, delete) = (open(&browser, &minji, "disable").await, open(&browser, &minji, "delete").await);
    click(&browser, &disable).await;
    let refused = click(&browser, &delete).await;
    assert!(refused.status == 409 && refused.body.contains("<code>user.disable</code>"), "{refused:?}");
    assert_eq!(server.count("users").await, 2);
    let missing = [("csrf", &*delete.hidden("csrf"))];
    assert_eq!(browser.post(&format!("{minji}/delete"), &missing).await.status, 400, "a version is named");
    assert_eq!(server.count("users").await, 2);
}

#[tokio::test]
async fn last_administrator_cannot_be_locked_out() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let alice = user_path(&server, "alice").await;
    for action in ["disable", "delete"] {
        let confirm = open(&browser, &alice, action).await;
        let page = click(&browser, &confirm).await;
        assert!(page.status == 409 && page.body.contains("No administrator would be left"), "{page:?}");
    }
    let page = browser.get("/account/delete").await;
    let fields = [("csrf", &*page.hidden("csrf")), ("password", PASSWORD)];
    let refused = browser.post("/account/delete", &fields).await;
    assert!(refused.body.contains("No administrator would be left"), "{refused:?}");
    assert_eq!(browser.get("/admin").await.status, 200);

    // A disabled administrator is none.
    promote(&server, "minji").await;
    change(&browser, &user_path(&server, "minji").await, "disable").await;
    let confirm = open(&browser, &alice, "delete").await;
    assert_eq!(click(&browser, &confirm).await.status, 409);
    change(&browser, &user_path(&server, "minji").await, "enable").await;
    change(&browser, &alice, "delete").await;
    assert_eq!(server.count("users").await, 1);
}

#[tokio::test]
async fn two_administrators_do_not_lock_each_other_out() {
    for _ in 0..4 {
        let server = administrator::start().await;
        let alice = enter(&server).await;
        promote(&server, "minji").await;
        let (minji, _) = sign_in(&server, "minji").await;
        let of_minji = open(&alice, &user_path(&server, "minji").await, "disable").await;
        let of_alice = open(&minji, &user_path(&server, "alice").await, "disable").await;
        join_all([click(&alice, &of_minji), click(&minji, &of_alice)]).await;
        let left = server.write(|tx| administrators::list(tx, "administrators")).await;
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[tokio::test]
async fn users_are_listed_in_pages_and_found_by_name_address_and_id() {
    let server = administrator::start().await;
    server
        .write(|tx| {
            for number in 0..50 {
                users::insert(tx, &users::User::named(&format!("user{number:02}")))?;
            }
            Ok(())
        })
        .await;
    let browser = enter(&server).await;
    let page = browser.get("/admin/users").await;
    assert!(page.body.contains("user47") && !page.body.contains("user48"), "{page:?}");
    assert!(page.body.len() < 60_000, "{}", page.body.len());
    let next = page.body.split("id=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let page = browser.get(next).await;
    assert!(page.body.contains("user48") && page.body.contains("user49") && !page.body.contains("id=\"next\""));
    let minji = user_path(&server, "minji").await;
    let id = server.user_id("minji").await.to_string();
    for login in ["minji", "MINJI", "minji@example.com", &id] {
        let found = browser.get(&format!("/admin/users?login={login}")).await;
        assert_eq!(found.next().as_deref(), Some(&*minji), "{login}");
    }
    for login in ["minj", "%25", "none@example.com"] {
        let missing = browser.get(&format!("/admin/users?login={login}")).await;
        assert!(missing.status == 200 && missing.body.contains("id=\"not-found\""), "{login}");
    }
    for bad in ["?after=x", "?login=%00"] {
        assert_eq!(browser.get(&format!("/admin/users{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn names_of_users_are_escaped() {
    let server = administrator::start().await;
    server
        .write(|tx| {
            let user = users::User {
                claims: json!({ "name": "<script>x</script>" }).to_string(),
                ..users::User::named("mallory")
            };
            users::insert(tx, &user)
        })
        .await;
    let browser = enter(&server).await;
    for path in ["/admin/users", &user_path(&server, "mallory").await] {
        let page = browser.get(path).await;
        assert!(!page.body.contains("<script>x") && page.body.contains("mallory"), "{page:?}");
    }
}

#[tokio::test]
async fn change_over_a_second_node_sees_the_first() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let other = server.second_node().await;
    let there = browser.at(&other.issuer);
    let confirm = open(&browser, &user_path(&server, "minji").await, "disable").await;
    let (actor, alice) = (actor(&server).await, server.user("alice").await);
    server.write(move |tx| administration::users::sign_out(tx, &actor, &alice)).await.expect("signed out");
    let page = click(&there, &confirm).await;
    assert!(page.next().is_some_and(|next| next.starts_with("/login")), "{page:?}");
    assert!(server.user("minji").await.disabled_at.is_none());
}

#[tokio::test]
async fn token_of_the_api_makes_no_administrator() {
    let server = TestServer::start_with(|settings| settings.admin_api.enabled = true).await;
    let console = Console::new(&server, "writ:groups:read writ:groups:write").await;
    let staff = console.post("/groups", &json!({ "name": "staff" })).await;
    let staff = format!("/groups/{}", staff.text("id"));
    // Also before the console is on and the group exists.
    let early = console.post("/groups", &json!({ "name": "administrators" })).await;
    assert_eq!(problem(&early, 403), "access_denied");
    let group = administrator::group(&server).await;
    let path = format!("/groups/{}", group.id);
    let minji = json!({ "users": [server.user_id("minji").await.to_string()] });
    let nested = json!({ "name": "x", "parent": group.id.to_string() });
    assert_eq!(problem(&console.post("/groups", &nested).await, 403), "access_denied");
    for (method, path, operation, body) in [
        (Method::POST, &path, "/add", Some(minji.clone())),
        (Method::POST, &path, "/remove", Some(minji.clone())),
        (Method::PATCH, &path, "", Some(json!({ "name": "crew" }))),
        (Method::DELETE, &path, "", None),
        (Method::PATCH, &staff, "", Some(json!({ "parent": group.id.to_string() }))),
        (Method::PATCH, &staff, "", Some(json!({ "name": "administrators" }))),
    ] {
        let answer = console.change(method, path, operation, body.as_ref()).await;
        assert_eq!(problem(&answer, 403), "access_denied", "{path}{operation}");
    }
    assert!(server.user("minji").await.groups().is_empty());
    console.change(Method::POST, &staff, "/add", Some(&minji)).await.ok();
}

#[tokio::test]
async fn token_of_the_api_changes_no_administrator() {
    let server = TestServer::start_with(|settings| {
        settings.console.enabled = true;
        settings.admin_api.enabled = true;
    })
    .await;
    let outer = administrator::group(&server).await;
    let console = Console::new(&server, "writ:users:read writ:users:write").await;
    let nested = Group { id: Uuid::now_v7(), name: "on call".to_owned(), parent: Some(outer.id), acr: None };
    let (own, alice) = (actor(&server).await, server.user("alice").await);
    let prepare = move |tx: &mut Tx<'_>| {
        administration::groups::create(tx, &own, &nested)?.expect("a group");
        administration::groups::add(tx, &own, &nested, std::slice::from_ref(&alice))?.expect("a member");
        administration::users::disable(tx, &own, &alice)
    };
    server.write(prepare).await.expect("disabled");
    let alice = format!("/users/{}", server.user_id("alice").await);
    let minji = format!("/users/{}", server.user_id("minji").await);
    for (method, operation) in [
        (Method::POST, "/enable"),
        (Method::POST, "/unlock"),
        (Method::POST, "/sign-out"),
        (Method::POST, "/disable"),
        (Method::DELETE, "?force=true"),
    ] {
        let refused = console.change(method.clone(), &alice, operation, None).await;
        assert_eq!(problem(&refused, 403), "access_denied", "{operation}");
        assert!(console.change(method, &minji, operation, None).await.status.is_success(), "{operation}");
    }
    assert!(server.user("alice").await.disabled_at.is_some());
}

#[tokio::test]
async fn second_factor_that_was_set_up_meanwhile_is_not_removed() {
    let server = administrator::start().await;
    sign_in(&server, "minji").await;
    let browser = enter(&server).await;
    let minji = user_path(&server, "minji").await;
    let stale = open(&browser, &minji, "reset-factors").await;
    change(&browser, &minji, "reset-factors").await;
    sign_in(&server, "minji").await;
    assert_eq!(click(&browser, &stale).await.status, 409);
    assert_eq!(server.count("totp_factors").await, 2);
}
