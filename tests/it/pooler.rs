//! A pooler between a node and PostgreSQL.

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use futures_util::future::join_all;
use url::Url;
use writ::{
    clock::Clock,
    config::{DatabaseUrl, Settings},
    server::Server,
};

use crate::support::{TestServer, database::TestDatabase, seed};

const PGBOUNCER: &str = "/usr/sbin/pgbouncer";

/// A running pgbouncer, which ends with the test.
struct Pooler {
    process: Child,
    folder: PathBuf,
    url: DatabaseUrl,
}

impl Pooler {
    /// In front of the database of `url`, with four connections. `None` on SQLite, and if pgbouncer
    /// is not installed; `scripts/test` installs it.
    fn before(url: &DatabaseUrl, mode: &str) -> Option<Self> {
        let DatabaseUrl::Postgres(direct) = url else { return None };
        std::fs::exists(PGBOUNCER).ok()?.then_some(())?;
        let direct = Url::parse(direct.as_str()).expect("a URL");
        let database = direct.path().trim_start_matches('/');
        let (host, port) = (direct.host_str().expect("a host"), direct.port().expect("a port"));
        let own = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a port");
        let folder = std::env::temp_dir().join(format!("writ-test-pooler-{}", own.port()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let settings = format!(
            "[databases]\n\
             writ = host={host} port={port} dbname={database} user=writ\n\
             [pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = {mode}\ndefault_pool_size = 4\n",
            own.port(),
        );
        std::fs::write(folder.join("settings.ini"), settings).expect("a file");
        let mut command = Command::new(PGBOUNCER);
        command.arg(folder.join("settings.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        // It refuses to run as root.
        if rustix::process::geteuid().is_root() {
            command.args(["--user", "postgres"]);
        }
        let url = format!("postgres://writ@{own}/writ").parse().expect("a URL");
        let pooler = Self { process: command.spawn().expect("pgbouncer starts"), folder, url };
        let listens = (0..200).any(|_| {
            thread::sleep(Duration::from_millis(50));
            TcpStream::connect(own).is_ok()
        });
        assert!(listens, "pgbouncer does not listen on {own}");
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.process.kill().expect("pgbouncer ends with the test");
        self.process.wait().expect("pgbouncer has ended");
        // What cannot be deleted remains in the temporary folder of the system.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Concurrent code flows through a pooler.
async fn code_flows_succeed(mode: &str) {
    let mut pooler = None;
    let node = TestServer::start_with(|settings| {
        pooler = Pooler::before(&settings.database.url, mode);
        settings.database.pool_size = 4;
        settings.throttle.account_attempts = 100;
        if let Some(pooler) = &pooler {
            settings.database.url = pooler.url.clone();
        }
    })
    .await;
    let app = node.shop().await;
    join_all((0..12).map(|_| app.tokens("openid profile:read"))).await;
}

#[tokio::test]
async fn pooler_in_session_mode_serves_code_flows() {
    code_flows_succeed("session").await;
}

#[tokio::test]
async fn pooler_that_loses_prepared_statements_is_refused_at_start() {
    let database = TestDatabase::create().await;
    let Some(pooler) = Pooler::before(&database.url, "transaction") else { return };
    let mut settings = Settings::default();
    settings.database.url = pooler.url.clone();
    match Server::start(settings, seed::master_key(), Clock::stopped()).await {
        Err(refused) => assert!(refused.to_string().contains("let it work in session mode"), "{refused}"),
        // pgbouncer 1.21 and newer keep them.
        Ok(_) => code_flows_succeed("transaction").await,
    }
}
