//! One connection: how it is established, and how long a unit of work may wait for it.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    pin::pin,
    time::{Duration, Instant},
};

use diesel::{Connection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use diesel_async::{
    AsyncPgConnection,
    async_connection_wrapper::{AsyncConnectionWrapper, BlockOn},
};
use tokio::{
    runtime::{self, Runtime},
    task::AbortHandle,
};
use tokio_postgres::{Client, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{passfile, tls};
use crate::{config::PostgresUrl, fault::Fault};

/// A synchronous diesel connection in pure Rust.
pub(crate) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, OnOwnRuntime>;

/// Maximum time to establish a connection, including authentication.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Maximum time that a unit of work may wait for the server. The server's own timeouts are shorter,
/// so this one only applies if the network is silent.
pub(super) const UNIT_WITHIN: Duration = Duration::from_secs(7);
/// Maximum time to check a connection that was idle.
const CHECK_WITHIN: Duration = Duration::from_secs(2);
/// The time after which the kernel closes a connection to an unresponsive peer.
const TCP_SILENCE: Duration = Duration::from_secs(10);

/// Set explicitly, because an operator may have changed the database's defaults.
const SESSION: &str = "SET default_transaction_isolation = 'read committed'; SET statement_timeout = '5s'; \
     SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '30s'";

thread_local! {
    /// The runtime and the driver of a new connection, until the wrapper receives them.
    static COMING: RefCell<Option<OnOwnRuntime>> = const { RefCell::new(None) };
    /// The deadline of the statements of this thread.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Sets the deadline of all further statements of this thread.
pub(super) fn bound(within: Option<Duration>) {
    DEADLINE.set(within.map(|within| Instant::now() + within));
}

/// The runtime of one connection. It drives the socket while its thread waits for a statement.
pub(crate) struct OnOwnRuntime {
    runtime: Runtime,
    driver: AbortHandle,
}

impl BlockOn for OnOwnRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let Some(deadline) = DEADLINE.get() else { return self.runtime.block_on(future) };
        self.runtime.block_on(async {
            let mut future = pin!(future);
            tokio::select! {
                biased;
                output = &mut future => output,
                () = tokio::time::sleep_until(deadline.into()) => {
                    // Without its driver the connection is closed, and the statement reports this.
                    self.driver.abort();
                    future.await
                }
            }
        })
    }

    fn get_runtime() -> Self {
        COMING.take().expect("`Address::connect` has put it there")
    }
}

/// The address of the database and the connection parameters.
pub(super) struct Address {
    url: PostgresUrl,
    tls: MakeRustlsConnect,
}

/// Why a connection could not be established.
pub(super) enum NoConnection {
    /// The server is not reachable or not ready. This may be temporary.
    NotYet(String),
    /// The server refuses the connection permanently.
    Never(String),
}

impl From<NoConnection> for Fault {
    fn from(none: NoConnection) -> Self {
        match none {
            NoConnection::NotYet(reason) => Self::Unavailable(reason),
            NoConnection::Never(reason) => Self::Startup(format!("database.url: {reason}")),
        }
    }
}

impl Address {
    pub(super) fn new(url: &PostgresUrl) -> Result<Self, Fault> {
        let mut url = url.clone();
        if let Some(password) = passfile::password(&url) {
            url.driver.password(password);
        }
        if url.driver.get_connect_timeout().is_none() {
            url.driver.connect_timeout(CONNECT_WITHIN);
        }
        if url.driver.get_tcp_user_timeout().is_none() {
            url.driver.tcp_user_timeout(TCP_SILENCE);
        }
        url.driver.keepalives_idle(TCP_SILENCE).keepalives_interval(Duration::from_secs(3)).keepalives_retries(3);
        if url.driver.get_application_name().is_none() {
            url.driver.application_name("writ");
        }
        Ok(Self { tls: tls::connector(&url)?, url })
    }

    pub(super) fn connect(&self) -> Result<PgConnection, NoConnection> {
        let not_yet = |error: &dyn std::error::Error| NoConnection::NotYet(describe(error));
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| not_yet(&error))?;
        let (conn, driver) = runtime.block_on(async {
            let coming = async {
                let (client, driver) = self.open().await?;
                let conn = AsyncPgConnection::try_from(client).await.map_err(|error| not_yet(&error))?;
                Ok((conn, driver))
            };
            let late = |_| NoConnection::NotYet(format!("no connection within {} s", CONNECT_WITHIN.as_secs()));
            tokio::time::timeout(CONNECT_WITHIN, coming).await.map_err(late)?
        })?;
        COMING.set(Some(OnOwnRuntime { runtime, driver }));
        let mut conn = PgConnection::from(conn);
        bound(Some(CHECK_WITHIN));
        conn.batch_execute(SESSION).map_err(|error| not_yet(&error))?;
        Ok(conn)
    }
}

