//! Makes the next keys, puts them to work on schedule, and deletes the old ones: one node at a time.

use std::sync::Arc;

use crate::{
    fault::Fault,
    keys::rotation,
    server::Server,
    store::{keys::KeyState, leases},
};

const LEASE: &str = "rotate_keys";
/// Seconds between looks; the lease outlives two of them.
const INTERVAL: i64 = 60;

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut beat = super::every(INTERVAL.unsigned_abs() * 1000);
    loop {
        beat.tick().await;
        if let Err(fault) = look(&server).await {
            tracing::error!(%fault, "keys could not be rotated");
        }
    }
}

/// One look at the keys, if this node has the lease.
///
/// # Errors
/// The store's faults.
pub async fn look(server: &Server) -> Result<(), Fault> {
    let node = server.node;
    if !server.store.write(move |tx| leases::take(tx, LEASE, node, 2 * INTERVAL + 5)).await? {
        return Ok(());
    }
    let interval = server.settings.keys.rotation_interval;
    if server.store.write(move |tx| rotation::advance(tx, interval)).await? {
        tracing::info!("keys moved on");
    }
    rotation::fill(&server.store, &server.secrets.master_key, KeyState::Next).await
}
