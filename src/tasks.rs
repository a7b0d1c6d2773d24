//! The background tasks of every node. A task for one node at a time takes a lease.

pub mod append_audit;
mod clock_watch;
pub mod deliver_audit;
pub mod deliver_logouts;
pub mod deliver_mail;
pub mod forget_clients;
mod lanes;
pub mod record_failures;
pub mod record_secret_uses;
pub mod refresh;
pub mod renew_certificate;
pub mod rotate_keys;
pub mod sweep;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;

pub use self::clock_watch::ClockWatch;
use crate::{fault::Fault, server::Server, store::leases};

/// Starts all tasks. They end when the runtime is dropped, or when aborted by their handles.
pub fn start(server: &Arc<Server>) -> Vec<JoinHandle<()>> {
    let watch = Arc::new(ClockWatch::default());
    let mut tasks = vec![
        tokio::spawn(refresh::run(Arc::clone(server))),
        tokio::spawn(rotate_keys::run(Arc::clone(server), Arc::clone(&watch))),
        tokio::spawn(renew_certificate::run(Arc::clone(server))),
        tokio::spawn(record_failures::run(Arc::clone(server))),
        tokio::spawn(record_secret_uses::run(Arc::clone(server))),
        tokio::spawn(append_audit::run(Arc::clone(server), Arc::clone(&watch))),
        tokio::spawn(deliver_logouts::run(Arc::clone(server))),
        tokio::spawn(deliver_mail::run(Arc::clone(server))),
        tokio::spawn(forget_clients::run(Arc::clone(server), Arc::clone(&watch))),
        tokio::spawn(sweep::run(Arc::clone(server), Arc::clone(&watch))),
    ];
    tasks.extend(deliver_audit::start(server));
    tasks
}

/// Ticks every `milliseconds` and skips missed ticks.
fn interval(milliseconds: u64) -> tokio::time::Interval {
    let mut interval = tokio::time::interval(Duration::from_millis(milliseconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}

/// Takes or renews a lease for this node, unless its clock is wrong.
async fn take_lease(server: &Server, name: impl Into<String>, seconds: i64) -> Result<bool, Fault> {
    if clock_watch::is_wrong(server.store.clock_skew().await?) {
        return Ok(false);
    }
    let (node, name) = (server.node, name.into());
    server.store.write(move |tx| leases::take(tx, &name, node, seconds)).await
}
