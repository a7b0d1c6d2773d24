//! The master key. It seals the private keys in the database, and all shared keys are derived from
//! it.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use aws_lc_rs::hkdf;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::SealingKey;
use crate::secret::random_bytes;

/// A key of 256 random bits: base64url in the environment, or in a file that others cannot read.
pub struct MasterKey {
    bytes: Zeroizing<[u8; 32]>,
    /// The file that a new key is yet to be written to.
    unsaved: Option<PathBuf>,
}

/// Why the master key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The text is not a key.
    #[error("{0} does not hold 32 bytes in base64url (43 characters)")]
    Malformed(String),
    /// The file can be read or changed by others.
    #[error(
        "{path} has mode {mode:03o}, so that others can read or change the master key: chmod 600 it (or 440, \
         for a group of its own), and consider it known to them"
    )]
    ReadableByOthers {
        /// The file.
        path: String,
        /// The permission bits.
        mode: u32,
    },
    /// The file cannot be read or created.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// The error of the operating system.
        error: io::Error,
    },
}

impl MasterKey {
    /// Reads the key from its file. If there is none, it creates a new key, which
    /// [`saved`](Self::saved) writes to the file.
    ///
    /// # Errors
    /// [`MasterKeyError`] if it is malformed, unreadable, or readable by others.
    pub fn load(file: &Path) -> Result<Self, MasterKeyError> {
        let failed = |error| MasterKeyError::File { path: file.display().to_string(), error };
        if !file.try_exists().map_err(failed)? {
            return Ok(Self { unsaved: Some(file.to_owned()), ..Self::random() });
        }
        let metadata = fs::metadata(file).map_err(failed)?;
        let mode = metadata.mode() & 0o777;
        if mode & 0o037 != 0 {
            return Err(MasterKeyError::ReadableByOthers { path: file.display().to_string(), mode });
        }
        if mode & 0o040 != 0 {
            // Kubernetes mounts a secret like this for a process that does not run as root.
            tracing::info!(path = %file.display(), group = metadata.gid(), "the group can read the master key");
        }
        let text = Zeroizing::new(fs::read_to_string(file).map_err(failed)?);
        Self::parse(&text).ok_or_else(|| MasterKeyError::Malformed(file.display().to_string()))
    }

    /// A new key, for tests and tools.
    pub fn random() -> Self {
        Self { bytes: Zeroizing::new(random_bytes()), unsaved: None }
    }

    /// Whether the key was just created, so that no database can use it.
    pub fn is_new(&self) -> bool {
        self.unsaved.is_some()
    }

    /// Writes a new key to its file. If another process has created the file first, its key is
    /// used.
    ///
    /// # Errors
    /// [`MasterKeyError`] if the file cannot be written or read.
    pub fn saved(self) -> Result<Self, MasterKeyError> {
        let Some(file) = &self.unsaved else { return Ok(self) };
        let failed = |error| MasterKeyError::File { path: file.display().to_string(), error };
        create(file, &self.bytes).map_err(failed)?;
        Self::load(file)
    }

    /// Parses 32 bytes in base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text.trim()).ok()?);
        Some(Self { bytes: Zeroizing::new(bytes.as_slice().try_into().ok()?), unsaved: None })
    }

    /// Encrypts a private key. `kid` is authenticated, so that rows cannot be exchanged.
    pub fn seal(&self, kid: &str, private_key: &[u8]) -> Vec<u8> {
        self.sealing_key().seal(kid, private_key)
    }

    /// Decrypts the result of [`seal`](Self::seal). `None` if it belongs to another master key or
    /// `kid`, or was modified.
    pub fn unseal(&self, kid: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.sealing_key().unseal(kid, sealed)
    }

    fn sealing_key(&self) -> SealingKey {
        SealingKey::new(&self.derive("seal private keys"))
    }

    /// HKDF-Expand (RFC 5869 §2.3). The master key is uniformly random and needs no extraction.
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &*self.bytes)
            .expand(&[b"writ ", purpose.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *derived))
            .expect("HKDF-SHA-256 yields 32 bytes");
        derived
    }
}

/// Writes a key to a temporary file and links it to its name, so that only one process wins and
/// none reads a partial file.
fn create(file: &Path, key: &[u8; 32]) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let draft = file.with_extension(format!("{}.new", uuid::Uuid::new_v4()));
    let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    open.write_all(Zeroizing::new(format!("{}\n", BASE64_URL_SAFE_NO_PAD.encode(key))).as_bytes())?;
    open.sync_all()?;
    let linked = fs::hard_link(&draft, file);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn sealed_key_opens_only_under_its_key_and_kid() {
        let master_key = MasterKey::random();
        let sealed = master_key.seal("kid-1", b"private");
        assert_eq!(master_key.unseal("kid-1", &sealed).as_deref().map(Vec::as_slice), Some(&b"private"[..]));
        assert!(master_key.unseal("kid-2", &sealed).is_none());
        assert!(MasterKey::random().unseal("kid-1", &sealed).is_none());
        for index in [0, sealed.len() - 1] {
            let mut tampered = sealed.clone();
            tampered[index] ^= 1;
            assert!(master_key.unseal("kid-1", &tampered).is_none(), "byte {index}");
        }
        assert!(master_key.unseal("kid-1", b"short").is_none());
    }

    #[test]
    fn file_is_made_once_and_refused_when_others_can_read_it() {
        let folder = std::env::temp_dir().join(format!("writ-{}", uuid::Uuid::new_v4()));
        let file = folder.join("master.key");
        let unsaved = MasterKey::load(&file).expect("made");
        assert!(unsaved.is_new() && !file.exists());
        let slower = MasterKey::load(&file).expect("made");
        let [first, second] = [unsaved, slower].map(|key| key.saved().expect("saved"));
        assert_eq!(*first.bytes, *second.bytes);
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, format!("{}\r\n", text.trim())).expect("written");
        for mode in [0o400, 0o440, 0o640] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("chmod");
            assert_eq!(*MasterKey::load(&file).expect("read").bytes, *first.bytes);
        }
        for mode in [0o444, 0o660] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("chmod");
            let refused = MasterKey::load(&file);
            assert!(matches!(refused, Err(MasterKeyError::ReadableByOthers { .. })), "{mode:o}");
        }
        fs::remove_dir_all(&folder).expect("removed");
    }
}
