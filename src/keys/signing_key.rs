//! A private key. It is parsed once, so that a signature costs nothing else.
//!
//! `rsa` generates RSA keys and never signs (RUSTSEC-2023-0071).

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rsa::{RsaPrivateKey, pkcs8::EncodePrivateKey, rand_core::OsRng, traits::PublicKeyParts};
use serde::Serialize;
use serde_json::{Value, json};
use writ_core::{
    SigningAlg,
    token::{access_token::AccessTokenTyp, identity_assertion},
};
use writ_jose::PublicKey;
use zeroize::Zeroizing;

use crate::{fault::Fault, metrics::METRICS};

/// Size of a new RSA modulus in bits.
const RSA_BITS: usize = 2048;

/// The `typ` header of a JWT. It prevents using one kind of token as another (RFC 8725 §3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// RFC 9068 §2.1.
    AccessToken,
    /// An access token for a resource server whose library refuses `at+jwt`.
    PlainAccessToken,
    /// OpenID Connect Core §2.
    IdToken,
    /// A signed userinfo response (OpenID Connect Core §5.3.2). The standard defines no type, so
    /// Writ has its own, which an ID token never has.
    UserInfo,
    /// A signed introspection response (RFC 9701 §5).
    Introspection,
    /// OpenID Connect Back-Channel Logout §2.4.
    LogoutToken,
    /// An identity assertion for another authorization server (ID-JAG §3.1).
    IdentityAssertion,
    /// A receipt of what a user allowed an app, which is not a token.
    Receipt,
    /// A seal of the audit log.
    AuditSeal,
    /// The client secret at a provider that demands a signed one.
    ClientSecret,
}

impl TokenType {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => AccessTokenTyp::AtJwt.as_str(),
            Self::PlainAccessToken => AccessTokenTyp::Jwt.as_str(),
            Self::IdToken | Self::ClientSecret => "JWT",
            Self::UserInfo => "userinfo+jwt",
            Self::Introspection => "token-introspection+jwt",
            Self::LogoutToken => "logout+jwt",
            Self::IdentityAssertion => identity_assertion::TYP,
            Self::Receipt => "consent-receipt+jwt",
            Self::AuditSeal => "audit-seal+jwt",
        }
    }
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
}

/// A key that signs.
pub struct SigningKey {
    alg: SigningAlg,
    kid: String,
    pair: Pair,
    random: SystemRandom,
}

/// A new key: its `kid`, its public key, and its private key in PKCS#8.
pub struct NewKey {
    /// The RFC 7638 thumbprint of the public key, SHA-256.
    pub kid: String,
    /// The public key in the JWKS.
    pub public_jwk: Value,
    /// The private key to be sealed and stored.
    pub pkcs8: Zeroizing<Vec<u8>>,
}

impl SigningKey {
    /// Parses PKCS#8.
    ///
    /// # Errors
    /// A text if it is not a key of this algorithm.
    pub fn parse(alg: SigningAlg, kid: String, pkcs8: &[u8]) -> Result<Self, String> {
        let refused = |error: aws_lc_rs::error::KeyRejected| format!("not a key for {alg}: {error}");
        let pair = match alg {
            SigningAlg::RS256 => Pair::Rsa(Box::new(RsaKeyPair::from_pkcs8(pkcs8).map_err(refused)?)),
            SigningAlg::ES256 => Pair::Ecdsa(Box::new(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(refused)?,
            )),
            SigningAlg::EdDSA => Pair::Ed25519(Box::new(Ed25519KeyPair::from_pkcs8(pkcs8).map_err(refused)?)),
        };
        Ok(Self { alg, kid, pair, random: SystemRandom::new() })
    }

    /// Whether `public` verifies the signatures of this key.
    ///
    /// # Errors
    /// [`Fault::Keys`] if the key cannot sign.
    pub fn is_private_part_of(&self, public: &PublicKey) -> Result<bool, Fault> {
        let message = self.kid.as_bytes();
        Ok(public.verify(message, &self.signature(message)?))
    }

    /// The algorithm of the key.
    pub fn alg(&self) -> SigningAlg {
        self.alg
    }

    /// Signs claims as a compact JWS (RFC 7515 §3.1).
    ///
    /// # Errors
    /// [`Fault`] if the claims cannot be serialized or signing fails.
    pub fn sign(&self, token_type: TokenType, claims: &impl Serialize) -> Result<String, Fault> {
        let broken = |what: String| Fault::Keys(format!("signing with {}: {what}", self.kid));
        let header =
            format!(r#"{{"alg":"{}","typ":"{}","kid":"{}"}}"#, self.alg.as_str(), token_type.as_str(), self.kid);
        let payload = serde_json::to_vec(claims).map_err(|error| broken(error.to_string()))?;
        let mut token = String::with_capacity(4 * (header.len() + payload.len()) / 3 + 360);
        BASE64_URL_SAFE_NO_PAD.encode_string(header, &mut token);
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        METRICS.signatures.add([self.alg.as_str()]);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = |_| Fault::Keys(format!("signing with {}: the signature failed", self.kid));
        Ok(match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).map_err(failed)?;
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&self.random, message).map_err(failed)?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        })
    }
}

impl NewKey {
    /// Generates a key from the operating system's random numbers. RSA takes some hundred
    /// milliseconds, so do not call it on request threads.
    ///
    /// # Errors
    /// [`Fault`] if the generator or an encoding fails.
    pub fn generate(alg: SigningAlg) -> Result<Self, Fault> {
        let failed = |what: &str| Fault::Keys(format!("generating a key for {alg}: {what}"));
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        // The members of a thumbprint in their required order (RFC 7638 §3.2).
        let (mut public_jwk, pkcs8) = match alg {
            SigningAlg::RS256 => {
                let key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(|error| failed(&error.to_string()))?;
                let pkcs8 = key.to_pkcs8_der().map_err(|error| failed(&error.to_string()))?;
                let (e, n) = (encode(&key.e().to_bytes_be()), encode(&key.n().to_bytes_be()));
                (json!({ "e": e, "kty": "RSA", "n": n }), pkcs8.as_bytes().to_vec())
            }
            SigningAlg::ES256 => {
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                    .map_err(|_| failed("generator"))?;
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
                    .map_err(|_| failed("encoding"))?;
                let point = pair.public_key().as_ref();
                let (x, y) = (encode(&point[1..33]), encode(&point[33..65]));
                (json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y }), pkcs8.as_ref().to_vec())
            }
            SigningAlg::EdDSA => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed("generator"))?;
                let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| failed("encoding"))?;
                let x = encode(pair.public_key().as_ref());
                (json!({ "crv": "Ed25519", "kty": "OKP", "x": x }), pkcs8.as_ref().to_vec())
            }
        };
        let kid = encode(digest(&SHA256, public_jwk.to_string().as_bytes()).as_ref());
        for (name, value) in [("kid", kid.as_str()), ("alg", alg.as_str()), ("use", "sig")] {
            public_jwk[name] = json!(value);
        }
        Ok(Self { kid, public_jwk, pkcs8: Zeroizing::new(pkcs8) })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::{Jwk, ThumbprintHash};

    use super::*;

    #[test]
    fn kid_is_the_thumbprint_of_the_public_key() {
        for alg in SigningAlg::ALL {
            let key = NewKey::generate(alg).expect("a key");
            let jwk: Jwk = serde_json::from_value(key.public_jwk).expect("a JWK");
            assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).expect("a thumbprint"), key.kid, "{alg}");
            assert_eq!(jwk.common.key_id.as_ref(), Some(&key.kid), "{alg}");
        }
    }
}
