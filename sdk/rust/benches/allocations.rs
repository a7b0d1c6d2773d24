//! The allocations of a verification, which do not depend on the size of the JWKS.
//!
//! `cargo bench -p writ-verifier --bench allocations`

mod scene;

use divan::{AllocProfiler, Bencher};
use writ_verifier::testing::SigningAlgorithm;

use scene::Scene;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn verify_with_published_keys(bencher: Bencher<'_, '_>, keys: usize) {
    let (scene, _) = Scene::new(SigningAlgorithm::Es256, keys);
    scene.bench(bencher);
}