impl Address {
    /// A connection, with the task that drives it.
    async fn open(&self) -> Result<(Client, AbortHandle), NoConnection> {
        let (client, connection) = self.url.driver.connect(self.tls.clone()).await.map_err(|error| refused(&error))?;
        match connection.parameter("server_encoding") {
            Some("UTF8") | None => Ok((client, tokio::spawn(connection).abort_handle())),
            Some(other) => Err(NoConnection::Never(format!(
                "the database's encoding is {other}: make one with createdb --encoding UTF8 --template template0"
            ))),
        }
    }

    /// Refuses a pooler that gives each transaction another connection to the server, but does not
    /// prepare the statements of its clients there. pgbouncer in transaction mode does since 1.21.
    pub(super) fn check_pooler(&self) -> Result<(), NoConnection> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| NoConnection::NotYet(describe(&error)))?;
        let lost = runtime.block_on(async {
            let (one, _) = self.open().await?;
            let (other, _) = self.open().await?;
            let lost = async {
                let statement = one.prepare("SELECT 1").await?;
                // Takes the connection that a pooler has just used for `one`.
                other.batch_execute("BEGIN; SELECT 1").await?;
                one.query_one(&statement, &[]).await
            };
            // A pooler with a single connection cannot serve both, and cannot mix them up either.
            Ok(match tokio::time::timeout(CHECK_WITHIN, lost).await {
                Ok(Err(error)) => error.code() == Some(&SqlState::INVALID_SQL_STATEMENT_NAME),
                Ok(Ok(_)) | Err(_) => false,
            })
        })?;
        if lost {
            return Err(NoConnection::Never(
                "a pooler in transaction mode loses prepared statements: let it work in session mode, or use \
                 pgbouncer 1.21 or newer with max_prepared_statements"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// A server that is starting, stopping or full may accept a connection later. Any other error is
/// permanent.
fn refused(error: &tokio_postgres::Error) -> NoConnection {
    let reason = describe(error);
    match error.code() {
        None
        | Some(
            &SqlState::CANNOT_CONNECT_NOW
            | &SqlState::ADMIN_SHUTDOWN
            | &SqlState::CRASH_SHUTDOWN
            | &SqlState::TOO_MANY_CONNECTIONS,
        ) => NoConnection::NotYet(reason),
        Some(_) => NoConnection::Never(reason),
    }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Whether a connection that was idle still leads to a writable server.
pub(super) fn is_good(conn: &mut PgConnection) -> bool {
    bound(Some(CHECK_WITHIN));
    let setting = sql_query("SELECT current_setting('transaction_read_only') AS value").get_result::<Setting>(conn);
    setting.is_ok_and(|setting| setting.value == "off")
}

/// Whether the connection is closed, or its transaction cannot be ended.
pub(super) fn is_broken(conn: &mut PgConnection) -> bool {
    use diesel::connection::TransactionManager;
    type Transactions = <PgConnection as Connection>::TransactionManager;
    Transactions::is_broken_transaction_manager(conn) || diesel::r2d2::R2D2Connection::is_broken(conn)
}

/// The error with its sources, which contain the address or the reason.
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
