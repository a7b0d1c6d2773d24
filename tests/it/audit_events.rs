//! What users and the server do is in the audit log: appended, sealed, and pruned with a proof.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};
use writ::{
    administration::audit::{self, Old},
    keys::rotation,
    store::{
        Id, Tx,
        audit_events::{self, AuditEvent},
        audit_log::{self, AuditRow},
        clients, keys,
        keys::KeyState,
    },
    tasks::append_audit::{append_events, prune, seal},
};
use writ_core::groups::GroupIds;

use crate::support::{
    App, Browser, TestServer,
    administrator::{disable_and_enable, enter},
    seed::PASSWORD,
};

const DAY: i64 = 86_400;
const SCOPE: &str = "openid profile:read message:read";

/// All entries, without those that wait.
async fn entries(server: &TestServer) -> Vec<AuditRow> {
    append_events(&server.server).await.expect("appended");
    server.write(|tx| audit_log::list_after(tx, 0, 1000)).await
}

async fn actions(server: &TestServer) -> Vec<String> {
    entries(server).await.into_iter().map(|entry| entry.action).collect()
}

fn after(entry: &AuditRow) -> Value {
    serde_json::from_str::<Value>(&entry.change).expect("JSON")["after"].take()
}

async fn breaks(server: &TestServer) -> Vec<String> {
    let secrets = server.shared_secrets().await;
    let verified = audit::verify(&server.server.store, &secrets, None).await.expect("verified");
    verified.breaks.iter().map(ToString::to_string).collect()
}

async fn decide(server: &TestServer, shop: &App, username: &str, scopes: &[&str]) -> Browser {
    let browser = server.browser();
    let consent = browser.sign_in(&browser.open(&shop.authorize_url(SCOPE, &[])).await, username).await;
    if scopes.is_empty() {
        browser.deny(&consent).await;
    } else {
        browser.allow(&consent, scopes).await;
    }
    browser
}

