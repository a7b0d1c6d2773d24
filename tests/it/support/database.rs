//! A new database for each server.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_types::BigInt};
use writ::config::DatabaseUrl;

/// A database that is deleted after the test: a file in a folder, or a schema in the PostgreSQL
/// database.
pub(crate) struct TestDatabase {
    pub(crate) url: DatabaseUrl,
    pub(crate) folder: PathBuf,
    created: Option<(String, String)>,
}

/// The address of the PostgreSQL server, if the tests use one.
pub(crate) fn postgres() -> Option<SocketAddr> {
    let url = std::env::var("WRIT_TEST_DATABASE_URL").ok()?;
    let url = url::Url::parse(&url).expect("a URL");
    format!("{}:{}", url.host_str()?, url.port()?).parse().ok()
}

impl TestDatabase {
    pub(crate) async fn create() -> Self {
        let folder = std::env::temp_dir().join(format!("writ-test-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        match std::env::var("WRIT_TEST_DATABASE_URL") {
            Err(_) => Self { url: DatabaseUrl::Sqlite(folder.join("writ.sqlite3")), folder, created: None },
            Ok(admin) => {
                // A schema serves as a database, and is created in a fiftieth of the time.
                let name = format!("writ_test_{}", uuid::Uuid::new_v4().simple());
                execute(&admin, &format!("CREATE SCHEMA {name}")).await;
                // As text, because `url` accepts only one host.
                let separator = if admin.contains('?') { '&' } else { '?' };
                let url = format!("{admin}{separator}options=-csearch_path%3D{name}");
                Self { url: url.parse().expect("a PostgreSQL URL"), folder, created: Some((admin, name)) }
            }
        }
    }
}

impl TestDatabase {
    /// Runs statements directly, on PostgreSQL as its administrator.
    pub(crate) async fn execute(&self, statements: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = open_sqlite(path);
                conn.batch_execute(statements).expect(statements);
            }
            DatabaseUrl::Postgres(url) => execute(url.as_str(), statements).await,
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.url, DatabaseUrl::Postgres(_))
    }

    /// The number of rows in a table.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let statement = format!("SELECT COUNT(*) FROM {table}");
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = open_sqlite(path);
                diesel::dsl::sql::<BigInt>(&statement).get_result(&mut conn).expect("a number")
            }
            DatabaseUrl::Postgres(url) => {
                let (client, connection) =
                    tokio_postgres::connect(url.as_str(), tokio_postgres::NoTls).await.expect("a connection");
                let driver = tokio::spawn(connection);
                let count = client.query_one(&statement, &[]).await.expect("a row").get(0);
                drop(client);
                driver.await.expect("the connection ends").expect("without error");
                count
            }
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((admin, name)) = self.created.take() {
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(execute(&admin, &format!("DROP SCHEMA {name} CASCADE")));
            });
            dropped.join().expect("the database is dropped");
        }
        // What cannot be deleted remains in the temporary folder of the system.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A connection that waits for its turn, as one that closes may still hold the file.
fn open_sqlite(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("the file opens");
    conn.batch_execute("PRAGMA busy_timeout = 10000").expect("a setting of the connection");
    conn
}

async fn execute(url: &str, statement: &str) {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the PostgreSQL server of the tests");
    let driver = tokio::spawn(connection);
    client.batch_execute(statement).await.expect(statement);
    drop(client);
    driver.await.expect("the connection ends").expect("without error");
}
