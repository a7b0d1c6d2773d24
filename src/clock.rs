//! The one clock. Time is a value everywhere else: a parameter of pure functions, a field of the unit of work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Seconds since the epoch, with an offset that tests may move. The default one runs.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    stopped_at: Option<i64>,
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that stands still at the present until it is advanced: what a test reckons with, however long it takes.
    pub fn stopped() -> Self {
        Self { stopped_at: Some(Self::default().now()), ..Self::default() }
    }

    /// The present, in seconds since the epoch.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    pub fn now(&self) -> i64 {
        let present = self.stopped_at.unwrap_or_else(|| {
            let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
        });
        present + self.offset.load(Ordering::Relaxed)
    }

    /// Moves this clock and its clones by so many seconds.
    pub fn advance(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }
}
