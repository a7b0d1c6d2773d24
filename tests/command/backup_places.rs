//! Encrypted backups, in folders and in S3-compatible storage.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use age::{secrecy::ExposeSecret, x25519::Identity};
use serde_json::Value;

use crate::{
    backup::{Installation, execute},
    node::Node,
    object_store::{ACCESS_KEY, ObjectStore, SECRET_KEY},
    workplace::{Answer, Workplace},
};

/// Writes the file of an identity, and returns its public key.
fn identity(workplace: &Workplace, name: &str) -> String {
    let identity = Identity::generate();
    fs::write(workplace.directory.join(name), identity.to_string().expose_secret()).expect("written");
    identity.to_public().to_string()
}

/// The same installation on another machine: the master key and the files of these names.
fn moved(from: &Workplace, files: &[&str]) -> Workplace {
    let machine = Workplace::new();
    for file in ["data/master.key"].iter().chain(files) {
        let target = machine.directory.join(file);
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(from.directory.join(file), target).expect("copied");
    }
    machine
}

fn run(workplace: &Workplace, store: &ObjectStore, changed: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let variables = store.variables();
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    workplace.writ_with(&[&variables, changed].concat(), arguments, "")
}

fn succeeds(answer: Answer) -> String {
    assert!(answer.success, "{}", answer.stderr);
    answer.stdout
}

/// Whether a file below `folder` has the bytes of a SQLite database.
fn has_plain_database(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() { has_plain_database(&path) } else { fs::read(&path).expect("a file").starts_with(b"SQLite") }
    })
}

/// A database of several parts.
fn enlarge(workplace: &Workplace) {
    execute(&workplace.directory.join("writ.sqlite3"), "CREATE TABLE padding AS SELECT randomblob(18000000) AS bytes");
}

#[test]
fn encrypted_backup_in_a_folder_is_opened_by_each_recipient_alone() {
    let Some(installation) = Installation::new() else { return };
    let workplace = &installation.workplace;
    let (first, second) = (identity(workplace, "first.key"), identity(workplace, "second.key"));
    identity(workplace, "other.key");
    fs::write(workplace.directory.join("recipients"), format!("# the safe\n{second}\n")).expect("written");
    let create = ["backup", "create", "copy", "--recipient", &first, "--recipients-file", "recipients", "--json"];
    let manifest = workplace.json(&create, "");
    assert_eq!(manifest["encryption"]["recipients"], serde_json::json!([first, second]));
    assert_eq!(manifest["rows"]["clients"], 1, "the manifest can be read");
    let copy = workplace.directory.join("copy");
    assert!(!has_plain_database(&copy));
    let encrypted = copy.join("writ.sqlite3.age");
    assert_eq!(fs::metadata(&encrypted).expect("a file").permissions().mode() & 0o777, 0o600);

    let unread = workplace.writ_with(&[], &["backup", "verify", "copy"], "");
    assert!(unread.success && unread.stderr.contains("was not read"), "{}", unread.stderr);
    for (name, part) in [("first.key", ""), ("second.key", ""), ("other.key", "does not open the backup")] {
        let answer = workplace.writ_with(&[], &["backup", "verify", "copy", "--identity", name], "");
        assert!(answer.success == part.is_empty() && answer.stderr.contains(part), "{name}: {}", answer.stderr);
    }
    let machine = moved(workplace, &["copy/manifest.json", "copy/writ.sqlite3.age", "second.key"]);
    let refused = machine.refused(&["backup", "restore", "copy"], "");
    assert!(refused.contains("give --identity") && refused.contains(&first), "{refused}");
    machine.writ(&["backup", "restore", "copy", "--identity", "second.key"], "");
    assert!(machine.writ(&["client", "list"], "").contains("shop"));

    let mut bytes = fs::read(&encrypted).expect("a file");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&encrypted, bytes).expect("written");
    for arguments in [&["backup", "verify", "copy"][..], &["backup", "verify", "copy", "--identity", "first.key"]] {
        let refused = workplace.refused(arguments, "");
        assert!(refused.contains("changed or is damaged"), "{refused}");
    }
    let left = fs::read_dir(&workplace.directory).expect("a folder").flatten();
    let left: Vec<_> =
        left.map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().starts_with('.')).collect();
    assert_eq!(left, Vec::<std::ffi::OsString>::new(), "no copy that is not encrypted is left");
}

