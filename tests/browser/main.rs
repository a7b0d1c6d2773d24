//! What only a browser can show. These tests need Chromium and chromedriver, so plain `cargo test` passes them over:
//! `cargo test --test browser -- --ignored` runs them.

#![allow(clippy::unwrap_used, missing_docs)]

mod accessibility;
mod chromium;
mod consent;
#[path = "../../examples/preview_pages/samples.rs"]
mod samples;
#[path = "../../examples/preview_pages/server.rs"]
mod server;
mod sign_in;

/// The preview server, on a free port, until the test ends; tells its origin.
fn previews() -> String {
    let (server, origin) = server::listen(0).unwrap();
    actix_web::rt::spawn(server);
    origin
}
