//! Appends the events of users and of the server to the audit log once a second, seals new entries
//! with a signature within an hour, and prunes what was kept for long enough.

use std::sync::Arc;

use serde::Serialize;

use super::clock_watch::ClockWatch;
use crate::{
    administration::audit::{self, Old},
    config::AuditSettings,
    fault::Fault,
    keys::TokenType,
    server::Server,
    store::{Tx, audit_events, audit_sinks},
};

/// Seconds between two looks at what is to be sealed.
const MINUTE: u64 = 60;
/// Seconds between two looks at what is to be pruned, which reads the log from its beginning.
const HOUR: u64 = 3600;
const LEASE: &str = "seal_and_prune_audit";
const LEASE_SECONDS: i64 = 60;

/// What a seal says: at that time, the log had this entry, and therefore those before it.
#[derive(Serialize)]
struct Seal<'a> {
    iss: &'a str,
    iat: i64,
    /// What `writ audit verify --noted` accepts.
    noted: &'a str,
}

/// Runs until aborted.
pub async fn run(server: Arc<Server>, watch: Arc<ClockWatch>) {
    let mut interval = super::interval(1000);
    let mut ticks: u64 = 0;
    loop {
        interval.tick().await;
        if let Err(fault) = append_events(&server).await {
            tracing::error!(%fault, "events could not be appended to the audit log");
        }
        if ticks.is_multiple_of(MINUTE)
            && let Err(fault) = seal(&server).await
        {
            tracing::error!(%fault, "the audit log could not be sealed");
        }
        if ticks.is_multiple_of(HOUR)
            && watch.permits(&server).await
            && let Err(fault) = prune(&server).await
        {
            tracing::error!(%fault, "the audit log could not be pruned");
        }
        ticks += 1;
    }
}

/// Appends what waits, in batches.
///
/// # Errors
/// A fault of the store.
pub async fn append_events(server: &Server) -> Result<(), Fault> {
    while server.store.read(audit_events::is_any).await? {
        let key = server.secrets.audit_key.clone();
        server.store.write(move |tx| audit::append_events(tx, &key)).await?;
    }
    Ok(())
}

/// Prunes the entries about users that were kept for long enough and that every sink has, if this
/// node has the lease.
///
/// # Errors
/// A fault of the store.
pub async fn prune(server: &Server) -> Result<(), Fault> {
    let AuditSettings { account_events_kept_for: kept_for, sinks } = &server.settings.audit;
    if *kept_for == 0 || !super::take_lease(server, LEASE, LEASE_SECONDS).await? {
        return Ok(());
    }
    let names: Vec<String> = sinks.iter().map(|sink| sink.name.clone()).collect();
    let progress = server.store.read(move |tx| audit_sinks::progress(tx, &names)).await?;
    let of_sinks = progress.iter().filter(|progress| sinks.iter().any(|sink| sink.name == progress.sink.name));
    let through = of_sinks.map(|progress| progress.sink.sequence).min().unwrap_or(i64::MAX);
    let old = Old { before: server.clock.now() - kept_for, through };
    let pruned = audit::prune(&server.store, &server.secrets.audit_key, old).await?;
    if pruned > 0 {
        tracing::info!(pruned, "entries of the audit log about users were pruned");
    }
    Ok(())
}

/// Appends a seal if one is due and this node has the lease.
///
/// # Errors
/// A fault of the store, or [`Fault::Keys`] if there is no signing key.
pub async fn seal(server: &Server) -> Result<(), Fault> {
    // The check is a read. The lease, a write, is only taken if there is work.
    if !server.store.read(audit::is_due).await? || !super::take_lease(server, LEASE, LEASE_SECONDS).await? {
        return Ok(());
    }
    let (snapshot, alg) = (Arc::clone(&server.snapshot()), server.settings.tokens.access_token_signing_alg);
    let (key, issuer) = (server.secrets.audit_key.clone(), server.issuer().to_owned());
    let unit = move |tx: &mut Tx<'_>| {
        // Another node may have sealed it since the check.
        if !audit::is_due(tx)? {
            return Ok(true);
        }
        let (iss, iat) = (&*issuer, tx.now);
        let sign = |noted: &str| snapshot.keys.signing(alg)?.sign(TokenType::AuditSeal, &Seal { iss, iat, noted });
        audit::seal(tx, &key, sign)
    };
    if !server.store.write(unit).await? {
        tracing::error!("the audit log is not sealed: its end was changed in the database");
    }
    Ok(())
}
