//! Behaviour of the pages that needs a real browser, on previews without a database.
//!
//! These tests need Chromium and chromedriver, so they run only if `WRIT_BROWSER_TESTS` is 1.

#![allow(clippy::unwrap_used, missing_docs)]

mod accessibility;
mod consent;
#[path = "../../examples/preview_pages/samples.rs"]
mod samples;
#[path = "../../examples/preview_pages/server.rs"]
mod server;
mod sign_in;

use writ_chromium::Chromium;

/// Runs `operation` with a browser and the origin of the previews, if browser tests are enabled.
async fn on_previews(operation: impl AsyncFnOnce(Chromium, &str) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // The previews need no database, so one run on one of them is enough.
    if !writ_chromium::wanted() || std::env::var_os("WRIT_TEST_DATABASE_URL").is_some() {
        return Ok(());
    }
    let (server, origin) = server::listen(0)?;
    actix_web::rt::spawn(server);
    writ_chromium::run(async |chromium| operation(chromium, &origin).await).await
}
