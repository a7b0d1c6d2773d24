//! The command line: one file a noun.
//!
//! Commands about users, clients, resource servers, scopes and keys work on the database directly, also while the
//! server runs. A secret is read from standard input or generated and shown once; it is never an argument, which other
//! users of the machine could read.

mod client;
mod config;
mod input;
mod key;
mod output;
mod resource;
mod scope;
mod serve;
mod user;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use writ::{clock::Clock, config::Settings, store::Store};

/// An OAuth 2.x and OpenID Connect authorization server.
#[derive(Debug, Parser)]
#[command(name = "writ", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(subcommand)]
    command: Command,
}

/// Where the settings come from.
#[derive(Debug, Args)]
struct SettingsArgs {
    /// The configuration file; what it does not set has its built-in value.
    #[arg(long, global = true, value_name = "FILE", env = "WRIT_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server until it is told to stop.
    Serve,
    /// Bring the database's tables up to date, as `serve` does at its start.
    Migrate,
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// The people who sign in.
    #[command(subcommand)]
    User(user::UserCommand),
    /// The apps that ask for tokens.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// The resource servers: the APIs that accept tokens.
    #[command(subcommand)]
    Resource(resource::ResourceCommand),
    /// What can be granted at a resource server.
    #[command(subcommand)]
    Scope(scope::ScopeCommand),
    /// The keys that sign tokens.
    #[command(subcommand)]
    Key(key::KeyCommand),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// With what went wrong, for the person at the terminal.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = Settings::load(self.settings.config.as_deref(), environment())?;
        if let Command::Config(command) = self.command {
            return command.run(&settings);
        }
        if matches!(self.command, Command::Serve) {
            return serve::run(settings);
        }
        let store = Store::open(&settings.database.url, settings.database.pool_size, Clock::default())
            .with_context(|| format!("cannot open {}", settings.database.url.redacted()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                Command::Serve | Command::Config(_) => Ok(()),
                Command::Migrate => {
                    println!("The tables are up to date.");
                    Ok(())
                }
                Command::User(command) => command.run(&store, &settings).await,
                Command::Client(command) => command.run(&store).await,
                Command::Resource(command) => command.run(&store).await,
                Command::Scope(command) => command.run(&store).await,
                Command::Key(command) => command.run(&store, &settings).await,
            }
        })
    }
}

/// The environment, without variables that are not Unicode: no setting's name is among them.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
