//! The keys, the mail, the audit log and the settings in the console.

use writ::{
    administration,
    store::{
        Id,
        keys::{self, KeyRow, KeyState},
        mails::{self, Kind, NewMail},
    },
    tasks::rotate_keys,
};

use crate::support::{
    Browser, TestServer,
    administrator::{self, actor, change, click, demote, enter, entries, open, user_path},
};

const SCOPE: &str = "openid profile:read offline_access";

/// A server whose next keys are known to every verifier.
async fn start() -> TestServer {
    let server = administrator::start().await;
    rotate_keys::run_once(&server.server).await.expect("the next keys");
    server.clock.advance(900);
    server
}

async fn key(server: &TestServer, alg: &'static str, state: KeyState) -> KeyRow {
    let rows = server.write(keys::list).await;
    rows.into_iter().find(|key| key.alg == alg && key.state == state).expect("a key")
}

/// Queues a mail that was given up.
async fn dead_mail(server: &TestServer, recipient: &'static str) -> Id {
    server
        .write(move |tx| {
            let new = NewMail {
                user_id: None,
                recipient: recipient.to_owned(),
                kind: Kind::Test,
                language: "en".to_owned(),
                link_id: None,
                lifetime: 86_400,
            };
            mails::queue(tx, new)?;
            let mail = mails::list(tx, 1)?.remove(0);
            mails::failed(tx, &mail, "550 no such mailbox", true)?;
            Ok(mail.id)
        })
        .await
}

async fn is_dead(server: &TestServer, id: Id) -> bool {
    server.write(move |tx| mails::find(tx, id)).await.expect("the mail").next_attempt_at.is_none()
}

fn link<'a>(body: &'a str, id: &str) -> &'a str {
    let found = body.split(&format!("id=\"{id}\" href=\"")).nth(1).and_then(|rest| rest.split('"').next());
    found.unwrap_or_else(|| panic!("no {id}: {body}"))
}

#[tokio::test]
async fn rotation_activates_the_next_key_and_ends_no_token() {
    let server = start().await;
    let shop = server.shop().await;
    let next = key(&server, "ES256", KeyState::Next).await;
    // Before alice has a second factor.
    let tokens = shop.tokens(SCOPE).await;
    let browser = enter(&server).await;
    let page = browser.get("/admin/keys").await;
    assert!(page.body.contains(&next.kid) && page.body.contains("id=\"rotate-ES256\""), "{page:?}");
    let confirm = open(&browser, "/admin/keys", "rotate-ES256").await;
    assert_eq!(key(&server, "ES256", KeyState::Next).await.kid, next.kid, "the page changes nothing");
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/keys"));
    assert_eq!(key(&server, "ES256", KeyState::Active).await.kid, next.kid);
    assert_ne!(key(&server, "ES256", KeyState::Next).await.kid, next.kid, "a further key is published");
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json["active"], true);
    let page = browser.get("/admin/keys").await;
    assert!(!page.body.contains("id=\"rotate-ES256\"") && page.body.contains("<code>key.rotate</code>"), "{page:?}");
    assert_eq!(click(&browser, &confirm).await.status, 409, "it was for an earlier version");
}

#[tokio::test]
async fn key_that_verifiers_may_not_know_is_not_activated() {
    let server = start().await;
    let browser = enter(&server).await;
    let before = browser.get("/admin/keys").await;
    let path = link(&before.body, "rotate-ES256").split('?').next().expect("a path").to_owned();
    change(&browser, "/admin/keys", "rotate-ES256").await;
    let active = key(&server, "ES256", KeyState::Active).await.kid;
    let page = browser.get("/admin/keys").await;
    let version = link(&page.body, "rotate-RS256").rsplit('=').next().expect("a version").to_owned();
    let confirm = browser.get(&format!("{path}?version={version}")).await;
    let page = click(&browser, &confirm).await;
    assert!(page.status == 409 && page.body.contains("quarter of an hour"), "{page:?}");
    assert_eq!(key(&server, "ES256", KeyState::Active).await.kid, active);
}

#[tokio::test]
async fn revocation_says_what_ends_and_ends_it() {
    let server = start().await;
    let shop = server.shop().await;
    // Before alice has a second factor.
    let tokens = shop.tokens(SCOPE).await;
    let browser = enter(&server).await;
    let id = format!("revoke-{}", key(&server, "ES256", KeyState::Active).await.kid);
    let confirm = open(&browser, "/admin/keys", &id).await;
    assert!(confirm.body.contains("1 grant") && confirm.body.contains("id=\"warning\""), "{confirm:?}");
    let alg = server.server.settings.tokens.access_token_signing_alg.as_str();
    let id = format!("revoke-{}", key(&server, alg, KeyState::Active).await.kid);
    change(&browser, "/admin/keys", &id).await;
    assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json["active"], false);
    let refreshed = shop.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
    assert_eq!(shop.introspect(refreshed.text("access_token")).await.ok().json["active"], true);
    let last = entries(&server).await.pop().expect("an entry");
    assert_eq!((last.action.as_str(), last.face.as_str(), last.reason.as_str()), ("key.revoke", "console", "ticket 7"));
}

