//! PostgreSQL: each connection belongs to a thread, which runs units of work and drives the socket.
//!
//! A statement is one write and one read on that thread, without a handover to another thread.
//!
//! A connection is closed at the first error that the unit of work did not cause: the server became
//! read-only, is shutting down, changed a table under a prepared statement, or does not respond. If
//! nothing was written, the unit of work is retried on another connection. The decision does not
//! depend on the message, which servers translate: every error except a violated constraint counts.

mod connection;
mod passfile;
mod tls;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::{
    Connection, RunQueryDsl,
    connection::{SimpleConnection, TransactionManager},
    result::{DatabaseErrorKind, Error as DieselError},
    sql_query,
};
use tokio::sync::oneshot;

pub(super) use self::connection::PgConnection;
use self::connection::{Address, NoConnection, UNIT_WITHIN, bound, is_broken, is_good};
use super::{
    Check, Conn, Fault, Mode, Tx, backfill, guarded,
    migrations::{self, Pending},
};
use crate::config::PostgresUrl;

type Transactions = <PgConnection as Connection>::TransactionManager;

/// The advisory lock of migrations: a number that other users of the same server are unlikely to
/// use.
const MIGRATION_LOCK: i64 = 0x5752_4954;

/// Maximum number of units of work that wait for a connection. Further ones fail as busy.
const QUEUE: usize = 2048;
/// A connection that was idle for longer is checked before use.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(1);
/// A unit of work is retried within this time after its start.
const RETRY_WITHIN: Duration = Duration::from_secs(8);
const RETRIES: u32 = 10;
/// The pause between two attempts to reach a server that is still starting.
const STARTUP_PAUSE: Duration = Duration::from_millis(500);

/// The result of an attempt, with the state of its connection.
struct Attempt<T> {
    result: Result<T, Fault>,
    trouble: Trouble,
    /// Whether the unit of work may be retried, because nothing was written.
    again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// The connection is usable.
    None,
    /// The connection must be closed.
    Connection,
    /// Every connection to this server must be closed.
    Server,
}

/// A unit of work that also responds to its caller. If called with `true`, it may postpone the
/// response and be called again.
type Unit = Box<dyn FnMut(Result<&mut PgConnection, Fault>, bool) -> (Trouble, Answered) + Send>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Yes,
    NotYet,
}

/// A PostgreSQL database that the nodes share. Dropping it stops its threads.
pub(super) struct Postgres {
    units: Sender<Unit>,
}

/// The state that the threads share.
struct Shared {
    address: Address,
    /// Incremented when all current connections must be closed.
    epoch: AtomicU64,
}

/// A thread's connection.
struct Held {
    conn: PgConnection,
    used: Instant,
    epoch: u64,
}

impl Postgres {
    /// Connects, migrates, and starts a thread for each of the `connections`. Each connects at its
    /// first unit of work. Waits for a server that is still starting.
    pub(super) fn open(
        url: &PostgresUrl,
        connections: u32,
        patience: Duration,
        now: i64,
        check: &Check<'_>,
    ) -> Result<Self, Fault> {
        let shared = Arc::new(Shared { address: Address::new(url)?, epoch: AtomicU64::new(0) });
        let mut conn = wait_for(&shared.address, patience)?;
        shared.address.check_pooler()?;
        migrate(&mut conn, now, check)?;
        let (units, waiting) = bounded(QUEUE);
        for number in 1..=connections {
            let (shared, waiting) = (Arc::clone(&shared), waiting.clone());
            thread::Builder::new()
                .name(format!("postgres-{number}"))
                .spawn(move || work(&shared, &waiting))
                .map_err(|error| Fault::Startup(format!("a thread for PostgreSQL: {error}")))?;
        }
        Ok(Self { units })
    }

    pub(super) async fn run<T, F>(&self, mode: Mode, now: i64, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, Fault> + Clone + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let mut sender = Some(sender);
        let unit: Unit = Box::new(move |conn, may_try_again| {
            // The caller is gone, and the unit of work has not started.
            if sender.as_ref().is_none_or(oneshot::Sender::is_closed) {
                return (Trouble::None, Answered::Yes);
            }
            let attempt = match conn {
                Ok(conn) => attempt(conn, mode, now, work.clone()),
                Err(fault) => Attempt { result: Err(fault), trouble: Trouble::None, again: false },
            };
            if attempt.again && may_try_again {
                return (attempt.trouble, Answered::NotYet);
            }
            if let Some(sender) = sender.take() {
                // The caller may be gone. The unit of work remains committed.
                let _ = sender.send(attempt.result);
            }
            (attempt.trouble, Answered::Yes)
        });
        self.units.try_send(unit).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Busy,
            TrySendError::Disconnected(_) => Fault::Unavailable("the threads have stopped".to_owned()),
        })?;
        answer.await.map_err(|_| Fault::Unavailable("the thread has stopped".to_owned()))?
    }
}

