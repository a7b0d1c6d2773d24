//! Replaces a database by a verified backup. The replaced file is kept.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::{
    BackupError, Identities, Manifest, Place, sync_folder_of,
    verify::{Opened, authentic, open},
};
use crate::{
    clock::Clock,
    keys::MasterKeys,
    store::backup::{self, Exclusive},
};

/// What a restore would lose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// There is no database yet.
    Nothing,
    /// Rows that are newer than the backup, by table.
    Rows(Vec<(&'static str, i64)>),
    /// The current database cannot be read.
    Unknown(String),
}

/// A verified backup, and a database that no server uses.
pub struct Restoration {
    /// What will be lost.
    pub loss: Loss,
    opened: Opened,
    path: PathBuf,
    _taken: Option<Exclusive>,
}

impl Restoration {
    /// Verifies the backup in `place` and takes the database at `path`, which no server may use.
    /// Blocks.
    ///
    /// # Errors
    /// [`BackupError`] if the backup cannot be used, or the database is in use.
    pub fn prepare(
        place: &Place,
        identities: Option<&Identities>,
        path: &Path,
        master_keys: &MasterKeys,
    ) -> Result<Self, BackupError> {
        let opened = open(place, authentic(place, master_keys)?, identities, path, master_keys)?;
        let (loss, taken) = if path.exists() { take(path, &opened.manifest)? } else { (Loss::Nothing, None) };
        Ok(Self { loss, opened, path: path.to_owned(), _taken: taken })
    }

    /// What will be restored.
    pub fn manifest(&self) -> &Manifest {
        &self.opened.manifest
    }

    /// Puts the backup in the place of the database. Returns the file that keeps the old one.
    /// Blocks.
    ///
    /// # Errors
    /// [`BackupError::File`]. The database is as before then.
    pub fn run(self, clock: &Clock) -> Result<Option<PathBuf>, BackupError> {
        let draft = with_suffix(&self.path, ".restoring");
        write_copy(&self.opened.copy, &draft)?;
        let kept = match self.path.exists() {
            false => None,
            true => {
                let kept = with_suffix(&self.path, &format!(".before-restore-{}", clock.now()));
                fs::rename(&self.path, &kept).map_err(BackupError::file(&kept))?;
                Some(kept)
            }
        };
        // A log without its database would be applied to the new one.
        for log in ["-wal", "-shm"].map(|suffix| with_suffix(&self.path, suffix)) {
            match fs::remove_file(&log) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(BackupError::File { path: log, error });
                }
                _ => {}
            }
        }
        fs::rename(&draft, &self.path).map_err(BackupError::file(&self.path))?;
        sync_folder_of(&self.path)?;
        Ok(kept)
    }
}

fn take(path: &Path, manifest: &Manifest) -> Result<(Loss, Option<Exclusive>), BackupError> {
    let rows = backup::newer_rows(path, manifest.created_at);
    match backup::take(path) {
        Ok(None) => Err(BackupError::InUse(path.to_owned())),
        Ok(Some(taken)) => {
            let loss = rows.map_or_else(|fault| Loss::Unknown(fault.to_string()), Loss::Rows);
            Ok((loss, Some(taken)))
        }
        // A damaged database is a reason to restore, and none to refuse.
        Err(fault) => Ok((Loss::Unknown(fault.to_string()), None)),
    }
}

fn write_copy(copy: &Path, draft: &Path) -> Result<(), BackupError> {
    if let Some(folder) = draft.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(BackupError::file(folder))?;
    }
    let mut source = File::open(copy).map_err(BackupError::file(copy))?;
    let target = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(draft);
    target
        .and_then(|mut target| io::copy(&mut source, &mut target).and_then(|_| target.sync_all()))
        .map_err(BackupError::file(draft))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
