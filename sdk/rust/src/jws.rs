//! The JWS compact serialization (RFC 7515 §7.1), read strictly.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{Reason, json::Object, jwk::Algorithm};

/// Longer tokens are refused unread: no honest access token comes near, and parsing costs.
const MAX_LENGTH: usize = 16 * 1024;

/// A token whose header was read and found acceptable; nothing is authenticated yet.
pub(crate) struct Unverified<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: String,
    /// What was signed: header and payload as they came, joined by a dot.
    pub(crate) signing_input: &'a str,
    /// Claims in JSON, or so they should be.
    pub(crate) payload: Vec<u8>,
    signature: &'a str,
}

impl<'a> Unverified<'a> {
    /// Splits the token and checks its header, in the order that every Writ verifier uses.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Reason> {
        if token.len() > MAX_LENGTH {
            return Err(Reason::Oversized);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Reason::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Reason::Malformed)?;
        if payload.contains('.') {
            return Err(Reason::Malformed);
        }
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| Reason::Malformed);
        let header = decode(header)?;
        let header = Object::parse(&header).ok_or(Reason::Malformed)?;
        let payload = decode(payload)?;
        if header.get("crit").is_some() {
            return Err(Reason::CriticalHeader);
        }
        if !is_access_token_type(&header) {
            return Err(Reason::WrongType);
        }
        let algorithm = header.text("alg").and_then(Algorithm::from_name).ok_or(Reason::AlgorithmNotAllowed)?;
        let kid = header.text("kid").ok_or(Reason::UnknownKey)?.to_owned();
        Ok(Self { algorithm, kid, signing_input, payload, signature })
    }

    /// The signature's bytes, if they are base64url.
    pub(crate) fn signature(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.signature).ok()
    }
}

/// RFC 9068 §4: `at+jwt`, with or without `application/` (RFC 7515 §4.1.9), in any case.
fn is_access_token_type(header: &Object<'_>) -> bool {
    header
        .text("typ")
        .is_some_and(|typ| typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt"))
}
