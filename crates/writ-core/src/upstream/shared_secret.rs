//! ID tokens that are signed with the client secret.

use aws_lc_rs::hmac;
use serde_json::{Map, Value};
use writ_jose::{CompactJws, json};

use crate::vocabulary::client_keys::NotSigned;

/// Verifies an ID token that is signed with the client secret and HS256, which is its only
/// algorithm
/// ([OpenID Connect Core
/// §10.1](https://openid.net/specs/openid-connect-core-1_0.html#Signing), [RFC 7518
/// §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)). A provider with published keys is
/// never verified so: they are known to everyone.
///
/// # Errors
/// [`NotSigned`] with the reason.
pub fn verify_with_secret(token: &str, secret: &[u8]) -> Result<Map<String, Value>, NotSigned> {
    let jws = CompactJws::split(token).ok_or(NotSigned::Malformed)?;
    let header = jws.header().ok_or(NotSigned::Malformed)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    if header.contains_key("typ") && !text("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("jwt")) {
        return Err(NotSigned::WrongType);
    }
    if text("alg") != Some("HS256") || header.contains_key("crit") || secret.is_empty() {
        return Err(NotSigned::WrongAlgorithm);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = jws.signature().ok_or(NotSigned::Invalid)?;
    hmac::verify(&key, jws.signing_input(), &signature).map_err(|_| NotSigned::Invalid)?;
    jws.payload().and_then(|payload| json::parse_object(&payload)).ok_or(NotSigned::Invalid)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use rstest::rstest;

    use super::*;

    const SECRET: &[u8] = b"channel secret";

    fn token(header: &str, payload: &str, secret: &[u8]) -> String {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
        format!("{input}.{}", encode(tag.as_ref()))
    }

    #[rstest]
    #[case(r#"{"alg":"HS256"}"#)]
    #[case(r#"{"alg":"HS256","typ":"JWT"}"#)]
    fn token_with_the_secret_is_accepted(#[case] header: &str) {
        let claims = verify_with_secret(&token(header, r#"{"sub":"u"}"#, SECRET), SECRET).expect("accepted");
        assert_eq!(claims["sub"], "u");
    }

    #[rstest]
    #[case::another_secret(token(r#"{"alg":"HS256"}"#, "{}", b"other"), NotSigned::Invalid)]
    #[case::another_algorithm(token(r#"{"alg":"HS512"}"#, "{}", SECRET), NotSigned::WrongAlgorithm)]
    #[case::none(token(r#"{"alg":"none"}"#, "{}", SECRET), NotSigned::WrongAlgorithm)]
    #[case::published_key(token(r#"{"alg":"ES256"}"#, "{}", SECRET), NotSigned::WrongAlgorithm)]
    #[case::another_type(token(r#"{"alg":"HS256","typ":"at+jwt"}"#, "{}", SECRET), NotSigned::WrongType)]
    #[case::type_is_no_text(token(r#"{"alg":"HS256","typ":7}"#, "{}", SECRET), NotSigned::WrongType)]
    #[case::critical(token(r#"{"alg":"HS256","crit":[]}"#, "{}", SECRET), NotSigned::WrongAlgorithm)]
    #[case::no_claims(token(r#"{"alg":"HS256"}"#, "[]", SECRET), NotSigned::Invalid)]
    #[case::duplicate_claim(token(r#"{"alg":"HS256"}"#, r#"{"sub":"a","sub":"b"}"#, SECRET), NotSigned::Invalid)]
    #[case::not_a_token("x".to_owned(), NotSigned::Malformed)]
    fn other_token_is_refused(#[case] token: String, #[case] reason: NotSigned) {
        assert_eq!(verify_with_secret(&token, SECRET), Err(reason), "{token}");
        assert!(verify_with_secret(&token, b"").is_err());
    }
}
