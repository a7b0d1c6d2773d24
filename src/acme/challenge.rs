//! Challenges in the handshake of TLS ([RFC 8737](https://www.rfc-editor.org/rfc/rfc8737)), and the
//! tokens of those over http.

use std::{fmt, sync::Arc};

use aws_lc_rs::digest;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs as provider,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::PrivateKeyDer;

use crate::{store::acme::Challenge, tls};

/// The protocol of the handshake.
const PROTOCOL: &[u8] = b"acme-tls/1";
/// The longest token that is looked up.
const MAX_TOKEN: usize = 128;

/// Whether a client asks for this protocol and no other, as authorities do.
pub fn is_asked(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut protocols| protocols.next() == Some(PROTOCOL) && protocols.next().is_none())
}

/// Whether a text may be a token
/// ([RFC 8555 §8.3](https://www.rfc-editor.org/rfc/rfc8555#section-8.3)).
pub fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// The configuration for one handshake, with a certificate that proves the challenge
/// ([RFC 8737 §3](https://www.rfc-editor.org/rfc/rfc8737#section-3)).
///
/// # Errors
/// The reason, as text, if the certificate cannot be made.
pub fn server_config(challenge: &Challenge) -> Result<ServerConfig, String> {
    let proof = digest::digest(&digest::SHA256, challenge.key_authorization.as_bytes());
    let mut parameters = CertificateParams::new([challenge.name.clone()]).map_err(|error| error.to_string())?;
    parameters.custom_extensions = vec![CustomExtension::new_acme_identifier(proof.as_ref())];
    let key = KeyPair::generate().map_err(|error| error.to_string())?;
    let certificate = parameters.self_signed(&key).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let key = provider::sign::any_ecdsa_type(&key).map_err(|error| error.to_string())?;
    // `CertifiedKey::from_der` refuses the critical extension.
    let resolver = Arc::new(Proof(Arc::new(CertifiedKey::new(vec![certificate.into()], key))));
    tls::server_config(resolver, PROTOCOL).map_err(|error| error.to_string())
}

/// Provides the certificate of one challenge.
struct Proof(Arc<CertifiedKey>);

impl ResolvesServerCert for Proof {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", true)]
    #[case("", false)]
    #[case("a/b", false)]
    #[case("a\0", false)]
    #[case("..", false)]
    fn only_what_may_be_a_token_is_looked_up(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_token(text), expected);
        assert!(!is_token(&"a".repeat(MAX_TOKEN + 1)));
    }
}
