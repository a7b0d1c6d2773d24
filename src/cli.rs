//! The command line: one file per subject.
//!
//! Commands about users, clients, resource servers, scopes, connections and keys use the database
//! directly, even while the server runs. Their changes are functions of [`writ::administration`].
//! With `--server`, another server makes them, by its administration API ([`target`]). A secret is
//! read from standard input, or generated and shown once. It is never an argument, which other
//! users of the machine could read.

mod admin;
mod administrator;
mod audit;
mod backup;
mod client;
mod completions;
mod config;
mod configuration;
mod connection;
mod demo;
mod doctor;
#[cfg(test)]
mod faces;
mod failures;
mod group;
mod healthcheck;
mod import;
mod initial_access_token;
mod input;
mod key;
mod mail;
mod man;
mod master_key;
mod migrate;
mod output;
mod passwords;
mod preview;
mod remote;
mod resource;
mod scope;
mod serve;
mod target;
mod user;

use administrator::Administrator;
pub(crate) use output::{ClosedPipe, error_line};
use target::Target;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand, builder::FalseyValueParser};
use writ::{
    clock::Clock,
    config::{DatabaseSettings, DatabaseUrl, Settings},
    store::Store,
};

/// An OAuth 2.x and OpenID Connect authorization server.
#[derive(Debug, Parser)]
#[command(name = "writ", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

/// The source of the settings.
#[derive(Debug, Args)]
struct SettingsArgs {
    /// The configuration file. It overrides the built-in defaults.
    #[arg(long, global = true, value_name = "FILE", env = "WRIT_CONFIG")]
    config: Option<PathBuf>,
    /// Create the SQLite database if it does not exist. Without this, only `serve` and `migrate`
    /// do.
    #[arg(long, global = true, env = "WRIT_CREATE", value_parser = FalseyValueParser::new())]
    create: bool,
    /// The reason of a change, for the audit log.
    #[arg(long, global = true, value_name = "TEXT")]
    reason: Option<String>,
    /// Run the command on the server with this issuer, by its administration API, instead of the
    /// database. Sign in first with `writ login`.
    #[arg(long, global = true, value_name = "URL", env = "WRIT_SERVER")]
    server: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the demonstration: Writ, an app and an API, with two users. It needs no configuration.
    Demo(demo::DemoArgs),
    /// Serve until SIGTERM or Ctrl-C.
    Serve,
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Keep users from passwords that appear in leaks.
    #[command(subcommand)]
    Passwords(passwords::PasswordsCommand),
    /// Back up the database, and restore it.
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// Print the configuration of another server as a document for `plan` and `apply`.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Find out what is wrong with this installation, and how to mend it.
    Doctor(doctor::DoctorArgs),
    /// Check that the server on this machine works: for containers without a shell.
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Sign in at a server as an administrator, in a browser, for commands with --server.
    Login(remote::LoginArgs),
    /// End the session at a server.
    Logout(remote::LogoutArgs),
    /// Print the completions for a shell.
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write one for each command.
    Man(man::ManArgs),
    #[command(flatten)]
    Stored(Box<StoredCommand>),
}

/// Commands on the database, which may be in use by servers.
#[derive(Debug, Subcommand)]
enum StoredCommand {
    /// Migrate the database, as `serve` does when it starts.
    Migrate(migrate::MigrateArgs),
    /// Manage users.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Make users administrators of the console.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Manage groups of users.
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Manage clients: the apps that request tokens.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Manage initial access tokens, with which clients register themselves.
    #[command(subcommand)]
    InitialAccessToken(initial_access_token::InitialAccessTokenCommand),
    /// Manage resource servers: the APIs that accept tokens.
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// Manage the scopes of resource servers.
    #[command(subcommand)]
    Scope(scope::ScopeCommand),
    /// Manage connections: what users allow apps.
    #[command(subcommand)]
    Connection(connection::ConnectionCommand),
    /// Test the outgoing mail, and manage its queue.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Write groups, resource servers, scopes and clients as a document for `plan` and `apply`.
    Export(configuration::ExportArgs),
    /// Show what documents would change, and what users would lose.
    Plan(configuration::PlanArgs),
    /// Change everything that is not as in documents, or nothing.
    Apply(configuration::ApplyArgs),
    /// Manage the keys that sign tokens.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Show and verify the audit log: what administrators changed.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Manage the master key, which encrypts the secrets in the database.
    #[command(subcommand)]
    MasterKey(master_key::MasterKeyCommand),
}

