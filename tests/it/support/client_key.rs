//! A client's key, which signs assertions and request objects.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, pkcs8::DecodePrivateKey};
use serde_json::{Value, json};
use writ_core::SigningAlg;

use writ::keys::signing_key::NewKey;

use super::app::{Answer, App};

/// `client_assertion_type`.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A private key with its algorithm.
pub(crate) struct ClientKey {
    pub(crate) alg: Algorithm,
    pub(crate) kid: String,
    /// The public key, which the client registers.
    pub(crate) jwk: Value,
    key: EncodingKey,
}

impl ClientKey {
    pub(crate) fn new(alg: Algorithm) -> Self {
        let kind = match alg {
            Algorithm::ES256 => SigningAlg::ES256,
            Algorithm::EdDSA => SigningAlg::EdDSA,
            _ => SigningAlg::RS256,
        };
        let new = NewKey::generate(kind).expect("a key");
        let key = match kind {
            SigningAlg::ES256 => EncodingKey::from_ec_der(&new.pkcs8),
            SigningAlg::EdDSA => EncodingKey::from_ed_der(&new.pkcs8),
            SigningAlg::RS256 => {
                let key = RsaPrivateKey::from_pkcs8_der(&new.pkcs8).expect("PKCS#8");
                EncodingKey::from_rsa_der(key.to_pkcs1_der().expect("PKCS#1").as_bytes())
            }
        };
        let mut jwk = serde_json::to_value(&new.public_jwk).expect("a JWK");
        jwk.as_object_mut().expect("an object").remove("alg");
        Self { alg, kid: new.kid, jwk, key }
    }

    /// A JWK Set with this key alone.
    pub(crate) fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// Signs a JWT.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(claims, |_| {})
    }

    /// Signs a JWT with a changed header.
    pub(crate) fn sign_as(&self, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
        let mut header = Header::new(self.alg);
        header.kid = Some(self.kid.clone());
        change(&mut header);
        jsonwebtoken::encode(&header, claims, &self.key).expect("signed")
    }

    /// The claims of an assertion of `client_id`, with a unique `jti`.
    pub(crate) fn assertion_claims(client_id: &str, audience: &str, now: i64) -> Value {
        let jti = uuid::Uuid::new_v4().to_string();
        json!({ "iss": client_id, "sub": client_id, "aud": audience, "jti": jti, "iat": now, "exp": now + 60 })
    }
}

/// Posts a form with an assertion.
pub(crate) async fn post_with(app: &App, path: &str, fields: &[(&str, &str)], assertion: &str) -> Answer {
    let mut fields = fields.to_vec();
    fields.extend([("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)]);
    app.post_as(path, &fields, None).await
}
