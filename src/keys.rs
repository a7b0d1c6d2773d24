//! The signing keys in memory, their states, and the document that publishes them.
//!
//! A key is *next* (published, not yet signing), then *active*, then *retired* (published, no
//! longer signing) until the last token it signed has expired. It is then *archived*: it only
//! verifies ID tokens that come back as hints, for as long as a session can live.

pub mod master_key;
pub mod master_keys;
pub mod rotation;
pub mod sealing_key;
pub mod shared_secrets;
pub mod signing_key;

use std::{collections::HashMap, sync::Arc};

use actix_web::web::Bytes;
use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use moka::sync::Cache;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub use master_key::{MasterKey, MasterKeyError};
pub use master_keys::MasterKeys;
pub use sealing_key::SealingKey;
pub use shared_secrets::SharedSecrets;
pub use signing_key::{SigningKey, TokenType};

use writ_core::{SigningAlg, vocabulary::client_metadata::MAX_TOKEN_LIFETIME};
use writ_jose::{CompactJws, PublicKey, json};

use crate::{
    fault::Fault,
    store::keys::{KeyRow, KeyState},
};

/// Seconds for which a resource server may cache the published keys.
pub const JWKS_MAX_AGE: i64 = 900;

/// Maximum number of cached token verifications per node.
const REMEMBERED_TOKENS: u64 = 10_000;

/// Seconds after a key's retirement in which another node may still sign with it.
const LATE_RETIREMENT: i64 = 60;

/// The JWK member of a retired key: the latest `iat` that a token signed with it can have.
/// Verifiers that do not know the member ignore it ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)).
const LATEST_IAT: &str = "writ_latest_iat";

/// All keys, and the signing key of each algorithm.
pub struct KeySet {
    active: HashMap<SigningAlg, Arc<SigningKey>>,
    known: HashMap<String, KnownKey>,
    /// Verified tokens by SHA-256, with their types. An API presents the same token repeatedly, and
    /// verifying a signature costs more than the rest of an introspection.
    verified: Cache<[u8; 32], TokenType>,
    /// The JWKS document (RFC 7517 §5).
    pub jwks: Bytes,
    /// The strong entity tag of the document, without quotes (RFC 9110 §8.8.3).
    pub etag: String,
}

/// A verification key.
struct KnownKey {
    key: PublicKey,
    /// The latest `iat` of its tokens, once it is retired.
    latest_iat: Option<i64>,
    archived: bool,
}

/// When a token was issued and expires (RFC 7519 §4.1).
#[derive(Deserialize)]
struct Times {
    iat: Option<i64>,
    exp: Option<i64>,
}

impl Times {
    /// Whether the server may have signed such a token with a key that signed until `latest_iat`.
    fn are_plausible(&self, latest_iat: Option<i64>) -> bool {
        let issued_in_time = match (self.iat, latest_iat) {
            (Some(iat), Some(latest_iat)) => iat <= latest_iat,
            _ => true,
        };
        let short_enough = match (self.iat, self.exp) {
            (Some(iat), Some(exp)) => exp.saturating_sub(iat) <= MAX_TOKEN_LIFETIME,
            _ => true,
        };
        issued_in_time && short_enough
    }
}

/// Why a token is not accepted as one of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// The token is not a compact JWS with a valid header.
    #[error("it is not a JWT")]
    Malformed,
    /// The `typ` header names another type.
    #[error("it is a JWT of another type")]
    WrongType,
    /// No key has this `kid`.
    #[error("no key for such tokens has its kid")]
    UnknownKey,
    /// The `alg` is not that of the key, or the header has critical extensions.
    #[error("its alg is not that of the key, or it has critical extensions")]
    WrongAlgorithm,
    /// The signature is wrong.
    #[error("its signature does not verify")]
    BadSignature,
    /// The token was issued after its key was retired, or has a longer lifetime than the server
    /// allows. The key has been leaked.
    #[error("this server does not issue tokens with these times")]
    Implausible,
}

