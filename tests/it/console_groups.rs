//! The groups, the resource servers and the scopes in the console.

use reqwest::Method;
use uuid::Uuid;
use writ::{
    administration,
    store::{groups, resources},
};
use writ_core::groups::{Group, GroupIds};

use crate::support::{
    Browser, Page, TestServer,
    administrator::{self, actor, click, demote, enter, entries, group, open},
};

const SCOPE: &str = "openid profile:read message:read offline_access";

/// Submits a form of the console with these fields.
async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.get(path).await.hidden("csrf");
    browser.post(path, &[&[("csrf", &*csrf)], fields].concat()).await
}

async fn created(server: &TestServer, name: &'static str) -> Group {
    let (actor, group) =
        (actor(server).await, Group { id: Uuid::now_v7(), name: name.to_owned(), parent: None, acr: None });
    let new = group.clone();
    server.write(move |tx| administration::groups::create(tx, &actor, &new)).await.expect("a group");
    group
}

async fn found(server: &TestServer, name: &'static str) -> Option<Group> {
    server.write(move |tx| Ok(groups::list(tx)?.find(name).cloned())).await
}

async fn is_member(server: &TestServer, username: &'static str, group: &Group) -> bool {
    server.user(username).await.groups().contains(group.id)
}

async fn version(browser: &Browser, path: &str) -> String {
    browser.get(path).await.hidden("version")
}

#[tokio::test]
async fn group_is_created_nested_filled_and_emptied() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let made = post(&browser, "/admin/groups", &[("name", "staff"), ("reason", "ticket 7")]).await;
    let staff = found(&server, "staff").await.expect("a group");
    let path = format!("/admin/groups/{}", staff.id);
    assert_eq!(made.next(), Some(path.clone()));
    let id = staff.id.to_string();
    post(&browser, "/admin/groups", &[("name", "support"), ("parent", &id)]).await;
    let support = found(&server, "support").await.expect("a group");
    assert_eq!(support.parent, Some(staff.id));
    assert!(browser.get(&path).await.body.contains("support"));

    let seen = version(&browser, &path).await;
    let added = post(&browser, &path, &[("version", &seen), ("login", "minji"), ("reason", "ticket 7")]).await;
    assert_eq!(added.next(), Some(path.clone()));
    assert!(is_member(&server, "minji", &staff).await);
    let page = browser.get(&path).await;
    assert!(page.body.contains("1 member") && page.body.contains("minji"), "{page:?}");
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!(
        (entry.action.as_str(), entry.face.as_str(), entry.reason.as_str()),
        ("group.add", "console", "ticket 7")
    );

    let confirm = open(&browser, &path, "remove-1").await;
    assert!(is_member(&server, "minji", &staff).await, "the page changes nothing");
    assert_eq!(click(&browser, &confirm).await.next(), Some(path.clone()));
    assert!(!is_member(&server, "minji", &staff).await);
    assert_eq!(click(&browser, &confirm).await.status, 404);
}

#[tokio::test]
async fn invalid_groups_and_members_are_refused_with_the_reason() {
    let server = administrator::start().await;
    let staff = created(&server, "staff").await;
    let browser = enter(&server).await;
    let (path, id) = (format!("/admin/groups/{}", staff.id), staff.id.to_string());
    post(&browser, "/admin/groups", &[("name", "support"), ("parent", &id)]).await;
    let support = found(&server, "support").await.expect("a group").id.to_string();
    let long = "x".repeat(65);
    for (fields, reason) in [
        (vec![("name", "staff")], "already"),
        (vec![("name", "a,b")], "cannot be used"),
        (vec![("name", &*long)], "cannot be used"),
        (vec![("name", "deep"), ("parent", &support)], "one level"),
    ] {
        let page = post(&browser, "/admin/groups", &fields).await;
        assert!(page.status == 409 && page.body.contains(reason), "{fields:?}: {page:?}");
    }
    assert_eq!(post(&browser, "/admin/groups", &[("name", "x"), ("parent", "y")]).await.status, 400);
    let seen = version(&browser, &path).await;
    for login in ["nope", "\u{0}"] {
        let page = post(&browser, &path, &[("version", &seen), ("login", login)]).await;
        assert!(page.status == 409 || page.status == 400, "{login:?}: {page:?}");
    }
    let page = post(&browser, &path, &[("version", "x"), ("login", "minji")]).await;
    assert_eq!(page.status, 409, "another version: {page:?}");
    assert_eq!(server.count("groups").await, 3);
    assert!(!is_member(&server, "minji", &staff).await);
}

