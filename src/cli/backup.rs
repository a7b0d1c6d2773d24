//! `writ backup create|list|verify|restore`: copies of a SQLite database.
//!
//! `writ backup manifest|compare`: for copies that other tools make.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use writ::{
    backup::{self, Identities, Listed, Loss, Manifest, Place, Recipients, Restoration, Verified},
    clock::Clock,
    config::{DatabaseUrl, Settings},
    keys::MasterKeys,
};

use super::{
    administrator::ConfirmArgs,
    key::load_master_keys,
    output::{self, OutputArgs},
};

#[derive(Debug, Subcommand)]
pub(super) enum BackupCommand {
    /// Copy the database into a new place, while servers run. The master key is not in it: keep a
    /// copy of it elsewhere.
    Create(CreateArgs),
    /// List the backups in a place, the newest last.
    List {
        /// A folder, or s3://BUCKET/PREFIX, that has backups [default: backup.place].
        place: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Check that a backup is whole and unchanged, and that the master key opens it.
    Verify {
        #[command(flatten)]
        backup: BackupArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Put a backup in the place of the database, which no server may use. The old file is kept.
    Restore {
        #[command(flatten)]
        backup: BackupArgs,
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

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// The new folder, or s3://BUCKET/PREFIX [default: one named by the time, in backup.place].
    place: Option<String>,
    /// Encrypt the copy to this public key of age-keygen, besides those of backup.recipients. Can
    /// be repeated.
    #[arg(long = "recipient", value_name = "AGE")]
    recipients: Vec<String>,
    /// Encrypt the copy to the public keys in this file, one in each line.
    #[arg(long, value_name = "FILE")]
    recipients_file: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The folder, or s3://BUCKET/PREFIX.
    place: String,
    /// The file of age-keygen with the private key, if the backup is encrypted.
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl BackupArgs {
    fn open(&self, settings: &Settings) -> anyhow::Result<(Place, Option<Identities>)> {
        let identities = self.identity.as_deref().map(Identities::read).transpose()?;
        Ok((parse(&self.place, settings)?, identities))
    }
}

/// A backup in a list.
#[derive(Serialize)]
struct Row {
    name: String,
    created_at: Option<i64>,
    mib: Option<u64>,
    encrypted: Option<bool>,
    master_key: Option<String>,
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Manifest>,
}

impl BackupCommand {
    pub(super) fn run(self, settings: &Settings) -> anyhow::Result<()> {
        let (database, issuer) = (&settings.database.url, settings.server.issuer.as_str());
        let master_keys = load_master_keys(settings)?;
        match self {
            Self::Manifest => {
                let manifest = backup::describe(existing(database)?, issuer, &master_keys, &Clock::default())?;
                output::line(serde_json::to_string_pretty(&manifest)?)
            }
            Self::Compare { manifest } => {
                let missing = backup::compare(&manifest, existing(database)?, &master_keys)?;
                ensure!(missing.is_empty(), "{} is incomplete: {}", database.redacted(), missing.join("; "));
                output::line(format_args!("{} has all of the manifest.", database.redacted()))
            }
            Self::List { place, output } => list(place, settings, &master_keys, output),
            Self::Create(arguments) => {
                let path = sqlite(database)?;
                existing(database)?;
                arguments.run(path, settings, &master_keys)
            }
            Self::Verify { backup, output } => {
                let path = sqlite(database)?;
                let (place, identities) = backup.open(settings)?;
                let Verified { manifest, is_read } = backup::verify(&place, identities.as_ref(), path, &master_keys)?;
                if !is_read {
                    output::error_line(
                        "The copy is as it was made. It was not read, because it is encrypted: give --identity.",
                    );
                }
                report("Verified", &place, &manifest, output)
            }
            Self::Restore { backup, confirm } => restore(&backup, settings, sqlite(database)?, &master_keys, confirm),
        }
    }
}

impl CreateArgs {
    fn run(self, path: &Path, settings: &Settings, master_keys: &MasterKeys) -> anyhow::Result<()> {
        let configured = Recipients::parse(settings.backup.recipients.iter().map(String::as_str));
        let mut recipients = configured.context("backup.recipients")?;
        recipients = recipients.and(Recipients::parse(self.recipients.iter().map(String::as_str))?);
        if let Some(file) = &self.recipients_file {
            recipients = recipients.and(Recipients::read(file)?);
        }
        let clock = Clock::default();
        let place = match &self.place {
            Some(place) => parse(place, settings)?,
            None => {
                let now = Timestamp::from_second(clock.now())?;
                configured_place(settings)?.child(&now.strftime("%Y-%m-%dT%H-%M-%SZ").to_string())
            }
        };
        let issuer = settings.server.issuer.as_str();
        let manifest = backup::create(path, &place, &recipients, issuer, master_keys, &clock)?;
        report("Created", &place, &manifest, self.output)
    }
}

fn list(
    place: Option<String>,
    settings: &Settings,
    master_keys: &MasterKeys,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let place = place.map_or_else(|| configured_place(settings), |place| parse(&place, settings))?;
    let row = |Listed { name, manifest }: Listed| {
        let (manifest, problem) = match manifest {
            Ok(manifest) => (Some(manifest), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let made = manifest.as_ref();
        Row {
            name,
            created_at: made.map(|manifest| manifest.created_at),
            mib: made.and_then(|manifest| Some(manifest.copy.as_ref()?.bytes >> 20)),
            encrypted: made.map(|manifest| manifest.encryption.is_some()),
            master_key: made.map(|manifest| manifest.master_key.clone()),
            problem,
            manifest,
        }
    };
    let mut rows: Vec<Row> = backup::list(&place, master_keys)?.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.created_at);
    output.list(&["name", "created_at", "mib", "encrypted", "master_key", "problem"], &rows)
}

fn restore(
    backup: &BackupArgs,
    settings: &Settings,
    path: &Path,
    master_keys: &MasterKeys,
    confirm: ConfirmArgs,
) -> anyhow::Result<()> {
    let (place, identities) = backup.open(settings)?;
    let restoration = Restoration::prepare(&place, identities.as_ref(), path, master_keys)?;
    if let Some(warning) = warning(&restoration) {
        confirm.confirm(warning)?;
    }
    let (time, kept) = (time(restoration.manifest()), restoration.run(&Clock::default())?);
    output::line(format_args!("Restored {} as of {time}.", path.display()))?;
    match kept {
        Some(kept) => output::line(format_args!("The database before is {}.", kept.display())),
        None => Ok(()),
    }
}

/// The place with this name. A bucket needs the access key in the environment.
fn parse(place: &str, settings: &Settings) -> anyhow::Result<Place> {
    Ok(Place::parse(place, |name| std::env::var(name).ok(), settings, &Clock::default())?)
}

fn configured_place(settings: &Settings) -> anyhow::Result<Place> {
    parse(settings.backup.place.as_deref().context("name a place, or set backup.place")?, settings)
}

/// The file of SQLite.
fn sqlite(database: &DatabaseUrl) -> anyhow::Result<&Path> {
    match database {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => bail!(
            "PostgreSQL is copied by pg_dump: run `writ backup manifest` before, and `writ backup compare` after it \
             was restored"
        ),
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

fn report(done: &str, place: &Place, manifest: &Manifest, output: OutputArgs) -> anyhow::Result<()> {
    if output.json {
        return output.item(manifest);
    }
    let count = |table: &str| manifest.rows.get(table).copied().unwrap_or_default();
    output::line(format_args!(
        "{done} {place}: {} MiB{} as of {}, {} users, {} clients, {} grants, {} keys, master key {}.",
        manifest.copy.as_ref().map_or(0, |copy| copy.bytes >> 20),
        if manifest.encryption.is_some() { ", encrypted," } else { "" },
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
        time(restoration.manifest())
    ))
}

fn time(manifest: &Manifest) -> String {
    Timestamp::from_second(manifest.created_at)
        .map_or_else(|_| manifest.created_at.to_string(), |time| time.to_string())
}
