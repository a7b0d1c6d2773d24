//! The audit log in the database, and a user who is unlocked.

use reqwest::StatusCode;
use writ::{
    administration::{self, Actor, audit},
    keys::SharedSecrets,
};

use crate::support::{TestServer, administrator::disable_and_enable, seed::PASSWORD};

/// A server whose log has six entries.
async fn with_entries() -> (TestServer, SharedSecrets) {
    let server = TestServer::start().await;
    let secrets = server.shared_secrets().await;
    let actor = Actor::at_command_line("ada".to_owned(), Some("a test".to_owned()), &secrets);
    disable_and_enable(&server, &actor, 3).await;
    (server, secrets)
}

async fn breaks(server: &TestServer, secrets: &SharedSecrets) -> Vec<String> {
    let verified = audit::verify(&server.server.store, secrets, None).await.expect("verified");
    verified.breaks.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn audit_log_changed_in_the_database_is_found() {
    for (damage, found) in [
        ("UPDATE audit_log SET actor = 'bob' WHERE sequence = 2", "entry 2,"),
        ("UPDATE audit_log SET reason = '' WHERE sequence = 3", "entry 3,"),
        ("UPDATE audit_log SET action = 'user.enable' WHERE sequence = 1", "entry 1,"),
        ("DELETE FROM audit_log WHERE sequence = 4", "entry 4 is missing"),
        ("DELETE FROM audit_log WHERE sequence < 3", "the entries 1 to 2 are missing"),
        ("DELETE FROM audit_log WHERE sequence = 6", "at the end"),
        ("DELETE FROM audit_log", "at the end"),
        (
            "INSERT INTO audit_log SELECT 7, created_at, actor, face, action, target, change, reason, mac \
             FROM audit_log WHERE sequence = 6",
            "entry 7,",
        ),
        (
            "INSERT INTO audit_log SELECT -1, created_at, actor, face, action, target, change, reason, mac \
             FROM audit_log WHERE sequence = 6",
            "entry -1,",
        ),
        ("UPDATE audit_head SET sequence = 5", "at the end"),
    ] {
        let (server, secrets) = with_entries().await;
        assert_eq!(breaks(&server, &secrets).await, Vec::<String>::new());
        server.database.execute(damage).await;
        let breaks = breaks(&server, &secrets).await;
        assert!(breaks.iter().any(|one| one.contains(found)), "{damage}: {breaks:?}");
    }
}

#[tokio::test]
async fn entries_after_a_removal_at_the_end_do_not_hide_it() {
    for damage in [
        "DELETE FROM audit_log WHERE sequence = 6; UPDATE audit_head SET sequence = 5",
        "DELETE FROM audit_log WHERE sequence > 1; UPDATE audit_head SET sequence = 1",
        "DELETE FROM audit_log; UPDATE audit_head SET sequence = 0",
    ] {
        let (server, secrets) = with_entries().await;
        server.database.execute(damage).await;
        let actor = Actor::at_command_line("ada".to_owned(), None, &secrets);
        for _ in 0..2 {
            let (actor, alice) = (actor.clone(), server.user("alice").await);
            server.write(move |tx| administration::users::enable(tx, &actor, &alice).map(drop)).await;
            assert_eq!(breaks(&server, &secrets).await, ["entries at the end were removed or added"], "{damage}");
        }
    }
}

#[tokio::test]
async fn changes_at_once_make_one_chain() {
    let (server, secrets) = with_entries().await;
    let second = server.second_node().await;
    let actor = Actor::at_command_line("ada".to_owned(), None, &secrets);
    let alice = server.user("alice").await;
    let changes = (0..20).map(|index| {
        let node = if index % 2 == 0 { &server } else { &second };
        let (actor, alice) = (actor.clone(), alice.clone());
        node.write(move |tx| administration::users::enable(tx, &actor, &alice))
    });
    futures_util::future::join_all(changes).await;
    let verified = audit::verify(&server.server.store, &secrets, None).await.expect("verified");
    assert_eq!((verified.entries, verified.breaks), (26, Vec::new()));
}

#[tokio::test]
async fn unlocked_user_signs_in_at_once() {
    let server = TestServer::start_with(|settings| settings.throttle.account_attempts = 2).await;
    let attempt = async |password: &'static str| {
        let browser = server.browser();
        let login = browser.get("/login").await;
        browser.post_password(&login, "alice", password).await.status
    };
    for _ in 0..3 {
        attempt("wrong").await;
    }
    assert_eq!(attempt(PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    let actor = Actor::at_command_line("ada".to_owned(), None, &server.shared_secrets().await);
    let alice = server.user("alice").await;
    let unlock = move |tx: &mut writ::store::Tx<'_>| administration::users::unlock(tx, &actor, &alice);
    assert_eq!(server.write(unlock.clone()).await, Ok(true), "it was locked");
    assert_eq!(server.write(unlock).await, Ok(false), "nothing is left to forget");
    assert_eq!(attempt(PASSWORD).await, StatusCode::SEE_OTHER);
}