#[tokio::test]
async fn change_of_a_key_by_a_former_administrator_is_refused() {
    let server = start().await;
    let browser = enter(&server).await;
    let active = key(&server, "ES256", KeyState::Active).await.kid;
    let confirm = open(&browser, "/admin/keys", &format!("revoke-{active}")).await;
    demote(&server, "alice").await;
    assert_eq!(click(&browser, &confirm).await.status, 403);
    assert_eq!(key(&server, "ES256", KeyState::Active).await.kid, active);
    for path in ["/admin/keys/nope/revoke", "/admin/keys/HS256/rotate", "/admin/keys/ES256/explode"] {
        let other = administrator::start().await;
        assert_eq!(enter(&other).await.get(&format!("{path}?version=x")).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn dead_mail_is_tried_again_as_it_was_seen() {
    let server = administrator::start().await;
    let first = dead_mail(&server, "minji@example.com").await;
    let second = dead_mail(&server, "other@example.com").await;
    let browser = enter(&server).await;
    let page = browser.get("/admin").await;
    assert!(page.body.contains("href=\"/admin/mail?state=dead\""), "{page:?}");
    let page = browser.get("/admin/mail?state=dead").await;
    assert!(page.body.contains("550 no such mailbox") && page.body.contains("minji@example.com"), "{page:?}");
    let stale = open(&browser, "/admin/mail", &format!("retry-{first}")).await;
    change(&browser, "/admin/mail", &format!("retry-{first}")).await;
    assert!(!is_dead(&server, first).await && is_dead(&server, second).await);
    assert_eq!(click(&browser, &stale).await.status, 409);

    let all = open(&browser, "/admin/mail", "retry-all").await;
    let third = dead_mail(&server, "third@example.com").await;
    assert_eq!(click(&browser, &all).await.status, 409, "another mail was given up meanwhile");
    change(&browser, "/admin/mail", "retry-all").await;
    assert!(!is_dead(&server, second).await && !is_dead(&server, third).await);
    let retried: Vec<_> = entries(&server).await.into_iter().filter(|entry| entry.action == "mail.retry").collect();
    assert_eq!(retried.len(), 2);
    assert!(retried.iter().all(|entry| !entry.change.contains("example.com")), "{retried:?}");
    for path in ["/admin/mail?before=x", "/admin/mail/x/retry?version=x"] {
        assert!(browser.get(path).await.status.is_client_error(), "{path}");
    }
}

/// Disables and enables minji, and changes a client.
async fn make_entries(server: &TestServer) {
    let (actor, user) = (actor(server).await, server.user("minji").await);
    server
        .write(move |tx| {
            for _ in 0..30 {
                administration::users::disable(tx, &actor, &user)?.expect("disabled");
                administration::users::enable(tx, &actor, &user)?.expect("enabled");
            }
            Ok(())
        })
        .await;
}

async fn listed(browser: &Browser, query: &str) -> String {
    let page = browser.get(&format!("/admin/audit{query}")).await;
    assert_eq!(page.status, 200, "{query}");
    page.body
}

#[tokio::test]
async fn audit_log_is_searched_in_pages() {
    let server = administrator::start().await;
    server.shop().await;
    let browser = enter(&server).await;
    make_entries(&server).await;
    let of_kind = listed(&browser, "?kind=user").await;
    assert_eq!(of_kind.matches("<code>user.").count(), 50);
    assert!(!of_kind.contains("<code>group."), "only this kind");
    let rest = browser.get(&link(&of_kind, "next").replace("&#38;", "&")).await.body;
    assert_eq!(rest.matches("<code>user.").count(), 10);
    assert!(!rest.contains("id=\"next\""), "{rest}");

    let by_name = listed(&browser, "?target=minji").await;
    assert!(by_name.contains("<code>user.disable</code>"), "{by_name}");
    assert!(!listed(&browser, "?target=alice").await.contains("<code>user.disable</code>"));
    assert!(listed(&browser, "?actor=test").await.contains("<code>user.disable</code>"));
    for nothing in ["?actor=te", "?actor=te%25", "?actor=t_st", "?target=nope"] {
        assert!(!listed(&browser, nothing).await.contains("<code>user."), "{nothing}");
    }
    for bad in ["?kind=x", "?kind=%25", "?before=x", "?target=%00"] {
        assert_eq!(browser.get(&format!("/admin/audit{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn change_in_the_console_is_found_by_the_name_of_its_administrator() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    change(&browser, &user_path(&server, "minji").await, "disable").await;
    let body = listed(&browser, "?actor=alice&kind=user").await;
    assert!(body.contains("<code>user.disable</code>") && body.contains("ticket 7"), "{body}");
}

#[tokio::test]
async fn entry_shows_what_changed_and_the_value_to_note() {
    let server = administrator::start().await;
    let browser = enter(&server).await;
    change(&browser, &user_path(&server, "minji").await, "disable").await;
    let last = entries(&server).await.pop().expect("an entry");
    let page = browser.get(&format!("/admin/audit/{}", last.sequence)).await;
    for text in ["user.disable", "ticket 7", "disabled_at", "minji", &format!("<code>{}:", last.sequence)] {
        assert!(page.body.contains(text), "{text}: {page:?}");
    }
    for path in ["/admin/audit/999999", "/admin/audit/0", "/admin/audit/-1", "/admin/audit/x"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn settings_are_shown_without_passwords() {
    let server = TestServer::start_with(|settings| {
        settings.console.enabled = true;
        settings.mail.url = Some("smtp://writ:letmein@mail.example".parse().expect("a URL"));
        settings.mail.from = Some(serde_json::from_str("\"no-reply@example.com\"").expect("a sender"));
    })
    .await;
    let browser = enter(&server).await;
    let page = browser.get("/admin/settings").await;
    assert!(page.body.contains("mail.example") && !page.body.contains("letmein"), "{page:?}");
    assert!(page.body.contains("<code>code_lifetime</code>"), "{page:?}");
}