impl KeySet {
    /// Unseals the stored keys.
    ///
    /// # Errors
    /// [`Fault::Keys`] if a key was sealed with another master key. [`Fault::Corrupt`] if a row is
    /// corrupt, or its public key does not match its private key.
    pub fn open(rows: &[KeyRow], master_keys: &MasterKeys) -> Result<Self, Fault> {
        let mut active = HashMap::new();
        let mut known = HashMap::new();
        let mut documents = Vec::new();
        for row in rows {
            let corrupt = |error: String| Fault::Corrupt(format!("key {}: {error}", row.kid));
            let alg: SigningAlg = row.alg.parse().map_err(corrupt)?;
            let jwk = json::parse_object(row.public_jwk.as_bytes());
            let mut jwk = jwk.ok_or_else(|| corrupt("its public JWK is malformed".to_owned()))?;
            let key = PublicKey::parse(&jwk, alg.into()).ok_or_else(|| corrupt(format!("no public key for {alg}")))?;
            let pkcs8 = master_keys
                .unseal(&row.kid, &row.sealed)
                .ok_or_else(|| Fault::Keys(format!("key {} was sealed under another master key", row.kid)))?;
            let private = SigningKey::parse(alg, row.kid.clone(), &pkcs8).map_err(corrupt)?;
            // Write access to the database alone, without the master key, must not suffice to
            // publish a key.
            if !private.is_private_part_of(&key)? {
                return Err(corrupt("its public part is not that of its private part".to_owned()));
            }
            let latest_iat = row.retired_at.map(|retired_at| retired_at.saturating_add(LATE_RETIREMENT));
            known.insert(row.kid.clone(), KnownKey { key, latest_iat, archived: row.archived });
            if !row.archived {
                if let Some(latest_iat) = latest_iat {
                    jwk.insert(LATEST_IAT.to_owned(), json!(latest_iat));
                }
                documents.push(jwk);
            }
            if row.state == KeyState::Active {
                active.insert(alg, Arc::new(private));
            }
        }
        let jwks =
            serde_json::to_vec(&json!({ "keys": documents })).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let etag = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &jwks));
        Ok(Self { active, known, verified: Cache::new(REMEMBERED_TOKENS), jwks: Bytes::from(jwks), etag })
    }

    /// The key that currently signs with `alg`.
    ///
    /// # Errors
    /// [`Fault`] if there is no active key for `alg`, which cannot happen after the first start.
    pub fn signing(&self, alg: SigningAlg) -> Result<&SigningKey, Fault> {
        self.active.get(&alg).map(Arc::as_ref).ok_or_else(|| Fault::Keys(format!("no active key for {alg}")))
    }

    /// Verifies a token of this server and returns its claims. The caller must check expiry and
    /// audience.
    ///
    /// # Errors
    /// [`Untrusted`] with the reason.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, token_type: TokenType) -> Result<C, Untrusted> {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if self.verified.get(&hash) != Some(token_type) {
            self.verify_signature(token, token_type)?;
            self.verified.insert(hash, token_type);
        }
        let payload = CompactJws::split(token).and_then(|jws| jws.payload()).ok_or(Untrusted::Malformed)?;
        serde_json::from_slice(&payload).map_err(|_| Untrusted::Malformed)
    }

    fn verify_signature(&self, token: &str, token_type: TokenType) -> Result<(), Untrusted> {
        let jws = CompactJws::split(token).ok_or(Untrusted::Malformed)?;
        let header = jws.header().ok_or(Untrusted::Malformed)?;
        let text = |name| header.get(name).and_then(Value::as_str);
        let alg = text("alg").ok_or(Untrusted::Malformed)?;
        if text("typ") != Some(token_type.as_str()) {
            return Err(Untrusted::WrongType);
        }
        let known = text("kid").and_then(|kid| self.known.get(kid));
        let usable = known.filter(|known| !known.archived || token_type == TokenType::IdToken);
        let KnownKey { key, latest_iat, .. } = usable.ok_or(Untrusted::UnknownKey)?;
        if alg != key.algorithm().as_str() || header.contains_key("crit") {
            return Err(Untrusted::WrongAlgorithm);
        }
        let signature = jws.signature().ok_or(Untrusted::BadSignature)?;
        if !key.verify(jws.signing_input(), &signature) {
            return Err(Untrusted::BadSignature);
        }
        let payload = jws.payload().ok_or(Untrusted::Malformed)?;
        let times: Times = serde_json::from_slice(&payload).map_err(|_| Untrusted::Malformed)?;
        if times.are_plausible(*latest_iat) { Ok(()) } else { Err(Untrusted::Implausible) }
    }
}

#[cfg(test)]
mod tests {
    use super::{signing_key::NewKey, *};

