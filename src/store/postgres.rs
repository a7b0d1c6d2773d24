//! PostgreSQL: each connection belongs to a thread, which runs units of work and drives the socket itself.
//!
//! A statement is then one write and one read of that thread; nothing is handed to another thread and back for it.

use std::{
    cell::RefCell,
    future::Future,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use diesel::{Connection, ConnectionError, ConnectionResult, RunQueryDsl, connection::TransactionManager, sql_query};
use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use tokio::{
    runtime::{self, Runtime},
    sync::oneshot,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Conn, Fault, Tx, guarded, migrations};

/// A synchronous diesel connection in pure Rust.
pub(super) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OnOwnRuntime>;

/// The advisory lock of migrations: any number that other users of the same server are unlikely to take.
const MIGRATION_LOCK: i64 = 0x5752_4954;

/// Units of work that may wait for a connection; one more is refused as busy.
const QUEUE: usize = 2048;
/// How long a connection may take to come about, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that lay idle for so long is asked for a sign of life before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(1);

/// A unit of work with its way to answer.
type Unit = Box<dyn FnOnce(Result<&mut PgConnection, Fault>) + Send>;

/// A PostgreSQL database, shared by the nodes. Dropping it ends its threads.
pub(super) struct Postgres {
    units: Sender<Unit>,
}

impl Postgres {
    /// Connects, migrates, and starts the threads of `pool_size` connections; each connects at its first unit of work.
    pub(super) fn open(url: &str, pool_size: u32, now: i64) -> Result<Self, Fault> {
        let address = Arc::new(Address::parse(url)?);
        migrate(&mut address.connect().map_err(|error| Fault::Unavailable(error.to_string()))?, now)?;
        let (units, waiting) = bounded(QUEUE);
        for number in 1..=pool_size {
            let (address, waiting) = (Arc::clone(&address), waiting.clone());
            thread::Builder::new()
                .name(format!("postgres-{number}"))
                .spawn(move || work(&address, &waiting))
                .map_err(|error| Fault::Unavailable(format!("a thread for PostgreSQL: {error}")))?;
        }
        Ok(Self { units })
    }

    /// Reads; each statement is a transaction of its own.
    pub(super) async fn read<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, Fault> + Send + 'static,
    {
        self.run(unit).await
    }

    /// Reads and writes in one transaction.
    pub(super) async fn write<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, Fault> + Send + 'static,
    {
        self.run(move |conn| conn.transaction(|conn| guarded(|| unit(conn)))).await
    }

    async fn run<T, F>(&self, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, Fault> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let unit: Unit = Box::new(move |conn| {
            // The caller may have gone away; its unit stands all the same.
            let _ = sender.send(conn.and_then(|conn| guarded(|| work(conn))));
        });
        self.units.try_send(unit).map_err(|error| match error {
            TrySendError::Full(_) => Fault::Busy,
            TrySendError::Disconnected(_) => Fault::Unavailable("the threads have stopped".to_owned()),
        })?;
        answer.await.map_err(|_| Fault::Unavailable("the thread has stopped".to_owned()))?
    }
}

/// A thread's life: until the store is gone.
fn work(address: &Address, waiting: &Receiver<Unit>) {
    let mut mine: Option<(PgConnection, Instant)> = None;
    while let Ok(unit) = waiting.recv() {
        let usable = mine
            .take()
            .and_then(|(mut conn, used)| (used.elapsed() < DOUBTFUL_AFTER || answers(&mut conn)).then_some(conn));
        match usable.map_or_else(|| address.connect(), Ok) {
            Ok(mut conn) => {
                unit(Ok(&mut conn));
                mine = (!is_broken(&mut conn)).then(|| (conn, Instant::now()));
            }
            Err(error) => unit(Err(Fault::Unavailable(error.to_string()))),
        }
    }
}

fn answers(conn: &mut PgConnection) -> bool {
    sql_query("SELECT 1").execute(conn).is_ok()
}

fn is_broken(conn: &mut PgConnection) -> bool {
    type Transactions = <PgConnection as Connection>::TransactionManager;
    Transactions::is_broken_transaction_manager(conn) || diesel::r2d2::R2D2Connection::is_broken(conn)
}

/// All missing migrations in one transaction that holds an advisory lock.
fn migrate(conn: &mut PgConnection, now: i64) -> Result<(), Fault> {
    conn.transaction(|conn| {
        sql_query(format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).execute(conn)?;
        migrations::apply(&mut Tx { conn: Conn::Postgres(conn), now })
    })
}

thread_local! {
    /// The runtime on which a connection has just come about, on its way into the wrapper.
    static COMING: RefCell<Option<Arc<Runtime>>> = const { RefCell::new(None) };
}

/// The runtime of one connection: it runs, and reads the socket, while its thread waits for a statement.
pub(super) struct OnOwnRuntime(Arc<Runtime>);

impl BlockOn for OnOwnRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    fn get_runtime() -> Self {
        Self(COMING.take().expect("`Address::connect` has put it there"))
    }
}

/// Where the database is, and how to get there: with TLS where the URL's `sslmode` asks for it.
struct Address {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Address {
    fn parse(url: &str) -> Result<Self, Fault> {
        let mut config: tokio_postgres::Config = url
            .parse()
            .map_err(|error| Fault::Unavailable(format!("database.url is no PostgreSQL address: {error}")))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        // Refused only where one is installed already, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let tls = match MakeRustlsConnect::with_native_certs() {
            Ok((tls, _unreadable)) => tls,
            Err(errors) => {
                tracing::warn!(?errors, "the system has no certificates: PostgreSQL over TLS will be refused");
                let roots = rustls::RootCertStore::empty();
                MakeRustlsConnect::new(
                    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
                )
            }
        };
        Ok(Self { config, tls })
    }

    fn connect(&self) -> ConnectionResult<PgConnection> {
        let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(describe(&error));
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        let conn = runtime.block_on(async {
            let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        })?;
        COMING.set(Some(Arc::new(runtime)));
        Ok(PgConnection::from(conn))
    }
}

/// The error with its causes, which name the address or the refusal.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
