//! `[tls]`: the certificate of a server that speaks TLS itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// PEM files for TLS; neither is set when a proxy in front speaks TLS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TlsSettings {
    /// The certificate chain, the server's own certificate first.
    pub certificate: Option<PathBuf>,
    /// The private key of the first certificate, as PKCS #8, PKCS #1 or SEC 1.
    pub private_key: Option<PathBuf>,
}