#[tokio::test]
async fn sign_ins_decisions_and_wrong_passwords_are_in_the_audit_log() {
    let server = TestServer::start().await;
    let (shop, alice) = (server.shop().await, server.user_id("alice").await);
    decide(&server, &shop, "alice", &["openid", "profile:read"]).await;
    decide(&server, &shop, "minji", &[]).await;
    let stranger = server.browser();
    for _ in 0..3 {
        stranger.sign_in_with(&stranger.open("/account").await, "alice", "not the password").await;
    }
    let entries = entries(&server).await;
    let actions: Vec<&str> = entries.iter().map(|entry| &*entry.action).collect();
    let (signed_in, wrong) = ("account.signed_in", "account.password_wrong");
    assert_eq!(actions, [signed_in, "account.app_allowed", signed_in, "account.app_denied", wrong], "one a day");
    let allowed = &entries[1];
    assert_eq!((&*allowed.actor, &*allowed.face), (&*format!("{alice} from 127.0.0.1"), "account"));
    assert_eq!((&*allowed.target, &*allowed.reason), ("shop", ""));
    assert_eq!(after(allowed), json!({ "granted": "openid profile:read", "refused": "message:read" }));
    assert_eq!(after(&entries[3])["granted"], "");
    assert_eq!(entries[0].target, alice.to_string());
    assert!(!format!("{entries:?}").contains("alice"), "no names: {entries:?}");
    assert_eq!(breaks(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn refusals_of_policy_are_in_the_audit_log_within_a_bound() {
    let server = TestServer::start_with(|settings| settings.console.enabled = true).await;
    let (shop, browser) = (server.shop().await, server.browser());
    browser.sign_in_with(&browser.open("/account").await, "minji", PASSWORD).await;
    let nobody = GroupIds::from_iter([Id::now_v7().0]);
    server.write(move |tx| clients::set_open_to(tx, "shop", Some(&nobody))).await;
    server.server.refresh().await.expect("a snapshot");
    browser.open(&shop.authorize_url("openid", &[])).await;
    assert_eq!(browser.get("/admin").await.status, 403);
    assert_eq!(actions(&server).await[1..], ["policy.not_open", "policy.no_administrator"]);
    for _ in 0..30 {
        browser.get("/admin").await;
    }
    assert_eq!(actions(&server).await.len(), 1 + 20);
}

#[tokio::test]
async fn what_happens_to_keys_is_in_the_audit_log() {
    let server = TestServer::start().await;
    let interval = server.server.settings.keys.rotation_interval;
    server.clock.advance(interval);
    server.write(move |tx| rotation::advance(tx, interval, 0)).await;
    rotation::fill(&server.server.store, &server.server.secrets.master_keys, KeyState::Next).await.expect("filled");
    let entries = entries(&server).await;
    let of = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
    assert_eq!((of("key.rotate"), of("key.create")), (3, 3), "{entries:?}");
    for key in server.write(keys::list).await {
        let is_active = entries.iter().any(|entry| entry.action == "key.rotate" && after(entry)["kid"] == *key.kid);
        assert_eq!(is_active, key.state == KeyState::Active, "{entries:?}");
    }
    let next = server.write(keys::list).await.into_iter().find(|key| key.state == KeyState::Next).expect("a key");
    let created = entries.iter().find(|entry| entry.target == next.kid).expect("its entry");
    assert_eq!((&*created.actor, &*created.face), ("server", "server"));
    assert_eq!(after(created), json!({ "alg": next.alg, "state": "next" }));
    server.clock.advance(rotation::RETIRED_PUBLICATION);
    let retired = server.write(keys::list).await.into_iter().filter(|key| key.state == KeyState::Retired);
    for state in ["archived", "deleted"] {
        server.write(move |tx| rotation::advance(tx, 0, 3 * DAY)).await;
        let entries = self::entries(&server).await;
        for key in retired.clone() {
            let is_about = |entry: &&AuditRow| entry.action == "key.retire" && entry.target == key.kid;
            let last = entries.iter().rfind(is_about).expect("an entry");
            assert_eq!(after(last), json!({ "state": state }));
        }
        server.clock.advance(3 * DAY);
    }
}

#[tokio::test]
async fn events_of_two_nodes_make_one_chain() {
    let server = TestServer::start().await;
    let (second, shop) = (server.second_node().await, server.shop().await);
    let [one, two] = [server.browser(), server.browser().at(&second.issuer)];
    for browser in [&one, &two] {
        browser.sign_in(&browser.open("/account").await, "alice").await;
    }
    let flows = (0..10).map(|index| {
        let browser = server.browser();
        let browser = if index % 2 == 0 { browser } else { browser.at(&second.issuer) };
        async move { browser.sign_in(&browser.open("/account").await, "minji").await.status }
    });
    let appends = (0..10).map(|index| append_events(if index % 2 == 0 { &server.server } else { &second.server }));
    let (_, appended) =
        futures_util::future::join(futures_util::future::join_all(flows), futures_util::future::join_all(appends))
            .await;
    appended.into_iter().for_each(|result| result.expect("appended"));
    assert_eq!(actions(&server).await.len(), 12);
    assert_eq!(server.count("audit_events").await, 0);
    assert_eq!(breaks(&server).await, Vec::<String>::new());
    drop(shop);
}

#[tokio::test]
async fn entries_are_sealed_within_an_hour_by_a_signature_that_anyone_can_verify() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    decide(&server, &shop, "alice", &["openid"]).await;
    let before = entries(&server).await;
    seal(&server.server).await.expect("not due");
    assert_eq!(actions(&server).await.len(), before.len(), "nothing is old enough");
    server.clock.advance(3600);
    for _ in 0..2 {
        seal(&server.server).await.expect("sealed");
    }
    let sealed = entries(&server).await;
    assert_eq!(sealed.len(), before.len() + 1, "once");
    let entry = sealed.last().expect("the seal");
    assert_eq!((&*entry.action, &*entry.actor), ("audit.seal", "server"));
    let (last, about) = (before.last().expect("an entry"), after(entry));
    let noted = audit::Noted::of(last.sequence, &last.mac).to_string();
    assert_eq!(about["noted"], noted);
    let jws = about["jws"].as_str().expect("a signature");
    let jwks = reqwest::get(format!("{}/jwks", server.issuer)).await.expect("keys").json::<JwkSet>().await;
    let header = jsonwebtoken::decode_header(jws).expect("a header");
    assert_eq!(header.typ.as_deref(), Some("audit-seal+jwt"));
    let jwks = jwks.expect("a document");
    let key = DecodingKey::from_jwk(jwks.find(&header.kid.expect("a kid")).expect("published")).expect("a key");
    let mut validation = Validation::new(header.alg);
    assert!([Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].contains(&header.alg));
    validation.required_spec_claims.clear();
    validation.set_issuer(&[&server.issuer]);
    let claims = jsonwebtoken::decode::<Value>(jws, &key, &validation).expect("signed").claims;
    assert_eq!((&claims["noted"], &claims["iat"]), (&json!(noted), &json!(server.clock.now())));
}

/// A log with entries of users, of an administrator, and of users, of which all but the last are to
/// be pruned if they are about users.
async fn to_prune() -> TestServer {
    let server = TestServer::start_with(|settings| settings.audit.account_events_kept_for = 30 * DAY).await;
    let shop = server.shop().await;
    let secrets = server.shared_secrets().await;
    let actor = writ::administration::Actor::at_command_line("ada".to_owned(), None, &secrets);
    for username in ["alice", "minji"] {
        decide(&server, &shop, username, &["openid"]).await;
    }
    entries(&server).await;
    disable_and_enable(&server, &actor, 1).await;
    decide(&server, &shop, "minji", &["openid"]).await;
    entries(&server).await;
    server.clock.advance(30 * DAY + 1);
    server
}

#[tokio::test]
async fn entries_about_users_are_pruned_and_leave_a_proof() {
    let server = to_prune().await;
    let before = entries(&server).await;
    assert_eq!(before.len(), 8, "{before:?}");
    let other = server.register("other", json!({})).await;
    decide(&server, &other, "alice", &["openid"]).await;
    prune(&server.server).await.expect("pruned");
    let kept = entries(&server).await;
    let actions: Vec<&str> = kept.iter().map(|entry| &*entry.action).collect();
    let expected = ["audit.prune", "user.disable", "user.enable", "audit.prune", "account.signed_in"];
    assert_eq!(actions[..5], expected, "{kept:?}");
    assert_eq!((&*kept[0].target, &*kept[3].target), ("1-4", "7-8"));
    let alice = server.user_id("alice").await.to_string();
    assert!(kept[..4].iter().all(|entry| entry.actor == "server" || entry.actor == "ada"), "{kept:?}");
    assert!(!format!("{:?}", kept[0]).contains(&alice));
    assert_eq!(breaks(&server).await, Vec::<String>::new());
    let noted = |row: &AuditRow| Some(audit::Noted::of(row.sequence, &row.mac));
    let secrets = server.shared_secrets().await;
    for row in &before {
        let verified = audit::verify(&server.server.store, &secrets, noted(row)).await.expect("verified");
        assert_eq!((verified.entries, verified.breaks), (kept.last().expect("an entry").sequence, Vec::new()));
        let is_gone = !kept.iter().any(|entry| entry.sequence == row.sequence);
        assert_eq!(verified.noted_was_pruned, is_gone, "{row:?}");
    }
    prune(&server.server).await.expect("pruned");
    assert_eq!(entries(&server).await.len(), kept.len(), "nothing is left to prune");
    // Rows that follow each other become one.
    server.clock.advance(31 * DAY);
    prune(&server.server).await.expect("pruned");
    let merged = entries(&server).await;
    assert_eq!(merged[3].action, "audit.prune", "{merged:?}");
    assert!(merged[3].target.starts_with("7-") && merged[3].target != "7-8", "{merged:?}");
    assert_eq!(breaks(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn verification_beside_a_pruning_finds_no_damage() {
    let server = TestServer::start_with(|settings| settings.audit.account_events_kept_for = DAY).await;
    let alice = server.user_id("alice").await;
    // The entries of the server stay between those of the user.
    let part = move |tx: &mut Tx<'_>| {
        (0..200).try_for_each(|number| match number % 4 {
            0 => audit_events::of_server(tx, "key.rotate", String::new(), json!({})),
            _ => audit_events::of_user(tx, alice, "", "account.signed_in".to_owned(), String::new(), json!({})),
        })
    };
    for _ in 0..11 {
        server.write(part).await;
        append_events(&server.server).await.expect("appended");
    }
    server.clock.advance(DAY + 1);
    let is_pruned = AtomicBool::new(false);
    let pruning = async {
        prune(&server.server).await.expect("pruned");
        is_pruned.store(true, Relaxed);
    };
    let verification = async {
        while !is_pruned.load(Relaxed) {
            assert_eq!(breaks(&server).await, Vec::<String>::new());
        }
    };
    tokio::join!(pruning, verification);
    assert_eq!(breaks(&server).await, Vec::<String>::new());
    let left = server.write(|tx| audit_log::list_after(tx, 0, i64::MAX)).await;
    assert!(left.iter().all(|entry| entry.face == "server") && left.len() >= 1100, "{}", left.len());
}

#[tokio::test]
async fn entry_that_was_changed_in_the_database_is_not_pruned_and_none_is_pruned_by_hand() {
    for (damage, found) in [
        ("UPDATE audit_log SET target = 'other' WHERE sequence = 2", "entry 2,"),
        ("DELETE FROM audit_log WHERE sequence = 3", "entry 3 is missing"),
    ] {
        let server = to_prune().await;
        server.database.execute(damage).await;
        prune(&server.server).await.expect("pruned");
        let breaks = breaks(&server).await;
        assert!(breaks.iter().any(|one| one.contains(found)), "{damage}: {breaks:?}");
        let pruned: Vec<String> = actions(&server).await.into_iter().filter(|action| action == "audit.prune").collect();
        assert_eq!(pruned.len(), 1, "{damage}: the other entries");
    }
    for damage in [
        // The proof of other entries, for more entries, at another time, or with other words.
        "UPDATE audit_log SET change = (SELECT change FROM audit_log WHERE sequence = 8) WHERE sequence = 4",
        "DELETE FROM audit_log WHERE sequence IN (5, 6); UPDATE audit_log SET change = replace(change, '7', '5') \
         WHERE sequence = 8",
        "UPDATE audit_log SET created_at = created_at + 1 WHERE sequence = 4",
        "UPDATE audit_log SET actor = 'bob' WHERE sequence = 4",
        "UPDATE audit_log SET action = 'audit.prune', face = 'server' WHERE sequence = 5",
        r#"UPDATE audit_log SET change = '{"after":{"first":-9223372036854775808,"mac":""}}' WHERE sequence = 4"#,
    ] {
        let server = to_prune().await;
        prune(&server.server).await.expect("pruned");
        assert_eq!(breaks(&server).await, Vec::<String>::new());
        server.database.execute(damage).await;
        assert_ne!(breaks(&server).await, Vec::<String>::new(), "{damage}");
    }
}

#[tokio::test]
async fn entry_of_an_administrator_is_not_pruned_however_it_was_chosen() {
    let server = to_prune().await;
    // While the server chooses, the entry looks like one about a user. Then it is put back.
    server.database.execute("UPDATE audit_log SET face = 'account' WHERE sequence = 5").await;
    let chosen = server.write(|tx| audit_log::list_after(tx, 0, 100)).await;
    assert_eq!(chosen[4].face, "account");
    let locked = server.write(audit_log::lock_end).await;
    assert_eq!(locked.0.sequence, 8);
    let key = server.server.secrets.audit_key.clone();
    let old = Old { before: server.clock.now(), through: i64::MAX };
    server.database.execute("UPDATE audit_log SET face = 'command-line' WHERE sequence = 5").await;
    let pruned = server.write(move |tx| audit::prune_run(tx, &key, old, (1, 8))).await;
    assert_eq!((pruned, actions(&server).await.len()), (0, 8));
}

#[tokio::test]
async fn what_a_sink_does_not_have_is_not_pruned() {
    let server = TestServer::start_with(|settings| {
        settings.audit.account_events_kept_for = DAY;
        settings.audit.sinks =
            serde_json::from_value(json!([{ "name": "dead", "url": "https://127.0.0.1:9/" }])).expect("a sink");
    })
    .await;
    let shop = server.shop().await;
    decide(&server, &shop, "alice", &["openid"]).await;
    let before = actions(&server).await;
    server.clock.advance(2 * DAY);
    prune(&server.server).await.expect("nothing");
    assert_eq!(actions(&server).await, before);
}

#[tokio::test]
async fn event_that_the_server_did_not_store_is_not_appended() {
    let server = TestServer::start().await;
    for (face, action) in [("account", "account.signed_in"), ("server", "audit.seal"), ("console", "client.delete")] {
        let id = match server.database.url {
            writ::config::DatabaseUrl::Sqlite(_) => "x'00000000000000000000000000000001'",
            writ::config::DatabaseUrl::Postgres(_) => "'\\x00000000000000000000000000000001'",
        };
        let forged = format!(
            "INSERT INTO audit_events (id, created_at, actor, face, action, target, change) \
             VALUES ({id}, 1, 'ada', '{face}', '{action}', 'shop', '{{}}')"
        );
        server.database.execute(&forged).await;
        assert_eq!(actions(&server).await, Vec::<String>::new(), "{face} {action}");
        assert_eq!(server.count("audit_events").await, 0);
    }
    assert_eq!(breaks(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn event_that_was_changed_in_the_database_is_not_authentic() {
    let server = TestServer::start().await;
    let alice = server.user_id("alice").await;
    let store_and_take = move |tx: &mut Tx<'_>| {
        audit_events::of_user(tx, alice, "127.0.0.1", "account.signed_in".into(), "alice".into(), json!({}))?;
        audit_events::take(tx, 100)
    };
    let event = server.write(store_and_take).await.pop().expect("an event");
    let key = server.shared_secrets().await.audit_log;
    assert!(event.is_authentic(&key));
    let changes: [fn(&mut AuditEvent); 8] = [
        |event| event.id = Id::now_v7(),
        |event| event.created_at -= 1,
        |event| event.actor = "mallory".to_owned(),
        |event| event.face = "server".to_owned(),
        |event| event.action = "account.deleted".to_owned(),
        |event| event.target = "mallory".to_owned(),
        |event| event.change = "{}".to_owned(),
        |event| event.mac.clear(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = event.clone();
        change(&mut changed);
        assert!(!changed.is_authentic(&key), "change {index}");
    }
}

#[tokio::test]
async fn end_that_was_changed_in_the_database_is_not_sealed() {
    let server = to_prune().await;
    server.database.execute("DELETE FROM audit_log WHERE sequence = 8; UPDATE audit_head SET sequence = 7").await;
    seal(&server.server).await.expect("refused");
    assert!(!actions(&server).await.contains(&"audit.seal".to_owned()));
}

#[tokio::test]
async fn account_that_its_user_deleted_is_in_the_audit_log() {
    let server = TestServer::start().await;
    let (browser, alice) = (server.browser(), server.user_id("alice").await);
    browser.sign_in(&browser.open("/account").await, "alice").await;
    let page = browser.open("/account/delete").await;
    let fields = [("csrf", &*page.hidden("csrf")), ("password", PASSWORD), ("username", "alice")];
    browser.post("/account/delete", &fields).await;
    assert_eq!(server.count("users").await, 1);
    let entries = entries(&server).await;
    let deleted = entries.last().expect("an entry");
    assert_eq!((&*deleted.action, &*deleted.actor), ("account.deleted", &*format!("{alice} from 127.0.0.1")));
}

#[tokio::test]
async fn console_shows_what_administrators_did_first_and_what_users_did_on_its_page() {
    let server = crate::support::administrator::start().await;
    let browser = enter(&server).await;
    append_events(&server.server).await.expect("appended");
    assert!(!browser.open("/admin").await.body.contains("account.signed_in"));
    let page = browser.open("/admin/audit?kind=account").await;
    assert!(page.body.contains("account.signed_in") && page.body.contains("alice"), "{}", page.body);
}
