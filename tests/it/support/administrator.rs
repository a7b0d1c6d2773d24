//! An administrator at the console.

use uuid::Uuid;
use writ::{
    administration::{self, Actor, Face},
    store::{
        audit_log::{self, AuditRow},
        groups,
    },
};
use writ_core::groups::Group;

use super::{
    Browser, Page, TestServer,
    authenticator::{Authenticator, enter_password, set_up},
};

/// The group of administrators.
const GROUP: &str = "administrators";

/// A server with the console.
pub(crate) async fn start() -> TestServer {
    TestServer::start_with(|settings| settings.console.enabled = true).await
}

/// The actor of changes that a test makes besides the console.
pub(crate) async fn actor(server: &TestServer) -> Actor {
    Actor::at_command_line("test".to_owned(), None, &server.shared_secrets().await)
}

/// The group of administrators, which is created if there is none.
pub(crate) async fn group(server: &TestServer) -> Group {
    let actor = actor(server).await;
    let found = server.write(|tx| Ok(groups::list(tx)?.find(GROUP).cloned())).await;
    let group = Group { id: Uuid::now_v7(), name: GROUP.to_owned(), parent: None, acr: None };
    match found {
        Some(group) => group,
        None => {
            let created = group.clone();
            server.write(move |tx| administration::groups::create(tx, &actor, &created)).await.expect("a group");
            group
        }
    }
}

/// Puts a user into the group of administrators.
pub(crate) async fn promote(server: &TestServer, username: &'static str) {
    let (group, actor, users) = (group(server).await, actor(server).await, [server.user(username).await]);
    server.write(move |tx| administration::groups::add(tx, &actor, &group, &users)).await.expect("a member");
}

/// Takes a user out of it.
pub(crate) async fn demote(server: &TestServer, username: &'static str) {
    let (group, actor, users) = (group(server).await, actor(server).await, [server.user(username).await]);
    server.write(move |tx| administration::groups::remove(tx, &actor, &group, &users)).await.expect("a member");
}

/// Signs a user in, who sets up a second factor.
pub(crate) async fn sign_in(server: &TestServer, username: &str) -> (Browser, Authenticator) {
    let browser = server.browser();
    enter_password(&browser, username).await;
    let (app, _) = set_up(server, &browser).await;
    (browser, app)
}

/// A browser in which alice is an administrator with a fresh second factor.
pub(crate) async fn enter(server: &TestServer) -> Browser {
    promote(server, "alice").await;
    let (browser, _) = sign_in(server, "alice").await;
    assert_eq!(browser.get("/admin").await.status, 200);
    browser
}

/// The page of a change, opened from the page `path`.
pub(crate) async fn open(browser: &Browser, path: &str, action: &str) -> Page {
    let page = browser.get(path).await;
    let link = page.body.split(&format!("id=\"{action}\" href=\"")).nth(1);
    let link = link.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no {action}: {page:?}"));
    let confirm = browser.get(&link.replace("&#38;", "&")).await;
    assert_eq!(confirm.status, 200, "{confirm:?}");
    confirm
}

/// Clicks the button of the page of a change.
pub(crate) async fn click(browser: &Browser, confirm: &Page) -> Page {
    click_with(browser, confirm, &confirm.hidden("csrf")).await
}

/// The same with another CSRF token.
pub(crate) async fn click_with(browser: &Browser, confirm: &Page, csrf: &str) -> Page {
    let action = confirm.body.split("method=\"post\" action=\"/admin").nth(1).and_then(|rest| rest.split('"').next());
    let action = action.unwrap_or_else(|| panic!("no form: {confirm:?}"));
    let version = confirm.hidden("version");
    let fields = [("csrf", csrf), ("version", &version), ("reason", "ticket 7")];
    browser.post(&format!("/admin{action}"), &fields).await
}

/// Makes a change, which must succeed.
pub(crate) async fn change(browser: &Browser, path: &str, action: &str) -> Page {
    let confirm = open(browser, path, action).await;
    let page = click(browser, &confirm).await;
    assert!(page.status == 303 || page.body.contains("id=\"secret\""), "{action}: {page:?}");
    page
}

/// Makes two entries in the audit log `times` times.
pub(crate) async fn disable_and_enable(server: &TestServer, actor: &Actor, times: usize) {
    let alice = server.user("alice").await;
    for _ in 0..times {
        let (actor, alice) = (actor.clone(), alice.clone());
        server
            .write(move |tx| {
                administration::users::disable(tx, &actor, &alice)?.expect("no administrator is needed");
                administration::users::enable(tx, &actor, &alice).map(drop)
            })
            .await;
    }
}

/// The entries of the audit log about administrators.
pub(crate) async fn entries(server: &TestServer) -> Vec<AuditRow> {
    let mut entries = server.write(|tx| audit_log::list_after(tx, 0, 1000)).await;
    entries.retain(|entry| Face::NAMES.contains(&&*entry.face));
    entries
}

/// The path of a user's page.
pub(crate) async fn user_path(server: &TestServer, username: &'static str) -> String {
    format!("/admin/users/{}", server.user_id(username).await)
}
