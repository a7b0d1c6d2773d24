//! Checks whether the database is writable, at most once a second.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// How long a result is cached. The endpoint is public, and each check writes.
const HOLDS: Duration = Duration::from_secs(1);

/// The last result.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Result<(), String>)>>);

impl Readiness {
    /// The cached result, or that of `check` if it is too old. Only one check runs at a time.
    pub(super) async fn check<F>(&self, check: impl FnOnce() -> F) -> Result<(), String>
    where
        F: Future<Output = Result<(), String>>,
    {
        let mut last = self.0.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < HOLDS
        {
            return result.clone();
        }
        let result = check().await;
        *last = Some((Instant::now(), result.clone()));
        result
    }
}
