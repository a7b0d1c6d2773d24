//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use aws_lc_rs::{constant_time, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// A `code_challenge`: BASE64URL(SHA-256(code_verifier)), 43 characters (RFC 7636 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Parses `code_challenge` and `code_challenge_method`. `plain` is refused, and so is an
    /// omitted method, which means `plain`.
    ///
    /// # Errors
    /// A sentence that says what is wrong, for `error_description`.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, &'static str> {
        match method {
            Some("S256") => {}
            Some(_) => return Err("code_challenge_method must be S256"),
            None => return Err("code_challenge_method is missing and would mean plain: send S256"),
        }
        let decoded =
            BASE64_URL_SAFE_NO_PAD.decode(challenge).map_err(|_| "code_challenge is not base64url without padding")?;
        if decoded.len() != digest::SHA256_OUTPUT_LEN {
            return Err("code_challenge is not a SHA-256 hash");
        }
        Ok(Self(challenge.to_owned()))
    }

    /// Reads the stored form.
    pub fn from_stored(challenge: String) -> Self {
        Self(challenge)
    }

    /// The 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` hashes to this challenge (RFC 7636 §4.6), in constant time.
    pub fn matches(&self, verifier: &CodeVerifier<'_>) -> bool {
        let hash = digest::digest(&digest::SHA256, verifier.0.as_bytes());
        let computed = BASE64_URL_SAFE_NO_PAD.encode(hash);
        constant_time::verify_slices_are_equal(computed.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

/// A well-formed `code_verifier`: 43 to 128 unreserved characters (RFC 7636 §4.1).
#[derive(Clone, Copy)]
pub struct CodeVerifier<'a>(&'a str);

impl<'a> CodeVerifier<'a> {
    /// Parses the parameter.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(verifier: &'a str) -> Result<Self, &'static str> {
        if !(43..=128).contains(&verifier.len()) {
            return Err("code_verifier must have 43 to 128 characters");
        }
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if !verifier.bytes().all(unreserved) {
            return Err("code_verifier has a character outside A-Z a-z 0-9 - . _ ~");
        }
        Ok(Self(verifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn verifier_of_rfc_7636_appendix_b_matches_and_a_changed_one_does_not() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).expect("the RFC's challenge");
        assert!(challenge.matches(&CodeVerifier::parse(VERIFIER).expect("the RFC's verifier")));
        let other = VERIFIER.replace("dBj", "dBk");
        assert!(!challenge.matches(&CodeVerifier::parse(&other).expect("well-formed")));
    }

    #[test]
    fn challenge_is_refused_unless_s256_of_a_hash() {
        for (challenge, method) in [
            (CHALLENGE, None),
            (CHALLENGE, Some("plain")),
            (CHALLENGE, Some("s256")),
            ("short", Some("S256")),
            (&CHALLENGE[1..], Some("S256")),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", Some("S256")),
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=", Some("S256")),
        ] {
            assert!(CodeChallenge::parse(challenge, method).is_err(), "{challenge} {method:?}");
        }
    }

    #[test]
    fn verifier_outside_the_grammar_is_refused() {
        for bad in [&VERIFIER[1..], &"a".repeat(129), &VERIFIER.replace('-', "+"), &VERIFIER.replace('-', " ")] {
            assert!(CodeVerifier::parse(bad).is_err(), "{bad}");
        }
    }
}
