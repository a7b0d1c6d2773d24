//! What is signed with: the key set in memory, its states, and the document that publishes it.
//!
//! A key is *next* (published, not yet signing), then *active*, then *retired* (published, no longer signing) until the last
//! token it signed has expired, then deleted.

pub mod master_key;
pub mod rotation;
pub mod signing_key;

use std::{collections::HashMap, sync::Arc};

use actix_web::web::Bytes;
use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation, jwk::Jwk};
use moka::sync::Cache;
use serde::de::DeserializeOwned;
use serde_json::json;

pub use master_key::MasterKey;
pub use signing_key::{SigningKey, TokenType};

use crate::{
    protocol::SigningAlg,
    store::{Fault, keys::KeyRow},
};

/// Seconds for which a resource server may keep the published keys.
pub const JWKS_MAX_AGE: i64 = 900;

/// Tokens of ours that a node remembers to have verified.
const REMEMBERED_TOKENS: u64 = 10_000;

/// Every published key, and the signing key of each algorithm.
pub struct KeySet {
    active: HashMap<SigningAlg, Arc<SigningKey>>,
    published: HashMap<String, PublishedKey>,
    /// Tokens whose signature these keys have verified, by SHA-256, and what they are: an API shows the same token again and
    /// again, and a signature costs more to verify than all the rest of an introspection.
    verified: Cache<[u8; 32], TokenType>,
    /// The JWKS document (RFC 7517 §5).
    pub jwks: Bytes,
    /// Its strong validator, quoted (RFC 9110 §8.8.3).
    pub etag: String,
}

struct PublishedKey {
    alg: SigningAlg,
    key: DecodingKey,
}

/// Why a token is not one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is no compact JWS with a readable header.
    #[error("it is no JWT")]
    Malformed,
    /// Its `typ` says that it is something else.
    #[error("it is a JWT of another type")]
    WrongType,
    /// Its `kid` names none of our keys.
    #[error("no published key has its kid")]
    UnknownKey,
    /// Its `alg` is not its key's, or it has critical extensions.
    #[error("its header asks for what the key does not do")]
    WrongAlgorithm,
    /// The signature or the claims are wrong.
    #[error("its signature does not verify")]
    BadSignature,
}

impl KeySet {
    /// Opens the stored keys.
    ///
    /// # Errors
    /// A key cannot be read: another master key sealed it, or the row is damaged.
    pub fn open(rows: &[KeyRow], master_key: &MasterKey) -> Result<Self, Fault> {
        let mut active = HashMap::new();
        let mut published = HashMap::new();
        let mut documents = Vec::new();
        for row in rows {
            let corrupt = |error: String| Fault::Corrupt(format!("key {}: {error}", row.kid));
            let alg: SigningAlg = row.alg.parse().map_err(corrupt)?;
            let jwk: Jwk = serde_json::from_str(&row.public_jwk).map_err(|error| corrupt(error.to_string()))?;
            let key = DecodingKey::from_jwk(&jwk).map_err(|error| corrupt(error.to_string()))?;
            published.insert(row.kid.clone(), PublishedKey { alg, key });
            documents.push(jwk);
            if row.state == "active" {
                let pkcs8 = master_key
                    .unseal(&row.kid, &row.sealed)
                    .ok_or_else(|| corrupt("it was sealed under another master key".to_owned()))?;
                active.insert(alg, Arc::new(SigningKey::parse(alg, row.kid.clone(), &pkcs8).map_err(corrupt)?));
            }
        }
        let jwks =
            serde_json::to_vec(&json!({ "keys": documents })).map_err(|error| Fault::Corrupt(error.to_string()))?;
        let etag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &jwks)));
        Ok(Self { active, published, verified: Cache::new(REMEMBERED_TOKENS), jwks: Bytes::from(jwks), etag })
    }

    /// The key that signs with `alg` now.
    ///
    /// # Errors
    /// There is none, which the first start makes impossible.
    pub fn signing(&self, alg: SigningAlg) -> Result<&SigningKey, Fault> {
        self.active.get(&alg).map(Arc::as_ref).ok_or_else(|| Fault::Corrupt(format!("no active key for {alg}")))
    }

    /// The claims of a token that one of our published keys signed as `token_type`. Expiry and audience are the caller's to check.
    ///
    /// # Errors
    /// Why it is none.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, token_type: TokenType) -> Result<C, Untrusted> {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if self.verified.get(&hash) == Some(token_type) {
            return payload(token).ok_or(Untrusted::Malformed);
        }
        let claims = self.verify_signature(token, token_type)?;
        self.verified.insert(hash, token_type);
        Ok(claims)
    }

    fn verify_signature<C: DeserializeOwned>(&self, token: &str, token_type: TokenType) -> Result<C, Untrusted> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Untrusted::Malformed)?;
        if header.typ.as_deref() != Some(token_type.as_str()) {
            return Err(Untrusted::WrongType);
        }
        let kid = header.kid.as_deref().ok_or(Untrusted::UnknownKey)?;
        let published = self.published.get(kid).ok_or(Untrusted::UnknownKey)?;
        let alg = signing_key::jws_algorithm(published.alg);
        if header.alg != alg || header.crit.is_some() {
            return Err(Untrusted::WrongAlgorithm);
        }
        let mut validation = Validation::new(alg);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode(token, &published.key, &validation)
            .map(|data| data.claims)
            .map_err(|_| Untrusted::BadSignature)
    }
}

/// The claims of a token that is known to be good.
fn payload<C: DeserializeOwned>(token: &str) -> Option<C> {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use signing_key::NewKey;

    #[test]
    fn a_verified_token_is_remembered_as_what_it_is_and_nothing_else() {
        let master_key = MasterKey::random();
        let key = NewKey::generate(SigningAlg::ES256).expect("a key");
        let row = KeyRow {
            sealed: master_key.seal(&key.kid, &key.pkcs8),
            public_jwk: serde_json::to_string(&key.public_jwk).expect("a JWK"),
            kid: key.kid,
            alg: SigningAlg::ES256.to_string(),
            state: "active".to_owned(),
            created_at: 0,
            activated_at: Some(0),
            retired_at: None,
        };
        let keys = KeySet::open(&[row], &master_key).expect("opened");
        let claims = json!({ "sub": "ada" });
        let sign = |token_type| keys.signing(SigningAlg::ES256).and_then(|key| key.sign(token_type, &claims));
        let token = sign(TokenType::AccessToken).expect("signed");
        let verify = |token: &str, token_type| keys.verify::<serde_json::Value>(token, token_type);
        for _ in 0..2 {
            assert_eq!(verify(&token, TokenType::AccessToken), Ok(claims.clone()));
            assert_eq!(verify(&token, TokenType::IdToken), Err(Untrusted::WrongType));
            let (signed, _) = token.rsplit_once('.').expect("a signature");
            let forged = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode([7; 64]));
            assert_eq!(verify(&forged, TokenType::AccessToken), Err(Untrusted::BadSignature));
        }
    }
}
