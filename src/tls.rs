//! TLS by the server itself, with a certificate from PEM files.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};
use tokio::signal::unix::Signal;
use x509_cert::der::Decode;
use zeroize::Zeroizing;

use crate::{clock::Clock, config::TlsSettings};

/// The server warns of a certificate that expires in fewer days than this.
const EXPIRES_SOON: i64 = 14;

/// Why TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or does not contain what is expected.
    #[error("{}: cannot read a {expected} in PEM: {source}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// The expected content.
        expected: &'static str,
        /// The reason.
        source: pem::Error,
    },
    /// The file has no certificate.
    #[error("{}: the file has no certificate", .0.display())]
    NoCertificate(PathBuf),
    /// The certificate and the key do not match, or rustls cannot use them.
    #[error("{} with {}: {source}", certificate.display(), private_key.display())]
    Unusable {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        private_key: PathBuf,
        /// The error of rustls.
        source: rustls::Error,
    },
}

/// The current certificate, with its files.
pub struct Certificates {
    certificate: PathBuf,
    private_key: PathBuf,
    current: ArcSwap<CertifiedKey>,
    /// When the current files were last modified.
    read: Mutex<Option<[SystemTime; 2]>>,
}

impl Certificates {
    /// Reads the files. `None` if no certificate is configured.
    ///
    /// # Errors
    /// [`TlsError`] with the name of the file.
    pub fn load(settings: &TlsSettings) -> Result<Option<Arc<Self>>, TlsError> {
        let (Some(certificate), Some(private_key)) = (&settings.certificate, &settings.private_key) else {
            return Ok(None);
        };
        let current = read(certificate, private_key)?;
        let certificates = Self {
            certificate: certificate.clone(),
            private_key: private_key.clone(),
            current: ArcSwap::from_pointee(current),
            read: Mutex::new(None),
        };
        certificates.is_changed();
        certificates.warn_of_expiry();
        Ok(Some(Arc::new(certificates)))
    }

    /// The rustls configuration, which always uses the current certificate.
    ///
    /// # Errors
    /// [`TlsError::Unusable`] if rustls does not support its own protocol versions.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|source| unusable(&self.certificate, &self.private_key, source))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(Resolver(Arc::clone(self))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// The current chain, starting with the server's certificate.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.current.load().cert.clone()
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// [`TlsError`] with the name of the file. The current certificate is kept.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current.store(Arc::new(read(&self.certificate, &self.private_key)?));
        self.warn_of_expiry();
        Ok(())
    }

    /// Reloads the files when they change, and at each signal.
    pub async fn follow(self: Arc<Self>, mut hangup: Signal) {
        let mut interval = tokio::time::interval(Duration::from_secs(10));
        let mut warned = tokio::time::interval(Duration::from_secs(86_400));
        warned.tick().await;
        loop {
            tokio::select! {
                _ = hangup.recv() => {}
                _ = interval.tick() => if !self.is_changed() { continue },
                _ = warned.tick() => {
                    self.warn_of_expiry();
                    continue;
                }
            }
            match self.reload() {
                Ok(()) => tracing::info!(certificate = %self.certificate.display(), "the certificate was reloaded"),
                Err(error) => tracing::error!(%error, "the current certificate is kept"),
            }
        }
    }

    /// Whether a file was modified since the last call.
    fn is_changed(&self) -> bool {
        let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified()).ok();
        let Some(now) = modified(&self.certificate).zip(modified(&self.private_key)) else { return false };
        let now = Some([now.0, now.1]);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *read, now) != now
    }

    /// The days until the current certificate expires, if that is soon.
    pub fn expires_soon(&self) -> Option<i64> {
        // The wall clock, which clients also use to check the certificate.
        let seconds = not_after(&self.current.load())? - Clock::default().now();
        let days = seconds.max(0) / 86_400;
        (days < EXPIRES_SOON).then_some(days)
    }

    /// When the current certificate expires, in seconds since the epoch.
    pub fn not_after(&self) -> Option<i64> {
        not_after(&self.current.load())
    }

    fn warn_of_expiry(&self) {
        if let Some(days) = self.expires_soon() {
            tracing::warn!(certificate = %self.certificate.display(), days, "the certificate is about to expire");
        }
    }
}

/// Provides the current certificate to each handshake.
struct Resolver(Arc<Certificates>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current.load_full())
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolver").field(&self.0.certificate).finish()
    }
}