impl Cli {
    /// Runs the command and returns its exit status.
    ///
    /// # Errors
    /// The error to print.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let file = self.settings.config.as_deref().filter(|file| !file.as_os_str().is_empty());
        let settings = || Settings::load(file, environment());
        if let Some(server) = self.settings.server.as_deref().filter(|server| !server.is_empty()) {
            self.command.check_remote()?;
            return run_remotely(self.command, server, &settings()?, self.settings.reason.clone());
        }
        match self.command {
            Command::Login(_) | Command::Logout(_) => anyhow::bail!("name the server: --server https://id.example.com"),
            Command::Doctor(command) => return command.run(settings()),
            Command::Backup(command) => command.run(&settings()?),
            Command::Demo(command) => command.run(),
            Command::Serve => serve::run(settings()?),
            Command::Config(command) => command.run(&settings()?),
            Command::Passwords(command) => command.run(&settings()?),
            Command::Import(command) => command.run(&settings()?),
            Command::Healthcheck(command) => {
                let settings = settings()?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(command.run(&settings))
            }
            Command::Completions(command) => command.run(Cli::command()),
            Command::Man(command) => command.run(Cli::command()),
            Command::Stored(command) => command.run(&settings()?, self.settings.create, self.settings.reason.clone()),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Command {
    /// Refuses to run on a server what concerns this machine.
    ///
    /// # Errors
    /// The command does.
    fn check_remote(&self) -> anyhow::Result<()> {
        let concerns = match self {
            Self::Login(_) | Self::Logout(_) | Self::Stored(_) => return Ok(()),
            Self::Demo(_) => "demo",
            Self::Serve => "serve",
            Self::Config(_) => "config",
            Self::Passwords(_) => "passwords",
            Self::Backup(_) => "backup",
            Self::Import(_) => "import",
            Self::Doctor(_) => "doctor",
            Self::Healthcheck(_) => "healthcheck",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        };
        anyhow::bail!("`writ {concerns}` concerns this machine: run it where the server is, without --server")
    }
}

/// Runs a command on a server.
fn run_remotely(
    command: Command,
    server: &str,
    settings: &Settings,
    reason: Option<String>,
) -> anyhow::Result<ExitCode> {
    let ca_file = settings.outgoing.ca_file.as_deref();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Login(command) => command.run(server, ca_file).await,
            Command::Logout(command) => command.run(server, ca_file).await,
            Command::Stored(command) => {
                let remote = remote::Remote::open(remote::parse_server(server)?, ca_file, reason)?;
                command.run_on(&Target::Server(Box::new(remote))).await
            }
            local => local.check_remote(),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

impl StoredCommand {
    fn run(self, settings: &Settings, create: bool, reason: Option<String>) -> anyhow::Result<()> {
        // A command does not wait for a database that is not available.
        let database = DatabaseSettings { startup_timeout: 0, ..settings.database.clone() };
        if let Self::Migrate(migrate) = &self
            && migrate.check
        {
            return migrate.check(&database);
        }
        if let DatabaseUrl::Sqlite(path) = &database.url
            && !matches!(self, Self::Migrate(_))
            && !create
            && !path.exists()
        {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            anyhow::bail!(
                "there is no database at {}: run this in the server's directory, or set database.url; \
                 `writ migrate` or --create creates one",
                path.display()
            );
        }
        let store = Store::open(&database, Clock::default())
            .with_context(|| format!("cannot open {}", settings.database.url.redacted()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let administrator = Administrator { store: &store, settings, reason };
        runtime.block_on(self.run_on(&Target::Database(administrator)))
    }

    async fn run_on(self, target: &Target<'_>) -> anyhow::Result<()> {
        match self {
            Self::User(command) => command.run(target).await,
            Self::Group(command) => command.run(target).await,
            Self::Client(command) => command.run(target).await,
            Self::InitialAccessToken(command) => command.run(target).await,
            Self::Resource(command) => command.run(target).await,
            Self::Scope(command) => command.run(target).await,
            Self::Connection(command) => command.run(target).await,
            Self::Key(command) => command.run(target).await,
            Self::Audit(command) => command.run(target).await,
            Self::Migrate(command) => target.database().map(drop).and_then(|()| command.run()),
            Self::Admin(command) => command.run(target.database()?).await,
            Self::Mail(command) => command.run(target.database()?).await,
            Self::Export(command) => command.run(target.database()?).await,
            Self::Plan(command) => command.run(target.database()?).await,
            Self::Apply(command) => command.run(target.database()?).await,
            Self::MasterKey(command) => command.run(target.database()?).await,
        }
    }
}

/// The environment without variables that are not Unicode, which cannot be settings.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
