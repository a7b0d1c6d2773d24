//! The database: one file per table, with a row type and its queries, written once for both
//! databases.
//!
//! [`Store::read`] reads. [`Store::write`] reads and writes in one transaction. [`Store::decide`]
//! is `write` for a unit of work that may refuse: a refusal commits, a [`Fault`] rolls back. A unit
//! of work is a closure over a [`Tx`]. It is `Clone`, because PostgreSQL may have to run it again
//! on another connection. Slow work (signing, password hashing, HTTP) must stay outside.

pub mod accepted_terms;
pub mod accounts;
pub mod acme;
pub mod administrator_links;
mod after_sign_in;
pub mod audit_events;
pub mod audit_log;
pub mod audit_sinks;
mod backfill;
pub mod backup;
pub mod client_assertions;
pub mod client_failures;
pub mod client_logos;
pub mod client_secrets;
pub mod clients;
pub mod connections;
pub mod consents;
pub mod decisions;
pub mod device_requests;
pub mod email_link_refusals;
pub mod email_verifications;
pub mod gauges;
pub mod grants;
pub mod groups;
mod id;
pub mod idempotency_keys;
pub mod initial_access_tokens;
pub mod inspection;
pub mod invitations;
pub mod keys;
pub mod leases;
pub mod linked_subjects;
pub mod logout_deliveries;
pub mod mails;
mod migrations;
mod narrowing;
pub mod notices;
pub mod owners;
pub mod passkey_offers;
pub mod passkeys;
mod postgres;
mod prepared;
pub mod pushed_requests;
mod readiness;
pub mod recoveries;
pub mod recovery_codes;
pub mod registrations;
pub mod requests;
pub mod resources;
pub mod retention;
pub mod revision;
pub mod revoked_access_tokens;
mod schema;
pub mod security_events;
pub mod sessions;
pub mod shared_secrets;
pub mod sign_ups;
mod sqlite;
pub mod throttle;
pub mod totp_factors;
pub mod trusted_browsers;
pub mod unlinked_identities;
pub mod upstream_attempts;
pub mod upstream_logouts;
pub mod upstream_sessions;
pub mod usage;
pub mod used_challenges;
pub mod users;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use aws_lc_rs::hmac;
use diesel::SqliteConnection;

pub use after_sign_in::AfterSignIn;
pub use id::Id;
pub use migrations::{Lock, Pending, check_known};
use tracing::Instrument;
use writ_core::Error;

use crate::{
    clock::Clock,
    config::{DatabaseSettings, DatabaseUrl},
    fault::{Fault, Stop},
    metrics::METRICS,
    telemetry,
};

/// A connection to either database.
enum Conn<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut postgres::PgConnection),
}

/// A running unit of work.
pub struct Tx<'a> {
    conn: Conn<'a>,
    /// When the unit of work started, in seconds since the epoch.
    pub now: i64,
    /// The number of statements started so far.
    statements: u32,
    /// As in the [`Store`]. `None` if the unit of work only reads.
    event_key: Option<EventKey>,
}

/// The key that authenticates events for the audit log, once it was read.
type EventKey = Arc<OnceLock<hmac::Key>>;

impl<'a> Tx<'a> {
    fn new(conn: Conn<'a>, now: i64) -> Self {
        Self { conn, now, statements: 0, event_key: None }
    }

    fn on_sqlite(conn: &'a mut SqliteConnection, now: i64) -> Self {
        Self::new(Conn::Sqlite(conn), now)
    }

    fn event_key(&self) -> Option<&hmac::Key> {
        self.event_key.as_ref()?.get()
    }

    /// Whether no other unit of work can write before this one ends, so that nothing needs a lock.
    const fn writes_alone(&self) -> bool {
        matches!(self.conn, Conn::Sqlite(_))
    }
}

/// Runs a diesel expression on the connection of a `Tx`.
macro_rules! on {
    ($tx:expr, |$conn:ident| $query:expr) => {{
        $tx.statements += 1;
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(conn) => {
                let $conn = &mut **conn;
                $query
            }
            $crate::store::Conn::Postgres(conn) => {
                let $conn = &mut **conn;
                $query
            }
        }
    }};
}
use on;

