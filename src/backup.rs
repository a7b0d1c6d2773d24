//! Backups of SQLite: a folder with a copy of the database and a manifest. For PostgreSQL, whose
//! own tools copy it, the manifest alone.
//!
//! The copy is taken while servers run, as of one moment. The manifest states what is in it and is
//! authenticated with the master key, which the folder does not contain. Before anything is
//! replaced, a backup is verified as a whole.

mod manifest;
mod restore;

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::digest;

pub use self::{
    manifest::{Copied, KeyEntry, Manifest},
    restore::{Loss, Restoration},
};
use crate::{
    clock::Clock,
    config::DatabaseUrl,
    fault::Fault,
    keys::{MasterKeys, rotation},
    store::{backup, check_known},
};

const DATABASE: &str = "writ.sqlite3";
const MANIFEST: &str = "manifest.json";

/// Why a backup cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        error: io::Error,
    },
    /// The folder of a new backup exists.
    #[error("{} exists already: a backup is a new folder", .0.display())]
    Exists(PathBuf),
    /// The manifest is malformed or of another format.
    #[error("{}: {reason}", path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// There is no master key file.
    #[error("there is no master key: restore it first, or set WRIT_MASTER_KEY, because the backup does not contain it")]
    NoMasterKey,
    /// The backup belongs to another master key.
    #[error("the backup belongs to the master key {needed}, and the configured one is {given}")]
    OtherMasterKey {
        /// The fingerprint in the manifest.
        needed: String,
        /// The fingerprint of the configured key.
        given: String,
    },
    /// The backup is not as it was made.
    #[error("the backup was changed or is damaged: {0}")]
    Changed(String),
    /// A server uses the database that would be replaced.
    #[error("a server or another program uses {}: stop it first", .0.display())]
    InUse(PathBuf),
    /// A fault of the database.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl BackupError {
    fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}

/// Copies the SQLite database at `path` into the new folder `folder`. Blocks.
///
/// # Errors
/// [`BackupError`] if the folder exists, a file cannot be written, or the master key does not
/// belong to the database. Nothing is left in `folder` then.
pub fn create(
    path: &Path,
    folder: &Path,
    issuer: &str,
    master_keys: &MasterKeys,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    if folder.exists() {
        return Err(BackupError::Exists(folder.to_owned()));
    }
    // Complete under another name first, so that no program finds a part of it.
    let draft = folder.with_extension(format!("{}.partial", uuid::Uuid::new_v4()));
    DirBuilder::new().recursive(true).mode(0o700).create(&draft).map_err(BackupError::file(&draft))?;
    let written = write(path, &draft, issuer, master_keys, clock).and_then(|manifest| {
        fs::rename(&draft, folder).map_err(BackupError::file(folder))?;
        sync_folder_of(folder)?;
        Ok(manifest)
    });
    if written.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    written
}

fn write(
    path: &Path,
    draft: &Path,
    issuer: &str,
    master_keys: &MasterKeys,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    let copy = draft.join(DATABASE);
    // The time before the copy: what happened since may be missing.
    let created_at = clock.now();
    backup::copy(path, &copy)?;
    let contents = backup::read(&copy)?;
    rotation::check(&contents.keys, master_keys)?;
    let manifest = Manifest::new(created_at, issuer, &contents, Some(sha256(&copy)?), master_keys);
    let file = draft.join(MANIFEST);
    let mut open = OpenOptions::new();
    let open = open.write(true).create_new(true).mode(0o600).open(&file);
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| Fault::Corrupt(error.to_string()))?;
    open.and_then(|mut open| open.write_all(&text).and_then(|()| open.sync_all())).map_err(BackupError::file(&file))?;
    File::open(draft).and_then(|folder| folder.sync_all()).map_err(BackupError::file(draft))?;
    Ok(manifest)
}

/// Verifies every statement of the manifest in `folder`: its authenticity, the checksum, the tables
/// and their rows, and that the master key opens the keys. Blocks.
///
/// # Errors
/// [`BackupError`] with the first statement that is not true.
pub fn verify(folder: &Path, master_keys: &MasterKeys) -> Result<Manifest, BackupError> {
    let manifest = Manifest::read(&folder.join(MANIFEST))?;
    manifest.authenticate(master_keys)?;
    let copy = folder.join(DATABASE);
    if Some(sha256(&copy)?) != manifest.copy {
        return Err(BackupError::Changed("the checksum of the database differs".to_owned()));
    }
    let contents = backup::read(&copy)?;
    check_known(&contents.migrations)?;
    if contents.rows != manifest.rows {
        return Err(BackupError::Changed("the numbers of rows differ".to_owned()));
    }
    rotation::check(&contents.keys, master_keys)?;
    Ok(manifest)
}

/// The manifest of the database that is configured, without a copy of it. Blocks.
///
/// # Errors
/// [`BackupError`] if the database cannot be read, or the master key does not belong to it.
pub fn describe(
    database: &DatabaseUrl,
    issuer: &str,
    master_keys: &MasterKeys,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    let created_at = clock.now();
    let contents = backup::contents_of(database)?;
    rotation::check(&contents.keys, master_keys)?;
    Ok(Manifest::new(created_at, issuer, &contents, None, master_keys))
}

/// What the database that is configured lacks of a manifest, as sentences. Blocks.
///
/// # Errors
/// [`BackupError`] if the manifest or the master key is wrong, or the database cannot be read.
pub fn compare(manifest: &Path, database: &DatabaseUrl, master_keys: &MasterKeys) -> Result<Vec<String>, BackupError> {
    let manifest = Manifest::read(manifest)?;
    manifest.authenticate(master_keys)?;
    let contents = backup::contents_of(database)?;
    check_known(&contents.migrations)?;
    rotation::check(&contents.keys, master_keys)?;
    Ok(manifest.missing_in(&contents))
}

fn sha256(path: &Path) -> Result<Copied, BackupError> {
    let mut file = File::open(path).map_err(BackupError::file(path))?;
    let mut context = digest::Context::new(&digest::SHA256);
    let (mut bytes, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).map_err(BackupError::file(path))? {
            0 => break,
            read => {
                context.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    let sha256 = context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Copied { bytes, sha256 })
}

/// Makes the names in the folder of `path` durable.
fn sync_folder_of(path: &Path) -> Result<(), BackupError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|open| open.sync_all()).map_err(BackupError::file(folder))
}
