//! The real binary, which can be killed and restarted.

use std::{
    fs::{File, OpenOptions},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use writ::config::DatabaseUrl;

use super::{App, Browser, database::TestDatabase, eventually, seed, server::open};

/// `writ serve` with a seeded database.
pub(crate) struct Process {
    pub(crate) issuer: String,
    pub(crate) talk_secret: String,
    child: Child,
    database: TestDatabase,
}

impl Process {
    /// Starts it. `sections` become part of its configuration file.
    pub(crate) async fn start(sections: &str) -> Self {
        let (database, talk_secret) = seed::database().await;
        // Outside of the ephemeral range.
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let random = |_| 20_000 + (uuid::Uuid::new_v4().as_u128() % 12_000) as u16;
        let port = (0..100).map(random).find(is_free).expect("a free port");
        let issuer = format!("http://127.0.0.1:{port}");
        let config = format!("[server]\nissuer = \"{issuer}\"\nlisten = \"127.0.0.1:{port}\"\nworkers = 2\n{sections}");
        std::fs::write(database.folder.join("writ.toml"), config).expect("written");
        let child = spawn(&database);
        let process = Self { issuer, talk_secret, child, database };
        process.answers().await;
        process
    }

    /// Registers a client.
    pub(crate) async fn register(&self, id: &str, changes: Value) -> App {
        let store = open(&self.database).await;
        let (metadata, secret) = seed::client(&store, id, changes).await;
        App::new(&self.issuer, id, secret, metadata.redirect_uris[0].as_str())
    }

    /// Talk as an introspecting client.
    pub(crate) fn talk(&self) -> App {
        App::new(&self.issuer, "talk", Some(self.talk_secret.clone()), "")
    }

    /// A signed-out browser.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.issuer)
    }

    /// `kill -9`, without a graceful shutdown.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Restarts it.
    pub(crate) async fn restart(&mut self) {
        self.child = spawn(&self.database);
        self.answers().await;
    }

    /// The content of its standard output and standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(log_file(&self.database)).expect("a log")
    }

    async fn answers(&self) {
        let url = format!("{}/readyz", self.issuer);
        let ready = async || reqwest::get(&url).await.is_ok_and(|answer| answer.status() == 200);
        eventually("the server answers", ready).await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log_file(database: &TestDatabase) -> PathBuf {
    database.folder.join("log")
}

fn spawn(database: &TestDatabase) -> Child {
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.as_str().to_owned(),
    };
    let log: File = OpenOptions::new().create(true).append(true).open(log_file(database)).expect("a log");
    Command::new(env!("CARGO_BIN_EXE_writ"))
        .args(["serve", "--config", "writ.toml"])
        .current_dir(&database.folder)
        .env("WRIT__DATABASE__URL", url)
        .env(writ::keys::master_keys::ENVIRONMENT_VARIABLE, &*seed::MASTER_KEY)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("writ starts")
}
