//! The issuer's JWK Set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)), parsed once per fetch.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};
use writ_jose::{Algorithm, PublicKey};

use crate::clock::{Seconds, numeric_date};

/// The algorithms that access tokens may be signed with.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

/// The algorithm with this `alg` value, if access tokens may be signed with it.
pub(crate) fn algorithm(name: &str) -> Option<Algorithm> {
    Algorithm::from_name(name).filter(|algorithm| ALGORITHMS.contains(algorithm))
}

/// The JWK member with the latest `iat` that a token of a retired key can have.
const LATEST_IAT: &str = "writ_latest_iat";

/// A key of the issuer.
pub(crate) struct Key {
    pub(crate) public: PublicKey,
    /// The latest `iat` that its tokens can have, once it is retired.
    pub(crate) latest_iat: Option<Seconds>,
}

/// The usable keys by `kid`. Other keys are ignored. When a `kid` is repeated, the first usable key
/// has it.
pub(crate) fn key_set(jwks: &Map<String, Value>) -> Option<HashMap<String, Arc<Key>>> {
    let mut keys = HashMap::new();
    for jwk in jwks.get("keys")?.as_array()?.iter().filter_map(Value::as_object) {
        let kid = jwk.get("kid").and_then(Value::as_str);
        if let (Some(kid), Some(key)) = (kid, usable_key(jwk)) {
            keys.entry(kid.to_owned()).or_insert(Arc::new(key));
        }
    }
    Some(keys)
}

fn usable_key(jwk: &Map<String, Value>) -> Option<Key> {
    let public = ALGORITHMS.into_iter().find_map(|algorithm| PublicKey::parse(jwk, algorithm))?;
    let latest_iat = match jwk.get(LATEST_IAT) {
        Some(value) => Some(numeric_date(value)?),
        None => None,
    };
    Some(Key { public, latest_iat })
}
