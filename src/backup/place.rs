//! Where backups are: a folder, or a prefix in a bucket.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    BackupError, MANIFEST,
    s3::{Download, Storage, StorageError, Upload},
};
use crate::{clock::Clock, config::Settings};

/// How the URL of a bucket starts.
const SCHEME: &str = "s3://";

/// A folder, or a prefix in a bucket. It is that of one backup, or has one in each subfolder.
#[derive(Clone)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// What has this prefix in a bucket.
    Bucket {
        /// The bucket.
        storage: Arc<Storage>,
        /// Its name.
        bucket: String,
        /// The prefix, without a slash at its end.
        prefix: String,
    },
}

impl Place {
    /// Parses a path or `s3://BUCKET/PREFIX`. `variable` is the environment, with the access key.
    ///
    /// # Errors
    /// [`BackupError::Storage`] if a bucket cannot be used.
    pub fn parse(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
        settings: &Settings,
        clock: &Clock,
    ) -> Result<Self, BackupError> {
        let Some(rest) = text.strip_prefix(SCHEME) else { return Ok(Self::Folder(text.into())) };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        // A URL cannot represent other keys.
        let is_plain = |segment: &str| !matches!(segment, "" | "." | "..");
        if bucket.is_empty() || !prefix.is_empty() && !prefix.split('/').all(is_plain) {
            return Err(StorageError::Url(text.to_owned()).into());
        }
        let storage = Arc::new(Storage::new(bucket, variable, settings, clock)?);
        Ok(Self::Bucket { storage, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// The subfolder with this name.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        match self {
            Self::Folder(folder) => Self::Folder(folder.join(name)),
            Self::Bucket { storage, bucket, prefix } => {
                Self::Bucket { storage: Arc::clone(storage), bucket: bucket.clone(), prefix: key(prefix, name) }
            }
        }
    }

    /// The subfolders with a manifest, in the order of their names.
    ///
    /// # Errors
    /// [`BackupError`] if the place cannot be read.
    pub(super) fn backups(&self) -> Result<Vec<String>, BackupError> {
        let mut names: Vec<String> = match self {
            Self::Folder(folder) => {
                let entries = fs::read_dir(folder).map_err(BackupError::file(folder))?.flatten();
                let entries = entries.filter(|entry| entry.path().join(MANIFEST).is_file());
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
            }
            Self::Bucket { storage, prefix, .. } => {
                let start = key(prefix, "");
                let keys = storage.keys(&start, None)?;
                let name = |key: &String| {
                    let name = key.strip_prefix(&start)?.strip_suffix(MANIFEST)?.strip_suffix('/')?;
                    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
                };
                keys.iter().filter_map(name).collect()
            }
        };
        names.sort_unstable();
        Ok(names)
    }

    /// Opens a file to read it.
    pub(super) fn open(&self, name: &str) -> Result<Source, BackupError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                File::open(&path).map(Source::File).map_err(BackupError::file(&path))
            }
            Self::Bucket { storage, prefix, .. } => Ok(Source::Object(storage.get(&key(prefix, name))?)),
        }
    }

    /// What a file is called in messages.
    pub(super) fn name_of(&self, name: &str) -> PathBuf {
        PathBuf::from(self.to_string()).join(name)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Bucket { bucket, prefix, .. } => f.write_str(&format!("{SCHEME}{}", key(bucket, prefix))),
        }
    }
}

/// The key of a name below a prefix.
pub(super) fn key(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") }
}

/// A file that is being read.
pub(super) enum Source {
    File(File),
    Object(Download),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Object(download) => download.read(buffer),
        }
    }
}

/// A file that is being written.
pub(super) enum Target<'a> {
    File(&'a Path, File),
    Object(Upload<'a>),
}

impl Target<'_> {
    /// Makes the file durable.
    pub(super) fn finish(self) -> Result<(), BackupError> {
        match self {
            Self::File(path, file) => file.sync_all().map_err(BackupError::file(path)),
            Self::Object(upload) => Ok(upload.finish()?),
        }
    }
}

impl Write for Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(_, file) => file.write(bytes),
            Self::Object(upload) => upload.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(_, file) => file.flush(),
            Self::Object(upload) => upload.flush(),
        }
    }
}
