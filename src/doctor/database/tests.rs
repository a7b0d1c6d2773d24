use rstest::rstest;

use super::{super::Severity, *};

const MIB: u64 = 1 << 20;

fn postgres() -> PostgresFacts {
    PostgresFacts {
        available: 97,
        others: 1,
        is_durable: true,
        isolation: "read committed".to_owned(),
        may_migrate: true,
        forbidden: String::new(),
    }
}

#[rstest]
#[case(10 * MIB, MIB, Severity::Error)]
#[case(100 * MIB, MIB, Severity::Warning)]
#[case(600 * MIB, MIB, Severity::Ok)]
#[case(600 * MIB, 700 * MIB, Severity::Warning)]
fn free_space_is_judged_by_what_a_backup_needs(#[case] free: u64, #[case] size: u64, #[case] severity: Severity) {
    assert_eq!(judge_free(free, size).severity, severity);
}

#[test]
fn file_is_for_its_owner_alone_and_its_journal_is_wal() {
    assert_eq!(judge_mode(0o100_600), None);
    assert!(judge_mode(0o100_644).is_some_and(|finding| finding.cause.contains("mode 644")));
    assert_eq!(judge_journal("wal"), None);
    assert_eq!(judge_journal("delete").map(|finding| finding.severity), Some(Severity::Error));
}

#[rstest]
#[case(97, 1, 16, Severity::Ok, "suffice for 6 nodes")]
#[case(97, 70, 16, Severity::Warning, "one node")]
#[case(10, 0, 16, Severity::Error, "no node")]
#[case(97, 200, 16, Severity::Error, "no node")]
fn connections_are_judged_by_the_nodes_that_they_suffice_for(
    #[case] available: i64,
    #[case] others: i64,
    #[case] pool_size: i64,
    #[case] severity: Severity,
    #[case] part: &str,
) {
    let finding = judge_connections(&PostgresFacts { available, others, ..postgres() }, pool_size);
    assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
}

#[rstest]
#[case(postgres(), None)]
#[case(PostgresFacts { is_durable: false, ..postgres() }, Some((Severity::Error, "not on disk")))]
#[case(PostgresFacts { isolation: "serializable".to_owned(), ..postgres() }, Some((Severity::Error, "serializable")))]
#[case(PostgresFacts { forbidden: "grants, keys".to_owned(), ..postgres() }, Some((Severity::Error, "grants, keys")))]
#[case(PostgresFacts { may_migrate: false, ..postgres() }, Some((Severity::Warning, "may not create tables")))]
fn postgres_is_judged_by_its_settings_and_rights(
    #[case] facts: PostgresFacts,
    #[case] expected: Option<(Severity, &str)>,
) {
    let findings = judge_postgres(&facts, 16);
    let found = findings.iter().find(|finding| finding.severity != Severity::Ok);
    assert_eq!(found.map(|finding| finding.severity), expected.map(|(severity, _)| severity));
    if let (Some(found), Some((_, part))) = (found, expected) {
        assert!(found.cause.contains(part), "{found:?}");
    }
}
