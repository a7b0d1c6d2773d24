//! Links with which a user becomes an administrator.

use futures_util::future::join_all;
use uuid::Uuid;
use writ::{
    administration::administrators::links,
    mail::link::{self, Purpose},
    store::{Id, administrator_links, users},
};
use writ_core::groups::GroupIds;

use crate::support::{
    Browser, Page, TestServer,
    administrator::{self, actor, entries, sign_in},
};

/// A link, as `writ admin recover` prints it.
async fn make_link(server: &TestServer, username: Option<&'static str>) -> String {
    let user = match username {
        Some(username) => Some(server.user(username).await),
        None => None,
    };
    let actor = actor(server).await;
    let id: Id = server.write(move |tx| links::make_link(tx, &actor, user.as_ref())).await;
    link::path(&server.server.front.form_key, Purpose::Administrator, id)
}

/// Clicks the button of the page of a link.
async fn join(browser: &Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    let csrf = page.find_hidden("csrf").unwrap_or_default();
    let token = path.split_once("token=").expect("a token").1;
    browser.post("/admin/join", &[("csrf", &csrf), ("token", token)]).await
}

fn is_void(page: &Page) -> bool {
    page.status == 400 && page.body.contains("id=\"error\"")
}

#[tokio::test]
async fn link_makes_one_user_an_administrator_once() {
    let server = administrator::start().await;
    let (browser, _) = sign_in(&server, "alice").await;
    let path = make_link(&server, None).await;
    for _ in 0..2 {
        assert_eq!(browser.get(&path).await.status, 200, "opening it uses nothing up");
    }
    assert_eq!(browser.get("/admin").await.status, 403);
    assert_eq!(join(&browser, &path).await.next().as_deref(), Some("/admin"));
    assert_eq!(browser.get("/admin").await.status, 200);
    let added = entries(&server).await.into_iter().find(|entry| entry.action == "group.add").expect("an entry");
    assert_eq!((added.face.as_str(), added.reason.as_str()), ("console", "link of writ admin recover"));
    assert!(added.actor.starts_with(&server.user_id("alice").await.to_string()), "{added:?}");

    let (other, _) = sign_in(&server, "minji").await;
    assert!(is_void(&other.get(&path).await) && is_void(&join(&other, &path).await));
    assert_eq!(other.get("/admin").await.status, 403);
}

#[tokio::test]
async fn link_for_a_user_works_for_no_other() {
    let server = administrator::start().await;
    let path = make_link(&server, Some("minji")).await;
    let (browser, _) = sign_in(&server, "alice").await;
    let of_own = browser.get(&make_link(&server, None).await).await.hidden("csrf");
    assert!(is_void(&browser.get(&path).await));
    let token = path.split_once("token=").expect("a token").1;
    // The token of the form is bound to the link.
    browser.post("/admin/join", &[("csrf", &of_own), ("token", token)]).await;
    assert_eq!(browser.get("/admin").await.status, 403);
    let (other, _) = sign_in(&server, "minji").await;
    assert_eq!(join(&other, &path).await.next().as_deref(), Some("/admin"));
}

#[tokio::test]
async fn expired_forged_and_foreign_links_are_void() {
    let server = administrator::start().await;
    let (browser, _) = sign_in(&server, "alice").await;
    let path = make_link(&server, None).await;
    let key = &server.server.front.form_key;
    let invitation = link::path(key, Purpose::Invitation, Id::now_v7()).replace("/sign-up", "/admin/join");
    let unknown = link::path(key, Purpose::Administrator, Id::now_v7());
    for void in ["/admin/join?token=", "/admin/join?token=x.y", &invitation, &unknown] {
        assert!(is_void(&browser.get(void).await) && is_void(&join(&browser, void).await), "{void}");
    }
    server.clock.advance(administrator_links::LIFETIME);
    assert!(is_void(&browser.get(&path).await) && is_void(&join(&browser, &path).await));
    assert_eq!(browser.get("/admin").await.status, 403);
}

#[tokio::test]
async fn one_of_several_users_wins_a_link() {
    let server = administrator::start().await;
    let (alice, _) = sign_in(&server, "alice").await;
    let (minji, _) = sign_in(&server, "minji").await;
    let path = make_link(&server, None).await;
    let both = [&alice, &minji, &alice, &minji, &alice, &minji];
    let won = join_all(both.map(|browser| join(browser, &path))).await;
    assert_eq!(won.iter().filter(|page| page.next().as_deref() == Some("/admin")).count(), 1);
    let entered = join_all([&alice, &minji].map(|browser| browser.get("/admin"))).await;
    assert_eq!(entered.iter().filter(|page| page.status == 200).count(), 1);
}

#[tokio::test]
async fn signed_out_user_returns_to_the_link() {
    let server = administrator::start().await;
    let path = make_link(&server, None).await;
    let browser = server.browser();
    let login = browser.open(&path).await;
    let page = browser.sign_in(&login, "alice").await;
    assert!(page.url.ends_with(&path) && page.body.contains("id=\"join\""), "{page:?}");
    // A form without a session changes nothing.
    let token = path.split_once("token=").expect("a token").1;
    let page = server.browser().post("/admin/join", &[("csrf", "x"), ("token", token)]).await;
    assert_eq!(page.next(), Some(format!("/login?return_to={path}")));
}

#[tokio::test]
async fn sweep_deletes_expired_links() {
    let server = administrator::start().await;
    make_link(&server, None).await;
    server.clock.advance(administrator_links::LIFETIME);
    writ::tasks::sweep::run_once(&server.server).await.expect("a sweep");
    assert_eq!(server.count("administrator_links").await, 0);
}

#[tokio::test]
async fn refused_join_uses_nothing_up() {
    let server = administrator::start().await;
    let (browser, _) = sign_in(&server, "alice").await;
    let path = make_link(&server, None).await;
    let alice = server.user_id("alice").await;
    let full = |count: usize| GroupIds::from_iter((0..count).map(|_| Uuid::now_v7()));
    let fill = full(100);
    server.write(move |tx| users::set_groups(tx, alice, &fill)).await;
    assert_eq!(join(&browser, &path).await.status, 400);
    assert_eq!(server.count("groups").await, 0);
    let fill = full(99);
    server.write(move |tx| users::set_groups(tx, alice, &fill)).await;
    assert_eq!(join(&browser, &path).await.next().as_deref(), Some("/admin"));
}
