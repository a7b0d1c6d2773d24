//! Stores when client secrets were last used, once in ten seconds, outside of requests.

use std::sync::Arc;

use crate::{fault::Fault, server::Server, store::client_secrets};

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut interval = super::interval(10_000);
    loop {
        interval.tick().await;
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "uses of client secrets could not be stored");
        }
    }
}

/// Stores the noted uses.
///
/// # Errors
/// A fault of the store. The uses are then lost.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    let used = server.clients.used_secrets.take();
    if used.is_empty() {
        return Ok(());
    }
    server.store.write(move |tx| client_secrets::touch(tx, &used)).await
}
