//! The background tasks of every node. A task for one node at a time takes a lease.

pub mod deliver_logouts;
pub mod forget_clients;
pub mod record_failures;
pub mod refresh;
pub mod rotate_keys;
pub mod sweep;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use crate::{clock::LeapGuard, server::Server};

/// Maximum difference in seconds to the database's clock for a node that deletes rows or rotates
/// keys.
const TOLERATED_SKEW: i64 = 60;

/// Starts all tasks. They end when the runtime is dropped, or when aborted by their handles.
pub fn start(server: &Arc<Server>) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(refresh::run(Arc::clone(server))),
        tokio::spawn(rotate_keys::run(Arc::clone(server))),
        tokio::spawn(record_failures::run(Arc::clone(server))),
        tokio::spawn(deliver_logouts::run(Arc::clone(server))),
        tokio::spawn(forget_clients::run(Arc::clone(server))),
        tokio::spawn(sweep::run(Arc::clone(server))),
    ]
}

/// Ticks every `milliseconds` and skips missed ticks.
fn interval(milliseconds: u64) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(Duration::from_millis(milliseconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

/// Whether this node's clock permits irreversible actions: it did not leap, and agrees with that of
/// the database, which all nodes share.
async fn is_clock_good(server: &Server, guard: &mut LeapGuard) -> bool {
    if !guard.allows(Instant::now(), server.clock.now()) {
        return false;
    }
    match server.store.clock_skew().await {
        Ok(skew) if skew.abs() > TOLERATED_SKEW => {
            tracing::error!(seconds = skew, "this node's clock is wrong: it deletes and rotates nothing");
            false
        }
        Ok(_) => true,
        Err(fault) => {
            tracing::error!(%fault, "the database's clock is unknown");
            false
        }
    }
}
