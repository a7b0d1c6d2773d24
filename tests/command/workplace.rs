//! The environment of the commands: a directory and a database.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;
use writ::{clock::Clock, config::DatabaseSettings, store::Store};

/// A directory and a database in which commands run.
pub(crate) struct Workplace {
    pub(crate) directory: PathBuf,
    database_url: String,
}

/// The result of a command.
pub(crate) struct Answer {
    pub(crate) success: bool,
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        let name = format!("writ_cli_{}", uuid::Uuid::new_v4().simple());
        let directory = std::env::temp_dir().join(&name);
        std::fs::create_dir(&directory).expect("a new directory");
        let database_url = match std::env::var("WRIT_TEST_DATABASE_URL") {
            Ok(admin) => create_database(&admin, &name),
            Err(_) => "sqlite:writ.sqlite3".to_owned(),
        };
        Self { directory, database_url }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.database_url.starts_with("postgres")
    }

    pub(crate) fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The database, without the command.
    pub(crate) fn store(&self) -> Store {
        let here = format!("sqlite:{}/", self.directory.display());
        let url = self.database_url.replace("sqlite:", &here).parse().expect("an address");
        let settings = DatabaseSettings { url, pool_size: 1, startup_timeout: 0 };
        Store::open(&settings, Clock::default()).expect("the database")
    }

    /// A command in this environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_writ"));
        command
            .args(arguments)
            .current_dir(&self.directory)
            .env("WRIT__DATABASE__URL", &self.database_url)
            // Most tests start without a server.
            .env("WRIT_CREATE", "true");
        command
    }

    /// Runs a command with further environment variables.
    pub(crate) fn writ_with(&self, variables: &[(&str, &str)], arguments: &[&str], input: &str) -> Answer {
        let mut child = self
            .command(arguments)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("writ starts");
        let mut stdin = child.stdin.take().expect("standard input");
        // A command that refuses its arguments does not read standard input.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("writ ends");
        Answer {
            success: output.status.success(),
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Runs a command that succeeds.
    pub(crate) fn writ(&self, arguments: &[&str], input: &str) -> String {
        let answer = self.writ_with(&[], arguments, input);
        assert!(answer.success, "{arguments:?}: {}", answer.stderr);
        answer.stdout
    }

    /// Runs a command that prints JSON.
    pub(crate) fn json(&self, arguments: &[&str], input: &str) -> Value {
        let answer = self.writ(arguments, input);
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {answer}"))
    }

    /// Runs a command that fails, and returns its error.
    pub(crate) fn refused(&self, arguments: &[&str], input: &str) -> String {
        let answer = self.writ_with(&[], arguments, input);
        assert!(!answer.success, "{arguments:?} succeeded: {}", answer.stdout);
        assert_eq!(answer.stdout, "", "{arguments:?}");
        answer.stderr
    }

    /// An API with a scope to grant.
    pub(crate) fn with_talk() -> Self {
        let workplace = Self::new();
        workplace.writ(&["resource", "create", "talk", "--audience", "https://talk.example", "--name", "en=Talk"], "");
        workplace.create_scope("message:read");
        workplace
    }

    pub(crate) fn create_scope(&self, name: &str) {
        let texts = ["--sentence", "en=Read your messages", "--consequence", "en=It sees what others wrote to you"];
        self.writ(&[&["scope", "create", name, "--resource", "talk"][..], &texts].concat(), "");
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Creates a PostgreSQL database and returns its URL.
fn create_database(admin: &str, name: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(admin, tokio_postgres::NoTls).await.expect("PostgreSQL");
        let driver = tokio::spawn(connection);
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
        drop(client);
        driver.await.expect("no panic").expect("a clean end");
    });
    let mut url = url::Url::parse(admin).expect("an address");
    url.set_path(name);
    url.into()
}
