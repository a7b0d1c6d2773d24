//! TLS by the server itself, with a certificate from PEM files or from an authority.

mod files;

use std::{
    fmt,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
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
use x509_cert::{der::Decode, time::Time};

use self::files::Files;
use crate::{clock::Clock, config::TlsSettings};

const DAY: i64 = 86_400;
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
    /// What the authority issued is not PEM.
    #[error("the certificate from the authority: {0}")]
    IssuedPem(#[from] pem::Error),
    /// rustls cannot use what the authority issued, or not its own protocol versions.
    #[error("the certificate from the authority: {0}")]
    IssuedUnusable(#[from] rustls::Error),
}

/// The current certificate, and where it comes from.
pub struct Certificates {
    /// `None` if it comes from an authority.
    files: Option<Files>,
    /// `None` before the authority has issued the first one.
    current: ArcSwapOption<CertifiedKey>,
    /// Whether the authority has not renewed it when asked last.
    failing: AtomicBool,
}

/// The time in which a certificate is valid, in seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
}

impl Validity {
    /// The validity of the server's certificate, the first of a chain.
    pub fn of(chain: &[CertificateDer<'_>]) -> Option<Self> {
        let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        let validity = x509_cert::Certificate::from_der(chain.first()?).ok()?.tbs_certificate.validity;
        Some(Self { not_before: seconds(validity.not_before), not_after: seconds(validity.not_after) })
    }

    /// From how many seconds before its end on it is about to expire. One for a few days is renewed
    /// when a third of them is left.
    pub fn soon(self) -> i64 {
        (EXPIRES_SOON * DAY).min((self.not_after - self.not_before) / 3)
    }
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
        let files = Files::new(certificate, private_key);
        files.are_changed();
        let current = ArcSwapOption::from_pointee(files.read()?);
        let certificates = Self { files: Some(files), current, failing: AtomicBool::new(false) };
        certificates.warn_of_expiry();
        Ok(Some(Arc::new(certificates)))
    }

    /// No certificate yet: an authority issues it.
    pub fn expected() -> Arc<Self> {
        Arc::new(Self { files: None, current: ArcSwapOption::empty(), failing: AtomicBool::new(false) })
    }

    /// The rustls configuration, which always uses the current certificate. Without one, handshakes
    /// fail.
    ///
    /// # Errors
    /// [`TlsError`] if rustls does not support its own protocol versions.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let resolver = Resolver(Arc::clone(self));
        Ok(server_config(Arc::new(resolver), b"http/1.1")?)
    }

    /// The current chain, starting with the server's certificate. Empty without one.
    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        self.current.load().as_ref().map(|current| current.cert.clone()).unwrap_or_default()
    }

    /// Uses a certificate that the authority has issued: the chain and the private key in PEM.
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be used. The current certificate is kept.
    pub fn replace(&self, chain: &str, private_key: &[u8]) -> Result<(), TlsError> {
        self.current.store(Some(Arc::new(issued(chain, private_key)?)));
        Ok(())
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// [`TlsError`] with the name of the file. The current certificate is kept.
    fn reload(&self, files: &Files) -> Result<(), TlsError> {
        self.current.store(Some(Arc::new(files.read()?)));
        self.warn_of_expiry();
        Ok(())
    }

    /// Reloads the files when they change, and at each signal. Ends at once without files.
    pub async fn follow(self: Arc<Self>, mut hangup: Signal) {
        let Some(files) = &self.files else { return };
        let mut interval = tokio::time::interval(Duration::from_secs(10));
        let mut warned = tokio::time::interval(Duration::from_secs(86_400));
        warned.tick().await;
        loop {
            tokio::select! {
                _ = hangup.recv() => {}
                _ = interval.tick() => if !files.are_changed() { continue },
                _ = warned.tick() => {
                    self.warn_of_expiry();
                    continue;
                }
            }
            match self.reload(files) {
                Ok(()) => tracing::info!(certificate = %files.certificate.display(), "the certificate was reloaded"),
                Err(error) => tracing::error!(%error, "the current certificate is kept"),
            }
        }
    }

    /// The days until the current certificate expires, if that is soon.
    pub fn expires_soon(&self) -> Option<i64> {
        let validity = Validity::of(&self.chain())?;
        // The wall clock, which clients also use to check the certificate.
        let left = validity.not_after - Clock::default().now();
        (left < validity.soon()).then_some(left.max(0) / DAY)
    }

    /// When the current certificate expires, in seconds since the epoch.
    pub fn not_after(&self) -> Option<i64> {
        Some(Validity::of(&self.chain())?.not_after)
    }

    /// Whether the authority has not issued or renewed it when asked last.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Sets whether the last order has failed.
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Ordering::Relaxed);
    }

    fn warn_of_expiry(&self) {
        if let (Some(days), Some(files)) = (self.expires_soon(), &self.files) {
            tracing::warn!(certificate = %files.certificate.display(), days, "the certificate is about to expire");
        }
    }
}

