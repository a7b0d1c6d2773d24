//! `writ config check|print`.

use std::sync::Arc;

use anyhow::ensure;
use clap::Subcommand;
use writ::{
    clock::Clock,
    config::Settings,
    doctor::{self, Finding, Severity, Subject},
};

use super::{key::read_master_keys, output};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Read the configuration, the files that it names and the database, and report whether a
    /// server would start. Changes nothing.
    Check,
    /// Print the effective settings as TOML, without passwords.
    Print,
}

impl ConfigCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Self::Check => check(settings),
            Self::Print => output::text(settings.to_toml()),
        }
    }
}

/// Runs the checks of `writ doctor` that need no running server. Warnings are printed, and errors
/// fail the command.
fn check(settings: &Settings) -> anyhow::Result<()> {
    let master_keys = read_master_keys(settings).map(Arc::new);
    let subject = Subject { settings, master_keys, clock: Clock::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let findings = runtime.block_on(doctor::examine_offline(&subject));
    let mut errors = Vec::new();
    for Finding { severity, cause, remedy, .. } in findings {
        let sentences = format!("{cause} {}", remedy.unwrap_or_default());
        match severity {
            Severity::Ok => {}
            Severity::Warning => output::line(format_args!("Warning: {sentences}"))?,
            Severity::Error => errors.push(sentences),
        }
    }
    ensure!(errors.is_empty(), "{}", errors.join("\n"));
    output::line("The configuration is valid.")
}
