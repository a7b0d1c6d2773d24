//! Backups of SQLite: a folder, or a prefix in S3-compatible storage, with a copy of the database
//! and a manifest. For PostgreSQL, whose own tools copy it, the manifest alone.
//!
//! The copy is taken while servers run, as of one moment, and can be encrypted to recipients. The
//! manifest states what is in it and is authenticated with the master key, which the backup does
//! not contain. It is written last: what has none is no backup. Before anything is replaced, a
//! backup is verified as a whole.

mod create;
mod digested;
mod encryption;
mod error;
mod manifest;
mod place;
mod restore;
mod s3;
mod verify;

use std::{
    fs::{DirBuilder, File},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

pub use self::{
    create::create,
    encryption::{Identities, Recipients},
    error::BackupError,
    manifest::{Copied, Encryption, KeyEntry, Manifest},
    place::Place,
    restore::{Loss, Restoration},
    s3::StorageError,
    verify::{Listed, Verified, list, verify},
};
use crate::{
    clock::Clock,
    config::DatabaseUrl,
    keys::{MasterKeys, rotation},
    store::{backup, check_known},
};

const DATABASE: &str = "writ.sqlite3";
const ENCRYPTED_DATABASE: &str = "writ.sqlite3.age";
const MANIFEST: &str = "manifest.json";

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
    Ok(Manifest::new(created_at, issuer, &contents, None, None, master_keys))
}

/// What the database that is configured lacks of a manifest, as sentences. Blocks.
///
/// # Errors
/// [`BackupError`] if the manifest or the master key is wrong, or the database cannot be read.
pub fn compare(manifest: &Path, database: &DatabaseUrl, master_keys: &MasterKeys) -> Result<Vec<String>, BackupError> {
    let text = std::fs::read(manifest).map_err(BackupError::file(manifest))?;
    let manifest = Manifest::parse(manifest, &text)?;
    manifest.authenticate(master_keys)?;
    let contents = backup::contents_of(database)?;
    check_known(&contents.migrations)?;
    rotation::check(&contents.keys, master_keys)?;
    Ok(manifest.missing_in(&contents))
}

/// Makes the names in the folder of `path` durable.
fn sync_folder_of(path: &Path) -> Result<(), BackupError> {
    let folder = folder_of(path);
    File::open(folder).and_then(|open| open.sync_all()).map_err(BackupError::file(folder))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A folder for a copy that is not encrypted, beside the database, which is as secret. It is
/// removed in the end.
struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    fn beside(database: &Path) -> Result<Self, BackupError> {
        let parent = folder_of(database);
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(BackupError::file(parent))?;
        let folder = tempfile::Builder::new()
            .prefix(".writ-backup-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
            .tempdir_in(parent)
            .map_err(BackupError::file(parent))?;
        Ok(Self { folder })
    }

    /// The copy.
    fn copy(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }
}
