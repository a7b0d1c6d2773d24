//! `writ passwords import-breached`.

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use writ::{
    breached::{Imported, Source, import},
    config::Settings,
};

use super::output;

#[derive(Debug, Subcommand)]
pub(super) enum PasswordsCommand {
    /// Make the list of passwords that appear in leaks from the hashes of Have I Been Pwned. No new
    /// password may be one of them. Servers use a new list when they start.
    ImportBreached(ImportBreachedArgs),
}

#[derive(Debug, Args)]
pub(super) struct ImportBreachedArgs {
    /// A file with lines `HASH:COUNT`, ordered by hash; a folder of range files, named by their
    /// first five digits; or `-`, standard input.
    #[arg(value_name = "FILE")]
    source: PathBuf,
    /// The list to write. By default `passwords.breached_file` of the configuration.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Leave out hashes that were counted fewer times.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    min_count: u64,
}

impl PasswordsCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let Self::ImportBreached(ImportBreachedArgs { source, to, min_count }) = self;
        let list = to
            .or_else(|| settings.passwords.breached_file.clone())
            .context("set passwords.breached_file, or give the list with --to")?;
        let source = if source.as_os_str() == "-" { Source::StandardInput } else { Source::Path(source) };
        let Imported { entries, skipped } = import(&source, &list, min_count).map_err(|error| anyhow!(error))?;
        output::line(format_args!("Wrote {entries} hashes to {}. Left out {skipped}.", list.display()))
    }
}
