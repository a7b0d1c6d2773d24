//! Values that are read when they are asked for, at a bounded rate.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::{
    fault::Fault,
    server::Server,
    store::{
        audit_sinks,
        gauges::{self, Queues},
        keys::{self, KeyState},
        retention,
    },
};

/// How long values from indexes are kept.
const QUICK: Duration = Duration::from_secs(10);
/// How long values are kept for which tables are counted.
const SLOW: Duration = Duration::from_secs(300);

/// A family of gauges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gauge {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    /// The name of the label. Empty without one.
    pub(super) label: &'static str,
    /// The values, each with its label.
    pub(super) values: Vec<(String, f64)>,
}

impl Gauge {
    fn one(name: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, help, label: "", values: vec![(String::new(), value)] }
    }

    fn by(name: &'static str, help: &'static str, label: &'static str, values: Vec<(String, f64)>) -> Self {
        Self { name, help, label, values }
    }
}

/// The gauges of a node.
pub(super) struct Gauges {
    server: Arc<Server>,
    read: Mutex<Read>,
}

#[derive(Default)]
struct Read {
    quick: Option<(Instant, Vec<Gauge>)>,
    slow: Option<(Instant, Vec<Gauge>)>,
}

impl Gauges {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, read: Mutex::default() }
    }

    /// The current values. Those of the database are missing while it is not available.
    pub(super) async fn current(&self) -> Vec<Gauge> {
        let mut gauges = self.of_process();
        let mut read = self.read.lock().await;
        let is_old =
            |read: &Option<(Instant, Vec<Gauge>)>, after| read.as_ref().is_none_or(|(at, _)| at.elapsed() >= after);
        let mut is_up = true;
        if is_old(&read.quick, QUICK) {
            read.quick = keep(self.quick().await, &mut is_up);
        }
        if is_up && is_old(&read.slow, SLOW) {
            read.slow = keep(self.slow().await, &mut is_up);
        }
        let help = "Whether the database could be read";
        gauges.push(Gauge::one("writ_database_up", help, if is_up { 1.0 } else { 0.0 }));
        for (_, of_database) in [&read.quick, &read.slow].into_iter().flatten() {
            gauges.extend(of_database.iter().cloned());
        }
        gauges
    }

    fn of_process(&self) -> Vec<Gauge> {
        let version = vec![(env!("CARGO_PKG_VERSION").to_owned(), 1.0)];
        let waiting = self.server.passwords.waiting() as f64;
        let mut gauges = vec![
            Gauge::by("writ_build", "The version of this server", "version", version),
            Gauge::one("writ_password_queue", "Passwords that wait to be hashed", waiting),
        ];
        if let Some(end) = self.server.certificates.as_ref().and_then(|certificates| certificates.not_after()) {
            let help = "When the certificate of this server expires, in seconds since the epoch";
            gauges.push(Gauge::one("writ_certificate_not_after", help, end as f64));
        }
        gauges
    }

    async fn quick(&self) -> Result<Vec<Gauge>, Fault> {
        let server = &self.server;
        let skew = server.store.clock_skew().await?;
        let unit =
            |tx: &mut crate::store::Tx<'_>| Ok((keys::list(tx)?, gauges::queues(tx)?, retention::oldest(tx)?, tx.now));
        let (rows, Queues { mails, logouts }, oldest, now) = server.store.read(unit).await?;
        let active = rows.into_iter().filter(|row| row.state == KeyState::Active);
        let age = |row: keys::KeyRow| (row.alg, (now - row.activated_at.unwrap_or(row.created_at)) as f64);
        let queues = vec![("mail".to_owned(), mails as f64), ("logout".to_owned(), logouts as f64)];
        let overdue = oldest
            .into_iter()
            .map(|oldest| (oldest.table.to_owned(), oldest.expired_at.map_or(0, |at| (now - at).max(0)) as f64));
        let mut read = vec![
            Gauge::one(
                "writ_clock_skew_seconds",
                "Seconds by which this clock is ahead of the database's",
                skew as f64,
            ),
            Gauge::by(
                "writ_signing_key_age_seconds",
                "Seconds since a key began to sign",
                "algorithm",
                active.map(age).collect(),
            ),
            Gauge::by("writ_queue", "Deliveries that are due or wait for another attempt", "kind", queues),
            Gauge::by(
                "writ_overdue_seconds",
                "Seconds for which the oldest row of a table has been due for deletion",
                "table",
                overdue.collect(),
            ),
        ];
        read.extend(self.audit_sinks().await?);
        Ok(read)
    }

    /// What the configured sinks of the audit log lack. Nothing without sinks.
    async fn audit_sinks(&self) -> Result<Option<Gauge>, Fault> {
        let sinks = self.server.settings.audit.sinks.iter();
        let names: Vec<String> = sinks.map(|sink| sink.name.clone()).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let configured = names.clone();
        let mut found = self.server.store.read(move |tx| audit_sinks::progress(tx, &names)).await?;
        found.retain(|progress| configured.contains(&progress.sink.name));
        let behind = found.into_iter().map(|progress| (progress.sink.name, progress.behind as f64)).collect();
        let help = "Entries of the audit log that a sink does not have yet";
        Ok(Some(Gauge::by("writ_audit_sink_behind", help, "sink", behind)))
    }

    async fn slow(&self) -> Result<Vec<Gauge>, Fault> {
        let rows = self.server.store.read(gauges::rows).await?;
        let rows = rows.into_iter().map(|(table, rows)| (table, rows as f64)).collect();
        Ok(vec![Gauge::by("writ_rows", "Rows of a table, as estimated by PostgreSQL", "table", rows)])
    }
}

/// New values with their time, or nothing after a fault.
fn keep(read: Result<Vec<Gauge>, Fault>, is_up: &mut bool) -> Option<(Instant, Vec<Gauge>)> {
    match read {
        Ok(gauges) => Some((Instant::now(), gauges)),
        Err(fault) => {
            tracing::warn!(%fault, "metrics of the database");
            *is_up = false;
            None
        }
    }
}
