//! What happens by itself, on every node; what one node at a time may do takes a lease.

pub mod deliver_logouts;
pub mod forget_clients;
pub mod record_failures;
pub mod refresh;
pub mod rotate_keys;
pub mod sweep;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;

use crate::server::Server;

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

/// A beat of so many milliseconds that skips what it missed.
fn every(milliseconds: u64) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(Duration::from_millis(milliseconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}
