//! The command line: one file a noun.
//!
//! Commands about users, clients, resource servers, scopes and keys work on the database directly, also while the
//! server runs. A secret is read from standard input or generated and shown once; it is never an argument, which other
//! users of the machine could read.

mod config;
mod output;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use writ::config::Settings;

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
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// With what went wrong, for the person at the terminal.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let settings = Settings::load(self.settings.config.as_deref(), environment())?;
        match self.command {
            Command::Config(command) => command.run(&settings),
        }
    }
}

/// The environment, without variables that are not Unicode: no setting's name is among them.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
