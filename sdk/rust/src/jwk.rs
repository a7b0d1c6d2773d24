//! Published keys (RFC 7517), each parsed once, when it is fetched.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::json::{Json, Object};

/// The signature algorithms that are accepted (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Es256,
    Rs256,
    EdDsa,
}

impl Algorithm {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    public: ParsedPublicKey,
}

impl Key {
    /// A key made for signatures by one of our algorithms; `None` for any other.
    ///
    /// The algorithm follows from `kty` and `crv`, and a contradicting `alg` disqualifies the key:
    /// a token can then never choose how a key is used.
    fn from_jwk(jwk: &Object<'_>) -> Option<Self> {
        let is_for_verifying = jwk.get("use").is_none_or(|purpose| purpose.as_str() == Some("sig"))
            && jwk.get("key_ops").is_none_or(|operations| {
                operations.as_array().is_some_and(|all| all.iter().any(|one| one.as_str() == Some("verify")))
            });
        if !is_for_verifying {
            return None;
        }
        let bytes = |name| URL_SAFE_NO_PAD.decode(jwk.text(name)?).ok();
        let coordinate = |name| bytes(name).filter(|value| value.len() == 32);
        let (algorithm, public) = match (jwk.text("kty")?, jwk.text("crv")) {
            ("EC", Some("P-256")) => {
                let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
                (Algorithm::Es256, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?)
            }
            ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, ParsedPublicKey::new(&ED25519, coordinate("x")?).ok()?),
            ("RSA", _) => {
                let n = bytes("n").filter(|n| (2048..=8192).contains(&bit_length(n)))?;
                let components = PublicKeyComponents { n, e: bytes("e")? };
                let public = components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()?;
                (Algorithm::Rs256, public)
            }
            _ => return None,
        };
        let named = jwk.get("alg").is_none_or(|alg| alg.as_str().and_then(Algorithm::from_name) == Some(algorithm));
        named.then_some(Self { algorithm, public })
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }
}

fn bit_length(big_endian: &[u8]) -> usize {
    big_endian.first().map_or(0, |high| big_endian.len() * 8 - high.leading_zeros() as usize)
}

/// The usable keys of a JWK Set (RFC 7517 §5) by `kid`. Keys of other kinds are passed over; when
/// a `kid` is repeated the first usable key has it.
pub(crate) fn key_set(jwks: &Object<'_>) -> Option<HashMap<String, Arc<Key>>> {
    let mut keys = HashMap::new();
    for jwk in jwks.get("keys")?.as_array()?.iter().filter_map(Json::as_object) {
        if let (Some(kid), Some(key)) = (jwk.text("kid"), Key::from_jwk(jwk)) {
            keys.entry(kid.to_owned()).or_insert(Arc::new(key));
        }
    }
    Some(keys)
}
