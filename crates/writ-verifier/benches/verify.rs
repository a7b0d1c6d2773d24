//! What a verification costs beside the raw signature verification with an already parsed key,
//! and what it allocates as the JWKS grows.
//!
//! `cargo bench -p writ-verifier`

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use divan::{AllocProfiler, Bencher, black_box};
use tokio::runtime::Runtime;
use writ_verifier::{
    Verifier,
    testing::{Issuer, SigningAlgorithm},
};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const AUDIENCE: &str = "https://talk.example";
const ALGORITHMS: [SigningAlgorithm; 3] = [SigningAlgorithm::Es256, SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256];

fn main() {
    divan::main();
}

/// A verifier that has fetched `keys` keys, and a token signed with the last.
struct Scene {
    verifier: Verifier,
    token: String,
    jwk: serde_json::Value,
}

impl Scene {
    fn new(algorithm: SigningAlgorithm, keys: usize) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let issuer = Issuer::start().await;
            for _ in 1..keys {
                issuer.rotate(SigningAlgorithm::EdDsa);
            }
            issuer.rotate(algorithm);
            let scope = "profile:read message:read message:send";
            let token = issuer.token(AUDIENCE).scope(scope).sign();
            let verifier = issuer.verifier(AUDIENCE);
            verifier.verify(&token).await.expect("a good token");
            let jwk = issuer.jwk();
            Self { verifier, token, jwk }
        })
    }

    fn public_key(&self) -> ParsedPublicKey {
        let bytes = |name: &str| {
            let value = self.jwk[name].as_str().expect("a key parameter");
            URL_SAFE_NO_PAD.decode(value).expect("base64url")
        };
        match self.jwk["alg"].as_str() {
            Some("ES256") => {
                let point = [vec![4], bytes("x"), bytes("y")].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            Some("EdDSA") => ParsedPublicKey::new(&ED25519, bytes("x")),
            _ => PublicKeyComponents { n: bytes("n"), e: bytes("e") }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256),
        }
        .expect("a published key")
    }
}

#[divan::bench(args = ALGORITHMS, sample_count = 1000)]
fn raw_signature(bencher: Bencher<'_, '_>, algorithm: SigningAlgorithm) {
    let scene = Scene::new(algorithm, 1);
    let key = scene.public_key();
    let (signing_input, signature) = scene.token.rsplit_once('.').expect("a JWS");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    bencher.bench_local(|| {
        key.verify_sig(black_box(signing_input.as_bytes()), &signature).expect("a good signature");
    });
}

#[divan::bench(args = ALGORITHMS, sample_count = 1000)]
fn verify(bencher: Bencher<'_, '_>, algorithm: SigningAlgorithm) {
    bench_verify(bencher, &Scene::new(algorithm, 1));
}

#[divan::bench(args = [1, 10, 100, 1000], sample_count = 1000)]
fn verify_with_published_keys(bencher: Bencher<'_, '_>, keys: usize) {
    bench_verify(bencher, &Scene::new(SigningAlgorithm::Es256, keys));
}

fn bench_verify(bencher: Bencher<'_, '_>, scene: &Scene) {
    let mut context = Context::from_waker(Waker::noop());
    bencher.bench_local(|| {
        // With the key at hand, verification never waits.
        let verification = pin!(scene.verifier.verify(black_box(&scene.token)));
        match verification.poll(&mut context) {
            Poll::Ready(token) => token.expect("a good token"),
            Poll::Pending => panic!("the key is not at hand"),
        }
    });
}
