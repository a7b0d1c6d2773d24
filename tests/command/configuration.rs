//! Commands about the configuration and the database.

use crate::workplace::Workplace;

#[test]
fn invalid_setting_stops_every_command() {
    let workplace = Workplace::new();
    let misspelled = [("WRIT__SERVER__ISSUR", "https://id.example")];
    for arguments in [["config", "check"], ["user", "list"]] {
        let answer = workplace.writ_with(&misspelled, &arguments, "");
        assert!(!answer.success);
        assert!(answer.stderr.contains("the nearest valid key is `server.issuer`"), "{}", answer.stderr);
    }
}

#[test]
fn printed_configuration_parses_again() {
    let workplace = Workplace::new();
    let printed = workplace.writ(&["config", "print"], "");
    let file = workplace.directory.join("printed.toml");
    std::fs::write(&file, &printed).expect("written");
    let file = file.to_str().expect("a path");
    assert_eq!(workplace.writ(&["config", "print", "--config", file], ""), printed);
}

#[test]
fn unreachable_database_is_named_without_its_password() {
    let workplace = Workplace::new();
    let nowhere = [("WRIT__DATABASE__URL", "postgres://writ:hunter2@127.0.0.1:1/writ")];
    let answer = workplace.writ_with(&nowhere, &["user", "list"], "");
    assert!(!answer.success);
    assert!(answer.stderr.contains("127.0.0.1:1"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
}

#[test]
fn command_creates_no_missing_database() {
    let workplace = Workplace::new();
    let elsewhere = [("WRIT_CREATE", "false"), ("WRIT__DATABASE__URL", "sqlite:elsewhere/writ.sqlite3")];
    let answer = workplace.writ_with(&elsewhere, &["user", "list"], "");
    assert!(!answer.success && answer.stderr.contains("elsewhere/writ.sqlite3"), "{}", answer.stderr);
    assert!(!workplace.directory.join("elsewhere").exists());
    let pending = workplace.writ_with(&elsewhere, &["migrate", "--check"], "");
    assert!(pending.success && !workplace.directory.join("elsewhere").exists(), "{}", pending.stderr);
    assert!(workplace.writ_with(&elsewhere, &["user", "list", "--create"], "").success);
}

#[test]
fn migrate_check_lists_pending_steps_and_changes_nothing() {
    let workplace = Workplace::new();
    if workplace.is_postgres() {
        assert!(workplace.writ(&["migrate", "--check"], "").contains("0001_first"));
        assert!(workplace.writ(&["migrate", "--check"], "").contains("0001_first"));
    }
    workplace.writ(&["migrate"], "");
    assert!(workplace.writ(&["migrate", "--check"], "").starts_with("Nothing to do"));
}

#[test]
fn config_check_reports_missing_certificate_foreign_key_and_database() {
    let workplace = Workplace::new();
    workplace.writ(&["key", "rotate", "--at-once"], "");
    let check = |variables: &[(&str, &str)]| workplace.writ_with(variables, &["config", "check"], "");
    assert!(check(&[]).success);
    assert!(check(&[("WRIT_MASTER_KEY", ""), ("WRIT__BRANDING__LOGO_URL", "")]).success, "empty variables are unset");
    let issuer = ("WRIT__SERVER__ISSUER", "https://id.example");
    let [certificate, key] = [("WRIT__TLS__CERTIFICATE", "/nowhere.pem"), ("WRIT__TLS__PRIVATE_KEY", "/nowhere.pem")];
    for (variables, reason) in [
        (&[issuer, certificate, key][..], "/nowhere.pem"),
        (&[("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], "another master key"),
        (&[("WRIT__KEYS__MASTER_KEY_FILE", "gone.key")], "there is no such file"),
        (&[("WRIT__DATABASE__URL", "postgres://writ@127.0.0.1:1/writ")], "127.0.0.1:1"),
        (&[("WRIT__PASSWORDS__BREACHED_RANGE_URL", "https://10.0.0.1/range/")], "10.0.0.1/range/ is not allowed"),
    ] {
        let answer = check(variables);
        assert!(!answer.success && answer.stderr.contains(reason), "{reason}: {}", answer.stderr);
    }
    assert!(!workplace.directory.join("gone.key").exists(), "a check makes no key");
}
