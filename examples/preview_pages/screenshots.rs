//! Screenshots of every page at two widths, in both themes and every language, with headless
//! Chromium.

use std::path::Path;

use anyhow::{Context, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use writ::web::locale::Locale;
use writ_chromium::Chromium;

use super::samples;

/// Takes screenshots of the named pages of the server at `origin`, or of all without a name, and
/// returns their number.
pub(crate) async fn take(origin: &str, folder: &Path, names: &[String]) -> anyhow::Result<usize> {
    std::fs::create_dir_all(folder)?;
    let unknown = names.iter().find(|name| !samples::NAMES.contains(&name.as_str()));
    ensure!(unknown.is_none(), "there is no page {unknown:?}");
    let wanted = |name: &&str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let pages: Vec<&str> = samples::NAMES.into_iter().filter(wanted).collect();
    writ_chromium::run(async |chromium| photograph(&chromium, origin, folder, &pages).await).await
}

async fn photograph(chromium: &Chromium, origin: &str, folder: &Path, pages: &[&str]) -> anyhow::Result<usize> {
    let mut taken = 0;
    for theme in ["light", "dark"] {
        chromium.set_theme(theme).await?;
        for width in [1280, 360] {
            chromium.set_width(width).await?;
            for name in pages {
                // This page submits itself if scripts are enabled.
                chromium.set_scripts(*name != "form-post").await?;
                for locale in Locale::all() {
                    chromium.goto(&format!("{origin}/preview/{name}?ui_locales={locale}")).await?;
                    let whole = json!({"captureBeyondViewport": true});
                    let picture = chromium.devtools("Page.captureScreenshot", whole).await?;
                    let data = picture["data"].as_str().context("a screenshot has data")?;
                    let path = folder.join(format!("{name}-{locale}-{width}-{theme}.png"));
                    std::fs::write(path, BASE64_STANDARD.decode(data)?)?;
                    taken += 1;
                }
            }
        }
    }
    Ok(taken)
}
