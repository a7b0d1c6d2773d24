//! Whether the database can be written to, asked once a second at the most.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

/// How long a result holds: strangers may ask, and each check writes.
const HOLDS: Duration = Duration::from_secs(1);

/// The last result.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Result<(), String>)>>);

impl Readiness {
    /// The last result, or that of `check` if it is too old. One check runs at a time.
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
