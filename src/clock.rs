//! The only clock. Elsewhere, time is a value: a parameter of pure functions, or a field of the
//! unit of work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Seconds since the epoch, with an offset that tests can move. The default clock runs.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    stopped_at: Option<i64>,
    offset: Arc<AtomicI64>,
    error: i64,
}

impl Clock {
    /// A stopped clock, which only moves when advanced, for tests.
    pub fn stopped() -> Self {
        Self { stopped_at: Some(Self::default().now()), ..Self::default() }
    }

    /// This clock with an error of some seconds, for tests: the clock of a node that is wrong.
    #[must_use]
    pub fn off_by(&self, seconds: i64) -> Self {
        Self { error: self.error + seconds, ..self.clone() }
    }

    /// The current time, in seconds since the epoch.
    pub fn now(&self) -> i64 {
        self.stopped_at.unwrap_or_else(system_time) + self.offset.load(Ordering::Relaxed) + self.error
    }

    /// The time of the operating system, for comparison with other machines. Stopping and
    /// advancing the clock have no effect on it.
    pub fn of_machine(&self) -> i64 {
        system_time() + self.error
    }

    /// Advances this clock and its clones by a number of seconds.
    pub fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
fn system_time() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}

/// Detects leaps of the wall clock before irreversible actions (deleting rows, rotating keys), by
/// comparison with the monotonic clock.
#[derive(Debug, Default)]
pub struct LeapGuard {
    last: Option<(Instant, i64)>,
    held_until: Option<Instant>,
}

impl LeapGuard {
    /// Maximum difference in seconds between the two clocks from one check to the next.
    const TOLERANCE: i64 = 60;
    /// How long a leap blocks. A restart by an operator who has set the clock clears it at once.
    const HOLD: Duration = Duration::from_secs(3600);

    /// `false` after a leap of `wall` (seconds since the epoch), until the hold has passed.
    pub fn allows(&mut self, monotonic: Instant, wall: i64) -> bool {
        if let Some((then, before)) = self.last.replace((monotonic, wall)) {
            let passed = i64::try_from(monotonic.duration_since(then).as_secs()).unwrap_or(i64::MAX);
            let leap = wall.saturating_sub(before).saturating_sub(passed);
            if leap.abs() > Self::TOLERANCE {
                tracing::error!(seconds = leap, "the clock has leapt: nothing is deleted or rotated for an hour");
                self.held_until = Some(monotonic + Self::HOLD);
            }
        }
        self.held_until.is_none_or(|until| monotonic >= until)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, true)]
    #[case(45, true)]
    #[case(-45, true)]
    #[case(3600, false)]
    #[case(-3600, false)]
    #[case(31_536_000, false)]
    #[case(-31_536_000, false)]
    fn leap_blocks_for_an_hour_in_either_direction(#[case] leap: i64, #[case] allowed: bool) {
        let (start, now) = (Instant::now(), 1_790_000_000);
        let mut guard = LeapGuard::default();
        let mut at = |seconds: u64, leap: i64| {
            guard.allows(start + Duration::from_secs(seconds), now + i64::try_from(seconds).expect("small") + leap)
        };
        assert!(at(0, 0));
        assert!(at(60, 0));
        assert_eq!(at(120, leap), allowed);
        assert_eq!(at(180, leap), allowed);
        assert!(at(120 + 3600, leap), "an hour confirms it");
    }

    #[test]
    fn leap_is_detected_when_the_clock_goes_back() {
        let (start, now) = (Instant::now(), 1_790_000_000);
        let mut guard = LeapGuard::default();
        assert!(guard.allows(start, now));
        assert!(!guard.allows(start + Duration::from_secs(60), now + 7200));
        assert!(!guard.allows(start + Duration::from_secs(3000), now + 3000), "the way back starts the hour again");
        assert!(!guard.allows(start + Duration::from_secs(3661), now + 3661));
        assert!(guard.allows(start + Duration::from_secs(6601), now + 6601));
    }
}