/// Locks the rows of a SELECT until commit and returns them, read after the lock was granted. On
/// SQLite a writing unit of work has the database to itself.
macro_rules! lock {
    ($tx:expr, $rows:expr) => {{
        $tx.statements += 1;
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(conn) => $rows.load(&mut **conn),
            $crate::store::Conn::Postgres(conn) => $rows.for_no_key_update().load(&mut **conn),
        }
    }};
}
use lock;

/// Deletes at most `$batch` rows of `$table` that match `$condition`, by their `$key`. It needs two
/// statements, because diesel has no subquery on the table that it deletes from. A row that another
/// unit of work has changed between them stays unless it still matches.
macro_rules! delete_batch {
    ($tx:expr, $batch:expr, $table:expr, $key:expr, $Key:ty, $condition:expr) => {{
        let condition = $condition;
        let keys: Vec<$Key> =
            $crate::store::on!($tx, |conn| $table.filter(condition.clone()).select($key).limit($batch).load(conn))?;
        let matching = $table.filter($key.eq_any(keys).and(condition));
        Ok($crate::store::on!($tx, |conn| diesel::delete(matching).execute(conn))?)
    }};
}
use delete_batch;

/// How a unit of work runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Only reads. Each statement sees what was committed before it started.
    Read,
    /// A single statement decides. A fault after it does not undo it.
    ByStatement,
    /// One transaction.
    Transaction,
}

impl Mode {
    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ByStatement => "statement",
            Self::Transaction => "write",
        }
    }
}

/// A check of a database before it is opened.
type Check<'a> = dyn Fn(&mut Tx<'_>) -> Result<(), Fault> + 'a;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Database,
    clock: Clock,
    readiness: Arc<readiness::Readiness>,
    event_key: EventKey,
}

#[derive(Clone)]
enum Database {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

impl Store {
    /// Connects and migrates the tables under a lock. Blocks, so call it before the server starts.
    ///
    /// # Errors
    /// [`Fault::Startup`] or [`Fault::Unavailable`] if the database cannot be opened or migrated.
    pub fn open(settings: &DatabaseSettings, clock: Clock) -> Result<Self, Fault> {
        Self::open_if(settings, clock, &|_| Ok(()))
    }

    /// As [`Store::open`], if `check` accepts a database from an earlier start. It runs before the
    /// migration.
    ///
    /// # Errors
    /// As for [`Store::open`], or that of `check`. Nothing was written then.
    pub fn open_if(settings: &DatabaseSettings, clock: Clock, check: &Check<'_>) -> Result<Self, Fault> {
        let now = clock.now();
        let database = match &settings.url {
            DatabaseUrl::Sqlite(path) => Database::Sqlite(Arc::new(sqlite::Sqlite::open(path, now, check)?)),
            DatabaseUrl::Postgres(url) => {
                let patience = Duration::from_secs(settings.startup_timeout);
                Database::Postgres(Arc::new(postgres::Postgres::open(
                    url,
                    settings.connections(),
                    patience,
                    now,
                    check,
                )?))
            }
        };
        Ok(Self { database, clock, readiness: Arc::default(), event_key: EventKey::default() })
    }

    /// Authenticates events for the audit log with this key from now on.
    pub fn authenticate_events(&self, key: &hmac::Key) {
        self.event_key.get_or_init(|| key.clone());
    }

    /// The migrations that [`Store::open`] would apply. Changes nothing. Blocks.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn pending(settings: &DatabaseSettings, clock: &Clock) -> Result<Vec<Pending>, Fault> {
        match &settings.url {
            DatabaseUrl::Sqlite(path) => sqlite::pending(path, clock.now()),
            DatabaseUrl::Postgres(url) => postgres::pending(url, clock.now()),
        }
    }

