//! The list of leaked passwords.

use crate::workplace::Workplace;

/// The SHA-1 of "password".
const HASHES: &str = "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:52256179\n";
const BREACHED: [(&str, &str); 1] = [("WRIT__PASSWORDS__BREACHED_FILE", "breached")];

#[test]
fn list_is_made_of_standard_input_or_a_file_and_used_by_set_password() {
    let workplace = Workplace::new();
    let swans = "a kettle of late swans";
    let made = workplace.writ_with(&BREACHED, &["passwords", "import-breached", "-"], &list_with(swans));
    assert!(made.success && made.stdout.starts_with("Wrote 1 hashes to breached."), "{}{}", made.stdout, made.stderr);
    workplace.json(&["user", "create", "ada", "--json"], "");
    let set = ["user", "set-password", "ada", "--password-stdin"];
    let refused = workplace.writ_with(&BREACHED, &set, swans);
    assert!(!refused.success && refused.stderr.contains("leaked passwords"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(swans));
    assert!(workplace.writ_with(&BREACHED, &set, "a spoon of early larks").success);

    std::fs::write(workplace.directory.join("hashes.txt"), HASHES).expect("written");
    let made = workplace.writ(&["passwords", "import-breached", "hashes.txt", "--to", "other", "--min-count", "2"], "");
    assert_eq!(made, "Wrote 1 hashes to other. Left out 0.\n");
}

#[test]
fn other_input_makes_no_list_and_names_the_line() {
    let workplace = Workplace::new();
    let import = ["passwords", "import-breached", "-", "--to", "breached"];
    let refused = workplace.refused(&import, "password\n");
    assert!(refused.contains("standard input, line 1"), "{refused}");
    assert!(!workplace.directory.join("breached").exists());
    let refused = workplace.refused(&["passwords", "import-breached", "-"], HASHES);
    assert!(refused.contains("passwords.breached_file"), "{refused}");
    std::fs::write(workplace.directory.join("breached"), HASHES).expect("written");
    let checked = workplace.writ_with(&BREACHED, &["config", "check"], "");
    assert!(!checked.success && checked.stderr.contains("import-breached"), "{}", checked.stderr);
}

fn list_with(password: &str) -> String {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{digits}:3\n")
}
