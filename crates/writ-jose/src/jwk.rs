//! Public keys as JSON Web Keys ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).

use std::fmt;

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A signature algorithm ([RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1), [RFC
/// 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)). `none` and HMAC are left out on
/// purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 4] = [Self::RS256, Self::PS256, Self::ES256, Self::EdDSA];

    /// The `alg` value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Parses an `alg` value.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// A parsed public key for one algorithm.
pub struct PublicKey {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Parses a JWK for one algorithm. `None` if the JWK is for another algorithm or purpose, or is
    /// not a valid key.
    ///
    /// `kty` and `crv` must match the algorithm, and `alg`, `use` and `key_ops` must not contradict
    /// it. A token can therefore never choose how a key is used. RSA moduli have 2048 to 8192 bits.
    pub fn parse(jwk: &Map<String, Value>, algorithm: Algorithm) -> Option<Self> {
        if !is_for(jwk, algorithm) {
            return None;
        }
        let bytes = |name| BASE64_URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok();
        let coordinate = |name| bytes(name).filter(|value| value.len() == 32);
        let parsed = match (algorithm, text(jwk, "kty")?, text(jwk, "crv")) {
            (Algorithm::ES256, "EC", Some("P-256")) => {
                let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            (Algorithm::EdDSA, "OKP", Some("Ed25519")) => ParsedPublicKey::new(&ED25519, coordinate("x")?),
            (Algorithm::RS256 | Algorithm::PS256, "RSA", _) => {
                let n = bytes("n").filter(|n| (2048..=8192).contains(&bit_length(n)))?;
                let e = bytes("e").filter(|e| is_sound_exponent(e))?;
                let scheme = match algorithm {
                    Algorithm::PS256 => &RSA_PSS_2048_8192_SHA256,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                PublicKeyComponents { n, e }.to_parsed_public_key(scheme)
            }
            _ => return None,
        };
        Some(Self { algorithm, parsed: parsed.ok()? })
    }

    /// The algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is a signature of `message` with this key.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// Whether `use`, `key_ops` and `alg` permit verification with this algorithm (RFC 7517 §4.2 to
/// §4.4).
fn is_for(jwk: &Map<String, Value>, algorithm: Algorithm) -> bool {
    let allows = |name, allowed: &dyn Fn(&Value) -> bool| jwk.get(name).is_none_or(allowed);
    let verifies = |operations: &Value| operations.as_array().is_some_and(|all| all.iter().any(|one| one == "verify"));
    allows("use", &|purpose| purpose == "sig")
        && allows("key_ops", &verifies)
        && allows("alg", &|alg| alg == algorithm.as_str())
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

/// The bit length. Zero if there are leading zeros, which [RFC 7518
/// §6.3.1.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.3.1.1) forbids.
fn bit_length(modulus: &[u8]) -> usize {
    match modulus.first() {
        None | Some(0) => 0,
        Some(high) => modulus.len() * 8 - high.leading_zeros() as usize,
    }
}

/// An exponent must be odd and at least 3 ([RFC 8017
/// §3.1](https://www.rfc-editor.org/rfc/rfc8017#section-3.1)). With exponent 1, every message would
/// be its own signature.
fn is_sound_exponent(exponent: &[u8]) -> bool {
    let is_odd = exponent.last().is_some_and(|low| low % 2 == 1);
    is_odd && exponent != [1] && exponent.first() != Some(&0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::CompactJws;

    /// RFC 7515 §A.2.
    const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
    const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    /// RFC 7515 §A.3.
    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const EC_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    /// RFC 8037 §A.4.
    const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const OKP_TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn jwk(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).expect("a JWK")
    }

    fn with(json: &str, name: &str, value: Value) -> Map<String, Value> {
        let mut jwk = jwk(json);
        jwk.insert(name.to_owned(), value);
        jwk
    }

    #[rstest]
    #[case::rsa(RSA, RSA_TOKEN, &[Algorithm::RS256, Algorithm::PS256])]
    #[case::ec(EC, EC_TOKEN, &[Algorithm::ES256])]
    #[case::okp(OKP, OKP_TOKEN, &[Algorithm::EdDSA])]
    fn key_verifies_by_the_algorithms_of_its_type(
        #[case] json: &str,
        #[case] token: &str,
        #[case] fitting: &[Algorithm],
    ) {
        let jws = CompactJws::split(token).expect("three parts");
        let signature = jws.signature().expect("base64url");
        for algorithm in Algorithm::ALL {
            let key = PublicKey::parse(&jwk(json), algorithm);
            assert_eq!(key.is_some(), fitting.contains(&algorithm), "{algorithm:?}");
            let is_signer = jws.header().is_some_and(|header| header["alg"] == algorithm.as_str());
            let verifies = key.is_some_and(|key| key.verify(jws.signing_input(), &signature));
            assert_eq!(verifies, is_signer, "{algorithm:?}");
        }
    }

    #[rstest]
    #[case(RSA, RSA_TOKEN, Algorithm::RS256)]
    #[case(EC, EC_TOKEN, Algorithm::ES256)]
    #[case(OKP, OKP_TOKEN, Algorithm::EdDSA)]
    fn signature_is_refused_when_message_or_signature_changed(
        #[case] json: &str,
        #[case] token: &str,
        #[case] algorithm: Algorithm,
    ) {
        let key = PublicKey::parse(&jwk(json), algorithm).expect("a key");
        let jws = CompactJws::split(token).expect("three parts");
        let mut signature = jws.signature().expect("base64url");
        assert!(!key.verify(b"another message", &signature));
        signature[0] ^= 1;
        assert!(!key.verify(jws.signing_input(), &signature));
        assert!(!key.verify(jws.signing_input(), &[]));
    }

    #[rstest]
    #[case::no_members("use", json!("sig"), true)]
    #[case::for_encryption("use", json!("enc"), false)]
    #[case::for_verifying("key_ops", json!(["sign", "verify"]), true)]
    #[case::for_signing_only("key_ops", json!(["sign"]), false)]
    #[case::operations_not_a_list("key_ops", json!("verify"), false)]
    #[case::its_algorithm("alg", json!("ES256"), true)]
    #[case::another_algorithm("alg", json!("ES384"), false)]
    #[case::algorithm_not_text("alg", json!(null), false)]
    #[case::another_curve("crv", json!("P-384"), false)]
    #[case::another_type("kty", json!("RSA"), false)]
    #[case::short_coordinate("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"), false)]
    #[case::point_off_the_curve("x", json!("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"), false)]
    #[case::padding("x", json!("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU="), false)]
    fn ec_key_is_taken_only_if_its_members_agree(#[case] name: &str, #[case] value: Value, #[case] expected: bool) {
        assert_eq!(PublicKey::parse(&with(EC, name, value), Algorithm::ES256).is_some(), expected);
    }

    #[rstest]
    #[case::too_short("n", json!(BASE64_URL_SAFE_NO_PAD.encode([0xff; 128])))]
    #[case::too_long("n", json!(BASE64_URL_SAFE_NO_PAD.encode([0xff; 1025])))]
    #[case::leading_zero("n", json!(BASE64_URL_SAFE_NO_PAD.encode([&[0], [0xff; 256].as_slice()].concat())))]
    #[case::exponent_of_one("e", json!("AQ"))]
    #[case::even_exponent("e", json!("Ag"))]
    #[case::zero_exponent("e", json!("AA"))]
    #[case::exponent_with_leading_zero("e", json!("AAEAAQ"))]
    #[case::empty_exponent("e", json!(""))]
    fn rsa_key_is_refused_when_unsound(#[case] name: &str, #[case] value: Value) {
        for algorithm in [Algorithm::RS256, Algorithm::PS256] {
            assert!(PublicKey::parse(&with(RSA, name, value.clone()), algorithm).is_none());
        }
    }
}
