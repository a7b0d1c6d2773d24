//! Why a backup cannot be made or used.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::s3::StorageError;
use crate::fault::Fault;

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
    /// The place of a new backup is taken.
    #[error("{0} exists already: a backup is a new folder")]
    Exists(String),
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
    /// A recipient is malformed.
    #[error("{0} is not a public key of age-keygen, such as age1...")]
    Recipient(String),
    /// A file of recipients has none.
    #[error("{} has no recipient", .0.display())]
    NoRecipients(PathBuf),
    /// A file of identities has a malformed line, or none.
    #[error("{} is not a file of age-keygen: it needs a line AGE-SECRET-KEY-1...", .0.display())]
    IdentityFile(PathBuf),
    /// The backup is encrypted, and no identity was given.
    #[error("the backup is encrypted to {}: give --identity", .0.join(", "))]
    Encrypted(Vec<String>),
    /// No identity is that of a recipient.
    #[error("the identity does not open the backup, which is encrypted to {}", .0.join(", "))]
    OtherIdentity(Vec<String>),
    /// The copy would be readable on the way.
    #[error("others on the way to {0} could read the backup: encrypt it with --recipient, or use https")]
    Readable(String),
    /// The storage refuses, or does not respond.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A fault of the database.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl BackupError {
    pub(super) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| match error.downcast::<StorageError>() {
            Ok(error) => Self::Storage(error),
            Err(error) => Self::File { path, error },
        }
    }
}
