//! A logout that an app asks for (OpenID Connect RP-Initiated Logout §2), checked, on its way to the page that carries it out.
//!
//! It travels in that page's address under an HMAC of ours, so nothing is stored for it and nobody else can make one.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// What the message is signed for, so that no other proof of the same key passes for one.
const PURPOSE: &[u8] = b"logout request\0";
/// Bytes of the proof.
const PROOF: usize = 32;

/// What is left of the parameters once they are checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// The app that asks, where known.
    pub client_id: Option<String>,
    /// What a genuine ID token of this app says: whose session it means.
    pub hint: Option<Hinted>,
    /// Where to go on: one of the app's registered URIs, with its `state`.
    pub url: Option<String>,
    /// The languages to answer in, best first.
    pub ui_locales: Option<String>,
}

/// Whose session a hint means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hinted {
    /// The `sub` of the app's ID token.
    pub sub: String,
    /// Its `sid`.
    pub sid: Option<String>,
}

impl LogoutRequest {
    /// The text for an address: base64url of the proof and the request.
    pub fn seal(&self, key: &hmac::Key) -> String {
        let body = serde_json::to_vec(self).expect("strings are JSON");
        let proof = hmac::sign(key, &message(&body));
        BASE64_URL_SAFE_NO_PAD.encode([proof.as_ref(), &body].concat())
    }

    /// The request behind a text, if we made it.
    pub fn open(text: &str, key: &hmac::Key) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (proof, body) = bytes.split_at_checked(PROOF)?;
        hmac::verify(key, &message(body), proof).ok()?;
        serde_json::from_slice(body).ok()
    }
}

fn message(body: &[u8]) -> Vec<u8> {
    [PURPOSE, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_sealed_opens() {
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        let request = LogoutRequest { url: Some("https://shop.example/".to_owned()), ..LogoutRequest::default() };
        let sealed = request.seal(&key(b"ours"));
        assert_eq!(LogoutRequest::open(&sealed, &key(b"ours")), Some(request));
        assert_eq!(LogoutRequest::open(&sealed, &key(b"another")), None);
        for forged in ["", "%", "AAAA", &sealed[1..], &sealed[..sealed.len() - 4]] {
            assert_eq!(LogoutRequest::open(forged, &key(b"ours")), None, "{forged}");
        }
    }
}
