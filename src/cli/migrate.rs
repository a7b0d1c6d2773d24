//! `writ migrate`.

use anyhow::Context;
use clap::Args;
use writ::{
    clock::Clock,
    config::DatabaseSettings,
    store::{Lock, Store},
};

use super::output;

#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Only print the pending migrations and the tables that they would lock.
    #[arg(long)]
    pub(super) check: bool,
}

impl MigrateArgs {
    /// Opening the store has already migrated it.
    pub(super) fn run(self) -> anyhow::Result<()> {
        output::line("The tables are up to date.")
    }

    pub(super) fn check(&self, database: &DatabaseSettings) -> anyhow::Result<()> {
        let name = database.url.redacted();
        let pending = Store::pending(database, &Clock::default()).with_context(|| format!("cannot open {name}"))?;
        if pending.is_empty() {
            return output::line(format_args!("Nothing to do in {name}."));
        }
        for step in pending {
            let locks: Vec<String> = step.locks.iter().map(describe).collect();
            match locks.as_slice() {
                [] => output::line(format_args!("{}: locks no table in use", step.name))?,
                locks => output::line(format_args!("{}: locks {}", step.name, locks.join(", ")))?,
            }
        }
        Ok(())
    }
}

fn describe(lock: &Lock) -> String {
    let Lock { table, rows, seconds } = lock;
    match seconds {
        0 => format!("{table} ({rows} rows) for a moment"),
        seconds => format!("{table} ({rows} rows) for about {seconds} s"),
    }
}
