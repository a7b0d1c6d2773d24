//! Creates the next keys, activates them on schedule, and deletes old ones, on one node at a time.

use std::sync::Arc;

use super::clock_watch::ClockWatch;
use crate::{fault::Fault, keys::rotation, server::Server, store::keys::KeyState};

const LEASE: &str = "rotate_keys";
/// Seconds between two runs. The lease is longer than two of them.
const INTERVAL: i64 = 60;

/// Runs until aborted.
pub async fn run(server: Arc<Server>, watch: Arc<ClockWatch>) {
    let mut interval = super::interval(INTERVAL.unsigned_abs() * 1000);
    loop {
        interval.tick().await;
        if !watch.permits(&server).await {
            continue;
        }
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "keys could not be rotated");
        }
    }
}

/// Rotates the due keys, if this node has the lease.
///
/// # Errors
/// A fault of the store, or [`Fault::Keys`] if a key cannot be generated.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    if !super::take_lease(server, LEASE, 2 * INTERVAL + 5).await? {
        return Ok(());
    }
    let (interval, session_lifetime) = (server.settings.keys.rotation_interval, server.settings.sessions.lifetime);
    if server.store.write(move |tx| rotation::advance(tx, interval, session_lifetime)).await? {
        tracing::info!("keys were rotated, archived or deleted");
    }
    rotation::fill(&server.store, &server.secrets.master_keys, KeyState::Next).await
}
