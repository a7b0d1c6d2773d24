//! What happens by itself, on every node. What one node at a time may do takes a lease.

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

/// Seconds by which a node may differ from the database's clock and still delete and rotate.
const TOLERATED_SKEW: i64 = 60;

/// Starts every task. They end when the handles are dropped with the runtime, or aborted.
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

/// Ticks every `milliseconds`, without catching up on what was missed.
fn interval(milliseconds: u64) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(Duration::from_millis(milliseconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

/// Whether this node's clock is good enough for what cannot be undone: it did not leap, and agrees
/// with the database's, which all nodes share.
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
