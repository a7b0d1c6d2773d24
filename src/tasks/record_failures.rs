//! Stores refusals for the clients' owners: once a second, and never while a request waits.

use std::sync::Arc;

use crate::{fault::Fault, server::Server, store::client_failures};

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut interval = super::interval(1000);
    loop {
        interval.tick().await;
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "refusals could not be written down");
        }
    }
}

/// Writes down what waits.
///
/// # Errors
/// The store's faults; what waited is in the log alone then.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    let waiting = server.refusals.take();
    if waiting.is_empty() {
        return Ok(());
    }
    server.store.write(move |tx| client_failures::insert(tx, &waiting)).await
}
