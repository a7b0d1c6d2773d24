//! `writ config check|print`.

use clap::Subcommand;
use writ::config::Settings;

use super::output;

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Read the configuration and say whether it is valid.
    Check,
    /// Print the effective settings as TOML, without passwords.
    Print,
}

impl ConfigCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Check => output::line("The configuration is valid."),
            Self::Print => output::text(settings.to_toml()),
        }
    }
}
