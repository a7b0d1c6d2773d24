//! Lists in the console that have more than one page.

use std::collections::BTreeSet;

use writ::store::{
    Id, groups,
    keys::{self, KeyState},
    mails::{self, Kind, NewMail},
    resources::{self, Scope, ScopeText},
};
use writ_core::{groups::GroupIds, vocabulary::scope::Risk};

use crate::support::{
    Browser, TestServer,
    administrator::{self, enter, group},
};

/// What stands between `start` and `end` on all pages of a list, and the number of pages.
async fn listed(browser: &Browser, path: &str, [start, end]: [&str; 2]) -> (Vec<String>, usize) {
    let (mut found, mut path, mut pages) = (Vec::new(), path.to_owned(), 0);
    loop {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        pages += 1;
        found.extend(page.body.split(start).skip(1).filter_map(|rest| rest.split(end).next()).map(str::to_owned));
        let next = page.body.split("id=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
        let Some(next) = next else { return (found, pages) };
        path = next.replace("&#38;", "&");
        assert!(pages < 10, "the pages end: {path}");
    }
}

fn assert_each_once(found: &[String], number: usize) {
    assert_eq!(found.len(), number);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), number, "{found:?}");
}

fn scope(name: String, open_to: Option<GroupIds>) -> Scope {
    let words = ScopeText { sentence: "Read it".to_owned(), consequence: "All of it.".to_owned() };
    Scope {
        id: Id::now_v7(),
        name,
        texts: [("en".to_owned(), words)].into(),
        risk: Risk::Low,
        is_default: false,
        open_to,
        acr: None,
    }
}

async fn add_scopes(server: &TestServer, number: usize, open_to: Option<GroupIds>) {
    server
        .write(move |tx| {
            let names = (0..number).map(|index| format!("thing&{index}:read"));
            names.map(|name| scope(name, open_to.clone())).try_for_each(|new| resources::insert_scope(tx, "talk", &new))
        })
        .await;
}

#[tokio::test]
async fn every_scope_of_a_resource_server_is_on_a_page() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let before = listed(&browser, "/admin/resources/talk", ["<a href=\"/admin/scopes/", "\""]).await;
    add_scopes(&server, 101, None).await;
    let (found, pages) = listed(&browser, "/admin/resources/talk", ["<a href=\"/admin/scopes/", "\""]).await;
    assert_each_once(&found, before.0.len() + 101);
    assert_eq!((before.1, pages), (1, 3));
}

#[tokio::test]
async fn every_dead_mail_is_on_a_page() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    server
        .write(|tx| {
            for index in 0..101 {
                let new = NewMail {
                    user_id: None,
                    recipient: format!("user{index}@example.com"),
                    kind: Kind::Test,
                    language: "en".to_owned(),
                    link_id: None,
                    // Many expire in the same second.
                    lifetime: 86_400 + index % 3,
                };
                mails::queue(tx, new)?;
                let mail = mails::list(tx, 1)?.remove(0);
                mails::failed(tx, &mail, "550 no such mailbox", true)?;
            }
            Ok(())
        })
        .await;
    let (found, pages) = listed(&browser, "/admin/mail?state=dead", ["id=\"retry-", "\""]).await;
    let mails: Vec<String> = found.into_iter().filter(|id| id != "all").collect();
    assert_each_once(&mails, 101);
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn every_key_is_on_a_page() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let number = server
        .write(|tx| {
            let mut key = keys::list(tx)?.remove(0);
            key.state = KeyState::Retired;
            for index in 0..60 {
                key.kid = format!("old-{index}");
                keys::insert(tx, &key)?;
            }
            Ok(keys::list(tx)?.len())
        })
        .await;
    let (found, pages) = listed(&browser, "/admin/keys", ["id=\"revoke-", "\""]).await;
    assert_each_once(&found, number);
    assert_eq!(pages, 2);
}

#[tokio::test]
async fn group_says_when_more_is_open_to_it_than_is_shown() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    let group = group(&server).await;
    let path = format!("/admin/groups/{}", group.id);
    add_scopes(&server, 50, Some(GroupIds::from_iter([group.id]))).await;
    let page = browser.get(&path).await;
    assert!(page.body.matches("<code>scope ").count() == 50 && !page.body.contains("id=\"more-uses\""), "{page:?}");
    let one_more = scope("one:more".to_owned(), Some(GroupIds::from_iter([group.id])));
    server.write(move |tx| resources::insert_scope(tx, "talk", &one_more)).await;
    let page = browser.get(&path).await;
    assert!(page.body.matches("<code>scope ").count() == 50 && page.body.contains("id=\"more-uses\""), "{page:?}");
    let uses = server.write(move |tx| groups::uses(tx, Id(group.id), 20)).await;
    assert_eq!((uses.named.len(), uses.has_more), (20, true));
}
