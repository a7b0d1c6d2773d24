//! TLS to PostgreSQL, with the verification that `sslmode` requires.

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{
    config::{PostgresUrl, Roots, Verification},
    fault::Fault,
};

/// # Errors
/// [`Fault::Startup`] with the name of the unusable file.
pub(super) fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect, Fault> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let startup = |error: Error| Fault::Startup(format!("database.url: TLS: {error}"));
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(startup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(url, provider)?));
    let config = match &url.client_certificate {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates("sslcert", certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable("sslkey", key, &error))?;
            config.with_client_auth_cert(chain, key).map_err(startup)?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(parameter: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(parameter, path, &error))
}

fn unreadable(parameter: &str, path: &Path, error: &rustls_pki_types::pem::Error) -> Fault {
    Fault::Startup(format!("database.url: {parameter}: {}: {error}", path.display()))
}

/// Verifies the certificate of the server as libpq does.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    verification: Verification,
    /// Verifies a chain to an authority. `None` if nothing is verified or there is no authority.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    /// The authorities. A server may present one of them directly.
    trusted: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn new(url: &PostgresUrl, provider: Arc<CryptoProvider>) -> Result<Self, Fault> {
        let verification = url.verification;
        let trusted = match (verification, &url.roots) {
            (Verification::None, _) => Vec::new(),
            (_, Roots::System) => rustls_native_certs::load_native_certs().certs,
            (_, Roots::File(path)) => certificates("sslrootcert", path)?,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusted.iter().cloned());
        let authorities = match roots.is_empty() {
            true => None,
            false => WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map(Some)
                .map_err(|error| Fault::Startup(format!("database.url: TLS: {error}")))?,
        };
        Ok(Self { provider, verification, authorities, trusted })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.verification == Verification::None {
            return Ok(ServerCertVerified::assertion());
        }
        // A self-signed certificate in the root file is its own authority. OpenSSL, and so libpq,
        // accepts it; webpki refuses an authority as a server certificate.
        if self.trusted.iter().any(|trusted| trusted == end_entity) {
            if self.verification == Verification::AuthorityAndName {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let Some(authorities) = &self.authorities else {
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        match authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The name is checked last, so the chain is valid here.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.verification == Verification::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
