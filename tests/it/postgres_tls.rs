//! `database.url` means what it means to libpq: TLS, client certificates, the password file and
//! Unix sockets. Needs `scripts/with-postgres --tls`.

use std::{os::unix::fs::PermissionsExt, path::PathBuf};

use writ::{clock::Clock, config::DatabaseSettings, store::Store};

use crate::support::database::{TestDatabase, postgres};

/// A database of its own, with the folder of certificates and the port of the server.
struct Setup {
    admin: TestDatabase,
    name: String,
    folder: PathBuf,
    port: u16,
}

impl Setup {
    async fn new() -> Option<Self> {
        let folder = std::env::var_os("WRIT_TEST_POSTGRES_TLS")?.into();
        let port = postgres()?.port();
        let admin = TestDatabase::create().await;
        let name = format!("tls_{}", uuid::Uuid::new_v4().simple());
        admin.execute(&format!("CREATE DATABASE {name}")).await;
        Some(Self { admin, name, folder, port })
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Opens a store with `user` at `host`. Returns whether its connections are encrypted.
    async fn open(&self, user: &str, host: &str, query: &str) -> Result<bool, String> {
        let url = format!("postgres://{user}@{host}:{}/{}?application_name=tested&{query}", self.port, self.name);
        let url = url.parse().map_err(|error| format!("{error}"))?;
        let settings = DatabaseSettings { url, pool_size: 1, startup_timeout: 0 };
        let opened = tokio::task::spawn_blocking(move || Store::open(&settings, Clock::default())).await;
        let store = opened.expect("no panic").map_err(|fault| fault.to_string())?;
        store.can_write().await?;
        let encrypted = format!(
            "pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND application_name = 'tested' AND datname = '{}'",
            self.name
        );
        Ok(self.admin.count(&encrypted).await > 0)
    }

    async fn end(self) {
        self.admin.execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

#[tokio::test]
async fn sslmode_encrypts_and_verifies_as_in_libpq() {
    let Some(setup) = Setup::new().await else { return };
    let ca = format!("sslrootcert={}", setup.file("ca.pem"));
    let unrelated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let other = setup.admin.folder.join("other.pem");
    std::fs::write(&other, unrelated.cert.pem()).expect("written");
    let other = format!("sslrootcert={}", other.display());
    for (host, query, encrypted) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), Ok(false)),
        ("127.0.0.1", String::new(), Ok(true)),
        ("127.0.0.1", "sslmode=prefer".to_owned(), Ok(true)),
        ("127.0.0.1", "sslmode=require".to_owned(), Ok(true)),
        ("127.0.0.1", format!("sslmode=require&{ca}"), Ok(true)),
        ("127.0.0.1", format!("sslmode=require&{other}"), Err("UnknownIssuer")),
        ("127.0.0.1", format!("sslmode=verify-ca&{ca}"), Ok(true)),
        ("127.0.0.1", format!("sslmode=verify-ca&{other}"), Err("UnknownIssuer")),
        ("127.0.0.1", format!("sslmode=verify-full&{ca}"), Err("not valid for name")),
        ("localhost", format!("sslmode=verify-full&{ca}"), Ok(true)),
        ("localhost", format!("sslmode=verify-full&{other}"), Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-full&sslrootcert=system".to_owned(), Err("UnknownIssuer")),
        ("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem".to_owned(), Err("/nowhere.pem")),
    ] {
        match (setup.open("writ", host, &query).await, encrypted) {
            (Ok(actual), Ok(expected)) => assert_eq!(actual, expected, "{host} {query}"),
            (Err(reason), Err(expected)) => assert!(reason.contains(expected), "{host} {query}: {reason}"),
            (actual, expected) => panic!("{host} {query}: {actual:?}, expected {expected:?}"),
        }
    }
    setup.end().await;
}

#[tokio::test]
async fn client_certificate_is_presented() {
    let Some(setup) = Setup::new().await else { return };
    setup.admin.execute("CREATE ROLE certified LOGIN SUPERUSER").await;
    let certificate = format!("sslcert={}&sslkey={}", setup.file("client.pem"), setup.file("client.key"));
    assert_eq!(setup.open("certified", "127.0.0.1", &certificate).await, Ok(true));
    assert!(setup.open("certified", "127.0.0.1", "sslmode=require").await.is_err());
    setup.end().await;
}

#[tokio::test]
async fn password_is_read_from_the_passfile() {
    let Some(setup) = Setup::new().await else { return };
    setup.admin.execute("CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 'pass:word'").await;
    let passfile = setup.admin.folder.join("passfile");
    let query = format!("passfile={}", passfile.display());
    let write = |text: String, mode| {
        std::fs::write(&passfile, text).expect("written");
        std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(mode)).expect("set");
    };
    let line = format!("127.0.0.1:{}:*:secretive:pass\\:word\n", setup.port);
    write(line.clone(), 0o600);
    assert!(setup.open("secretive", "127.0.0.1", &query).await.is_ok());
    write(line.replace("word", "wort"), 0o600);
    assert!(setup.open("secretive", "127.0.0.1", &query).await.is_err());
    write(line, 0o644);
    assert!(setup.open("secretive", "127.0.0.1", &query).await.is_err(), "others can read it");
    assert!(setup.open("secretive:pass%3Aword", "127.0.0.1", "").await.is_ok());
    setup.end().await;
}

#[tokio::test]
async fn server_is_reached_over_its_unix_socket() {
    let Some(setup) = Setup::new().await else { return };
    let folder = setup.folder.display().to_string().replace('/', "%2F");
    assert_eq!(setup.open("writ", &folder, "").await, Ok(false));
    setup.end().await;
}
