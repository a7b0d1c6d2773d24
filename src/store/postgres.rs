//! PostgreSQL: pooled connections used on the blocking pool, behind a semaphore as wide as the pool.

use std::{
    future::Future,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use diesel::{
    Connection, ConnectionError, ConnectionResult, QueryResult, RunQueryDsl,
    r2d2::{self, ManageConnection, Pool},
    sql_query,
};
use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio::{runtime, sync::Semaphore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Fault, guarded};

/// A synchronous diesel connection in pure Rust.
pub(super) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OnIoRuntime>;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The advisory lock of migrations: any number that other users of the same server are unlikely to take.
const MIGRATION_LOCK: i64 = 0x5752_4954;

/// Units of work that may wait for a connection; one more is refused as busy.
const QUEUE: usize = 2048;

/// Drives every connection's socket. Static, because connections outlive any server's own runtime.
static IO: LazyLock<runtime::Runtime> = LazyLock::new(|| {
    runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("postgres-io")
        .enable_all()
        .build()
        .expect("a thread for PostgreSQL's sockets")
});

/// Waits on the blocking pool for what the I/O runtime does.
pub(super) struct OnIoRuntime;

impl BlockOn for OnIoRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        IO.handle().block_on(future)
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// A PostgreSQL database, shared by the nodes.
pub(super) struct Postgres {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Postgres {
    /// Connects and migrates.
    pub(super) fn open(url: &str, pool_size: u32) -> Result<Self, Fault> {
        let manager = Manager::parse(url)?;
        let mut conn = manager.connect().map_err(|error| Fault::Connection(error.to_string()))?;
        migrate(&mut conn)?;
        let pool = Pool::builder()
            .max_size(pool_size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .build(manager)
            .map_err(|error| Fault::Connection(error.to_string()))?;
        Ok(Self { pool, permits: Arc::new(Semaphore::new(pool_size as usize)), waiting: Arc::default() })
    }

    /// Reads; each statement is a transaction of its own.
    pub(super) async fn read<T, F>(&self, unit: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, Fault> + Send + 'static,
    {
        self.run(move |conn| guarded(|| unit(conn))).await
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
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Fault::Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let permit = permit.map_err(|error| Fault::Connection(error.to_string()))?;
        let pool = self.pool.clone();
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut conn = pool.get().map_err(|error| Fault::Connection(error.to_string()))?;
            work(&mut conn)
        });
        task.await.map_err(|error| Fault::Panicked(error.to_string()))?
    }
}

/// Makes connections, with TLS where the URL's `sslmode` asks for it.
struct Manager {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
}

impl Manager {
    fn parse(url: &str) -> Result<Self, Fault> {
        let config = url
            .parse()
            .map_err(|error| Fault::Connection(format!("database.url is no PostgreSQL address: {error}")))?;
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

    fn establish(&self) -> ConnectionResult<PgConnection> {
        let bad = |error: tokio_postgres::Error| ConnectionError::BadConnection(describe(&error));
        IO.block_on(async {
            let (client, connection) = self.config.connect(self.tls.clone()).await.map_err(bad)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        })
        .map(PgConnection::from)
    }
}

/// All pending migrations in one transaction that holds an advisory lock.
fn migrate(conn: &mut PgConnection) -> Result<(), Fault> {
    conn.transaction(|conn| {
        sql_query(format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).execute(conn)?;
        conn.run_pending_migrations(MIGRATIONS).map(drop).map_err(Fault::migration)
    })
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

impl ManageConnection for Manager {
    type Connection = PgConnection;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<PgConnection, r2d2::Error> {
        self.establish().map_err(r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut PgConnection) -> Result<(), r2d2::Error> {
        let ping: QueryResult<usize> = sql_query("SELECT 1").execute(conn);
        ping.map(drop).map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut PgConnection) -> bool {
        use diesel::connection::TransactionManager;
        type Transactions = <PgConnection as Connection>::TransactionManager;
        Transactions::is_broken_transaction_manager(conn) || diesel::r2d2::R2D2Connection::is_broken(conn)
    }
}