#[tokio::test]
async fn deletion_of_a_group_says_who_leaves_and_refuses_what_is_in_use() {
    let server = administrator::start().await;
    let staff = created(&server, "staff").await;
    let (actor, minji, of) = (actor(&server).await, server.user("minji").await, staff.clone());
    server.write(move |tx| administration::groups::add(tx, &actor, &of, &[minji])).await.expect("a member");
    server.shop().await;
    let browser = enter(&server).await;
    let path = format!("/admin/groups/{}", staff.id);
    let confirm = open(&browser, &path, "delete").await;
    assert!(confirm.body.contains("1 user leaves it."), "{confirm:?}");
    let open_to = GroupIds::from_iter([staff.id]);
    server.write(move |tx| writ::store::clients::set_open_to(tx, "shop", Some(&open_to))).await;
    let page = click(&browser, &confirm).await;
    assert!(page.status == 409 && page.body.contains("open to this group only"), "{page:?}");
    let page = browser.get(&path).await;
    assert!(page.body.contains("client shop") && !page.body.contains("id=\"delete\""), "{page:?}");
    server.write(move |tx| writ::store::clients::set_open_to(tx, "shop", None)).await;
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/groups?done=delete"));
    assert!(found(&server, "staff").await.is_none() && !is_member(&server, "minji", &staff).await);
    assert_eq!(browser.get(&path).await.status, 404);
}

#[tokio::test]
async fn last_administrator_is_not_removed_from_the_group() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let administrators = group(&server).await;
    let path = format!("/admin/groups/{}", administrators.id);
    for action in ["remove-1", "delete"] {
        let confirm = open(&browser, &path, action).await;
        assert!(confirm.body.contains("id=\"warning\""), "{confirm:?}");
        let page = click(&browser, &confirm).await;
        assert!(page.status == 409 && page.body.contains("No administrator would be left"), "{page:?}");
    }
    assert!(is_member(&server, "alice", &administrators).await);
}

#[tokio::test]
async fn former_administrator_and_other_sites_change_no_group() {
    let server = administrator::start().await;
    let staff = created(&server, "staff").await;
    let browser = enter(&server).await;
    let path = format!("/admin/groups/{}", staff.id);
    let confirm = open(&browser, &path, "delete").await;
    let before = (server.count("resource_servers").await, server.count("scopes").await);
    // Each body is complete but for the token, so that nothing else refuses it.
    let scope = browser.get("/admin/scopes/message:read").await;
    let (scope_version, word) = (scope.hidden("version"), "See it");
    let bodies: [(&str, Vec<(&str, &str)>); 5] = [
        (&path, vec![("login", "minji")]),
        ("/admin/groups", vec![("name", "x"), ("parent", "")]),
        ("/admin/resources", vec![("id", "x"), ("audience", "https://x.example"), ("name", "X")]),
        ("/admin/resources/talk", vec![("name", "x:read"), ("risk", "low"), ("sentence", word), ("consequence", word)]),
        (
            "/admin/scopes/message:read",
            vec![("version", &*scope_version), ("risk", "low"), ("sentence-en", word), ("consequence-en", word)],
        ),
    ];
    for (path, body) in bodies {
        let page = browser.try_out(path, Method::POST, Some(("sec-fetch-site", "cross-site"))).await;
        assert_eq!(page.status, 400, "{path}");
        let page = browser.post(path, &[&[("csrf", "x")], &*body].concat()).await;
        assert_eq!(page.status, 400, "{path}");
    }
    assert!(!is_member(&server, "minji", &staff).await);
    assert_eq!((server.count("resource_servers").await, server.count("scopes").await), before);
    assert_eq!(browser.get("/admin/scopes/message:read").await.hidden("version"), scope_version);
    demote(&server, "alice").await;
    assert_eq!(click(&browser, &confirm).await.status, 403);
    let csrf = confirm.hidden("csrf");
    for path in [&*path, "/admin/groups", "/admin/resources", "/admin/resources/talk", "/admin/scopes/message:read"] {
        assert_eq!(browser.post(path, &[("csrf", &csrf), ("name", "x")]).await.status, 403, "{path}");
    }
    assert_eq!(server.count("groups").await, 2);
}