/// A configuration without client certificates, for one protocol (ALPN).
///
/// # Errors
/// An error of rustls if it does not support its own protocol versions.
pub fn server_config(
    resolver: Arc<dyn ResolvesServerCert>,
    protocol: &'static [u8],
) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}

/// The chain of an authority as certificates.
///
/// # Errors
/// An error if the text is not PEM.
pub fn issued_chain(chain: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    Ok(CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<_, _>>()?)
}

/// Checks that a server can use the chain of an authority with this key.
///
/// # Errors
/// An error if the text is not PEM, or the key is not that of the first certificate.
pub fn check_issued(chain: &str, private_key: &[u8]) -> Result<(), TlsError> {
    issued(chain, private_key).map(drop)
}

fn issued(chain: &str, private_key: &[u8]) -> Result<CertifiedKey, TlsError> {
    let key = PrivateKeyDer::from_pem_slice(private_key)?;
    Ok(CertifiedKey::from_der(issued_chain(chain)?, key, &aws_lc_rs::default_provider())?)
}

/// Provides the current certificate to each handshake.
struct Resolver(Arc<Certificates>);

impl ResolvesServerCert for Resolver {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.current.load_full()
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Certificates, TlsSettings, Validity};
    use crate::clock::Clock;

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
        let in_use = || certificates.chain().remove(0);
        let files_of = certificates.files.as_ref().expect("files");
        let first = in_use();
        assert!(!files_of.are_changed());
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        files.write("certificate.pem", &made.cert.pem());
        assert!(files_of.are_changed());
        assert!(certificates.reload(files_of).is_err(), "the key is not that of the certificate");
        assert_eq!(in_use(), first);
        files.write("key.pem", &made.signing_key.serialize_pem());
        certificates.reload(files_of).expect("usable");
        assert_ne!(in_use(), first);
    }

    #[test]
    fn certificate_expiry_is_read() {
        let files = Files::new();
        let [certificate, private_key] = ["certificate.pem", "key.pem"].map(|name| Some(files.0.join(name)));
        let certificates = Certificates::load(&TlsSettings { certificate, private_key }).expect("usable").expect("set");
        assert!(certificates.not_after().is_some_and(|end| end > Clock::default().now()));
        assert_eq!(Validity::of(&[]), None);
    }

    #[test]
    fn certificate_of_an_authority_is_used_only_with_its_key() {
        let certificates = Certificates::expected();
        assert!(certificates.chain().is_empty() && certificates.not_after().is_none());
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = made.signing_key.serialize_pem();
        certificates.replace(&made.cert.pem(), key.as_bytes()).expect("usable");
        let first = certificates.chain();
        assert_eq!(first, [made.cert.der().clone()]);
        let other = rcgen::KeyPair::generate().expect("a key").serialize_pem();
        assert!(certificates.replace(&made.cert.pem(), other.as_bytes()).is_err());
        assert!(certificates.replace("no certificate", key.as_bytes()).is_err());
        assert_eq!(certificates.chain(), first);
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