    fn key_set(alg: SigningAlg) -> KeySet {
        let master_key = MasterKey::random();
        let key = NewKey::generate(alg).expect("a key");
        let row = KeyRow {
            sealed: master_key.seal(&key.kid, &key.pkcs8),
            kid: key.kid,
            alg: alg.as_str().to_owned(),
            state: KeyState::Active,
            public_jwk: serde_json::to_string(&key.public_jwk).expect("a JWK"),
            created_at: 0,
            activated_at: Some(0),
            retired_at: None,
            archived: false,
        };
        KeySet::open(&[row], &master_key.into()).expect("a key set")
    }

    #[test]
    fn token_is_refused_when_it_outlives_the_longest_lifetime_or_its_key() {
        for (iat, exp, latest_iat, plausible) in [
            (Some(100), Some(100 + MAX_TOKEN_LIFETIME), None, true),
            (Some(100), Some(101 + MAX_TOKEN_LIFETIME), None, false),
            (Some(i64::MIN), Some(i64::MAX), None, false),
            (Some(1000), Some(1300), Some(1000), true),
            (Some(1001), Some(1300), Some(1000), false),
            (None, None, Some(1000), true),
        ] {
            assert_eq!(Times { iat, exp }.are_plausible(latest_iat), plausible, "{iat:?} {exp:?} {latest_iat:?}");
        }
    }

    #[test]
    fn key_set_is_refused_when_a_public_part_was_exchanged() {
        let master_key = MasterKey::random();
        let [own, other] = [(); 2].map(|()| NewKey::generate(SigningAlg::ES256).expect("a key"));
        let row = KeyRow {
            sealed: master_key.seal(&own.kid, &own.pkcs8),
            kid: own.kid,
            alg: "ES256".to_owned(),
            state: KeyState::Next,
            public_jwk: serde_json::to_string(&other.public_jwk).expect("a JWK"),
            created_at: 0,
            activated_at: None,
            retired_at: None,
            archived: false,
        };
        assert!(matches!(KeySet::open(&[row], &master_key.into()), Err(Fault::Corrupt(_))));
    }

    #[test]
    fn token_verifies_only_with_its_key_and_as_its_type() {
        for alg in SigningAlg::ALL {
            let keys = key_set(alg);
            let claims = json!({ "sub": "alice" });
            let token = keys.signing(alg).expect("active").sign(TokenType::AccessToken, &claims).expect("signed");
            let verify = |token: &str, token_type| keys.verify::<Value>(token, token_type);
            assert_eq!(verify(&token, TokenType::AccessToken), Ok(claims), "{alg}");
            assert_eq!(verify(&token, TokenType::IdToken), Err(Untrusted::WrongType), "{alg}");

            let parts: Vec<&str> = token.split('.').collect();
            let encode = |json: Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
            let other = encode(json!({ "sub": "minji" }));
            let forged = format!("{}.{other}.{}", parts[0], parts[2]);
            assert_eq!(verify(&forged, TokenType::AccessToken), Err(Untrusted::BadSignature), "{alg}");
            let kid = keys.known.keys().next().expect("a key");
            for (header, expected) in [
                (json!({ "alg": "none", "typ": "at+jwt", "kid": kid }), Untrusted::WrongAlgorithm),
                (json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid }), Untrusted::WrongAlgorithm),
                (json!({ "alg": alg, "typ": "at+jwt", "kid": kid, "crit": ["x"] }), Untrusted::WrongAlgorithm),
                (json!({ "alg": alg, "typ": "at+jwt", "kid": "other" }), Untrusted::UnknownKey),
                (json!({ "alg": alg, "typ": "at+jwt" }), Untrusted::UnknownKey),
                (json!({ "alg": alg, "kid": kid }), Untrusted::WrongType),
                (json!({ "kid": kid, "typ": "at+jwt", "alg": alg, "b64": true }), Untrusted::BadSignature),
                (json!({ "typ": "at+jwt" }), Untrusted::Malformed),
            ] {
                let token = format!("{}.{}.{}", encode(header.clone()), parts[1], parts[2]);
                assert_eq!(verify(&token, TokenType::AccessToken), Err(expected), "{alg} {header}");
            }
            for bad in ["", ".", "..", "a.b.c", &token[1..], &token.replace('.', ""), &format!("{token}=")] {
                assert!(verify(bad, TokenType::AccessToken).is_err(), "{alg} {bad}");
            }
        }
    }
}
