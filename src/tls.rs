//! TLS by the server itself, with the certificate from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::TlsSettings;

/// Why the server cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read, or has nothing of the kind that is looked for in it.
    #[error("{}: cannot read a {expected} in PEM: {source}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
        /// Why it does not.
        source: rustls_pki_types::pem::Error,
    },
    /// A file without a certificate.
    #[error("{}: there is no certificate in it", .0.display())]
    NoCertificate(PathBuf),
    /// The certificate and the key do not fit together, or rustls cannot use them.
    #[error("{} with {}: {source}", certificate.display(), private_key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        private_key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
}

/// What rustls needs to serve, or `None` if no certificate is set.
///
/// # Errors
/// [`TlsError`], which names the file.
pub fn load(settings: &TlsSettings) -> Result<Option<ServerConfig>, TlsError> {
    let (Some(certificate), Some(private_key)) = (&settings.certificate, &settings.private_key) else {
        return Ok(None);
    };
    let pem = |path: &Path, expected, source| TlsError::Pem { path: path.to_owned(), expected, source };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| pem(certificate, "certificate", source))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(certificate.clone()));
    }
    let key = PrivateKeyDer::from_pem_file(private_key).map_err(|source| pem(private_key, "private key", source))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map(Some)
        .map_err(|source| TlsError::Unusable {
            certificate: certificate.clone(),
            private_key: private_key.clone(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of a certificate and of its key, in a directory of their own.
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
            match load(&settings) {
                Ok(config) => {
                    assert!(config.is_some());
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
    fn a_certificate_with_its_key_is_usable() {
        assert_eq!(Files::new().load("certificate.pem", "key.pem"), Ok(()));
    }

    #[test]
    fn whatever_is_wrong_names_the_file() {
        let files = Files::new();
        files.write("empty.pem", "");
        let other = rcgen::KeyPair::generate().expect("a key");
        files.write("other.pem", &other.serialize_pem());
        for (certificate, private_key, said) in [
            ("nowhere.pem", "key.pem", "nowhere.pem: cannot read a certificate"),
            ("empty.pem", "key.pem", "empty.pem: there is no certificate in it"),
            ("certificate.pem", "certificate.pem", "certificate.pem: cannot read a private key"),
            ("certificate.pem", "other.pem", "certificate.pem with other.pem: keys may not be consistent"),
        ] {
            let error = files.load(certificate, private_key).expect_err(said);
            assert!(error.starts_with(said), "{error}");
        }
    }
}
