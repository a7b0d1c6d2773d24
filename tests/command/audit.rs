//! The audit log of the commands.

use serde_json::{Value, json};

use crate::workplace::Workplace;

fn entries(workplace: &Workplace, arguments: &[&str]) -> Vec<Value> {
    let listed = workplace.json(&[&["audit"], arguments, &["--json"]].concat(), "");
    listed.as_array().expect("a list").clone()
}

#[test]
fn every_change_is_in_the_audit_log_with_actor_reason_and_difference() {
    let workplace = Workplace::with_talk();
    let as_ada = [("SUDO_USER", "ada")];
    let succeeds = |arguments: &[&str]| {
        let answer = workplace.writ_with(&as_ada, arguments, "");
        assert!(answer.success, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    };
    let create = ["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"];
    let created = succeeds(&[&create[..], &["--scope", "openid", "--json"]].concat());
    let created: Value = serde_json::from_str(&created).expect("JSON");
    let secret = created["client_secret"].as_str().expect("a secret");
    succeeds(&["client", "update", "app", "--name", "Shop", "--reason", "renamed"]);
    succeeds(&["client", "rotate-secret", "app"]);
    succeeds(&["client", "disable", "app"]);
    succeeds(&["client", "enable", "app"]);
    succeeds(&["scope", "update", "message:read", "--risk", "high"]);
    succeeds(&["resource", "rotate-secret", "talk"]);
    succeeds(&["resource", "delete", "talk"]);
    succeeds(&["client", "delete", "app"]);

    let all = entries(&workplace, &["tail"]);
    let actions: Vec<&str> = all.iter().filter_map(|entry| entry["action"].as_str()).collect();
    let expected = [
        "resource.create",
        "scope.create",
        "client.create",
        "client.update",
        "client.rotate-secret",
        "client.disable",
        "client.enable",
        "scope.update",
        "resource.rotate-secret",
        "resource.delete",
        "client.delete",
    ];
    assert_eq!(actions, expected);
    let update = &entries(&workplace, &["search", "--action", "client.update"])[0];
    assert_eq!((&update["actor"], &update["reason"]), (&json!("ada"), &json!("renamed")));
    assert_eq!((&update["face"], &update["target"]), (&json!("command-line"), &json!("app")));
    assert_eq!(update["change"], json!({"before": {"client_name": "App"}, "after": {"client_name": "Shop"}}));
    assert_eq!(all[7]["change"], json!({"before": {"risk": "low"}, "after": {"risk": "high"}}));
    assert_eq!(all[10]["change"]["before"]["client_name"], "Shop");
    assert!(!format!("{all:?}").contains(secret), "{all:?}");

    let found = |arguments: &[&str]| entries(&workplace, &[&["search"], arguments].concat()).len();
    assert_eq!(found(&["--action", "client"]), 6);
    assert_eq!(found(&["--action", "clien"]), 0, "a whole word");
    assert_eq!(found(&["--target", "app"]), 6);
    assert_eq!(found(&["--actor", "ada"]), 9);
    assert_eq!(found(&["--since", "2999-01-01T00:00:00Z"]), 0);
    assert_eq!(found(&["--limit", "2"]), 2);
}

#[test]
fn audit_log_of_users_has_neither_names_nor_addresses() {
    let workplace = Workplace::new();
    let created = workplace.json(&["user", "create", "lovelace", "--email", "a@example.com", "--json"], "");
    workplace.writ(&["user", "set-claims", "lovelace", "-"], r#"{"given_name": "Augusta"}"#);
    workplace.writ(&["user", "set-email", "lovelace", "b@example.com", "--verified"], "");
    workplace.writ(&["user", "disable", "lovelace"], "");
    workplace.writ(&["user", "enable", "lovelace"], "");
    workplace.writ(&["user", "unlock", "lovelace"], "");
    let export = workplace.json(&["user", "export", "lovelace"], "");
    assert_eq!((&export["username"], &export["claims"]["given_name"]), (&json!("lovelace"), &json!("Augusta")));
    assert_eq!(export["sub"], created["sub"]);
    workplace.writ(&["user", "delete", "lovelace"], "");
    let sub = created["sub"].as_str().expect("an id");
    let all = entries(&workplace, &["search", "--target", sub]);
    let actions: Vec<&str> = all.iter().filter_map(|entry| entry["action"].as_str()).collect();
    let expected = ["create", "set-claims", "set-email", "disable", "enable", "unlock", "export", "delete"];
    assert_eq!(actions, expected.map(|action| format!("user.{action}")));
    assert_eq!(all[1]["change"]["after"], json!({"claims": ["given_name"]}));
    assert_eq!(all[2]["change"], json!({"before": {"email_verified": false}, "after": {"email_verified": true}}));
    let text = format!("{all:?}");
    assert!(!["lovelace", "Augusta", "example.com"].iter().any(|personal| text.contains(personal)), "{text}");
}

#[test]
fn refused_change_is_not_in_the_audit_log() {
    let workplace = Workplace::with_talk();
    let before = entries(&workplace, &["tail"]).len();
    workplace.refused(&["scope", "delete", "no:such"], "");
    workplace.refused(&["client", "delete", "nope"], "");
    workplace.refused(&["resource", "create", "talk", "--audience", "https://x.example", "--name", "en=X"], "");
    assert_eq!(entries(&workplace, &["tail"]).len(), before);
}

#[test]
fn change_needs_the_master_key_of_the_database() {
    let workplace = Workplace::with_talk();
    let other = [("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    for (variables, reason) in [
        (&other[..], "another master key"),
        (&[("WRIT__KEYS__MASTER_KEY_FILE", "data/missing.key")], "there is no such file"),
    ] {
        let answer = workplace.writ_with(variables, &["scope", "delete", "message:read"], "");
        assert!(!answer.success && answer.stderr.contains(reason), "{}", answer.stderr);
    }
    assert!(!workplace.directory.join("data/missing.key").exists());
    assert_eq!(workplace.json(&["scope", "list", "--json"], "")[0]["name"], "message:read");
}

#[test]
fn verify_prints_the_last_entry_to_note_and_refuses_another() {
    let workplace = Workplace::new();
    let unused = json!({"entries": 0, "last": null, "breaks": [], "noted_was_pruned": false});
    assert_eq!(workplace.json(&["audit", "verify", "--json"], ""), unused);
    workplace.json(&["user", "create", "ada", "--json"], "");
    let verified = workplace.json(&["audit", "verify", "--json"], "");
    let last = verified["last"].as_str().expect("an entry").to_owned();
    workplace.writ(&["user", "disable", "ada"], "");
    workplace.writ(&["audit", "verify", "--noted", &last], "");
    let other = workplace.writ_with(&[], &["audit", "verify", "--noted", &last.replacen('1', "2", 1)], "");
    assert!(!other.success && other.stderr.contains("entry 2 is not the noted one"), "{}", other.stderr);
    let malformed = workplace.refused(&["audit", "verify", "--noted", "x"], "");
    assert!(malformed.contains("expected NUMBER:MAC"), "{malformed}");
}