    /// Runs a reading unit of work. Each statement sees what was committed before it started.
    ///
    /// # Errors
    /// The fault of the unit of work or of the connection.
    pub async fn read<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        self.run(Mode::Read, unit).await
    }

    /// Runs a unit of work as one transaction and returns after the commit is durable.
    ///
    /// # Errors
    /// The fault of the unit of work, the connection or the commit. In that case nothing was
    /// written, unless the connection was lost during the commit.
    pub async fn write<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        self.run(Mode::Transaction, self.with_event_key(unit)).await
    }

    /// Like [`Store::write`], for a unit of work that may refuse. A refusal commits what was
    /// written before it, a fault rolls back.
    ///
    /// # Errors
    /// The refusal of the unit of work, or as for [`Store::write`].
    pub async fn decide<T, F>(&self, unit: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Stop> + Clone + Send + 'static,
    {
        Ok(self.write(move |tx| settled(unit(tx))).await??)
    }

    /// Like [`Store::decide`], for a unit of work that a single conditional statement decides.
    /// PostgreSQL commits each statement separately, which saves two round trips. On SQLite the
    /// unit of work needs no savepoint.
    ///
    /// # Errors
    /// As for [`Store::decide`]. What was written before a fault is not rolled back.
    pub async fn decide_by_statement<T, F>(&self, unit: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Stop> + Clone + Send + 'static,
    {
        let unit = self.with_event_key(unit);
        Ok(self.run(Mode::ByStatement, move |tx: &mut Tx<'_>| settled(unit(tx))).await??)
    }

    /// Runs a unit of work, and measures and logs it.
    async fn run<T, F>(&self, mode: Mode, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        let (now, start) = (self.clock.now(), Instant::now());
        let unit = move |tx: &mut Tx<'_>| Ok((unit(tx)?, tx.statements));
        let run = async {
            match &self.database {
                Database::Sqlite(sqlite) => sqlite.run(mode, move |conn| unit(&mut Tx::on_sqlite(conn, now))).await,
                Database::Postgres(postgres) => postgres.run(mode, now, unit).await,
            }
        };
        let result = run.instrument(telemetry::unit_of_work(mode.name())).await;
        let metric = if mode == Mode::Read { "read" } else { "write" };
        METRICS.unit_seconds.observe_duration(metric, start.elapsed());
        let (value, statements) = result?;
        tracing::trace!(kind = mode.name(), statements, "unit of work");
        Ok(value)
    }

    /// The same unit of work, in which events for the audit log are authenticated.
    fn with_event_key<T, F>(&self, unit: F) -> impl FnOnce(&mut Tx<'_>) -> T + Clone + Send + use<T, F>
    where
        F: FnOnce(&mut Tx<'_>) -> T + Clone + Send + 'static,
    {
        let event_key = Arc::clone(&self.event_key);
        move |tx| {
            tx.event_key = Some(event_key);
            unit(tx)
        }
    }

    /// By how many seconds this node's clock is ahead of the database's. SQLite has none of its
    /// own.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub async fn clock_skew(&self) -> Result<i64, Fault> {
        match &self.database {
            Database::Sqlite(_) => Ok(0),
            Database::Postgres(_) => {
                let before = self.clock.of_machine();
                let database = self.read(revision::database_time).await?;
                // A slow response is not a difference.
                Ok((before - database).max(0) + (self.clock.of_machine() - database).min(0))
            }
        }
    }

    /// Checks that the database is writable. The result is cached for a second.
    ///
    /// # Errors
    /// The reason as text.
    pub async fn can_write(&self) -> Result<(), String> {
        self.readiness.check(|| async { self.write(revision::rewrite).await.map_err(|fault| fault.to_string()) }).await
    }
}

/// Turns a refusal into a value, so that the unit of work commits.
fn settled<T>(result: Result<T, Stop>) -> Result<Result<T, Error>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refused(error)) => Ok(Err(error)),
        Err(Stop::Broken(fault)) => Err(fault),
    }
}

/// Runs a unit of work and turns a panic into a fault.
fn guarded<T>(unit: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(unit)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(Fault::Panicked(message))
    })
}