#[tokio::test]
async fn words_of_a_scope_stand_side_by_side_with_their_problems() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let list = browser.get("/admin/resources").await;
    assert!(list.body.contains("href=\"/admin/resources/talk\""), "{list:?}");
    let page = browser.get("/admin/resources/talk").await;
    assert!(page.body.contains("href=\"/admin/scopes/message%3Aread\""), "{page:?}");
    let path = "/admin/scopes/message:read";
    let page = browser.get(path).await;
    for text in ["message:read as a sentence in en", "message:read as a sentence in ko", "No words in this language."] {
        assert!(page.body.contains(text), "{text}: {page:?}");
    }
    let seen = page.hidden("version");
    let fields = [
        ("version", &*seen),
        ("sentence-en", "Read your messages"),
        ("consequence-en", "All of them, also those that others wrote to you."),
        ("sentence-ko", "Read your messages"),
        ("consequence-ko", "받은 메시지까지 모두 읽습니다."),
        ("sentence-de", ""),
        ("consequence-de", ""),
        ("risk", "elevated"),
        ("reason", "ticket 7"),
    ];
    assert_eq!(post(&browser, path, &fields).await.next().as_deref(), Some("/admin/scopes/message%3Aread"));
    let page = browser.get(path).await;
    assert!(page.body.contains("The words are those of en"), "{page:?}");
    let stored = server.write(resources::list).await;
    let scope = stored.iter().flat_map(|server| &server.scopes).find(|scope| scope.name == "message:read");
    let scope = scope.expect("the scope");
    assert_eq!(scope.texts.keys().collect::<Vec<_>>(), ["en", "ko"]);
    assert!(!scope.is_default && scope.risk.as_str() == "elevated");
    let entry = entries(&server).await.pop().expect("an entry");
    assert_eq!((entry.action.as_str(), entry.reason.as_str()), ("scope.update", "ticket 7"));
    assert_eq!(post(&browser, path, &fields).await.status, 409, "it was for an earlier version");

    let seen = version(&browser, path).await;
    for (fields, status) in [
        (vec![("version", &*seen), ("sentence-ko", "읽기"), ("consequence-ko", "모두."), ("risk", "low")], 409),
        (vec![("version", &*seen), ("sentence-en", "Read"), ("risk", "low")], 409),
        (vec![("version", &*seen), ("sentence-en", "Read"), ("consequence-en", "All."), ("risk", "none")], 400),
    ] {
        assert_eq!(post(&browser, path, &fields).await.status, status, "{fields:?}");
    }
    for path in ["/admin/scopes/nope", "/admin/resources/nope", "/admin/groups/nope"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn resource_server_and_scope_are_created_and_deleted() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let new = [("id", "files"), ("audience", "https://files.example"), ("name", "Files")];
    assert_eq!(post(&browser, "/admin/resources", &new).await.next().as_deref(), Some("/admin/resources/files"));
    for (id, audience, reason) in [
        ("files", "https://other.example", "already"),
        ("other", "https://files.example", "already"),
        ("o ther", "https://other.example", "cannot be used"),
        ("other", "files", "absolute URI"),
    ] {
        let page = post(&browser, "/admin/resources", &[("id", id), ("audience", audience), ("name", "X")]).await;
        assert!(page.status == 409 && page.body.contains(reason), "{id} {audience}: {page:?}");
    }
    let scope = [("name", "file:read"), ("sentence", "Read files"), ("consequence", "All."), ("risk", "low")];
    let path = "/admin/resources/files";
    assert_eq!(post(&browser, path, &scope).await.next().as_deref(), Some("/admin/scopes/file%3Aread"));
    assert_eq!(post(&browser, path, &scope).await.status, 409);
    for name in ["openid", "writ:users:read", "a b"] {
        let page = post(&browser, path, &[&[("name", name)], &scope[1..]].concat()).await;
        assert!(page.status == 409 && page.body.contains("cannot be used"), "{name}: {page:?}");
    }
    let secret = open(&browser, path, "rotate-secret").await;
    let secret = click(&browser, &secret).await;
    assert!(secret.status == 200 && secret.body.contains("id=\"secret\""), "{secret:?}");

    let confirm = open(&browser, "/admin/scopes/file:read", "delete").await;
    assert!(confirm.body.contains("No grant loses a scope."), "{confirm:?}");
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/resources?done=delete"));
    assert_eq!(click(&browser, &confirm).await.status, 404);
    let confirm = open(&browser, path, "delete").await;
    click(&browser, &confirm).await;
    assert_eq!(browser.get(path).await.status, 404);
}

