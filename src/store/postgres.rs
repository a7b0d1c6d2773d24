//! PostgreSQL: each connection belongs to a thread, which runs units of work and drives the socket
//! itself.
//!
//! A statement is then one write and one read of that thread; nothing is handed to another thread
//! and back for it.
//!
//! A connection is given up at the first error that is not the unit's own: a server that became
//! read-only, is going down, has changed a table under a prepared statement, or does not answer. The
//! unit is tried again on another connection where nothing was written. The text of the error does
//! not decide that (servers speak many languages): whatever is not a violated constraint counts.

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
    Conn, Fault, Tx, guarded,
    migrations::{self, Pending},
};
use crate::config::PostgresUrl;

type Transactions = <PgConnection as Connection>::TransactionManager;

/// The advisory lock of migrations: any number that other users of the same server are unlikely to
/// take.
const MIGRATION_LOCK: i64 = 0x5752_4954;

/// Units of work that may wait for a connection; one more is refused as busy.
const QUEUE: usize = 2048;
/// A connection that lay idle for so long is checked before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(1);
/// A unit of work is tried again within this time of its beginning, and so often at the most.
const RETRY_WITHIN: Duration = Duration::from_secs(8);
const RETRIES: u32 = 10;
/// Between two attempts to reach a server that is not up yet.
const STARTUP_PAUSE: Duration = Duration::from_millis(500);

/// How a unit of work is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It only reads; each statement is a transaction of its own.
    Read,
    /// One statement decides everything; each is a transaction of its own.
    ByStatement,
    /// One transaction.
    Transaction,
}

/// What an attempt says of its connection and its unit.
struct Attempt<T> {
    result: Result<T, Fault>,
    trouble: Trouble,
    /// Whether the unit may run again: nothing was written.
    again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trouble {
    /// The connection is good.
    None,
    /// This connection is given up.
    Connection,
    /// Every connection to this server is given up.
    Server,
}

/// A unit of work with its way to answer. Called with `true` it may leave its answer open, to be
/// called again.
type Unit = Box<dyn FnMut(Result<&mut PgConnection, Fault>, bool) -> (Trouble, Answered) + Send>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    Yes,
    NotYet,
}

/// A PostgreSQL database, shared by the nodes. Dropping it ends its threads.
pub(super) struct Postgres {
    units: Sender<Unit>,
}

/// What the threads share.
struct Shared {
    address: Address,
    /// Increased whenever the connections so far are given up.
    epoch: AtomicU64,
}

/// A thread's connection.
struct Held {
    conn: PgConnection,
    used: Instant,
    epoch: u64,
}

impl Postgres {
    /// Connects, migrates, and starts the threads of `pool_size` connections; each connects at its
    /// first unit of work. A server that is not up yet is waited for.
    pub(super) fn open(url: &PostgresUrl, pool_size: u32, patience: Duration, now: i64) -> Result<Self, Fault> {
        let shared = Arc::new(Shared { address: Address::new(url)?, epoch: AtomicU64::new(0) });
        migrate(&mut wait_for(&shared.address, patience)?, now)?;
        let (units, waiting) = bounded(QUEUE);
        for number in 1..=pool_size {
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
            // Nobody waits any more, and nothing has begun.
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
                // The caller may have gone away; its unit stands all the same.
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

/// A thread's life: until the store is gone.
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
                            // Whoever comes first says so for all.
                            let _ =
                                shared.epoch.compare_exchange(epoch, epoch + 1, Ordering::Relaxed, Ordering::Relaxed);
                        }
                    }
                    if answered == Answered::Yes {
                        break;
                    }
                    tracing::debug!(tries, ?trouble, "a unit of work is tried again");
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
    let mut tx = Tx { conn: Conn::Postgres(conn), now, statements: 0 };
    let result = guarded(|| unit(&mut tx));
    // Until its first statement has succeeded a unit has written nothing.
    let nothing_written = mode != Mode::ByStatement || tx.statements <= 1;
    match result {
        Ok(value) if is_transaction => match Transactions::commit_transaction(conn) {
            Ok(()) => Attempt { result: Ok(value), trouble: Trouble::None, again: false },
            // A COMMIT that was refused wrote nothing; of one without an answer nobody knows.
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

/// What an error says of its connection.
fn trouble(error: &DieselError) -> Trouble {
    use DatabaseErrorKind as Kind;
    match error {
        DieselError::DatabaseError(
            Kind::ReadOnlyTransaction | Kind::ClosedConnection | Kind::UnableToSendCommand,
            _,
        ) => Trouble::Server,
        // Stale plans, servers that stop, deadlocks, time-outs.
        DieselError::DatabaseError(Kind::Unknown, _) | DieselError::BrokenTransactionManager => Trouble::Connection,
        _ => Trouble::None,
    }
}

/// The first connection. A server that is not up yet is waited for.
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

/// What a start would change in the database.
pub(super) fn pending(url: &PostgresUrl, now: i64) -> Result<Vec<Pending>, Fault> {
    let mut conn = Address::new(url)?.connect()?;
    let mut pending = Ok(Vec::new());
    // Rolled back: a check leaves nothing behind.
    let _ = conn.transaction(|conn| {
        pending = migrations::pending(&mut Tx { conn: Conn::Postgres(conn), now, statements: 0 });
        Err::<(), _>(DieselError::RollbackTransaction)
    });
    pending
}

/// All missing migrations in one transaction that holds an advisory lock. They may take their time.
fn migrate(conn: &mut PgConnection, now: i64) -> Result<(), Fault> {
    bound(None);
    conn.transaction(|conn| {
        conn.batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")?;
        sql_query(format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).execute(conn)?;
        migrations::apply(&mut Tx { conn: Conn::Postgres(conn), now, statements: 0 })
    })
}
