//! `writ config check|print`.

use anyhow::{Context, anyhow};
use clap::Subcommand;
use writ::{
    clock::Clock,
    config::{DatabaseSettings, DatabaseUrl, Settings},
    keys::rotation,
    mail::Mailer,
    store::{Store, keys},
    tls::Certificates,
};

use super::{key::load_master_keys, output};

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

fn check(settings: &Settings) -> anyhow::Result<()> {
    Certificates::load(&settings.tls)?;
    Mailer::new(settings).map_err(|error| anyhow!("mail: {error}"))?;
    let master_keys = load_master_keys(settings)?;
    let database = DatabaseSettings { startup_timeout: 0, ..settings.database.clone() };
    let name = database.url.redacted();
    if matches!(&database.url, DatabaseUrl::Sqlite(path) if !path.exists()) {
        return output::line(format_args!(
            "The configuration is valid. {name} does not exist yet: a server creates it."
        ));
    }
    let cannot_open = || format!("cannot open {name}");
    let pending = Store::pending(&database, &Clock::default()).with_context(cannot_open)?;
    // Opening would migrate. Without tables there are no keys to compare.
    if !pending.is_empty() {
        return output::line(format_args!("The configuration is valid. {} migrations are pending.", pending.len()));
    }
    let store = Store::open(&database, Clock::default()).with_context(cannot_open)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(store.read(keys::list))?;
    rotation::check(&rows, &master_keys)?;
    output::line("The configuration is valid.")
}
