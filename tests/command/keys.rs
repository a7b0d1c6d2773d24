//! Commands about signing keys and the master key.

use serde_json::Value;

use crate::workplace::Workplace;

#[test]
fn key_rotate_waits_for_caches_unless_forced() {
    let workplace = Workplace::new();
    let refused = workplace.refused(&["key", "rotate"], "");
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert!(refused.contains(&format!("the next key of {alg} was published too recently")), "{refused}");
    }
    let kid = |keys: &Value, state: &str| {
        let of_state = |key: &&Value| key["alg"] == "ES256" && key["state"] == state;
        keys.as_array().expect("a list").iter().find(of_state).expect("a key")["kid"].clone()
    };
    let before = workplace.json(&["key", "list", "--json"], "");
    let after = workplace.json(&["key", "rotate", "--alg", "ES256", "--at-once", "--json"], "");
    assert_eq!(kid(&after, "active"), kid(&before, "next"));
    assert_eq!(kid(&after, "retired"), kid(&before, "active"));
    assert_ne!(kid(&after, "next"), kid(&before, "next"));
}

#[test]
fn foreign_master_key_creates_no_signing_key() {
    let workplace = Workplace::new();
    workplace.writ(&["key", "rotate", "--at-once"], "");
    let other = [("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    let answer = workplace.writ_with(&other, &["key", "rotate", "--at-once"], "");
    assert!(!answer.success);
    assert!(answer.stderr.contains("another master key"), "{}", answer.stderr);
}

#[test]
fn master_key_is_rotated_by_a_command_that_writes_the_new_file() {
    let workplace = Workplace::new();
    let before = workplace.json(&["key", "rotate", "--at-once", "--json"], "");
    let refused = workplace.refused(&["master-key", "rotate"], "");
    assert!(refused.contains("keys.previous_master_key_file"), "{refused}");
    let both =
        [("WRIT__KEYS__MASTER_KEY_FILE", "data/new.key"), ("WRIT__KEYS__PREVIOUS_MASTER_KEY_FILE", "data/master.key")];
    let rotated = workplace.writ_with(&both, &["master-key", "rotate"], "");
    assert!(rotated.success, "{}", rotated.stderr);
    // Two or three states of three signing keys, and five shared secrets.
    assert_eq!(
        rotated.stdout,
        format!("Sealed {} values under the new master key.\n", before.as_array().expect("keys").len() + 5)
    );
    let again = workplace.writ_with(&both, &["master-key", "rotate"], "");
    assert_eq!(again.stdout, "Sealed 0 values under the new master key.\n");
    let old = workplace.writ_with(&[], &["key", "rotate", "--at-once"], "");
    assert!(!old.success && old.stderr.contains("another master key"), "{}", old.stderr);
    let new = workplace.writ_with(&both[..1], &["key", "rotate", "--at-once"], "");
    assert!(new.success, "{}", new.stderr);
    let missing = [both[0], ("WRIT__KEYS__PREVIOUS_MASTER_KEY_FILE", "data/gone.key")];
    assert!(!workplace.writ_with(&missing, &["master-key", "rotate"], "").success);
}

#[test]
fn revoked_key_is_gone_and_the_next_one_signs() {
    let workplace = Workplace::new();
    let before = workplace.json(&["key", "rotate", "--at-once", "--json"], "");
    let of_state = |keys: &Value, state: &str| {
        let fits = |key: &&Value| key["alg"] == "ES256" && key["state"] == state;
        keys.as_array().expect("a list").iter().find(fits).expect("a key")["kid"].clone()
    };
    let kid = of_state(&before, "active");
    let after = workplace.json(&["key", "revoke", kid.as_str().expect("a kid"), "--json"], "");
    assert!(after.as_array().expect("a list").iter().all(|key| key["kid"] != kid), "{after}");
    assert_eq!(of_state(&after, "active"), of_state(&before, "next"));
    for unknown in ["nothing", "-v8axXqdaKF2YdyK8"] {
        let refused = workplace.refused(&["key", "revoke", unknown], "");
        assert!(refused.contains(&format!("there is no key {unknown}")), "{refused}");
    }
}
