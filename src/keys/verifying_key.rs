//! A public key, parsed once: every verification after that costs the signature alone.

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use writ_core::SigningAlg;

/// A key that verifies what one of ours signed, by its one algorithm.
pub struct VerifyingKey {
    alg: SigningAlg,
    public: ParsedPublicKey,
}

impl VerifyingKey {
    /// The key of a JWK that we published for `alg`; none if it is of another kind.
    pub fn parse(alg: SigningAlg, jwk: &Jwk) -> Option<Self> {
        let bytes = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
        let public = match (alg, &jwk.algorithm) {
            (SigningAlg::RS256, AlgorithmParameters::RSA(key)) => {
                let components = PublicKeyComponents { n: bytes(&key.n)?, e: bytes(&key.e)? };
                components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?
            }
            (SigningAlg::ES256, AlgorithmParameters::EllipticCurve(key)) => {
                let point = [vec![4], bytes(&key.x)?, bytes(&key.y)?].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?
            }
            (SigningAlg::EdDSA, AlgorithmParameters::OctetKeyPair(key)) => {
                ParsedPublicKey::new(&ED25519, bytes(&key.x)?).ok()?
            }
            _ => return None,
        };
        Some(Self { alg, public })
    }

    /// The one algorithm it verifies.
    pub fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}
