//! The header of an access token ([RFC 9068 §2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.1)).

use serde_json::Value;
use writ_jose::{Algorithm, CompactJws};

use crate::{Reason, jwk};

/// Longer tokens are refused before they are parsed. Real access tokens are much shorter.
const MAX_LENGTH: usize = 16 * 1024;

/// A token whose header is acceptable. Its signature is not verified yet.
pub(crate) struct Unverified<'a> {
    pub(crate) jws: CompactJws<'a>,
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: String,
    /// The claims in JSON, not parsed yet.
    pub(crate) payload: Vec<u8>,
    /// Whether `typ` is `JWT`, which ID tokens have too.
    pub(crate) has_jwt_type: bool,
}

impl<'a> Unverified<'a> {
    /// Splits the token and checks its header, in the order that all Writ verifiers use.
    pub(crate) fn parse(token: &'a str, accept_typ_jwt: bool) -> Result<Self, Reason> {
        if token.len() > MAX_LENGTH {
            return Err(Reason::Oversized);
        }
        let jws = CompactJws::split(token).ok_or(Reason::Malformed)?;
        let header = jws.header().ok_or(Reason::Malformed)?;
        let payload = jws.payload().ok_or(Reason::Malformed)?;
        if header.contains_key("crit") {
            return Err(Reason::CriticalHeader);
        }
        let text = |name| header.get(name).and_then(Value::as_str);
        let has_type = |expected| text("typ").is_some_and(|typ| is_media_type(typ, expected));
        let has_jwt_type = accept_typ_jwt && has_type("jwt");
        if !has_type("at+jwt") && !has_jwt_type {
            return Err(Reason::WrongType);
        }
        let algorithm = text("alg").and_then(jwk::algorithm).ok_or(Reason::AlgorithmNotAllowed)?;
        let kid = text("kid").ok_or(Reason::UnknownKey)?.to_owned();
        Ok(Self { jws, algorithm, kid, payload, has_jwt_type })
    }
}

/// Whether `typ` is this media type, in any case and with or without `application/`
/// ([RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)).
fn is_media_type(typ: &str, expected: &str) -> bool {
    let subtype = typ.split_once('/').filter(|(kind, _)| kind.eq_ignore_ascii_case("application"));
    subtype.map_or(typ, |(_, subtype)| subtype).eq_ignore_ascii_case(expected)
}
