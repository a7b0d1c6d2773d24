//! Whether this node's clock permits irreversible actions: it has not leapt, and it agrees with the
//! clock of the database, which all nodes share.

use std::{
    cmp::Ordering,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{clock::LeapGuard, server::Server};

/// A larger difference to the database's clock is logged, in seconds.
const NOTICEABLE_SKEW: i64 = 2;
/// Maximum difference in seconds for a node that deletes rows, rotates keys or takes leases.
const TOLERATED_SKEW: i64 = 60;

/// The state that the tasks of a node share.
#[derive(Debug, Default)]
pub struct ClockWatch(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    leaps: LeapGuard,
    agreement: Agreement,
}

/// How well two clocks agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Agreement {
    #[default]
    Close,
    Noticeable,
    Wrong,
}

impl Agreement {
    fn of(skew: i64) -> Self {
        match skew.saturating_abs() {
            skew if skew <= NOTICEABLE_SKEW => Self::Close,
            skew if skew <= TOLERATED_SKEW => Self::Noticeable,
            _ => Self::Wrong,
        }
    }
}

impl ClockWatch {
    /// Whether rows may be deleted and keys rotated now. Logs each change once.
    pub async fn permits(&self, server: &Server) -> bool {
        if !self.state().leaps.allows(Instant::now(), server.clock.now()) {
            return false;
        }
        let skew = match server.store.clock_skew().await {
            Ok(skew) => skew,
            Err(fault) => {
                tracing::error!(%fault, "the database's clock is unknown");
                return false;
            }
        };
        let agreement = Agreement::of(skew);
        let before = std::mem::replace(&mut self.state().agreement, agreement);
        match (agreement.cmp(&before), agreement) {
            (Ordering::Equal, _) | (Ordering::Less, Agreement::Noticeable) => {}
            (_, Agreement::Wrong) => {
                tracing::error!(seconds = skew, "this node's clock is wrong: it deletes, rotates and delivers nothing");
            }
            (_, Agreement::Noticeable) => {
                tracing::warn!(seconds = skew, "this node's clock differs from that of the database");
            }
            (_, Agreement::Close) => tracing::info!("this node's clock agrees with that of the database again"),
        }
        agreement != Agreement::Wrong
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a node whose clock is off by `skew` seconds must not take a lease.
pub(super) fn is_wrong(skew: i64) -> bool {
    Agreement::of(skew) == Agreement::Wrong
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, Agreement::Close)]
    #[case(-2, Agreement::Close)]
    #[case(3, Agreement::Noticeable)]
    #[case(-60, Agreement::Noticeable)]
    #[case(61, Agreement::Wrong)]
    #[case(-31_536_000, Agreement::Wrong)]
    fn agreement_depends_on_the_difference_in_either_direction(#[case] skew: i64, #[case] agreement: Agreement) {
        assert_eq!(Agreement::of(skew), agreement);
    }
}