#[tokio::test]
async fn deletion_of_a_scope_says_what_it_takes_and_is_for_what_was_seen() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    shop.tokens(SCOPE).await;
    let browser = enter(&server).await;
    let stale = open(&browser, "/admin/scopes/message:read", "delete").await;
    assert!(stale.body.contains("1 grant loses a scope."), "{stale:?}");
    let actor = actor(&server).await;
    server
        .write(move |tx| {
            let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let before = scopes.into_iter().find(|scope| scope.name == "message:read").expect("the scope");
            let after = resources::Scope { is_default: !before.is_default, ..before.clone() };
            administration::scopes::update(tx, &actor, &before, &after)
        })
        .await
        .expect("changed");
    assert_eq!(click(&browser, &stale).await.status, 409);
    let confirm = open(&browser, "/admin/scopes/message:read", "delete").await;
    click(&browser, &confirm).await;
    assert_eq!(browser.get("/admin/scopes/message:read").await.status, 404);
    let registered = server.write(|tx| writ::store::clients::find(tx, "shop")).await.expect("the client");
    assert!(!registered.metadata.scope.contains("message:read"));
}

#[tokio::test]
async fn restricted_scope_is_deleted_on_the_command_line_only() {
    let server = administrator::start().await;
    let staff = created(&server, "staff").await;
    let actor = actor(&server).await;
    server
        .write(move |tx| {
            let scopes = resources::list(tx)?.into_iter().flat_map(|server| server.scopes);
            let before = scopes.into_iter().find(|scope| scope.name == "message:read").expect("the scope");
            let after = resources::Scope { open_to: Some(GroupIds::from_iter([staff.id])), ..before.clone() };
            administration::scopes::update(tx, &actor, &before, &after)
        })
        .await
        .expect("changed");
    let browser = enter(&server).await;
    let page = browser.get("/admin/scopes/message:read").await;
    assert!(page.body.contains("staff"), "{page:?}");
    for (path, action) in [("/admin/scopes/message:read", "delete"), ("/admin/resources/talk", "delete")] {
        let confirm = open(&browser, path, action).await;
        let page = click(&browser, &confirm).await;
        assert!(page.status == 409 && page.body.contains("command line"), "{path}: {page:?}");
    }
}
