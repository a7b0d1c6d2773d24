//! The cost of a verification, compared with the signature alone under a parsed key.
//!
//! `cargo bench -p writ-verifier --bench verify`

mod scene;

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use divan::{Bencher, black_box};
use writ_verifier::testing::SigningAlgorithm::{self, EdDsa, Es256, Rs256};

use scene::Scene;

fn main() {
    divan::main();
}

#[divan::bench(args = [Es256, EdDsa, Rs256], sample_count = 5000)]
fn raw_signature(bencher: Bencher<'_, '_>, algorithm: SigningAlgorithm) {
    let (scene, jwk) = Scene::new(algorithm, 1);
    let key = public_key(&jwk);
    let (signing_input, signature) = scene.token.rsplit_once('.').expect("a JWS");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    bencher.bench_local(|| {
        key.verify_sig(black_box(signing_input.as_bytes()), &signature).expect("a valid signature");
    });
}

#[divan::bench(args = [Es256, EdDsa, Rs256], sample_count = 5000)]
fn verify(bencher: Bencher<'_, '_>, algorithm: SigningAlgorithm) {
    let (scene, _) = Scene::new(algorithm, 1);
    scene.bench(bencher);
}

fn public_key(jwk: &serde_json::Value) -> ParsedPublicKey {
    let bytes = |name: &str| {
        let value = jwk[name].as_str().expect("a key parameter");
        URL_SAFE_NO_PAD.decode(value).expect("base64url")
    };
    match jwk["alg"].as_str() {
        Some("ES256") => {
            let point = [vec![4], bytes("x"), bytes("y")].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        }
        Some("EdDSA") => ParsedPublicKey::new(&ED25519, bytes("x")),
        _ => PublicKeyComponents { n: bytes("n"), e: bytes("e") }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256),
    }
    .expect("a published key")
}
