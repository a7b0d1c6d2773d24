//! Data in a URL that needs no row: JSON with an HMAC, which only this server can create.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

/// Length of the HMAC in bytes.
const TAG: usize = 32;

/// Encodes a value for a URL: base64url of the HMAC and the value. It is only valid for its
/// `purpose`.
pub(super) fn seal(purpose: &str, value: &impl Serialize, key: &hmac::Key) -> String {
    let body = serde_json::to_vec(value).expect("texts and numbers are JSON");
    let tag = hmac::sign(key, &message(purpose, &body));
    BASE64_URL_SAFE_NO_PAD.encode([tag.as_ref(), &body].concat())
}

/// Decodes a value. `None` if this server did not create it.
pub(super) fn open<T: DeserializeOwned>(purpose: &str, text: &str, key: &hmac::Key) -> Option<T> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (tag, body) = bytes.split_at_checked(TAG)?;
    hmac::verify(key, &message(purpose, body), tag).ok()?;
    serde_json::from_slice(body).ok()
}

fn message(purpose: &str, body: &[u8]) -> Vec<u8> {
    [purpose.as_bytes(), b"\0", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_only_with_its_key_and_purpose() {
        let key = |secret: &[u8]| hmac::Key::new(hmac::HMAC_SHA256, secret);
        let sealed = seal("logout", &"value", &key(b"ours"));
        let opened = |purpose, text: &str, secret| open::<String>(purpose, text, &key(secret));
        assert_eq!(opened("logout", &sealed, b"ours").as_deref(), Some("value"));
        assert_eq!(opened("pending", &sealed, b"ours"), None);
        assert_eq!(opened("logout", &sealed, b"another"), None);
        for forged in ["", "%", "AAAA", &sealed[1..], &sealed[..sealed.len() - 4]] {
            assert_eq!(opened("logout", forged, b"ours"), None, "{forged}");
        }
    }
}
