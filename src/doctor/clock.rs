//! Clocks: tokens are valid for minutes, so clocks that disagree make good tokens bad ones.

use super::{Finding, Section};
use crate::store::Store;

/// A larger difference is worth a warning, in seconds.
const NOTICEABLE: i64 = 2;
/// A node whose clock differs by more deletes nothing and takes no leases, in seconds.
const TOLERATED: i64 = 60;

/// The clock of the server at the issuer, in seconds by which it is ahead of this machine's.
pub(super) fn judge_server(ahead: i64) -> Finding {
    judge("clock", "the server at the issuer", ahead)
}

/// Compares the clock of this machine with that of the database.
pub(super) async fn check_database(store: &Store) -> Vec<Finding> {
    match store.clock_skew().await {
        Ok(skew) => vec![judge("database_clock", "the database", -skew)],
        Err(fault) => vec![Finding::error(
            "database_clock",
            Section::WhenSomethingFails,
            format!("The clock of the database cannot be read: {fault}."),
            "Make the database available.",
        )],
    }
}

fn judge(id: &'static str, of: &str, ahead: i64) -> Finding {
    let section = Section::WhenSomethingFails;
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    let cause = format!("The clock of {of} is {} s {direction} that of this machine.", ahead.saturating_abs());
    match ahead.saturating_abs() {
        difference if difference <= NOTICEABLE => {
            Finding::ok(id, section, format!("The clock of {of} agrees with that of this machine."))
        }
        difference if difference <= TOLERATED => {
            Finding::warning(id, section, cause, "Synchronize both machines by NTP.")
        }
        _ => Finding::error(id, section, cause, "Synchronize both machines by NTP: tokens are refused until then."),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{super::Severity, *};

    #[rstest]
    #[case(0, Severity::Ok, "agrees")]
    #[case(-2, Severity::Ok, "agrees")]
    #[case(3, Severity::Warning, "3 s ahead of")]
    #[case(-60, Severity::Warning, "60 s behind")]
    #[case(61, Severity::Error, "61 s ahead of")]
    #[case(i64::MIN, Severity::Error, "behind")]
    fn clock_is_judged_by_its_difference(#[case] ahead: i64, #[case] severity: Severity, #[case] part: &str) {
        let finding = judge_server(ahead);
        assert!(finding.severity == severity && finding.cause.contains(part), "{finding:?}");
    }
}
