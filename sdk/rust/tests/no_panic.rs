//! No input makes the verifier panic, and no altered token passes.
#![allow(missing_docs)]

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use tokio::runtime::Runtime;
use writ_verifier::{Verifier, bearer, testing::Issuer};

const TALK: &str = "https://talk.example";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
static ISSUER: LazyLock<Issuer> = LazyLock::new(|| RUNTIME.block_on(Issuer::start()));
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| ISSUER.verifier(TALK));
static VALID: LazyLock<String> = LazyLock::new(|| ISSUER.token(TALK).scope("message:read").sign());

fn is_accepted(token: &str) -> bool {
    RUNTIME.block_on(VERIFIER.verify(token)).is_ok()
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(20, 64, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map("[a-z]{1,5}", inner, 0..4).prop_map(|members| serde_json::json!(members)),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_refused(token in "\\PC{0,200}") {
        prop_assert!(!is_accepted(&token));
    }

    #[test]
    fn any_three_parts_are_refused(parts in prop::array::uniform3(prop::collection::vec(any::<u8>(), 0..80))) {
        prop_assert!(!is_accepted(&parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")));
    }

    #[test]
    fn token_with_one_changed_byte_is_refused(at in any::<prop::sample::Index>(), byte in 0x20u8..0x7f) {
        let mut token = VALID.clone().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        prop_assert!(!is_accepted(&String::from_utf8(token).expect("ASCII")));
    }

    #[test]
    fn truncated_token_is_refused(at in any::<prop::sample::Index>()) {
        prop_assert!(!is_accepted(&VALID[..at.index(VALID.len())]));
    }

    #[test]
    fn signed_token_with_any_claim_does_not_panic(
        name in prop::sample::select(vec!["iss", "aud", "sub", "client_id", "scope", "exp", "nbf", "iat", "jti", "act", "cnf"]),
        value in json_value(),
    ) {
        is_accepted(&ISSUER.token(TALK).claim(name, value).sign());
    }

    #[test]
    fn signed_token_with_any_header_does_not_panic(
        name in prop::sample::select(vec!["typ", "alg", "crit", "jwk", "x5c"]),
        value in json_value(),
    ) {
        is_accepted(&ISSUER.token(TALK).header(name, value).sign());
    }

    #[test]
    fn any_authorization_header_does_not_panic(value in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = bearer([value.as_slice()]);
    }
}
