//! `writ backup create|verify|restore`: copies of a SQLite database.
//!
//! `writ backup manifest|compare`: for copies that other tools make.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use clap::Subcommand;
use jiff::Timestamp;
use writ::{
    backup::{self, Loss, Manifest, Restoration},
    clock::Clock,
    config::{DatabaseUrl, Settings},
};

use super::{
    administrator::ConfirmArgs,
    key::load_master_keys,
    output::{self, OutputArgs},
};

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Copy the database into a new folder, while servers run. The master key is not in it: keep a
    /// copy of it elsewhere.
    Create {
        /// The new folder.
        folder: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check that a backup is whole and unchanged, and that the master key opens it.
    Verify {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Put a backup in the place of the database, which no server may use. The old file is kept.
    Restore {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Print a manifest of the database, for a copy that other tools make, such as pg_dump.
    Manifest,
    /// Check that the database has all that a manifest states, after other tools restored it.
    Compare {
        /// The file of the manifest.
        manifest: PathBuf,
    },
}

impl BackupCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let (database, issuer) = (&settings.database.url, settings.server.issuer.as_str());
        let master_keys = load_master_keys(settings)?;
        let path = match (database, &self) {
            (_, Self::Manifest) => {
                let manifest = backup::describe(existing(database)?, issuer, &master_keys, &Clock::default())?;
                return output::line(serde_json::to_string_pretty(&manifest)?);
            }
            (_, Self::Compare { manifest }) => {
                let missing = backup::compare(manifest, existing(database)?, &master_keys)?;
                ensure!(missing.is_empty(), "{} is incomplete: {}", database.redacted(), missing.join("; "));
                return output::line(format_args!("{} has all of the manifest.", database.redacted()));
            }
            (DatabaseUrl::Sqlite(path), _) => path,
            (DatabaseUrl::Postgres(_), _) => bail!(
                "PostgreSQL is copied by pg_dump: run `writ backup manifest` before, and `writ backup compare` after it \
                 was restored"
            ),
        };
        match self {
            Self::Manifest | Self::Compare { .. } => Ok(()),
            Self::Create { folder, output } => {
                existing(database)?;
                let manifest = backup::create(path, &folder, issuer, &master_keys, &Clock::default())?;
                report("Created", &folder, &manifest, output)
            }
            Self::Verify { folder, output } => {
                report("Verified", &folder, &backup::verify(&folder, &master_keys)?, output)
            }
            Self::Restore { folder, confirm } => {
                let restoration = Restoration::prepare(&folder, path, &master_keys)?;
                if let Some(warning) = warning(&restoration) {
                    confirm.confirm(warning)?;
                }
                let (time, kept) = (time(&restoration.manifest), restoration.run(&Clock::default())?);
                output::line(format_args!("Restored {} as of {time}.", path.display()))?;
                match kept {
                    Some(kept) => output::line(format_args!("The database before is {}.", kept.display())),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Refuses a SQLite database that does not exist, because opening would create it.
fn existing(database: &DatabaseUrl) -> anyhow::Result<&DatabaseUrl> {
    match database {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            bail!("there is no database at {}", std::path::absolute(path)?.display())
        }
        database => Ok(database),
    }
}

fn report(done: &str, folder: &Path, manifest: &Manifest, output: OutputArgs) -> anyhow::Result<()> {
    if output.json {
        return output.item(manifest);
    }
    let count = |table: &str| manifest.rows.get(table).copied().unwrap_or_default();
    output::line(format_args!(
        "{done} {}: {} MiB as of {}, {} users, {} clients, {} grants, {} keys, master key {}.",
        folder.display(),
        manifest.copy.as_ref().map_or(0, |copy| copy.bytes >> 20),
        time(manifest),
        count("users"),
        count("clients"),
        count("grants"),
        manifest.keys.len(),
        manifest.master_key
    ))
}

/// What a restore loses, as sentences. `None` if there is no database.
fn warning(restoration: &Restoration) -> Option<String> {
    let lost = match &restoration.loss {
        Loss::Nothing => return None,
        Loss::Rows(rows) if rows.is_empty() => "No newer row is lost".to_owned(),
        Loss::Rows(rows) => {
            let rows: Vec<String> = rows.iter().map(|(table, number)| format!("{number} of {table}")).collect();
            format!("Newer rows are lost: {}", rows.join(", "))
        }
        Loss::Unknown(reason) => format!("What is lost is unknown, because the database cannot be read ({reason})"),
    };
    Some(format!(
        "The backup is of {}. {lost}. What was revoked, changed or deleted since then is valid again: tokens, \
         passwords, clients.",
        time(&restoration.manifest)
    ))
}

fn time(manifest: &Manifest) -> String {
    Timestamp::from_second(manifest.created_at)
        .map_or_else(|_| manifest.created_at.to_string(), |time| time.to_string())
}
