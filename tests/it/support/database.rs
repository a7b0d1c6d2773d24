//! A new database for each server.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use diesel::{Connection, RunQueryDsl, SqliteConnection, connection::SimpleConnection, sql_types::BigInt};
use writ::config::DatabaseUrl;

/// A database that is deleted after the test.
pub(crate) struct TestDatabase {
    pub(crate) url: DatabaseUrl,
    pub(crate) folder: PathBuf,
    /// On PostgreSQL, the URL of its administrator, and the name of the database.
    created: Option<(String, String)>,
}

/// The address of the PostgreSQL server, if the tests use one.
pub(crate) fn postgres() -> Option<SocketAddr> {
    let url = std::env::var("WRIT_TEST_DATABASE_URL").ok()?;
    let url = url::Url::parse(&url).expect("a URL");
    format!("{}:{}", url.host_str()?, url.port()?).parse().ok()
}

impl TestDatabase {
    /// An empty one.
    pub(crate) async fn create() -> Self {
        Self::create_as("").await
    }

    /// A copy of `template`, which was settled. Migrations take longer than a copy.
    pub(crate) async fn copy_of(template: &Self) -> Self {
        match (&template.url, &template.created) {
            (_, Some((_, name))) => Self::create_as(&format!(" TEMPLATE {name}")).await,
            (DatabaseUrl::Sqlite(from), _) => {
                let database = Self::create().await;
                let DatabaseUrl::Sqlite(to) = &database.url else { unreachable!("as the template") };
                std::fs::copy(settled(from), to).expect("copied");
                database
            }
            (DatabaseUrl::Postgres(_), None) => unreachable!("it has a name"),
        }
    }

    async fn create_as(options: &str) -> Self {
        let name = format!("writ_test_{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let Ok(admin) = std::env::var("WRIT_TEST_DATABASE_URL") else {
            return Self { url: DatabaseUrl::Sqlite(folder.join("writ.sqlite3")), folder, created: None };
        };
        execute(&admin, &format!("CREATE DATABASE {name}{options}")).await;
        // As text, because `url` accepts only one host.
        let (address, parameters) = admin.split_at(admin.find('?').unwrap_or(admin.len()));
        let (server, _) = address.rsplit_once('/').expect("a database");
        let url = format!("{server}/{name}{parameters}").parse().expect("a PostgreSQL URL");
        Self { url, folder, created: Some((admin, name)) }
    }

    /// Makes the file that [`Self::copy_of`] copies: on SQLite, connections that are being closed
    /// may still write into the other one.
    pub(crate) fn settle(&self) {
        if let DatabaseUrl::Sqlite(path) = &self.url {
            let statement = format!("VACUUM INTO '{}'", settled(path).display());
            open_sqlite(path).batch_execute(&statement).expect(&statement);
        }
    }

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
                runtime.block_on(execute(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")));
            });
            dropped.join().expect("the database is dropped");
        }
        // What cannot be deleted remains in the temporary folder of the system.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn settled(path: &Path) -> PathBuf {
    path.with_extension("settled")
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
