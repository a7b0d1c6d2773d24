//! What is stored: one file a table, each a row type and its queries, written once for both
//! databases.
//!
//! There are two verbs. [`Store::read`] reads; [`Store::write`] reads and writes as one transaction.
//! [`Store::decide`] is `write` for a unit of work that may refuse: a refusal commits, a [`Fault`]
//! rolls back. A unit of work is a closure over a [`Tx`], and `Clone`, because PostgreSQL may have to
//! run it again on another connection. Nothing slow (signing, password hashing, HTTP) belongs into
//! one.

pub mod accounts;
pub mod client_assertions;
pub mod client_failures;
pub mod client_logos;
pub mod clients;
pub mod connections;
pub mod consents;
pub mod decisions;
pub mod device_requests;
pub mod grants;
mod id;
pub mod initial_access_tokens;
pub mod keys;
pub mod leases;
pub mod logout_deliveries;
mod migrations;
mod postgres;
mod prepared;
pub mod pushed_requests;
mod readiness;
pub mod registrations;
pub mod requests;
pub mod resources;
pub mod revision;
pub mod revoked_access_tokens;
mod schema;
pub mod security_events;
pub mod sessions;
mod sqlite;
pub mod throttle;
pub mod users;

use std::{sync::Arc, time::Duration};

use diesel::SqliteConnection;

pub use id::Id;
pub use migrations::Pending;
use writ_core::Error;

use crate::{
    clock::Clock,
    config::{DatabaseSettings, DatabaseUrl},
    fault::{Fault, Stop},
};

/// A connection of either kind.
enum Conn<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut postgres::PgConnection),
}

/// A unit of work under way.
pub struct Tx<'a> {
    conn: Conn<'a>,
    /// When the unit of work began, in seconds since the epoch.
    pub now: i64,
    /// Statements begun so far.
    statements: u32,
}

impl<'a> Tx<'a> {
    fn on_sqlite(conn: &'a mut SqliteConnection, now: i64) -> Self {
        Self { conn: Conn::Sqlite(conn), now, statements: 0 }
    }
}

/// Runs one diesel expression on whichever connection a `Tx` holds.
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

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Database,
    clock: Clock,
    readiness: Arc<readiness::Readiness>,
}

#[derive(Clone)]
enum Database {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

impl Store {
    /// Connects, and brings the tables up to date under a lock. Blocks: call it before the server
    /// runs, or off its threads.
    ///
    /// # Errors
    /// [`Fault::Startup`] or [`Fault::Unavailable`]: the database cannot be opened or migrated.
    pub fn open(settings: &DatabaseSettings, clock: Clock) -> Result<Self, Fault> {
        let now = clock.now();
        let database = match &settings.url {
            DatabaseUrl::Sqlite(path) => Database::Sqlite(Arc::new(sqlite::Sqlite::open(path, now)?)),
            DatabaseUrl::Postgres(url) => {
                let patience = Duration::from_secs(settings.startup_timeout);
                Database::Postgres(Arc::new(postgres::Postgres::open(url, settings.pool_size, patience, now)?))
            }
        };
        Ok(Self { database, clock, readiness: Arc::default() })
    }

    /// What [`Store::open`] would change in the tables. Nothing is changed. Blocks.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn pending(settings: &DatabaseSettings, clock: &Clock) -> Result<Vec<Pending>, Fault> {
        match &settings.url {
            DatabaseUrl::Sqlite(path) => sqlite::pending(path, clock.now()),
            DatabaseUrl::Postgres(url) => postgres::pending(url, clock.now()),
        }
    }

    /// Reads. Each statement sees what was committed when it began.
    ///
    /// # Errors
    /// The unit's fault, or one of the connection.
    pub async fn read<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        let now = self.clock.now();
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.read(|conn| unit(&mut Tx::on_sqlite(conn, now))),
            Database::Postgres(postgres) => postgres.run(postgres::Mode::Read, now, unit).await,
        }
    }

    /// Reads and writes as one transaction, and returns after it is durable.
    ///
    /// # Errors
    /// The unit's fault, or one of the connection or the commit. Nothing was written then, unless
    /// the connection was lost during the commit.
    pub async fn write<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        let now = self.clock.now();
        match &self.database {
            Database::Sqlite(sqlite) => sqlite.write(move |conn| unit(&mut Tx::on_sqlite(conn, now))).await,
            Database::Postgres(postgres) => postgres.run(postgres::Mode::Transaction, now, unit).await,
        }
    }

    /// Like [`Store::write`], for a unit of work that may refuse. A refusal commits what was written
    /// before it; a fault rolls back.
    ///
    /// # Errors
    /// The unit's refusal, or as [`Store::write`].
    pub async fn decide<T, F>(&self, unit: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Stop> + Clone + Send + 'static,
    {
        Ok(self.write(move |tx| settled(unit(tx))).await??)
    }

    /// Like [`Store::decide`], for a unit of work of which one conditional statement decides
    /// everything: PostgreSQL commits each statement by itself, which saves it two round trips.
    ///
    /// # Errors
    /// As [`Store::decide`]; what was written before a fault stands.
    pub async fn decide_by_statement<T, F>(&self, unit: F) -> Result<T, Stop>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Stop> + Clone + Send + 'static,
    {
        match &self.database {
            Database::Sqlite(_) => self.decide(unit).await,
            Database::Postgres(postgres) => {
                let now = self.clock.now();
                Ok(postgres.run(postgres::Mode::ByStatement, now, move |tx| settled(unit(tx))).await??)
            }
        }
    }

    /// Like [`Store::decide_by_statement`], for a unit of work that does not refuse.
    ///
    /// # Errors
    /// The unit's fault, or one of the connection; what was written before it stands.
    pub async fn write_by_statement<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        match &self.database {
            Database::Sqlite(_) => self.write(unit).await,
            Database::Postgres(postgres) => postgres.run(postgres::Mode::ByStatement, self.clock.now(), unit).await,
        }
    }

    /// By how many seconds this node's clock is ahead of the database's. SQLite has none of its own.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn clock_skew(&self) -> Result<i64, Fault> {
        match &self.database {
            Database::Sqlite(_) => Ok(0),
            Database::Postgres(_) => self.read(|tx| Ok(tx.now - revision::database_time(tx)?)).await,
        }
    }

    /// Whether the database can be written to. Asked more often than once a second, it gives the
    /// same result again.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn can_write(&self) -> Result<(), String> {
        self.readiness.check(|| async { self.write(revision::touch).await.map_err(|fault| fault.to_string()) }).await
    }
}

/// A refusal as a result of a unit of work, so that it commits.
fn settled<T>(result: Result<T, Stop>) -> Result<Result<T, Error>, Fault> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Refused(error)) => Ok(Err(error)),
        Err(Stop::Broken(fault)) => Err(fault),
    }
}

/// Runs a unit of work so that its panic is a fault of that unit alone.
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