#[test]
fn recipients_of_the_configuration_count_for_every_backup() {
    let Some(installation) = Installation::new() else { return };
    let workplace = &installation.workplace;
    let own = identity(workplace, "own.key");
    let variables = [("WRIT__BACKUP__RECIPIENTS", own.as_str()), ("WRIT__BACKUP__PLACE", "copies")];
    for (arguments, part) in [
        (&["backup", "create", "a", "--recipient", "age1nonsense"][..], "age1nonsense is not a public key"),
        (&["backup", "create", "a", "--recipients-file", "missing"], "missing: "),
        (&["backup", "verify", "a", "--identity", "data/master.key"], "is not a file of age-keygen"),
    ] {
        let answer = workplace.writ_with(&variables, arguments, "");
        assert!(!answer.success && answer.stderr.contains(part), "{}", answer.stderr);
        assert!(!workplace.directory.join("a").exists());
    }
    succeeds(workplace.writ_with(&variables, &["backup", "create"], ""));
    let listed = succeeds(workplace.writ_with(&variables, &["backup", "list", "--json"], ""));
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["encrypted"], true);
    assert_eq!(listed[0]["manifest"]["encryption"]["recipients"], serde_json::json!([own]));
}

#[test]
fn encrypted_backup_in_a_bucket_serves_the_same_tokens_on_another_machine() {
    let Some(installation) = Installation::new() else { return };
    let (workplace, store) = (&installation.workplace, ObjectStore::start());
    let own = identity(workplace, "own.key");
    enlarge(workplace);
    let node = Node::start(workplace, &[]);
    let token = installation.token(&node);
    store.contents.lock().expect("no panic").busy = 1;
    let place = "s3://copies/writ/monday";
    let created = succeeds(run(workplace, &store, &[], &["backup", "create", place, "--recipient", &own]));
    assert!(created.starts_with(&format!("Created {place}: ")), "{created}");
    drop(node);
    {
        let contents = store.contents.lock().expect("no panic");
        assert_eq!(contents.in_parts, 1);
        let keys: Vec<&str> = contents.objects.keys().map(String::as_str).collect();
        assert_eq!(keys, ["writ/monday/manifest.json", "writ/monday/writ.sqlite3.age"]);
        assert!(contents.objects["writ/monday/writ.sqlite3.age"].starts_with(b"age-encryption.org/v1\n"));
    }
    let taken = run(workplace, &store, &[], &["backup", "create", place]);
    assert!(!taken.success && taken.stderr.contains("exists already"), "{}", taken.stderr);

    let machine = moved(workplace, &["own.key"]);
    let listed = succeeds(run(&machine, &store, &[], &["backup", "list", "s3://copies/writ"]));
    assert!(listed.contains("monday") && listed.contains("true"), "{listed}");
    succeeds(run(&machine, &store, &[], &["backup", "verify", place, "--identity", "own.key"]));
    let restored = succeeds(run(&machine, &store, &[], &["backup", "restore", place, "--identity", "own.key"]));
    assert!(restored.starts_with("Restored writ.sqlite3 as of "), "{restored}");
    let node = Node::start(&machine, &[]);
    assert!(installation.is_active(&node, &token));
    assert!(installation.is_active(&node, &installation.token(&node)));
}

