//! The public keys that a client registered (`jwks`, [RFC 7591
//! §2](https://www.rfc-editor.org/rfc/rfc7591#section-2)) and the JWTs that they verify.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use writ_jose::{CompactJws, PublicKey, json};

use super::ClientSigningAlg;

/// Maximum number of keys per client.
const MAX_KEYS: usize = 20;
/// Members of private and symmetric keys (RFC 7518 §6).
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A JWK Set (RFC 7517 §5) with no private key and at least one supported key.
#[derive(Debug, Clone)]
pub struct ClientKeys {
    document: Value,
    keys: Vec<ClientKey>,
}

/// A key for one algorithm. A JWK without `alg` may yield two.
#[derive(Debug, Clone)]
struct ClientKey {
    kid: Option<String>,
    public: Arc<PublicKey>,
}

/// Why a JWT does not count as signed by the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// The JWT is not a compact JWS with a valid header.
    #[error("it is not a JWT, or its alg is not supported")]
    Malformed,
    /// The `typ` header names another type.
    #[error("its typ is not allowed here")]
    WrongType,
    /// The client registered another `alg`, or the header has critical extensions.
    #[error("its alg is not the registered one, or it has critical extensions")]
    WrongAlgorithm,
    /// No registered key matches `kid` and `alg`.
    #[error("no registered key matches its kid and alg")]
    UnknownKey,
    /// The signature is wrong, or the claims cannot be parsed.
    #[error("its signature or its claims are not valid")]
    Invalid,
}

impl ClientKeys {
    /// Parses a JWK Set for registration.
    ///
    /// # Errors
    /// A sentence that names the broken rule.
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
            let kid = object.get("kid").and_then(Value::as_str).map(str::to_owned);
            let usable = ClientSigningAlg::ALL.into_iter().filter_map(|alg| PublicKey::parse(object, alg));
            keys.extend(usable.map(|public| ClientKey { kid: kid.clone(), public: Arc::new(public) }));
        }
        if keys.is_empty() {
            return Err(
                "jwks has no key for RS256, PS256, ES256 or EdDSA: RSA of 2048 bits or more, P-256, Ed25519".to_owned()
            );
        }
        Ok(Self { document, keys })
    }

    /// Whether a key can verify signatures with `alg`.
    pub fn has_key_for(&self, alg: ClientSigningAlg) -> bool {
        self.keys.iter().any(|key| key.public.algorithm() == alg)
    }

    /// Verifies a JWT against the keys and returns its claims. `types` lists the allowed `typ`
    /// values in lower case; a JWT without `typ` is accepted. `alg` is the algorithm that the
    /// client registered. The caller must check times and audience.
    ///
    /// # Errors
    /// [`NotSigned`] with the reason.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        types: &[&str],
        alg: Option<ClientSigningAlg>,
    ) -> Result<C, NotSigned> {
        let jws = CompactJws::split(token).ok_or(NotSigned::Malformed)?;
        let header = jws.header().ok_or(NotSigned::Malformed)?;
        let text = |name| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(NotSigned::Malformed),
        };
        let asked = text("alg")?.and_then(ClientSigningAlg::from_name).ok_or(NotSigned::Malformed)?;
        if text("typ")?.is_some_and(|typ| !types.contains(&typ.to_ascii_lowercase().as_str())) {
            return Err(NotSigned::WrongType);
        }
        if alg.is_some_and(|alg| alg != asked) || header.contains_key("crit") {
            return Err(NotSigned::WrongAlgorithm);
        }
        let kid = text("kid")?;
        let is_candidate =
            |key: &&ClientKey| key.public.algorithm() == asked && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid));
        let mut candidates = self.keys.iter().filter(is_candidate).peekable();
        if candidates.peek().is_none() {
            return Err(NotSigned::UnknownKey);
        }
        let signature = jws.signature().ok_or(NotSigned::Invalid)?;
        if !candidates.any(|key| key.public.verify(jws.signing_input(), &signature)) {
            return Err(NotSigned::Invalid);
        }
        claims(&jws).ok_or(NotSigned::Invalid)
    }
}

/// The claims of an unverified JWT. Use them only to find the keys that verify it.
pub fn unverified_claims<C: DeserializeOwned>(token: &str) -> Option<C> {
    claims(&CompactJws::split(token)?)
}

/// The `typ` of an unverified JWT.
pub fn unverified_type(token: &str) -> Option<String> {
    let header = CompactJws::split(token)?.header()?;
    header.get("typ")?.as_str().map(str::to_owned)
}

fn claims<C: DeserializeOwned>(jws: &CompactJws<'_>) -> Option<C> {
    let claims = json::parse_object(&jws.payload()?)?;
    serde_json::from_value(Value::Object(claims)).ok()
}

impl PartialEq for ClientKeys {
    fn eq(&self, other: &Self) -> bool {
        self.document == other.document
    }
}

impl Eq for ClientKeys {}

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
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    fn p256() -> Value {
        // The public part of the example in RFC 7517, appendix A.1.
        json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})
    }

    #[test]
    fn key_set_is_accepted_when_public_and_one_key_is_supported() {
        let with = |member: &str, value: Value| {
            let mut key = p256();
            key[member] = value;
            json!({ "keys": [key] })
        };
        let rsa = |bytes: usize, e: &str| json!({"kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": e});
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
            json!({ "keys": [rsa(128, "AQAB")] }),
            json!({ "keys": [rsa(256, "AQ")] }),
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
    fn key_matches_only_its_own_algorithm() {
        let keys = ClientKeys::parse(json!({ "keys": [p256()] })).expect("a key set");
        assert!(keys.has_key_for(ClientSigningAlg::ES256));
        for alg in [ClientSigningAlg::RS256, ClientSigningAlg::PS256, ClientSigningAlg::EdDSA] {
            assert!(!keys.has_key_for(alg), "{}", alg.as_str());
        }
    }
}
