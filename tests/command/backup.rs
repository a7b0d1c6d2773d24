//! Backups of SQLite: made under load, restored after the server was killed.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, sql_query};
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    node::{Node, form_head, whole_answer},
    workplace::{Answer, Workplace},
};

/// A workplace on SQLite with a client, an API and a master key. `None` on PostgreSQL.
pub(crate) struct Installation {
    pub(crate) workplace: Workplace,
    client_secret: String,
    api_secret: String,
}

impl Installation {
    pub(crate) fn new() -> Option<Self> {
        let workplace = Workplace::new();
        if workplace.is_postgres() {
            return None;
        }
        let api = ["resource", "create", "talk", "--audience", "https://talk.example", "--name", "en=Talk"];
        let api = workplace.json(&[&api[..], &["--secret", "--json"]].concat(), "");
        workplace.create_scope("message:read");
        let metadata = r#"{"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"], "scope": "message:read",
            "grant_types": ["client_credentials", "authorization_code"]}"#;
        let client = workplace.json(&["client", "create", "--id", "shop", "--json", "-"], metadata);
        let secret = |object: &Value, name: &str| object[name].as_str().expect("a secret").to_owned();
        Some(Self { client_secret: secret(&client, "client_secret"), api_secret: secret(&api, "secret"), workplace })
    }

    fn backup(&self, folder: &str) -> Answer {
        self.workplace.writ_with(&[], &["backup", "create", folder], "")
    }

    fn client(&self) -> String {
        format!("client_id=shop&client_secret={}", self.client_secret)
    }

    /// A new access token.
    pub(crate) fn token(&self, node: &Node) -> String {
        let form = format!("grant_type=client_credentials&scope=message:read&{}", self.client());
        body(node, "/token", &form)["access_token"].as_str().expect("a token").to_owned()
    }

    /// Pushes an authorization request, which is stored. `None` if the server has ended.
    fn push(&self, node: &Node) -> Option<String> {
        let pkce = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
        let form = format!(
            "response_type=code&redirect_uri=https://shop.example/cb&scope=message:read&{pkce}&{}",
            self.client()
        );
        let mut stream = std::net::TcpStream::connect(node.address).ok()?;
        std::io::Write::write_all(&mut stream, format!("{}{form}", form_head("/par", &form)).as_bytes()).ok()?;
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        serde_json::from_str::<Value>(body).ok()?["request_uri"].as_str().map(str::to_owned)
    }

    pub(crate) fn is_active(&self, node: &Node, token: &str) -> bool {
        let form = format!("token={token}&client_id=talk&client_secret={}", self.api_secret);
        body(node, "/introspect", &form)["active"] == true
    }
}

fn body(node: &Node, path: &str, form: &str) -> Value {
    let answer = whole_answer(node.send(&format!("{}{form}", form_head(path, form))));
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// The status of the page to which a pushed request leads.
fn visit(node: &Node, request_uri: &str) -> String {
    let path = format!("/authorize?client_id=shop&request_uri={request_uri}");
    let answer =
        whole_answer(node.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")));
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// The same installation on another machine: the master key and a backup in an empty folder.
fn moved(from: &Workplace, folder: &str) -> Workplace {
    let machine = Workplace::new();
    std::fs::create_dir_all(machine.directory.join("data")).expect("a folder");
    for file in ["data/master.key", &format!("{folder}/manifest.json"), &format!("{folder}/writ.sqlite3")] {
        let target = machine.directory.join(file);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        std::fs::copy(from.directory.join(file), target).expect("copied");
    }
    machine
}

#[test]
fn backup_under_load_serves_the_same_tokens_after_a_kill_on_another_machine() {
    let Some(installation) = Installation::new() else { return };
    let node = Node::start(&installation.workplace, &[]);
    let token = installation.token(&node);
    let pushed = installation.push(&node).expect("a pushed request");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    installation.push(&node);
                }
            });
        }
        let created = installation.backup("backup");
        assert!(created.success, "{}", created.stderr);
        let verified = installation.workplace.writ(&["backup", "verify", "backup"], "");
        assert!(verified.contains("1 clients") && verified.contains("master key "), "{verified}");
        node.signal(Signal::KILL);
        stop.store(true, Ordering::Relaxed);
    });
    assert!(!node.ended().success());

    let machine = moved(&installation.workplace, "backup");
    let restored = machine.writ(&["backup", "restore", "backup"], "");
    assert!(restored.starts_with("Restored writ.sqlite3 as of "), "{restored}");
    let node = Node::start(&machine, &[]);
    assert!(installation.is_active(&node, &token));
    assert_eq!(visit(&node, &pushed), "303", "the pushed request was in the copy");
    let new = installation.token(&node);
    assert!(installation.is_active(&node, &new));
}

