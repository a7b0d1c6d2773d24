//! Makes a backup.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use super::{
    BackupError, DATABASE, ENCRYPTED_DATABASE, Encryption, MANIFEST, Manifest, Place, Recipients, Workspace,
    digested::Digested,
    place::{Target, key},
    s3::{Storage, Upload},
    sync_folder_of,
};
use crate::{
    clock::Clock,
    keys::{MasterKeys, rotation},
    store::backup::{self, Contents},
};

/// The database that is copied.
struct Subject<'a> {
    database: &'a Path,
    issuer: &'a str,
    recipients: &'a Recipients,
    master_keys: &'a MasterKeys,
    clock: &'a Clock,
}

/// Copies the SQLite database at `database` into a new place, encrypted to the recipients if there
/// are any. Blocks.
///
/// # Errors
/// [`BackupError`] if the place is taken, a file cannot be written, or the master key does not
/// belong to the database. Nothing is left in the place then.
pub fn create(
    database: &Path,
    place: &Place,
    recipients: &Recipients,
    issuer: &str,
    master_keys: &MasterKeys,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    let subject = Subject { database, issuer, recipients, master_keys, clock };
    match place {
        Place::Folder(folder) => into_folder(&subject, folder),
        Place::Bucket { storage, prefix, .. } => {
            if storage.is_plain() && recipients.is_empty() {
                return Err(BackupError::Readable(place.to_string()));
            }
            if !storage.keys(&key(prefix, ""), Some(1))?.is_empty() {
                return Err(BackupError::Exists(place.to_string()));
            }
            into_bucket(&subject, storage, prefix)
        }
    }
}

fn into_folder(subject: &Subject<'_>, folder: &Path) -> Result<Manifest, BackupError> {
    if folder.exists() {
        return Err(BackupError::Exists(folder.display().to_string()));
    }
    // Complete under another name first, so that no program finds a part of it.
    let draft = folder.with_extension(format!("{}.partial", uuid::Uuid::new_v4()));
    DirBuilder::new().recursive(true).mode(0o700).create(&draft).map_err(BackupError::file(&draft))?;
    let written = write_folder(subject, &draft).and_then(|manifest| {
        fs::rename(&draft, folder).map_err(BackupError::file(folder))?;
        sync_folder_of(folder)?;
        Ok(manifest)
    });
    if written.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    written
}

fn write_folder(subject: &Subject<'_>, draft: &Path) -> Result<Manifest, BackupError> {
    let manifest = if subject.recipients.is_empty() {
        subject.copy(&draft.join(DATABASE), |_, _| Ok(None))?
    } else {
        let workspace = Workspace::beside(subject.database)?;
        let path = draft.join(ENCRYPTED_DATABASE);
        subject.copy(&workspace.copy(), |copy, _| subject.send(copy, new_file(&path)?).map(Some))?
    };
    let path = draft.join(MANIFEST);
    let mut file = new_file(&path)?;
    file.write_all(&manifest.json()).map_err(BackupError::file(&path))?;
    file.finish()?;
    File::open(draft).and_then(|folder| folder.sync_all()).map_err(BackupError::file(draft))?;
    Ok(manifest)
}

fn into_bucket(subject: &Subject<'_>, storage: &Storage, prefix: &str) -> Result<Manifest, BackupError> {
    let workspace = Workspace::beside(subject.database)?;
    let object = key(prefix, if subject.recipients.is_empty() { DATABASE } else { ENCRYPTED_DATABASE });
    let new_object = |name: &str, length| Target::Object(Upload::new(storage, name.to_owned(), length));
    let written = subject.copy(&workspace.copy(), |copy, length| {
        let encrypted = subject.send(copy, new_object(&object, length))?;
        Ok((!subject.recipients.is_empty()).then_some(encrypted))
    });
    let written = written.and_then(|manifest| {
        let mut target = new_object(&key(prefix, MANIFEST), 0);
        target.write_all(&manifest.json()).map_err(BackupError::file(Path::new(MANIFEST)))?;
        target.finish()?;
        Ok(manifest)
    });
    if written.is_err()
        && let Err(error) = storage.delete(&object)
    {
        tracing::debug!(%error, "a copy without a manifest may stay in the bucket");
    }
    written
}

impl Subject<'_> {
    /// Makes the copy and its manifest. `send` gets the copy with its length, and returns what it
    /// has encrypted.
    fn copy(
        &self,
        copy: &Path,
        send: impl FnOnce(&Path, u64) -> Result<Option<Encryption>, BackupError>,
    ) -> Result<Manifest, BackupError> {
        // The time before the copy: what happened since may be missing.
        let created_at = self.clock.now();
        backup::copy(self.database, copy)?;
        let contents: Contents = backup::read(copy)?;
        rotation::check(&contents.keys, self.master_keys)?;
        let mut plain = Digested::new(File::open(copy).map_err(BackupError::file(copy))?);
        io::copy(&mut plain, &mut io::sink()).map_err(BackupError::file(copy))?;
        let (_, plain) = plain.finish();
        let encryption = send(copy, plain.bytes)?;
        Ok(Manifest::new(created_at, self.issuer, &contents, Some(plain), encryption, self.master_keys))
    }

    /// Sends a copy, encrypted if there are recipients.
    fn send(&self, copy: &Path, target: Target<'_>) -> Result<Encryption, BackupError> {
        let mut source = File::open(copy).map_err(BackupError::file(copy))?;
        let mut target = Digested::new(target);
        match self.recipients.is_empty() {
            true => io::copy(&mut source, &mut target).map(drop),
            false => self.recipients.encrypt(&mut source, &mut target),
        }
        .map_err(BackupError::file(copy))?;
        let (target, file) = target.finish();
        target.finish()?;
        Ok(Encryption { recipients: self.recipients.names(), file })
    }
}

/// A new file that only its owner can read.
fn new_file(path: &Path) -> Result<Target<'_>, BackupError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map(|file| Target::File(path, file)).map_err(BackupError::file(path))
}
