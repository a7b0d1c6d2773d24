//! SQLite: one writer thread with group commit, and one reading connection per thread.
//!
//! The writer runs all waiting units of work in one transaction. A unit of work that a fault undoes
//! has its own savepoint. The writer commits once (`synchronous=FULL`, so one fsync) and only then
//! responds to the callers.

use std::{
    cell::RefCell,
    fs::OpenOptions,
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use diesel::{
    Connection, ConnectionError, RunQueryDsl, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use tokio::sync::oneshot;

use crate::metrics::METRICS;

use super::{
    Check, Fault, Mode, Tx, backfill, guarded,
    migrations::{self, Pending},
    prepared::Fixed,
};

/// Maximum number of units of work that wait for the writer. Further ones fail as busy.
const QUEUE: usize = 4096;
/// Maximum number of units of work that share a commit.
const GROUP: usize = 512;
/// The write-ahead log is checkpointed when it is larger than this, in bytes.
const CHECKPOINT_ABOVE: u64 = 4 << 20;
/// A log of this size is checkpointed even though the writer has to wait.
const CHECKPOINT_AND_RESTART_ABOVE: u64 = 64 << 20;

/// No `mmap_size`: a reader would map the file again after each commit of the writer.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; \
     PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 0;";

/// Maximum number of retries, with a pause, if the file is locked while a connection is set up.
/// Together they last as long as `busy_timeout`.
const LOCKED_TRIES: u32 = 500;
const LOCKED_PAUSE: Duration = Duration::from_millis(10);

/// A unit of work that also responds to its caller. It runs in the transaction and returns what to
/// do after the commit. Without a transaction it does not run.
type Work = Box<dyn FnOnce(Option<&mut SqliteConnection>) -> Done + Send>;
/// Called with the result of the commit.
type Reply = Box<dyn FnOnce(Result<(), Fault>) + Send>;

struct Unit {
    /// Whether a fault undoes what was written before it.
    is_atomic: bool,
    work: Work,
}

struct Done {
    keep: bool,
    reply: Reply,
}

/// A SQLite database file.
pub(super) struct Sqlite {
    path: PathBuf,
    number: u64,
    units: SyncSender<Unit>,
    /// Dropped with the store, which stops the checkpoint thread.
    _checkpoints: SyncSender<()>,
}

thread_local! {
    /// The reading connections of this thread, by store number.
    static READERS: RefCell<Vec<(u64, SqliteConnection)>> = const { RefCell::new(Vec::new()) };
}

impl Sqlite {
    /// Opens or creates the file, migrates it, and starts the writer.
    pub(super) fn open(path: &Path, now: i64, check: &Check<'_>) -> Result<Self, Fault> {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)
                .map_err(|error| Fault::Unavailable(format!("{}: {error}", folder.display())))?;
        }
        create(path)?;
        let mut writer = connect(path)?;
        migrate(&mut writer, now, check)?;
        let (units, waiting) = sync_channel(QUEUE);
        spawn("sqlite-writer", move || write_groups(&mut writer, &waiting))?;
        let checkpointer = connect(path)?;
        let (checkpoints, stop) = sync_channel(0);
        let log = PathBuf::from(format!("{}-wal", path.display()));
        spawn("sqlite-checkpoint", move || checkpoint(checkpointer, &log, &stop))?;
        Ok(Self {
            path: path.to_owned(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            units,
            _checkpoints: checkpoints,
        })
    }

    /// Runs a unit of work. One that writes is durable afterwards.
    pub(super) async fn run<T, F>(&self, mode: Mode, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Fault> + Send + 'static,
    {
        match mode {
            Mode::Read => self.read(unit),
            Mode::ByStatement => self.write(false, unit).await,
            Mode::Transaction => self.write(true, unit).await,
        }
    }

    /// Reads on this thread's own connection.
    fn read<T>(&self, unit: impl FnOnce(&mut SqliteConnection) -> Result<T, Fault>) -> Result<T, Fault> {
        let mine = READERS.with_borrow_mut(|readers| {
            let index = readers.iter().position(|(number, _)| *number == self.number)?;
            Some(readers.swap_remove(index).1)
        });
        let mut conn = match mine {
            Some(conn) => conn,
            None => connect(&self.path)?,
        };
        let result = guarded(|| unit(&mut conn));
        if !matches!(result, Err(Fault::Panicked(_))) {
            READERS.with_borrow_mut(|readers| readers.push((self.number, conn)));
        }
        result
    }

    /// Passes the unit of work to the writer and waits until it is durable.
    async fn write<T, F>(&self, is_atomic: bool, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Fault> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let work: Work = Box::new(move |conn| {
            let result = conn.map(|conn| guarded(|| unit(conn)));
            Done {
                keep: matches!(result, Some(Ok(_))),
                reply: Box::new(move |commit| {
                    let without = Err(Fault::Unavailable("no transaction".to_owned()));
                    // The caller may be gone. The unit of work remains committed.
                    let _ = sender.send(commit.and(result.unwrap_or(without)));
                }),
            }
        });
        self.units.try_send(Unit { is_atomic, work }).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Busy,
            TrySendError::Disconnected(_) => Fault::Unavailable("the writer has stopped".to_owned()),
        })?;
        answer.await.map_err(|_| Fault::Unavailable("the writer has stopped".to_owned()))?
    }
}

/// Creates the file, if it does not exist, readable only by its owner. SQLite gives its log the
/// same mode.
fn create(path: &Path) -> Result<(), Fault> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(Fault::Unavailable(format!("{}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

pub(super) fn connect(path: &Path) -> Result<SqliteConnection, Fault> {
    let text = path.to_str().ok_or_else(|| Fault::Unavailable(format!("{} is not UTF-8", path.display())))?;
    let mut conn = SqliteConnection::establish(text)
        .map_err(|error: ConnectionError| Fault::Unavailable(format!("{}: {error}", path.display())))?;
    let mut tries = 0;
    while let Err(error) = conn.batch_execute(PRAGMAS) {
        tries += 1;
        if tries == LOCKED_TRIES || !is_locked(&error) {
            return Err(error.into());
        }
        thread::sleep(LOCKED_PAUSE);
    }
    Ok(conn)
}

/// `busy_timeout` does not apply to the change to WAL. If two processes open a new file at once,
/// one gets an error instead of waiting.
pub(super) fn is_locked(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(_, about) if about.message() == "database is locked")
}

/// The migrations that a start would apply.
pub(super) fn pending(path: &Path, now: i64) -> Result<Vec<Pending>, Fault> {
    let mut pending = Ok(Vec::new());
    if path.exists() {
        // Rolled back, because this is only a check.
        let _ = connect(path)?.immediate_transaction(|conn| {
            pending = migrations::pending(&mut Tx::on_sqlite(conn, now));
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        });
    }
    pending
}

/// Applies all missing migrations in one transaction that holds the write lock.
fn migrate(conn: &mut SqliteConnection, now: i64, check: &Check<'_>) -> Result<(), Fault> {
    conn.immediate_transaction(|conn| migrations::apply(&mut Tx::on_sqlite(conn, now), check))?;
    backfill::run(|batch| conn.immediate_transaction(|conn| batch(&mut Tx::on_sqlite(conn, now))))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Fault> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(drop)
        .map_err(|error| Fault::Unavailable(format!("thread {name}: {error}")))
}

/// The loop of the writer thread, until every sender is gone.
fn write_groups(conn: &mut SqliteConnection, waiting: &Receiver<Unit>) {
    while let Ok(first) = waiting.recv() {
        let mut replies = Vec::new();
        let result = write_group(conn, first, waiting, &mut replies);
        if let Err(error) = &result {
            tracing::error!(%error, units = replies.len(), "a group of writes was not committed");
            while AnsiTransactionManager::rollback_transaction(conn).is_ok() {}
        }
        for reply in replies {
            reply(result.as_ref().copied().map_err(|error| Fault::Unavailable(error.to_string())));
        }
    }
}

/// Runs `first` and all waiting units of work in one transaction.
fn write_group(
    conn: &mut SqliteConnection,
    first: Unit,
    waiting: &Receiver<Unit>,
    replies: &mut Vec<Reply>,
) -> Result<(), diesel::result::Error> {
    let begun = AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE");
    let mut next = Some(first);
    while let Some(Unit { is_atomic, work }) = next {
        match &begun {
            Ok(()) if is_atomic => {
                Fixed("SAVEPOINT unit").execute(conn)?;
                let done = work(Some(conn));
                replies.push(done.reply);
                if !done.keep {
                    Fixed("ROLLBACK TO unit").execute(conn)?;
                }
                Fixed("RELEASE unit").execute(conn)?;
            }
            Ok(()) => replies.push(work(Some(conn)).reply),
            Err(_) => replies.push(work(None).reply),
        }
        next = if replies.len() < GROUP { waiting.try_recv().ok() } else { None };
    }
    begun?;
    METRICS.commit_units.observe("sqlite", replies.len() as f64);
    AnsiTransactionManager::commit_transaction(conn)
}

/// Checkpoints the log concurrently with the writer, until the store is dropped.
fn checkpoint(mut conn: SqliteConnection, log: &Path, stop: &Receiver<()>) {
    while stop.recv_timeout(Duration::from_millis(250)) == Err(RecvTimeoutError::Timeout) {
        let size = std::fs::metadata(log).map_or(0, |file| file.len());
        let pragma = match size {
            size if size > CHECKPOINT_AND_RESTART_ABOVE => "PRAGMA wal_checkpoint(RESTART)",
            size if size > CHECKPOINT_ABOVE => "PRAGMA wal_checkpoint(PASSIVE)",
            _ => continue,
        };
        if let Err(error) = conn.batch_execute(pragma) {
            tracing::warn!(%error, size, "checkpoint");
        }
    }
}
