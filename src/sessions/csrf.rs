//! Proof that a form is one that this server showed to this browser for this purpose.
//!
//! The token is an HMAC over what the form is bound to (the signed double-submit pattern). Nothing is
//! stored, and the token of one session, request or list of scopes is worthless for another.

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// The token of a form. `purpose` names the form, `bound_to` is what must not have changed when it is
/// posted.
pub fn token(key: &hmac::Key, purpose: &str, bound_to: &[&str]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(hmac::sign(key, &message(purpose, bound_to)))
}

/// Whether `presented` is the token of that form, in constant time.
pub fn verify(key: &hmac::Key, purpose: &str, bound_to: &[&str], presented: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD
        .decode(presented)
        .is_ok_and(|tag| hmac::verify(key, &message(purpose, bound_to), &tag).is_ok())
}

/// Each part with its length, so that no two lists of parts read the same.
fn message(purpose: &str, bound_to: &[&str]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in std::iter::once(&purpose).chain(bound_to) {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_form_only() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"key");
        let shown = token(&key, "consent", &["session", "request"]);
        assert!(verify(&key, "consent", &["session", "request"], &shown));
        for (purpose, bound_to) in [
            ("login", vec!["session", "request"]),
            ("consent", vec!["session2", "request"]),
            ("consent", vec!["session", "reques", "t"]),
            ("consent", vec!["sessionrequest"]),
            ("consent", vec!["session"]),
        ] {
            assert!(!verify(&key, purpose, &bound_to, &shown), "{purpose} {bound_to:?}");
        }
        assert!(!verify(&key, "consent", &["session", "request"], ""));
        assert!(!verify(&key, "consent", &["session", "request"], "%%%"));
    }
}
