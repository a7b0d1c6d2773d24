//! CSRF tokens, which prove that this server showed a form to this browser.
//!
//! A token is an HMAC of what the form is bound to (the signed double-submit pattern). Nothing is
//! stored, and a token is useless for another session, request or list of scopes.

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::secret::mac;

/// The token of a form. `purpose` names the form. `bound_to` must be the same when the form is
/// posted.
pub fn token(key: &hmac::Key, purpose: &str, bound_to: &[&str]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(tag(key, purpose, bound_to))
}

/// The bytes of a token.
pub(super) fn tag(key: &hmac::Key, purpose: &str, bound_to: &[&str]) -> hmac::Tag {
    mac(key, purpose, bound_to)
}

/// Verifies the token of a form in constant time.
pub fn verify(key: &hmac::Key, purpose: &str, bound_to: &[&str], presented: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.decode(presented).is_ok_and(|presented| {
        constant_time::verify_slices_are_equal(tag(key, purpose, bound_to).as_ref(), &presented).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csrf_token_is_valid_only_for_its_form() {
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
