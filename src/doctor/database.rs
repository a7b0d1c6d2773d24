//! The database: whether it can be reached, is complete, and keeps what it acknowledges.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use super::{Finding, Section, Subject};
use crate::{
    config::{DatabaseSettings, DatabaseUrl},
    fault::Fault,
    keys::{MasterKeys, rotation},
    store::{
        Store,
        inspection::{self, Facts, PostgresFacts},
        keys, shared_secrets,
    },
};

const ID: &str = "database";
/// A disk with less free space is full soon, in bytes.
const NEARLY_FULL: u64 = 64 << 20;
/// Free space that leaves time to react, in bytes.
const ROOM: u64 = 512 << 20;

/// What was found, and the database if it can be used.
pub(super) struct Opened {
    pub(super) findings: Vec<Finding>,
    pub(super) store: Option<Store>,
}

impl From<Finding> for Opened {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding], store: None }
    }
}

/// Opens the database without changing it: not if it does not exist or has pending migrations.
pub(super) async fn open(subject: &Subject<'_>) -> Opened {
    let settings = DatabaseSettings { startup_timeout: 0, pool_size: 1, ..subject.settings.database.clone() };
    if let DatabaseUrl::Sqlite(path) = &settings.url
        && !path.exists()
    {
        return missing(path).into();
    }
    let (name, clock) = (settings.url.redacted(), subject.clock.clone());
    let opened = tokio::task::spawn_blocking(move || {
        let pending = Store::pending(&settings, &clock)?;
        // Opening would migrate.
        let store = if pending.is_empty() { Some(Store::open(&settings, clock)?) } else { None };
        Ok((pending.len(), store))
    });
    match opened.await.unwrap_or_else(|error| Err(Fault::Panicked(error.to_string()))) {
        Err(fault) => unusable(&name, &fault).into(),
        Ok((pending, None)) => Finding::warning(
            ID,
            Section::SeveralNodes,
            format!("{pending} migrations of {name} are pending."),
            "Read `writ migrate --check`, then run `writ migrate` or restart the server.",
        )
        .into(),
        Ok((_, Some(store))) => {
            let mut findings = vec![Finding::ok(ID, Section::WhenSomethingFails, format!("{name} is up to date."))];
            findings.extend(check(subject, &store).await);
            Opened { findings, store: Some(store) }
        }
    }
}

async fn check(subject: &Subject<'_>, store: &Store) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Ok(master_keys) = &subject.master_keys {
        findings.push(check_sealed(store, master_keys).await);
    }
    if let Err(reason) = store.can_write().await {
        findings.push(Finding::error(
            "database_rights",
            Section::WhenSomethingFails,
            format!("The database cannot be written to: {reason}."),
            "Give the user of database.url the rights to change rows, and free disk space.",
        ));
    }
    match store.read(inspection::facts).await {
        Ok(Facts::Sqlite { journal_mode }) => {
            findings.extend(judge_journal(&journal_mode));
            if let DatabaseUrl::Sqlite(path) = &subject.settings.database.url {
                findings.extend(check_file(path));
            }
        }
        Ok(Facts::Postgres(facts)) => findings.extend(judge_postgres(&facts, subject.settings.database.connections())),
        Err(fault) => findings.push(unusable("the database", &fault)),
    }
    findings
}

/// Whether the file of SQLite is whole. Reads all of it, on a thread of its own.
pub(super) async fn check_integrity(store: &Store) -> Vec<Finding> {
    let (store, runtime) = (store.clone(), tokio::runtime::Handle::current());
    let read = tokio::task::spawn_blocking(move || runtime.block_on(store.read(inspection::damage)));
    let damage = match read.await.unwrap_or_else(|error| Err(Fault::Panicked(error.to_string()))) {
        Ok(None) => return Vec::new(),
        Ok(Some(damage)) => damage,
        Err(fault) => fault.to_string(),
    };
    vec![Finding::error(
        "database_integrity",
        Section::WhenSomethingFails,
        format!("The database file is damaged: {damage}."),
        "Stop the server, keep a copy of the file, and restore a backup.",
    )]
}

fn missing(path: &Path) -> Finding {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Finding::warning(
        ID,
        Section::OneNode,
        format!("{} does not exist yet: a server creates it.", path.display()),
        "Start the server, or run this in its directory.",
    )
}

fn unusable(name: &str, fault: &Fault) -> Finding {
    let section = Section::WhenSomethingFails;
    let cause = format!("{name} cannot be used: {fault}.");
    Finding::error(ID, section, cause, "Start the database, or correct database.url.")
}