#[test]
fn restore_names_what_is_lost_and_keeps_the_old_database() {
    let Some(installation) = Installation::new() else { return };
    let workplace = &installation.workplace;
    assert!(installation.backup("backup").success);
    let again = installation.backup("backup");
    assert!(!again.success && again.stderr.contains("exists already"), "{}", again.stderr);
    // A clock of seconds does not tell what happened in the same one.
    let connect = || SqliteConnection::establish(&workplace.directory.join("writ.sqlite3").to_string_lossy());
    workplace.writ(&["user", "create", "ada", "--email", "ada@example.com"], "");
    sql_query("UPDATE users SET created_at = created_at + 60")
        .execute(&mut connect().expect("a file"))
        .expect("updated");

    let refused = workplace.refused(&["backup", "restore", "backup"], "");
    assert!(refused.contains("1 of users") && refused.contains("repeat the command with --yes"), "{refused}");
    assert!(refused.contains("is valid again"), "{refused}");
    assert!(workplace.writ(&["user", "list"], "").contains("ada"), "nothing was changed");

    let node = Node::start(workplace, &[]);
    let refused = workplace.refused(&["backup", "restore", "backup", "--yes"], "");
    assert!(refused.contains("stop it first"), "{refused}");
    node.signal(Signal::TERM);
    assert!(node.ended().success());

    let restored = workplace.writ(&["backup", "restore", "backup", "--yes"], "");
    assert!(restored.contains("The database before is writ.sqlite3.before-restore-"), "{restored}");
    assert!(!workplace.writ(&["user", "list"], "").contains("ada"));
    let kept = std::fs::read_dir(&workplace.directory).expect("a folder").flatten();
    let kept = kept.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains(".before-restore-"));
    let kept = format!("sqlite:{}", kept.expect("the old database").display());
    let before = workplace.writ_with(&[("WRIT__DATABASE__URL", &kept)], &["user", "list"], "");
    assert!(before.stdout.contains("ada"), "{} {}", before.stdout, before.stderr);
}

#[test]
fn restore_replaces_a_damaged_database() {
    let Some(installation) = Installation::new() else { return };
    let workplace = &installation.workplace;
    assert!(installation.backup("backup").success);
    std::fs::write(workplace.directory.join("writ.sqlite3"), "no database any more, and longer than its header")
        .expect("written");
    assert!(!workplace.writ_with(&[], &["client", "list"], "").success);
    let refused = workplace.refused(&["backup", "restore", "backup"], "");
    assert!(refused.contains("What is lost is unknown"), "{refused}");
    workplace.writ(&["backup", "restore", "backup", "--yes"], "");
    assert!(workplace.writ(&["client", "list"], "").contains("shop"));
}

