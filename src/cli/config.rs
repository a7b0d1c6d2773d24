//! `writ config check|print`.

use clap::Subcommand;
use writ::config::Settings;

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
            Self::Check => println!("The configuration is valid."),
            Self::Print => print!("{}", settings.to_toml()),
        }
        Ok(())
    }
}