fn read(certificate: &Path, private_key: &Path) -> Result<CertifiedKey, TlsError> {
    let pem = |path: &Path, expected, source| TlsError::Pem { path: path.to_owned(), expected, source };
    let chain = bytes(certificate)
        .and_then(|bytes| CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>())
        .map_err(|source| pem(certificate, "certificate", source))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(certificate.to_owned()));
    }
    let key = bytes(private_key)
        .and_then(|bytes| PrivateKeyDer::from_pem_slice(&bytes))
        .map_err(|source| pem(private_key, "private key", source))?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|source| unusable(certificate, private_key, source))
}

/// The content of a file without the byte order mark that some editors write.
fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, pem::Error> {
    let mut bytes = Zeroizing::new(std::fs::read(path).map_err(pem::Error::Io)?);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    Ok(bytes)
}

fn unusable(certificate: &Path, private_key: &Path, source: rustls::Error) -> TlsError {
    TlsError::Unusable { certificate: certificate.to_owned(), private_key: private_key.to_owned(), source }
}

/// When the server's certificate expires, in seconds since the epoch.
fn not_after(key: &CertifiedKey) -> Option<i64> {
    let certificate = x509_cert::Certificate::from_der(key.end_entity_cert().ok()?).ok()?;
    i64::try_from(certificate.tbs_certificate.validity.not_after.to_unix_duration().as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The files of a certificate and its key in a temporary directory.
    struct Files(PathBuf);

    impl Files {
        fn new() -> Self {
            let directory = std::env::temp_dir().join(format!("writ-tls-{}", uuid::Uuid::new_v4()));
            std::fs::create_dir(&directory).expect("a new directory");
            let files = Self(directory);
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
            files.write("certificate.pem", &made.cert.pem());
            files.write("key.pem", &made.signing_key.serialize_pem());
            files
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.join(name), text).expect("written");
        }

        fn load(&self, certificate: &str, private_key: &str) -> Result<(), String> {
            let settings = TlsSettings {
                certificate: Some(self.0.join(certificate)),
                private_key: Some(self.0.join(private_key)),
            };
            match Certificates::load(&settings) {
                Ok(certificates) => {
                    assert!(certificates.expect("a certificate is set").server_config().is_ok());
                    Ok(())
                }
                Err(error) => Err(error.to_string().replace(&format!("{}/", self.0.display()), "")),
            }
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn certificate_with_its_key_is_usable() {
        let files = Files::new();
        assert_eq!(files.load("certificate.pem", "key.pem"), Ok(()));
        let text = std::fs::read_to_string(files.0.join("certificate.pem")).expect("a file");
        files.write("windows.pem", &format!("\u{feff}{}", text.replace('\n', "\r\n")));
        assert_eq!(files.load("windows.pem", "key.pem"), Ok(()));
    }

    #[test]
    fn certificate_is_replaced_when_files_change_unless_invalid() {
        let files = Files::new();
        let [certificate, private_key] = ["certificate.pem", "key.pem"].map(|name| Some(files.0.join(name)));
        let certificates = Certificates::load(&TlsSettings { certificate, private_key }).expect("usable").expect("set");
        let in_use = || certificates.current.load().end_entity_cert().expect("a certificate").to_vec();
        let first = in_use();
        assert!(!certificates.is_changed());
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        files.write("certificate.pem", &made.cert.pem());
        assert!(certificates.is_changed());
        assert!(certificates.reload().is_err(), "the key is not that of the certificate");
        assert_eq!(in_use(), first);
        files.write("key.pem", &made.signing_key.serialize_pem());
        certificates.reload().expect("usable");
        assert_ne!(in_use(), first);
    }

    #[test]
    fn certificate_expiry_is_read() {
        let files = Files::new();
        let key = read(&files.0.join("certificate.pem"), &files.0.join("key.pem")).expect("usable");
        assert!(not_after(&key).is_some_and(|end| end > Clock::default().now()));
    }

    #[test]
    fn error_names_the_file() {
        let files = Files::new();
        files.write("empty.pem", "");
        let other = rcgen::KeyPair::generate().expect("a key");
        files.write("other.pem", &other.serialize_pem());
        for (certificate, private_key, said) in [
            ("nowhere.pem", "key.pem", "nowhere.pem: cannot read a certificate"),
            ("empty.pem", "key.pem", "empty.pem: the file has no certificate"),
            ("certificate.pem", "certificate.pem", "certificate.pem: cannot read a private key"),
            ("certificate.pem", "other.pem", "certificate.pem with other.pem: keys may not be consistent"),
        ] {
            let error = files.load(certificate, private_key).expect_err(said);
            assert!(error.starts_with(said), "{error}");
        }
    }
}