#[test]
fn changed_foreign_or_newer_backup_is_refused() {
    let Some(installation) = Installation::new() else { return };
    let workplace = &installation.workplace;
    let edit = |folder: &str, file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        assert!(installation.backup(folder).success);
        let path = workplace.directory.join(folder).join(file);
        let bytes = std::fs::read(&path).expect("a file");
        std::fs::write(path, change(bytes)).expect("written");
    };
    let replace = |from: &'static str, to: &'static str| {
        move |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").replacen(from, to, 1).into_bytes()
    };
    edit("flipped", "writ.sqlite3", &|mut bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        bytes
    });
    edit("edited", "manifest.json", &replace("\"clients\": 1", "\"clients\": 2"));
    edit("format", "manifest.json", &replace("\"format\": 1", "\"format\": 2"));
    assert!(installation.backup("good").success);
    let other = ("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let missing = ("WRIT__KEYS__MASTER_KEY_FILE", "gone.key");
    for (folder, variables, part) in [
        ("flipped", &[][..], "the checksum of the database differs"),
        ("edited", &[], "the manifest is not authentic"),
        ("format", &[], "needs another version of writ"),
        ("good", &[other], "belongs to the master key"),
        ("good", &[missing], "there is no master key"),
        ("nowhere", &[], "nowhere/manifest.json"),
    ] {
        for arguments in [&["backup", "verify", folder][..], &["backup", "restore", folder, "--yes"]] {
            let answer = workplace.writ_with(variables, arguments, "");
            assert!(!answer.success && answer.stderr.contains(part), "{folder}: {}", answer.stderr);
        }
    }
    assert!(!workplace.directory.join("gone.key").exists(), "a check makes no key");

    let path = workplace.directory.join("writ.sqlite3");
    let newer = "INSERT INTO migrations (name, version, applied_at) VALUES ('9999_future', '99.0.0', 0)";
    execute(&path, newer);
    assert!(installation.backup("newer").success, "an old program can still copy");
    execute(&path, "DELETE FROM migrations WHERE name = '9999_future'");
    let refused = workplace.refused(&["backup", "restore", "newer", "--yes"], "");
    assert!(refused.contains("needs writ 99.0.0 or newer"), "{refused}");
}

pub(crate) fn execute(path: &Path, statement: &str) {
    let mut conn = SqliteConnection::establish(&path.to_string_lossy()).expect("a file");
    sql_query(statement).execute(&mut conn).expect("executed");
}

#[test]
fn database_copied_by_pg_dump_is_compared_with_its_manifest() {
    let workplace = Workplace::with_talk();
    if !workplace.is_postgres() {
        return;
    }
    workplace.writ(&["user", "create", "ada", "--email", "ada@example.com"], "");
    let refused = workplace.refused(&["backup", "create", "backup"], "");
    assert!(refused.contains("pg_dump") && !workplace.directory.join("backup").exists(), "{refused}");
    let manifest = workplace.writ(&["backup", "manifest"], "");
    std::fs::write(workplace.directory.join("manifest.json"), &manifest).expect("written");

    // Another database, with the same master key.
    let copy = Workplace::new();
    let tool = |name: &str, arguments: &[&str]| {
        let status = std::process::Command::new(name).args(arguments).current_dir(&workplace.directory).status();
        assert!(status.expect("PostgreSQL's tools are installed").success(), "{name}");
    };
    tool("pg_dump", &["--format=custom", "--file=writ.dump", workplace.database_url()]);
    tool("pg_restore", &["--no-owner", "--dbname", copy.database_url(), "writ.dump"]);
    let compare =
        |variables: &[(&str, &str)]| workplace.writ_with(variables, &["backup", "compare", "manifest.json"], "");
    let there = [("WRIT__DATABASE__URL", copy.database_url())];
    let same = compare(&there);
    assert!(same.success && same.stdout.contains("has all of the manifest"), "{}", same.stderr);
    assert!(workplace.writ_with(&there, &["user", "list"], "").stdout.contains("ada"));
    let foreign = [there[0], ("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    assert!(compare(&foreign).stderr.contains("belongs to the master key"));

    workplace.writ_with(&there, &["user", "delete", "ada", "--yes"], "");
    let incomplete = compare(&there);
    assert!(
        !incomplete.success && incomplete.stderr.contains("users has 0 rows instead of 1"),
        "{}",
        incomplete.stderr
    );
}
