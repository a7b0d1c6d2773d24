//! The verifier and token of both benchmarks.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use divan::{Bencher, black_box};
use tokio::runtime::Runtime;
use writ_verifier::{
    Verifier,
    testing::{Issuer, SigningAlgorithm},
};

const AUDIENCE: &str = "https://talk.example";

/// A verifier that has fetched `keys` keys, and a token signed with the last one.
pub(crate) struct Scene {
    verifier: Verifier,
    pub(crate) token: String,
}

impl Scene {
    /// The scene, and the public JWK of the token's key.
    pub(crate) fn new(algorithm: SigningAlgorithm, keys: usize) -> (Self, serde_json::Value) {
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
            verifier.verify(&token).await.expect("a valid token");
            (Self { verifier, token }, issuer.jwk())
        })
    }

    pub(crate) fn bench(&self, bencher: Bencher<'_, '_>) {
        let mut context = Context::from_waker(Waker::noop());
        bencher.bench_local(|| {
            // With a cached key, verification never waits.
            let verification = pin!(self.verifier.verify(black_box(&self.token)));
            match verification.poll(&mut context) {
                Poll::Ready(token) => token.expect("a valid token"),
                Poll::Pending => panic!("the key is not cached"),
            }
        });
    }
}
