//! A headless Chromium of our own: started for one test, ended with it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use thirtyfour::WebDriverRunError;
use thirtyfour::prelude::*;

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

/// Chromium with a fresh profile, driven over WebDriver.
pub(crate) struct Chromium {
    pub(crate) driver: WebDriver,
}

/// chromedriver, ended when dropped.
struct Chromedriver(Child);

/// Runs `operation` with a browser of its own, which ends with it whatever comes of it.
///
/// # Errors
/// Those of the operation; chromedriver is not installed, or does not come up within 20 seconds.
pub(crate) async fn run<T>(operation: impl AsyncFnOnce(Chromium) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let _chromedriver = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .spawn()
        .map(Chromedriver)
        .context("chromedriver is not installed; on Debian: apt-get install chromium chromium-driver")?;
    let driver = connect(&format!("http://127.0.0.1:{port}")).await?;
    driver.run_and_quit(|driver| operation(Chromium { driver })).await.map_err(|error| match error {
        WebDriverRunError::Body(error) => error,
        error => anyhow::anyhow!("{error:?}"),
    })
}

async fn connect(url: &str) -> anyhow::Result<WebDriver> {
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS {
        capabilities.add_arg(flag)?;
    }
    let mut driver = WebDriver::new(url, capabilities.clone()).await;
    for _ in 0..200 {
        if driver.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        driver = WebDriver::new(url, capabilities.clone()).await;
    }
    Ok(driver?)
}

impl Chromium {
    /// Sends a command of the Chrome DevTools Protocol.
    pub(crate) async fn devtools(&self, command: &'static str, parameters: Value) -> WebDriverResult<Value> {
        self.driver.cdp().send_raw(command, parameters).await
    }

    /// Shows pages in the light or the dark theme.
    pub(crate) async fn set_theme(&self, theme: &str) -> WebDriverResult<()> {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await?;
        Ok(())
    }

    /// Shows pages on a screen of so many CSS pixels.
    pub(crate) async fn set_width(&self, width: u32) -> WebDriverResult<()> {
        let metrics = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await?;
        Ok(())
    }

    /// Lets the pages' scripts load or not. The policy of every page forbids scripts of any other kind, so without these none
    /// runs; those of a test still do.
    pub(crate) async fn set_scripts(&self, on: bool) -> WebDriverResult<()> {
        let blocked = if on { json!([]) } else { json!(["*.js*"]) };
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.setBlockedURLs", json!({"urls": blocked})).await?;
        Ok(())
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
