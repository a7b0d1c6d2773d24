//! The public keys that a client registered (`jwks`, RFC 7591 §2), and the JWTs that they sign.
//!
//! jsonwebtoken checks the signature; what it leaves to the caller is checked here: `crit`, `typ`, and that key and algorithm
//! belong together.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use super::ClientSigningAlg;

/// The most keys a client may register.
const MAX_KEYS: usize = 20;
/// Bytes of an RSA modulus: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Members that only private and symmetric keys have (RFC 7518 §6).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A JWK Set (RFC 7517 §5) without a private key and with at least one that we can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientKeys {
    document: Value,
    keys: Vec<Jwk>,
}

/// Why a JWT is not one that the client signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// It is no compact JWS with a readable header.
    #[error("it is no JWT, or its header asks for an algorithm that is not supported")]
    Malformed,
    /// Its `typ` says that it is something else.
    #[error("its typ is not that of such a JWT")]
    WrongType,
    /// The client registered another `alg`, or the header has critical extensions.
    #[error("its alg is not the registered one, or it has critical extensions")]
    WrongAlgorithm,
    /// No registered key has its `kid` and fits its `alg`.
    #[error("no registered key fits its kid and alg")]
    UnknownKey,
    /// The signature is wrong, or the claims are not what such a JWT has.
    #[error("its signature or its claims are not valid")]
    Invalid,
}

impl ClientKeys {
    /// Parses a JWK Set for registration.
    ///
    /// # Errors
    /// A sentence that names the rule.
    pub fn parse(document: Value) -> Result<Self, String> {
        let members =
            document.get("keys").and_then(Value::as_array).ok_or("jwks must be a JWK Set: an object with `keys`")?;
        if members.len() > MAX_KEYS {
            return Err(format!("jwks has more than {MAX_KEYS} keys"));
        }
        let mut kids = BTreeSet::new();
        let mut keys = Vec::new();
        for member in members {
            let object = member.as_object().ok_or("each of the keys of jwks must be an object")?;
            if let Some(secret) = SECRET_MEMBERS.into_iter().find(|name| object.contains_key(*name)) {
                return Err(format!("jwks must hold public keys only, and one has the member `{secret}`"));
            }
            if let Some(kid) = object.get("kid")
                && !kids.insert(kid.to_string())
            {
                return Err("two of the keys of jwks have the same kid".to_owned());
            }
            keys.extend(serde_json::from_value::<Jwk>(member.clone()).ok().filter(is_usable));
        }
        if keys.is_empty() {
            return Err(
                "jwks has no key for RS256, PS256, ES256 or EdDSA: RSA of 2048 bits or more, P-256, Ed25519".to_owned()
            );
        }
        Ok(Self { document, keys })
    }

    /// Whether some key can sign with `alg`.
    pub fn has_key_for(&self, alg: ClientSigningAlg) -> bool {
        self.keys.iter().any(|key| fits(key, alg))
    }

    /// The claims of a JWT that one of the keys signed. `types` are the `typ` values it may have, in lower case and besides none;
    /// `alg` is the one that the client registered. Times and audience are the caller's to check.
    ///
    /// # Errors
    /// Why it is none.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
    ) -> Result<C, NotSigned> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| NotSigned::Malformed)?;
        let asked = ClientSigningAlg::from_jws(header.alg).ok_or(NotSigned::Malformed)?;
        if header.typ.as_deref().is_some_and(|typ| !types.contains(&typ.to_ascii_lowercase().as_str())) {
            return Err(NotSigned::WrongType);
        }
        if alg.is_some_and(|alg| alg != asked) || header.crit.is_some() {
            return Err(NotSigned::WrongAlgorithm);
        }
        let named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
        let mut candidates = self.keys.iter().filter(|key| fits(key, asked)).filter(named).peekable();
        if candidates.peek().is_none() {
            return Err(NotSigned::UnknownKey);
        }
        let mut validation = Validation::new(header.alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        candidates
            .filter_map(|key| DecodingKey::from_jwk(key).ok())
            .find_map(|key| jsonwebtoken::decode(token, &key, &validation).ok())
            .map(|data| data.claims)
            .ok_or(NotSigned::Invalid)
    }
}

/// The claims of a JWT before anybody has verified it: only to find out whose keys to ask.
pub fn unverified_claims<C: DeserializeOwned>(token: &str) -> Option<C> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn is_usable(key: &Jwk) -> bool {
    ClientSigningAlg::ALL.into_iter().any(|alg| fits(key, alg)) && DecodingKey::from_jwk(key).is_ok()
}

fn fits(key: &Jwk, alg: ClientSigningAlg) -> bool {
    use ClientSigningAlg::{ES256, EdDSA, PS256, RS256};
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(&rsa.n).map_or(0, |modulus| modulus.len());
            matches!(alg, RS256 | PS256) && MODULUS.contains(&bytes)
        }
        AlgorithmParameters::EllipticCurve(point) => alg == ES256 && point.curve == EllipticCurve::P256,
        AlgorithmParameters::OctetKeyPair(pair) => alg == EdDSA && pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let common = &key.common;
    let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    kind && signs && common.key_algorithm.is_none_or(|named| named == KeyAlgorithm::from(alg.to_jws()))
}

impl Serialize for ClientKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ClientKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn p256() -> Value {
        // The public part of the example in RFC 7517, appendix A.1.
        json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
    }

    #[test]
    fn a_key_set_holds_public_keys_of_which_one_is_good_for_something() {
        let with = |member: &str, value: Value| {
            let mut key = p256();
            key[member] = value;
            json!({ "keys": [key] })
        };
        let small = json!({"kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB"});
        assert!(ClientKeys::parse(json!({ "keys": [p256()] })).is_ok());
        assert!(
            ClientKeys::parse(json!({ "keys": [p256(), {"kty": "new", "x": 1}] })).is_ok(),
            "what we do not know is ignored"
        );
        for bad in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "keys": {} }),
            json!({ "keys": [] }),
            json!({ "keys": ["text"] }),
            json!({ "keys": [small] }),
            json!({ "keys": [p256(), {"kty": "oct", "k": "AAAA"}] }),
            json!({ "keys": vec![p256(); 21] }),
            with("d", json!("AAAA")),
            with("crv", json!("P-384")),
            with("use", json!("enc")),
            with("alg", json!("ES384")),
            with("key_ops", json!(["sign"])),
        ] {
            assert!(ClientKeys::parse(bad.clone()).is_err(), "{bad}");
        }
        let mut named = p256();
        named["kid"] = json!("1");
        assert!(ClientKeys::parse(json!({ "keys": [named, named] })).is_err());
    }

    #[test]
    fn a_key_fits_its_own_algorithm_only() {
        let keys = ClientKeys::parse(json!({ "keys": [p256()] })).expect("a key set");
        assert!(keys.has_key_for(ClientSigningAlg::ES256));
        for alg in [ClientSigningAlg::RS256, ClientSigningAlg::PS256, ClientSigningAlg::EdDSA] {
            assert!(!keys.has_key_for(alg), "{}", alg.as_str());
        }
    }
}
