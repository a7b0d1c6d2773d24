//! Reads backups: lists and verifies them.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use age::DecryptError;

use super::{
    BackupError, Copied, DATABASE, ENCRYPTED_DATABASE, Identities, MANIFEST, Manifest, Place, StorageError, Workspace,
    digested::Digested,
};
use crate::{
    keys::{MasterKeys, rotation},
    store::{backup, check_known},
};

/// Maximum length of a manifest, in bytes.
const LONGEST_MANIFEST: u64 = 1 << 20;

/// A backup in a place.
pub struct Listed {
    /// The name of its folder.
    pub name: String,
    /// Its manifest, or why it cannot be used.
    pub manifest: Result<Manifest, BackupError>,
}

/// The backups in a place, in the order of their names. Blocks.
///
/// # Errors
/// [`BackupError`] if the place cannot be read.
pub fn list(place: &Place, master_keys: &MasterKeys) -> Result<Vec<Listed>, BackupError> {
    let names = place.backups()?.into_iter();
    Ok(names.map(|name| Listed { manifest: authentic(&place.child(&name), master_keys), name }).collect())
}

/// A backup that is as it was made.
pub struct Verified {
    /// Its manifest.
    pub manifest: Manifest,
    /// Whether the copy was read. Without an identity, an encrypted one is only compared with its
    /// checksum.
    pub is_read: bool,
}

/// Verifies every statement of the manifest in `place`: its authenticity, the checksums, the tables
/// and their rows, and that the master key opens the keys. `database` is that of the configuration,
/// beside which there is space. Blocks.
///
/// # Errors
/// [`BackupError`] with the first statement that is not true.
pub fn verify(
    place: &Place,
    identities: Option<&Identities>,
    database: &Path,
    master_keys: &MasterKeys,
) -> Result<Verified, BackupError> {
    let manifest = authentic(place, master_keys)?;
    if let (Some(encryption), None) = (&manifest.encryption, identities) {
        let mut source = Digested::new(place.open(ENCRYPTED_DATABASE)?);
        io::copy(&mut source, &mut io::sink()).map_err(BackupError::file(&place.name_of(ENCRYPTED_DATABASE)))?;
        compare(&source.finish().1, Some(&encryption.file), "the encrypted database")?;
        return Ok(Verified { manifest, is_read: false });
    }
    let Opened { manifest, .. } = open(place, manifest, identities, database, master_keys)?;
    Ok(Verified { manifest, is_read: true })
}

/// A verified copy that can be read.
pub(super) struct Opened {
    pub(super) manifest: Manifest,
    pub(super) copy: PathBuf,
    /// Where the copy is, unless in the place itself.
    pub(super) _workspace: Option<Workspace>,
}

/// Verifies a backup, and makes its copy available as a file.
pub(super) fn open(
    place: &Place,
    manifest: Manifest,
    identities: Option<&Identities>,
    database: &Path,
    master_keys: &MasterKeys,
) -> Result<Opened, BackupError> {
    let (copy, workspace) = match (place, &manifest.encryption) {
        (Place::Folder(folder), None) => (folder.join(DATABASE), None),
        _ => {
            let workspace = Workspace::beside(database)?;
            fetch(place, &manifest, identities, &workspace.copy())?;
            (workspace.copy(), Some(workspace))
        }
    };
    let mut plain = Digested::new(File::open(&copy).map_err(BackupError::file(&copy))?);
    io::copy(&mut plain, &mut io::sink()).map_err(BackupError::file(&copy))?;
    compare(&plain.finish().1, manifest.copy.as_ref(), "the database")?;
    let contents = backup::read(&copy)?;
    check_known(&contents.migrations)?;
    if contents.rows != manifest.rows {
        return Err(BackupError::Changed("the numbers of rows differ".to_owned()));
    }
    rotation::check(&contents.keys, master_keys)?;
    Ok(Opened { manifest, copy, _workspace: workspace })
}

/// Reads and authenticates a manifest.
pub(super) fn authentic(place: &Place, master_keys: &MasterKeys) -> Result<Manifest, BackupError> {
    let name = place.name_of(MANIFEST);
    let mut text = Vec::new();
    place.open(MANIFEST)?.take(LONGEST_MANIFEST).read_to_end(&mut text).map_err(BackupError::file(&name))?;
    let manifest = Manifest::parse(&name, &text)?;
    manifest.authenticate(master_keys)?;
    Ok(manifest)
}

/// Fetches the copy, and decrypts it.
fn fetch(place: &Place, manifest: &Manifest, identities: Option<&Identities>, copy: &Path) -> Result<(), BackupError> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(copy).map_err(BackupError::file(copy))?;
    let Some(encryption) = &manifest.encryption else {
        let mut source = place.open(DATABASE)?;
        return io::copy(&mut source, &mut file).map(drop).map_err(BackupError::file(&place.name_of(DATABASE)));
    };
    let recipients = || encryption.recipients.clone();
    let identities = identities.ok_or_else(|| BackupError::Encrypted(recipients()))?;
    let mut source = Digested::new(place.open(ENCRYPTED_DATABASE)?);
    let broken = |error: io::Error| match error.downcast::<StorageError>() {
        Ok(error) => BackupError::Storage(error),
        Err(error) => BackupError::Changed(format!("it cannot be decrypted ({error})")),
    };
    let mut stream = identities.decrypt(&mut source).map_err(|error| match error {
        DecryptError::NoMatchingKeys => BackupError::OtherIdentity(recipients()),
        DecryptError::Io(error) => broken(error),
        error => broken(io::Error::other(error.to_string())),
    })?;
    io::copy(&mut stream, &mut file).map_err(broken)?;
    drop(stream);
    compare(&source.finish().1, Some(&encryption.file), "the encrypted database")
}

fn compare(found: &Copied, stated: Option<&Copied>, what: &str) -> Result<(), BackupError> {
    match Some(found) == stated {
        true => Ok(()),
        false => Err(BackupError::Changed(format!("the checksum of {what} differs"))),
    }
}
