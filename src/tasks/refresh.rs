//! Polls the revision twice a second, because another node or the command line may have changed the
//! data in the snapshot.

use std::sync::Arc;

use crate::server::Server;

/// Runs until aborted.
pub async fn run(server: Arc<Server>) {
    let mut interval = super::interval(500);
    loop {
        interval.tick().await;
        if let Err(fault) = server.refresh().await {
            tracing::error!(%fault, "the snapshot could not be refreshed");
        }
    }
}