/// The loop of a thread, until the store is dropped.
fn work(shared: &Shared, waiting: &Receiver<Unit>) {
    let mut held: Option<Held> = None;
    while let Ok(mut unit) = waiting.recv() {
        let began = Instant::now();
        for tries in 1.. {
            let epoch = shared.epoch.load(Ordering::Relaxed);
            let usable = held.take().and_then(|held| usable(held, epoch));
            match usable.map_or_else(|| shared.address.connect(), Ok) {
                Ok(mut conn) => {
                    bound(Some(UNIT_WITHIN));
                    let may_try_again = tries < RETRIES && began.elapsed() < RETRY_WITHIN;
                    let (trouble, answered) = unit(Ok(&mut conn), may_try_again);
                    match trouble {
                        Trouble::None if !is_broken(&mut conn) => {
                            held = Some(Held { conn, used: Instant::now(), epoch });
                        }
                        Trouble::None | Trouble::Connection => {}
                        Trouble::Server => {
                            // The first thread that notices increments it for all.
                            let _ =
                                shared.epoch.compare_exchange(epoch, epoch + 1, Ordering::Relaxed, Ordering::Relaxed);
                        }
                    }
                    if answered == Answered::Yes {
                        break;
                    }
                    tracing::debug!(tries, ?trouble, "a unit of work is retried");
                }
                Err(none) => {
                    let reason = match none {
                        NoConnection::NotYet(reason) | NoConnection::Never(reason) => reason,
                    };
                    unit(Err(Fault::Unavailable(reason)), false);
                    break;
                }
            }
        }
    }
}

fn usable(mut held: Held, epoch: u64) -> Option<PgConnection> {
    let fresh = held.epoch == epoch && (held.used.elapsed() < DOUBTFUL_AFTER || is_good(&mut held.conn));
    fresh.then_some(held.conn)
}

fn attempt<T>(
    conn: &mut PgConnection,
    mode: Mode,
    now: i64,
    unit: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
) -> Attempt<T> {
    let is_transaction = mode == Mode::Transaction;
    if is_transaction && let Err(error) = Transactions::begin_transaction(conn) {
        return Attempt { trouble: trouble(&error), result: Err(error.into()), again: true };
    }
    let mut tx = Tx::new(Conn::Postgres(conn), now);
    let result = guarded(|| unit(&mut tx));
    // Nothing is written before the first statement has succeeded.
    let nothing_written = mode != Mode::ByStatement || tx.statements <= 1;
    match result {
        Ok(value) if is_transaction => match Transactions::commit_transaction(conn) {
            Ok(()) => Attempt { result: Ok(value), trouble: Trouble::None, again: false },
            // A failed COMMIT wrote nothing. If there was no response, the outcome is unknown.
            Err(error) => {
                let again = is_serialization_failure(&error);
                Attempt { trouble: trouble(&error), result: Err(error.into()), again }
            }
        },
        Ok(value) => Attempt { result: Ok(value), trouble: Trouble::None, again: false },
        Err(fault) => {
            let (unit_trouble, again) = match &fault {
                Fault::Database(error) => {
                    let trouble = trouble(error);
                    (trouble, trouble != Trouble::None || is_serialization_failure(error))
                }
                Fault::Panicked(_) => (Trouble::Connection, false),
                _ => (Trouble::None, false),
            };
            let rolled_back = !is_transaction || Transactions::rollback_transaction(conn).is_ok();
            let trouble = if rolled_back { unit_trouble } else { unit_trouble.max(Trouble::Connection) };
            Attempt { result: Err(fault), trouble, again: again && nothing_written }
        }
    }
}

fn is_serialization_failure(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _))
}

/// What an error implies for the connection.
fn trouble(error: &DieselError) -> Trouble {
    use DatabaseErrorKind as Kind;
    match error {
        DieselError::DatabaseError(
            Kind::ReadOnlyTransaction | Kind::ClosedConnection | Kind::UnableToSendCommand,
            _,
        ) => Trouble::Server,
        // Stale plans, stopping servers, deadlocks, timeouts.
        DieselError::DatabaseError(Kind::Unknown, _) | DieselError::BrokenTransactionManager => Trouble::Connection,
        _ => Trouble::None,
    }
}

/// Opens the first connection. Waits for a server that is still starting.
fn wait_for(address: &Address, patience: Duration) -> Result<PgConnection, Fault> {
    let began = Instant::now();
    let mut told = false;
    loop {
        match address.connect() {
            Err(NoConnection::NotYet(reason)) if began.elapsed() < patience => {
                if !told {
                    tracing::warn!(reason, seconds = patience.as_secs(), "waiting for the database");
                    told = true;
                }
                thread::sleep(STARTUP_PAUSE);
            }
            result => return Ok(result?),
        }
    }
}

/// The migrations that a start would apply.
pub(super) fn pending(url: &PostgresUrl, now: i64) -> Result<Vec<Pending>, Fault> {
    let mut conn = Address::new(url)?.connect()?;
    let mut pending = Ok(Vec::new());
    // Rolled back, because this is only a check.
    let _ = conn.transaction(|conn| {
        pending = migrations::pending(&mut Tx::new(Conn::Postgres(conn), now));
        Err::<(), _>(DieselError::RollbackTransaction)
    });
    pending
}

/// Runs a reading unit of work in one snapshot, without a timeout.
pub(super) fn snapshot<T>(url: &PostgresUrl, unit: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut conn = Address::new(url)?.connect()?;
    bound(None);
    conn.transaction(|conn| {
        conn.batch_execute(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0",
        )?;
        unit(&mut Tx::new(Conn::Postgres(conn), 0))
    })
}

/// Applies all missing migrations in one transaction, without a timeout.
fn migrate(conn: &mut PgConnection, now: i64, check: &Check<'_>) -> Result<(), Fault> {
    bound(None);
    locked(conn, now, |tx| migrations::apply(tx, check))?;
    backfill::run(|batch| locked(conn, now, batch))
}

/// Runs a unit of work while no other node migrates.
fn locked<T>(
    conn: &mut PgConnection,
    now: i64,
    unit: impl FnOnce(&mut Tx<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    conn.transaction(|conn| {
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
        sql_query(format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).execute(conn)?;
        unit(&mut Tx::new(Conn::Postgres(conn), now))
    })
}
