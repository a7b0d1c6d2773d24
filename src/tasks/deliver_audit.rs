//! Delivers the audit log to its sinks, from the stored entries: each has a task of its own, so
//! that one that does not respond delays no other. One node at a time delivers to a sink.
//!
//! An entry is delivered at least once, in order. If a node fails between the delivery and its
//! record, the entries are delivered again with the same numbers.

mod entry;
mod file;
mod https;
mod syslog;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;

use self::entry::Entry;
use crate::{
    config::{SinkSettings, SinkTarget},
    fault::Fault,
    server::Server,
    store::{audit_log::AuditRow, audit_sinks},
};

/// Duration of the lease in seconds, which exceeds that of a delivery over the network.
const LEASE_SECONDS: i64 = 60;
/// Maximum time of a delivery over the network.
const WITHIN: Duration = Duration::from_secs(20);
/// Maximum number of entries in a delivery, and of bytes unless a single entry has more.
const BATCH: i64 = 100;
const BATCH_BYTES: usize = 1 << 20;

/// Starts a task for each sink. They run until aborted.
pub fn start(server: &Arc<Server>) -> Vec<JoinHandle<()>> {
    let sinks = server.settings.audit.sinks.iter().cloned();
    sinks.map(|sink| tokio::spawn(run(Arc::clone(server), sink))).collect()
}

async fn run(server: Arc<Server>, sink: SinkSettings) {
    let mut interval = super::interval(1000);
    loop {
        interval.tick().await;
        if let Err(fault) = run_once(&server, &sink).await {
            tracing::error!(%fault, sink = sink.name, "the audit log could not be read for a sink");
        }
    }
}

/// Delivers what is due to a sink, in batches.
///
/// # Errors
/// A fault of the store.
pub async fn run_once(server: &Server, sink: &SinkSettings) -> Result<(), Fault> {
    while deliver_batch(server, sink).await? {}
    Ok(())
}

/// Delivers a batch, if this node has the lease. Whether there may be more to deliver.
async fn deliver_batch(server: &Server, sink: &SinkSettings) -> Result<bool, Fault> {
    let is_due = {
        let name = sink.name.clone();
        move |tx: &mut crate::store::Tx<'_>| audit_sinks::is_due(tx, &name)
    };
    // The check is a read. The lease, a write, is only taken if there is work.
    if !server.store.read(is_due.clone()).await?
        || !super::take_lease(server, format!("audit_sink {}", sink.name), LEASE_SECONDS).await?
        // Another node may have delivered since the check.
        || !server.store.read(is_due).await?
    {
        return Ok(false);
    }
    let name = sink.name.clone();
    let (state, rows) = server.store.read(move |tx| audit_sinks::next(tx, &name, BATCH)).await?;
    let entries = entries(server.issuer(), &rows);
    let Some(last) = entries.last().map(|entry| entry.sequence) else { return Ok(false) };
    let outcome = deliver(server, sink, &entries).await;
    let count = entries.len();
    match outcome {
        Ok(()) => {
            if state.attempts > 0 {
                tracing::info!(sink = sink.name, "the audit log is delivered again");
            }
            tracing::debug!(sink = sink.name, count, last, "audit entries delivered");
            let name = sink.name.clone();
            server.store.write(move |tx| audit_sinks::delivered(tx, &name, last)).await?;
            Ok(true)
        }
        Err(reason) => {
            let (seen, stored) = (state.clone(), reason.clone());
            let next_attempt_at = server.store.write(move |tx| audit_sinks::failed(tx, &seen, &stored)).await?;
            let attempts = state.attempts + 1;
            tracing::warn!(sink = sink.name, reason, attempts, next_attempt_at, "audit entries could not be delivered");
            Ok(false)
        }
    }
}

/// The first entries, as long as they are within the bounds of a batch.
fn entries(issuer: &str, rows: &[AuditRow]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut size = 0;
    for entry in rows.iter().map(|row| Entry::new(issuer, row)) {
        size += entry.json.len();
        if size > BATCH_BYTES && !entries.is_empty() {
            break;
        }
        entries.push(entry);
    }
    entries
}

async fn deliver(server: &Server, sink: &SinkSettings, entries: &[Entry]) -> Result<(), String> {
    let late = |_| format!("no response within {} s", WITHIN.as_secs());
    match &sink.target {
        // Without a limit: a thread that waits for the disk would be left behind at each attempt.
        SinkTarget::File(path) => file::append(path, entries).await,
        SinkTarget::Syslog(url) => {
            let settings = &server.settings;
            let (ca_file, host) = (settings.outgoing.ca_file.as_deref(), settings.server.issuer.host());
            tokio::time::timeout(WITHIN, syslog::send(url, ca_file, host, entries)).await.map_err(late)?
        }
        SinkTarget::Https { url, bearer_file, signature_key_file } => {
            let (bearer, key) = (bearer_file.as_deref(), signature_key_file.as_deref());
            let posted = https::post(&server.fetcher, url.as_str(), bearer, key, entries);
            tokio::time::timeout(WITHIN, posted).await.map_err(late)?
        }
    }
}
