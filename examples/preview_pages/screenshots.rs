//! Photographs of every page at two widths, in both themes and every language, by headless Chromium.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use thirtyfour::prelude::*;
use writ::web::locale::Locale;

use super::samples;

const FLAGS: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A running chromedriver, ended when dropped.
struct Chromedriver(Child);

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Photographs every page of the server at `origin` into `folder`; returns how many were taken.
pub(crate) async fn take(origin: &str, folder: &str) -> anyhow::Result<usize> {
    std::fs::create_dir_all(folder)?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let _chromedriver = Chromedriver(
        Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .spawn()
            .context("chromedriver is not installed")?,
    );
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS {
        capabilities.add_arg(flag)?;
    }
    let driver = connect(&format!("http://127.0.0.1:{port}"), capabilities).await?;
    let taken = photograph(&driver, origin, Path::new(folder)).await;
    driver.quit().await?;
    taken
}

async fn connect(url: &str, capabilities: thirtyfour::ChromeCapabilities) -> anyhow::Result<WebDriver> {
    let mut outcome = WebDriver::new(url, capabilities.clone()).await;
    for _ in 0..50 {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        outcome = WebDriver::new(url, capabilities.clone()).await;
    }
    Ok(outcome?)
}

async fn photograph(driver: &WebDriver, origin: &str, folder: &Path) -> anyhow::Result<usize> {
    let devtools = driver.cdp();
    let send = |command: &'static str, parameters| devtools.send_raw(command, parameters);
    let mut taken = 0;
    for scheme in ["light", "dark"] {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        send("Emulation.setEmulatedMedia", json!({"features": features})).await?;
        for width in [1280, 360] {
            let metrics = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
            send("Emulation.setDeviceMetricsOverride", metrics).await?;
            for name in samples::NAMES {
                // This page leaves by itself where scripts run.
                send("Emulation.setScriptExecutionDisabled", json!({"value": name == "form-post"})).await?;
                for locale in Locale::all() {
                    driver.goto(format!("{origin}/preview/{name}?ui_locales={locale}")).await?;
                    let picture = send("Page.captureScreenshot", json!({"captureBeyondViewport": true})).await?;
                    let data = picture["data"].as_str().context("a screenshot has data")?;
                    let path = folder.join(format!("{name}-{locale}-{width}-{scheme}.png"));
                    std::fs::write(path, BASE64_STANDARD.decode(data)?)?;
                    taken += 1;
                }
            }
        }
    }
    Ok(taken)
}
