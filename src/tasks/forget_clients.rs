//! Deletes self-registered clients that are not used.

use std::sync::Arc;

use super::clock_watch::ClockWatch;
use crate::{fault::Fault, server::Server, store::registrations};

/// Seconds between two runs.
const INTERVAL: u64 = 3600;

/// Runs until aborted.
pub async fn run(server: Arc<Server>, watch: Arc<ClockWatch>) {
    let mut interval = super::interval(INTERVAL * 1000);
    loop {
        interval.tick().await;
        if !watch.permits(&server).await {
            continue;
        }
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "unused clients could not be deleted");
        }
    }
}

/// Deletes the clients that are unused now.
///
/// # Errors
/// A fault of the store.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    let lifetime = server.settings.registration.unused_lifetime;
    if lifetime == 0 {
        return Ok(());
    }
    let (before, batch) = (server.clock.now() - lifetime, server.settings.sweep.batch);
    loop {
        let deleted = server.store.write(move |tx| registrations::delete_unused(tx, before, batch)).await?;
        if deleted > 0 {
            tracing::info!(deleted, "unused self-registered clients were deleted");
        }
        if i64::try_from(deleted).unwrap_or(i64::MAX) < batch {
            return Ok(());
        }
    }
}
