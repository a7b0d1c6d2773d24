//! `[tls]`: the certificate, if the server terminates TLS itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// PEM files for TLS. Neither is set if a proxy terminates TLS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TlsSettings {
    /// The certificate chain, starting with the server's certificate.
    pub certificate: Option<PathBuf>,
    /// The private key of the first certificate, as PKCS #8, PKCS #1 or SEC 1.
    pub private_key: Option<PathBuf>,
}
