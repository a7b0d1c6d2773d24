//! Tables that grow: rows that should have been deleted.

use super::{Finding, Section, Subject};
use crate::store::{
    Store,
    retention::{self, Oldest},
};

const ID: &str = "expired_rows";
/// The sweep may be late by this number of intervals, for instance while a node restarts.
const INTERVALS: i64 = 10;
/// The least delay that is worth a warning, in seconds.
const LEAST: i64 = 3600;

/// Whether a table has rows that expired long ago.
pub(super) async fn check(subject: &Subject<'_>, store: &Store) -> Vec<Finding> {
    match store.read(retention::oldest).await {
        Ok(oldest) => judge(&oldest, subject.settings.sweep.interval, subject.clock.now()),
        Err(fault) => vec![Finding::error(
            ID,
            Section::WhenSomethingFails,
            format!("The tables cannot be read: {fault}."),
            "Make the database available.",
        )],
    }
}

fn judge(oldest: &[Oldest], interval: i64, now: i64) -> Vec<Finding> {
    let section = Section::WhenSomethingFails;
    let tolerated = (interval * INTERVALS).max(LEAST);
    let late = oldest.iter().filter(|oldest| oldest.expired_at.is_some_and(|at| now - at > tolerated));
    let findings: Vec<Finding> = late
        .map(|oldest| {
            let hours = oldest.expired_at.map_or(0, |at| now - at) / 3600;
            Finding::warning(
                ID,
                section,
                format!("The oldest row of {} should have been deleted {hours} hours ago.", oldest.table),
                "Keep a server running whose clock is right, and look into its log.",
            )
        })
        .collect();
    match findings.is_empty() {
        true => vec![Finding::ok(ID, section, "Expired rows are deleted in time.")],
        false => findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_named_when_its_oldest_row_expired_long_ago() {
        let now = 2_000_000_000;
        let oldest = |table, age: Option<i64>| Oldest { table, expired_at: age.map(|age| now - age) };
        let causes = |oldest: &[Oldest], interval| -> Vec<String> {
            judge(oldest, interval, now).into_iter().map(|finding| finding.cause).collect()
        };
        let fine = [oldest("grants", Some(3600)), oldest("mails", None), oldest("sessions", Some(-5))];
        assert_eq!(causes(&fine, 60), ["Expired rows are deleted in time."]);
        let late = [oldest("grants", Some(7300)), oldest("mails", Some(10))];
        assert_eq!(causes(&late, 60), ["The oldest row of grants should have been deleted 2 hours ago."]);
        assert_eq!(causes(&late, 86_400), ["Expired rows are deleted in time."]);
    }
}
