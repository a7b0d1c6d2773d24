//! Deletes expired rows in small batches, so that no request waits for long.

use std::sync::Arc;

use super::clock_watch::ClockWatch;
use crate::{
    fault::Fault,
    server::Server,
    store::{
        Tx, acme, administrator_links, client_assertions, client_failures, device_requests, email_verifications,
        grants, idempotency_keys, initial_access_tokens, invitations, logout_deliveries, mails, notices,
        pushed_requests, recoveries, requests, revoked_access_tokens, security_events, sessions, sign_ups, throttle,
        trusted_browsers, unlinked_identities, upstream_attempts, upstream_logouts, used_challenges,
    },
};

/// Deletes at most a batch of rows and returns their number.
type Sweep = fn(&mut Tx<'_>, i64) -> Result<usize, Fault>;

const TABLES: [(&str, Sweep); 26] = [
    ("acme_challenges", acme::sweep),
    ("authorization_requests", requests::sweep),
    ("pushed_requests", pushed_requests::sweep),
    ("client_assertions", client_assertions::sweep),
    ("client_failures", client_failures::sweep),
    ("device_requests", device_requests::sweep),
    ("email_verifications", email_verifications::sweep),
    ("grants", grants::sweep),
    ("idempotency_keys", idempotency_keys::sweep),
    ("initial_access_tokens", initial_access_tokens::sweep),
    ("invitations", invitations::sweep),
    ("sessions", sessions::sweep),
    ("sign_ups", sign_ups::sweep),
    ("logout_deliveries", logout_deliveries::sweep),
    ("mails", mails::sweep),
    ("notices", notices::sweep),
    ("recoveries", recoveries::sweep),
    ("revoked_access_tokens", revoked_access_tokens::sweep),
    ("security_events", security_events::sweep),
    ("throttle", throttle::sweep),
    ("trusted_browsers", trusted_browsers::sweep),
    ("used_challenges", used_challenges::sweep),
    ("administrator_links", administrator_links::sweep),
    ("unlinked_identities", unlinked_identities::sweep),
    ("upstream_attempts", upstream_attempts::sweep),
    ("upstream_logouts", upstream_logouts::sweep),
];

/// Runs until aborted.
pub async fn run(server: Arc<Server>, watch: Arc<ClockWatch>) {
    let mut interval = super::interval(server.settings.sweep.interval.unsigned_abs() * 1000);
    loop {
        interval.tick().await;
        if !watch.permits(&server).await {
            continue;
        }
        if let Err(fault) = run_once(&server).await {
            tracing::error!(%fault, "sweep");
        }
    }
}

/// Deletes the expired rows of all tables.
///
/// # Errors
/// A fault of the store.
pub async fn run_once(server: &Server) -> Result<(), Fault> {
    let batch = server.settings.sweep.batch;
    for (table, sweep) in TABLES {
        let mut total = 0;
        loop {
            let deleted = server.store.write(move |tx| sweep(tx, batch)).await?;
            total += deleted;
            if i64::try_from(deleted).unwrap_or(i64::MAX) < batch {
                break;
            }
        }
        if total > 0 {
            tracing::debug!(table, total, "swept");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::retention::SWEPT;

    #[test]
    fn retention_is_stated_for_each_swept_table() {
        let swept = TABLES.map(|(table, _)| table);
        assert_eq!(SWEPT.map(|swept| swept.table), swept);
    }
}
