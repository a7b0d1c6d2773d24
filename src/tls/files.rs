//! A certificate in PEM files, and whether they have changed.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use rustls::{crypto::aws_lc_rs, sign::CertifiedKey};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use zeroize::Zeroizing;

use super::TlsError;

/// The files of a certificate and its private key.
pub(super) struct Files {
    pub(super) certificate: PathBuf,
    private_key: PathBuf,
    /// When they were last modified, as of the last look.
    seen: Mutex<Option<[SystemTime; 2]>>,
}

impl Files {
    pub(super) fn new(certificate: &Path, private_key: &Path) -> Self {
        Self { certificate: certificate.to_owned(), private_key: private_key.to_owned(), seen: Mutex::new(None) }
    }

    /// Reads the certificate with its key.
    ///
    /// # Errors
    /// [`TlsError`] with the name of the file.
    pub(super) fn read(&self) -> Result<CertifiedKey, TlsError> {
        let Self { certificate, private_key, .. } = self;
        let pem = |path: &Path, expected, source| TlsError::Pem { path: path.to_owned(), expected, source };
        let chain = bytes(certificate)
            .and_then(|bytes| CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>())
            .map_err(|source| pem(certificate, "certificate", source))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(certificate.clone()));
        }
        let key = bytes(private_key)
            .and_then(|bytes| PrivateKeyDer::from_pem_slice(&bytes))
            .map_err(|source| pem(private_key, "private key", source))?;
        CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(|source| TlsError::Unusable {
            certificate: certificate.clone(),
            private_key: private_key.clone(),
            source,
        })
    }

    /// Whether a file was modified since the last call.
    pub(super) fn are_changed(&self) -> bool {
        let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        let Some(now) = modified(&self.certificate).zip(modified(&self.private_key)) else { return false };
        let now = Some([now.0, now.1]);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *seen, now) != now
    }
}

/// The content of a file without the byte order mark that some editors write.
fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, pem::Error> {
    let mut bytes = Zeroizing::new(std::fs::read(path).map_err(pem::Error::Io)?);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    Ok(bytes)
}
