//! What only a browser can show of the pages, on previews that need no database.
//!
//! These tests need Chromium and chromedriver, so they run only where `WRIT_BROWSER_TESTS` is 1.

#![allow(clippy::unwrap_used, missing_docs)]

mod accessibility;
mod chromium;
mod consent;
#[path = "../../examples/preview_pages/samples.rs"]
mod samples;
#[path = "../../examples/preview_pages/server.rs"]
mod server;
mod sign_in;

use chromium::Chromium;

/// Runs `operation` with a browser and the origin of the previews, where browser tests are asked for.
async fn on_previews(operation: impl AsyncFnOnce(Chromium, &str) -> anyhow::Result<()>) -> anyhow::Result<()> {
    // The previews are the same on every database.
    let wanted = std::env::var("WRIT_BROWSER_TESTS").is_ok_and(|wanted| wanted == "1");
    if !wanted || std::env::var_os("WRIT_TEST_DATABASE_URL").is_some() {
        eprintln!("skipped: it runs where WRIT_BROWSER_TESTS is 1 and no other database than SQLite is under test");
        return Ok(());
    }
    let (server, origin) = server::listen(0)?;
    actix_web::rt::spawn(server);
    chromium::run(async |chromium| operation(chromium, &origin).await).await
}
