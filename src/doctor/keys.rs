//! The master key and the signing keys.

use std::sync::Arc;

use writ_core::SigningAlg;

use super::{Finding, Section, Subject};
use crate::{
    keys::{MasterKeyError, MasterKeys},
    store::{
        Store,
        keys::{self, KeyRow, KeyState},
    },
};

const DUE: &str = "signing_keys";
/// The background task rotates keys every hour, in seconds.
const ROTATION_DELAY: i64 = 2 * 3600;
/// A signing key that is never rotated is worth a warning at this age, in seconds: a year.
const OLD: i64 = 365 * 86_400;

/// Whether the master key can be read.
pub(super) fn check_master_key(master_keys: &Result<Arc<MasterKeys>, MasterKeyError>) -> Option<Finding> {
    let id = "master_key";
    match master_keys {
        Err(error) => Some(Finding::error(
            id,
            Section::OneNode,
            format!("The master key cannot be used: {error}."),
            "Correct keys.master_key_file, or set WRIT_MASTER_KEY.",
        )),
        Ok(keys) if keys.has_previous() => Some(Finding::warning(
            id,
            Section::OneNode,
            "A previous master key is configured.",
            "Run `writ master-key rotate` once all nodes have both keys, and remove the previous one.",
        )),
        // Whether it is the right one shows in the database.
        Ok(_) => None,
    }
}

/// Whether each algorithm has a key that signs, and whether one should have been rotated.
pub(super) async fn check_due(subject: &Subject<'_>, store: &Store) -> Vec<Finding> {
    let now = subject.clock.now();
    let rows = store.read(keys::list).await.unwrap_or_default();
    SigningAlg::ALL.iter().map(|alg| judge(*alg, &rows, subject.settings.keys.rotation_interval, now)).collect()
}

fn judge(alg: SigningAlg, rows: &[KeyRow], interval: i64, now: i64) -> Finding {
    let section = Section::DayToDay;
    let Some(active) = rows.iter().find(|row| row.alg == alg.as_str() && row.state == KeyState::Active) else {
        return Finding::error(
            DUE,
            section,
            format!("There is no {alg} key that signs."),
            "Start the server once, which creates the keys.",
        );
    };
    let age = now - active.activated_at.unwrap_or(active.created_at);
    let days = age / 86_400;
    match interval {
        0 if age > OLD => Finding::warning(
            DUE,
            section,
            format!("The {alg} key has signed for {days} days, and keys.rotation_interval is 0."),
            "Run `writ key rotate`, or set keys.rotation_interval.",
        ),
        interval if interval > 0 && age > interval + ROTATION_DELAY => Finding::warning(
            DUE,
            section,
            format!("The {alg} key has signed for {days} days and is due, but no server has rotated it."),
            "Keep a server running, look into its log, or run `writ key rotate`.",
        ),
        _ => Finding::ok(DUE, section, format!("The {alg} key has signed for {days} days.")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::Severity, *};

    const NOW: i64 = 2_000_000_000;
    const DAY: i64 = 86_400;

    #[rstest]
    #[case(KeyState::Active, 10 * DAY, 90 * DAY, Severity::Ok, "for 10 days")]
    #[case(KeyState::Active, 90 * DAY + 3600, 90 * DAY, Severity::Ok, "for 90 days")]
    #[case(KeyState::Active, 91 * DAY, 90 * DAY, Severity::Warning, "no server has rotated it")]
    #[case(KeyState::Active, 300 * DAY, 0, Severity::Ok, "for 300 days")]
    #[case(KeyState::Active, 400 * DAY, 0, Severity::Warning, "rotation_interval is 0")]
    #[case(KeyState::Next, DAY, 90 * DAY, Severity::Error, "no ES256 key that signs")]
    fn signing_key_is_due_by_its_age(
        #[case] state: KeyState,
        #[case] age: i64,
        #[case] interval: i64,
        #[case] severity: Severity,
        #[case] part: &str,
    ) {
        let row = KeyRow {
            kid: "k".to_owned(),
            alg: "ES256".to_owned(),
            state,
            sealed: Vec::new(),
            public_jwk: String::new(),
            created_at: 0,
            activated_at: Some(NOW - age),
            retired_at: None,
            archived: false,
        };
        let finding = judge(SigningAlg::ES256, &[row], interval, NOW);
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }
}
