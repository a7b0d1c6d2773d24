//! Stores refusals for the clients' developers once a second, outside of requests.

use std::sync::Arc;

use crate::{fault::Fault, server::Server, store::client_failures};

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut interval = super::interval(1000);
    loop {
        interval.tick().await;
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "refusals could not be stored");
        }
    }
}

/// Stores the queued refusals.
///
/// # Errors
/// A fault of the store. The refusals are then only in the log.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    let waiting = server.refusals.take();
    if waiting.is_empty() {
        return Ok(());
    }
    server.store.write(move |tx| client_failures::insert(tx, &waiting)).await
}
