//! Looks twice a second whether another node or the command line has changed what this node remembers.

use std::sync::Arc;

use crate::server::Server;

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut beat = super::every(500);
    loop {
        beat.tick().await;
        if let Err(fault) = server.refresh().await {
            tracing::error!(%fault, "what is remembered could not be refreshed");
        }
    }
}
