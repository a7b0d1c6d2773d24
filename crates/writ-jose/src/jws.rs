//! The compact serialization of a JWS ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::json;

/// The three parts of a JWS, neither decoded nor verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompactJws<'a> {
    signing_input: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> CompactJws<'a> {
    /// Splits a token into its parts. `None` if it does not have exactly three.
    pub fn split(token: &'a str) -> Option<Self> {
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        (!payload.contains('.')).then_some(Self { signing_input, header, payload, signature })
    }

    /// The input of the signature: header and payload as received, joined by a dot.
    pub fn signing_input(&self) -> &'a [u8] {
        self.signing_input.as_bytes()
    }

    /// The protected header. `None` if it is not base64url of a strict JSON object.
    pub fn header(&self) -> Option<Map<String, Value>> {
        json::parse_object(&decode(self.header)?)
    }

    /// The payload. `None` if it is not base64url.
    pub fn payload(&self) -> Option<Vec<u8>> {
        decode(self.payload)
    }

    /// The signature. `None` if it is not base64url.
    pub fn signature(&self) -> Option<Vec<u8>> {
        decode(self.signature)
    }
}

/// Decodes strict base64url: no padding, no other characters, no spare bits (RFC 4648 §3.5, §5).
fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_are_decoded() {
        let jws = CompactJws::split("eyJhIjoxfQ.Yg.Yw").expect("three parts");
        assert_eq!(jws.signing_input(), b"eyJhIjoxfQ.Yg");
        assert_eq!(jws.header().map(Value::Object), Some(json!({ "a": 1 })));
        assert_eq!((jws.payload(), jws.signature()), (Some(b"b".to_vec()), Some(b"c".to_vec())));
    }

    #[rstest]
    #[case("")]
    #[case("a")]
    #[case("a.b")]
    #[case("a.b.c.d")]
    #[case("a.b.c.d.e")]
    fn token_is_refused_when_not_three_parts(#[case] token: &str) {
        assert_eq!(CompactJws::split(token), None);
    }

    #[rstest]
    #[case::padding("Yg==")]
    #[case::standard_alphabet("-_+/")]
    #[case::spare_bits("Yh")]
    #[case::line_end("Yg\n")]
    fn part_is_refused_when_not_strict_base64url(#[case] part: &str) {
        let token = format!("{part}.{part}.{part}");
        let jws = CompactJws::split(&token).expect("three parts");
        assert_eq!((jws.header(), jws.payload(), jws.signature()), (None, None, None));
    }
}