/// Whether the master keys open what is sealed.
async fn check_sealed(store: &Store, master_keys: &MasterKeys) -> Finding {
    let (id, section) = ("master_key", Section::OneNode);
    let checked =
        store.read(|tx| Ok((keys::list(tx)?, shared_secrets::list(tx)?))).await.and_then(|(keys, secrets)| {
            rotation::check(&keys, master_keys)?;
            let opens = secrets.iter().all(|row| master_keys.unseal(&row.purpose, &row.sealed).is_some());
            if opens { Ok(keys.len()) } else { Err(Fault::Keys("a shared secret has another master key".to_owned())) }
        });
    match checked {
        Ok(0) => Finding::ok(id, section, "The database has no keys yet."),
        Ok(number) => Finding::ok(id, section, format!("The master key opens the {number} keys in the database.")),
        Err(fault) => Finding::error(
            id,
            section,
            format!("The keys in the database cannot be opened: {fault}."),
            "Restore the master key that belongs to this database: no other one helps.",
        ),
    }
}

fn judge_journal(mode: &str) -> Option<Finding> {
    (mode != "wal").then(|| {
        Finding::error(
            "database_file",
            Section::OneNode,
            format!("The journal mode of SQLite is {mode} instead of wal, as on a network file system."),
            "Move the file to a local disk.",
        )
    })
}

fn check_file(path: &Path) -> Vec<Finding> {
    let Ok(metadata) = fs::metadata(path) else { return Vec::new() };
    let mut findings: Vec<Finding> = judge_mode(metadata.mode()).into_iter().collect();
    if let Ok(disk) = rustix::fs::statvfs(path) {
        findings.push(judge_free(disk.f_bavail.saturating_mul(disk.f_frsize), metadata.len()));
    }
    findings
}

fn judge_mode(mode: u32) -> Option<Finding> {
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            "database_file",
            Section::OneNode,
            format!("The database file has mode {:03o}, so that others can read it.", mode & 0o777),
            "Run chmod 600 on the file, its -wal and its -shm.",
        )
    })
}

/// `free` and `size` of the database in bytes.
fn judge_free(free: u64, size: u64) -> Finding {
    let (id, section) = ("disk_space", Section::WhenSomethingFails);
    let text = format!("{} MiB are free on the disk of the database", free >> 20);
    match free {
        free if free < NEARLY_FULL => {
            Finding::error(id, section, format!("Only {text}."), "Free disk space: the server refuses requests soon.")
        }
        free if free < ROOM.max(size) => {
            let remedy = "Free disk space: a backup needs as much as the database.";
            Finding::warning(id, section, format!("{text}, which has {} MiB.", size >> 20), remedy)
        }
        _ => Finding::ok(id, section, format!("{text}.")),
    }
}

fn judge_postgres(facts: &PostgresFacts, pool_size: u32) -> Vec<Finding> {
    let section = Section::SeveralNodes;
    let mut findings = vec![judge_connections(facts, i64::from(pool_size))];
    if !facts.is_durable {
        findings.push(Finding::error(
            "database_durability",
            section,
            "The database acknowledges commits that are not on disk: a crash brings revoked tokens back.",
            "Set fsync = on and synchronous_commit = on.",
        ));
    }
    if facts.isolation != "read committed" {
        findings.push(Finding::error(
            "database_isolation",
            section,
            format!("Transactions are {} instead of read committed: a pooler drops the settings.", facts.isolation),
            "Let the pooler keep session settings, or connect without it.",
        ));
    }
    if !facts.forbidden.is_empty() {
        findings.push(Finding::error(
            "database_rights",
            section,
            format!("This user may not read and write the tables {}.", facts.forbidden),
            "GRANT SELECT, INSERT, UPDATE, DELETE on all tables of the schema to it.",
        ));
    }
    if !facts.may_migrate {
        findings.push(Finding::warning(
            "database_rights",
            section,
            "This user may not create tables, so a newer version cannot migrate them.",
            "GRANT CREATE on the schema to it, or run `writ migrate` as another user at each upgrade.",
        ));
    }
    findings
}

fn judge_connections(facts: &PostgresFacts, pool_size: i64) -> Finding {
    let (id, section) = ("database_connections", Section::SeveralNodes);
    let PostgresFacts { available, others, .. } = facts;
    let nodes = (available - others).max(0) / pool_size;
    let room = format!("{available} connections, of which other programs use {others}, suffice for");
    let remedy = "Raise max_connections, or lower database.pool_size.";
    match nodes {
        0 => Finding::error(id, section, format!("{room} no node with database.pool_size = {pool_size}."), remedy),
        1 => Finding::warning(id, section, format!("{room} one node with database.pool_size = {pool_size}."), remedy),
        nodes => Finding::ok(id, section, format!("{room} {nodes} nodes with database.pool_size = {pool_size}.")),
    }
}

#[cfg(test)]
mod tests;