#[test]
fn doctor_finds_the_newest_backup_in_the_configured_place() {
    let Some(installation) = Installation::new() else { return };
    let (workplace, store) = (&installation.workplace, ObjectStore::start());
    let place = [("WRIT__BACKUP__PLACE", "s3://copies/writ")];
    let finding = |changed: &[(&str, &str)]| {
        let answer = run(workplace, &store, &[&place, changed].concat(), &["doctor", "--json"]);
        let report: Value = serde_json::from_str(&answer.stdout).expect("JSON");
        let findings = report["findings"].as_array().expect("findings").clone();
        let found = findings.into_iter().find(|finding| finding["id"] == "backups").expect("a finding");
        (found["severity"].as_str().expect("text").to_owned(), found["cause"].as_str().expect("text").to_owned())
    };
    assert_eq!(finding(&[]).0, "error");
    succeeds(run(workplace, &store, &place, &["backup", "create"]));
    assert_eq!(finding(&[]).0, "ok");
    let (severity, cause) = finding(&[("AWS_SECRET_ACCESS_KEY", "wrong")]);
    assert!(severity == "warning" && cause.contains("finds the signature wrong"), "{cause}");
    store.contents.lock().expect("no panic").objects.values_mut().for_each(|object| {
        let text = String::from_utf8_lossy(object).replace("\"clients\": 1", "\"clients\": 2");
        *object = text.into_bytes();
    });
    let (severity, cause) = finding(&[]);
    assert!(severity == "error" && cause.contains("not authentic"), "{cause}");
}

#[test]
fn storage_that_refuses_is_named_with_its_reason_and_no_secret() {
    let Some(installation) = Installation::new() else { return };
    let (workplace, store) = (&installation.workplace, ObjectStore::start());
    let place = "s3://copies/writ/one";
    for (variable, value, place, part) in [
        ("AWS_SECRET_ACCESS_KEY", "another", place, "check AWS_SECRET_ACCESS_KEY"),
        ("AWS_ACCESS_KEY_ID", "another", place, "does not know the access key"),
        ("AWS_ACCESS_KEY_ID", "", place, "there is no access key"),
        ("AWS_REGION", "us-east-1", place, "is not in the region us-east-1"),
        ("AWS_SESSION_TOKEN", "", "s3://nowhere/one", "there is no bucket nowhere at 127.0.0.1"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1", place, "127.0.0.1 does not respond"),
        ("AWS_ENDPOINT_URL_S3", "http://192.0.2.1", place, "others on the way"),
        ("AWS_ENDPOINT_URL_S3", "nonsense", place, "cannot be used as an endpoint"),
        ("AWS_SESSION_TOKEN", "", "s3://copies/a/../b", "is not a place in a bucket"),
        ("AWS_SESSION_TOKEN", "", "s3://", "is not a place in a bucket"),
    ] {
        let answer = run(workplace, &store, &[(variable, value)], &["backup", "create", place]);
        assert!(!answer.success && answer.stderr.contains(part), "{variable}: {}", answer.stderr);
        for secret in [SECRET_KEY, ACCESS_KEY, "X-Amz"] {
            assert!(!answer.stderr.contains(secret), "{}", answer.stderr);
        }
    }
    let missing = run(workplace, &store, &[], &["backup", "verify", place]);
    assert!(missing.stderr.contains("there is no s3://copies/writ/one/manifest.json"), "{}", missing.stderr);
    store.contents.lock().expect("no panic").ahead = 3000;
    let late = run(workplace, &store, &[], &["backup", "create", place]);
    assert!(late.stderr.contains("s behind that of 127.0.0.1"), "{}", late.stderr);
}

#[test]
fn backup_that_a_bucket_refuses_leaves_nothing_there() {
    let Some(installation) = Installation::new() else { return };
    let (workplace, store) = (&installation.workplace, ObjectStore::start());
    enlarge(workplace);
    for refused in ["manifest.json", "writ.sqlite3"] {
        store.contents.lock().expect("no panic").refused = refused;
        let answer = run(workplace, &store, &[], &["backup", "create", "s3://copies/writ/one"]);
        assert!(!answer.success && answer.stderr.contains("the access key may not write"), "{}", answer.stderr);
        let contents = store.contents.lock().expect("no panic");
        assert!(contents.objects.is_empty() && !contents.has_uploads(), "{:#?}", contents.log);
    }
}
