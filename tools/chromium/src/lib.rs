//! Headless Chromium, driven through chromedriver, for tests and screenshots of Writ's pages.

mod chromedriver;

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{WebDriverRunError, extensions::query::ElementPollerWithTimeout, prelude::*};

use chromedriver::Chromedriver;

const FLAGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
];

/// The interval and the maximum number of checks for a page.
const POLL: Duration = Duration::from_millis(50);
const TRIES: u32 = 400;

/// A script that returns when the current page has been painted.
const AFTER_PAINT: &str = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))";

/// A browser with an empty profile.
pub struct Chromium {
    /// The WebDriver, for operations without a method here.
    pub driver: WebDriver,
}

/// Whether browser tests are enabled: `WRIT_BROWSER_TESTS` is 1. Prints a notice otherwise.
#[must_use]
pub fn wanted() -> bool {
    let wanted = std::env::var("WRIT_BROWSER_TESTS").as_deref() == Ok("1");
    if !wanted {
        eprintln!("skipped: set WRIT_BROWSER_TESTS=1, with chromium and chromedriver installed, to run this test");
    }
    wanted
}

/// Runs `operation` with a new browser, which is closed afterwards.
///
/// # Errors
/// The error of the operation, or of starting chromedriver.
pub async fn run<T>(operation: impl AsyncFnOnce(Chromium) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let chromedriver = Chromedriver::start()?;
    let profile = TempDir::new()?;
    let mut capabilities = DesiredCapabilities::chrome();
    for flag in FLAGS {
        capabilities.add_arg(flag)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    capabilities.set("goog:loggingPrefs", json!({ "browser": "ALL", "performance": "ALL" }))?;
    let poller = ElementPollerWithTimeout::new(POLL * TRIES, POLL);
    let driver = WebDriver::builder(chromedriver.url(), capabilities)
        .poller(Arc::new(poller))
        .await
        .context("Chromium does not start; on Debian: apt-get install chromium chromium-driver")?;
    driver.run_and_quit(|driver| operation(Chromium { driver })).await.map_err(|error| match error {
        WebDriverRunError::Body(error) => error,
        error => anyhow::anyhow!("{error:?}"),
    })
}

impl Chromium {
    /// Opens a URL.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn goto(&self, url: &str) -> anyhow::Result<()> {
        Ok(self.driver.goto(url).await?)
    }

    /// The element with this id, as soon as a page shows it.
    ///
    /// # Errors
    /// An error with the current page, if the element does not appear.
    pub async fn element(&self, id: &str) -> anyhow::Result<WebElement> {
        self.select(&format!("[id='{id}']")).await
    }

    /// The first element that a CSS selector finds, as soon as a page shows it.
    ///
    /// # Errors
    /// An error with the current page, if the element does not appear.
    pub async fn select(&self, css: &str) -> anyhow::Result<WebElement> {
        match self.driver.query(By::Css(css)).and_displayed().first().await {
            Ok(element) => Ok(element),
            Err(error) => bail!("no {css}: {error}\n{}", self.describe().await),
        }
    }

    /// The text of the element with this id, once it contains `part`.
    ///
    /// # Errors
    /// An error with the current page, if the text does not appear.
    pub async fn text_with(&self, id: &str, part: &str) -> anyhow::Result<String> {
        for _ in 0..TRIES {
            // The page may be replaced between the two commands. Then there is no text yet.
            if let Ok(element) = self.driver.find(By::Id(id)).await
                && let Ok(text) = element.text().await
                && text.contains(part)
            {
                return Ok(text);
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("no `{part}` in #{id}\n{}", self.describe().await);
    }

    /// The page's text.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn text(&self) -> anyhow::Result<String> {
        Ok(self.driver.query(By::Tag("main")).first().await?.text().await?)
    }

    /// Clicks the element with this id.
    ///
    /// # Errors
    /// An error if the element does not appear.
    pub async fn click(&self, id: &str) -> anyhow::Result<()> {
        let element = self.element(id).await?;
        // Chromium discards clicks on a page that has not been painted.
        self.driver.execute_async(AFTER_PAINT, vec![]).await?;
        Ok(element.click().await?)
    }

    /// Types into the empty field with this id.
    ///
    /// # Errors
    /// An error if the element does not appear.
    pub async fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let field = self.element(id).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Whether the checkbox of `scope` on the consent page is ticked.
    ///
    /// # Errors
    /// An error if there is no such checkbox.
    pub async fn is_ticked(&self, scope: &str) -> anyhow::Result<bool> {
        Ok(self.scope_box(scope).await?.is_selected().await?)
    }

    /// Ticks or unticks the checkbox of `scope` on the consent page.
    ///
    /// # Errors
    /// An error if there is no such checkbox.
    pub async fn tick(&self, scope: &str) -> anyhow::Result<()> {
        Ok(self.scope_box(scope).await?.click().await?)
    }

    async fn scope_box(&self, scope: &str) -> anyhow::Result<WebElement> {
        self.select(&format!("input[type=checkbox][name=scope][value='{scope}']")).await
    }

    /// The browser's URL.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn url(&self) -> anyhow::Result<String> {
        Ok(self.driver.current_url().await?.into())
    }

    /// Waits until the browser navigates to a URL that starts with `target`, whether or not the
    /// navigation succeeds.
    ///
    /// # Errors
    /// An error with the current page, if it does not.
    pub async fn wait_until_sent_to(&self, target: &str) -> anyhow::Result<()> {
        for _ in 0..TRIES {
            let events = self.driver.get_log("performance").await?;
            if events.iter().any(|event| is_navigation_to(target, &event.message)) {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        bail!("not sent to {target}\n{}", self.describe().await);
    }

    /// The browser's console messages, such as violations of a content security policy.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.driver.browser_log().await?.into_iter().map(|entry| entry.message).collect())
    }

    async fn describe(&self) -> String {
        let source = self.driver.source().await.unwrap_or_default();
        format!("at {}\n{source}", self.url().await.unwrap_or_default())
    }

    /// Sends a command of the Chrome DevTools Protocol.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> anyhow::Result<Value> {
        Ok(self.driver.cdp().send_raw(command, parameters).await?)
    }

    /// Shows pages in the light or the dark theme.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn set_theme(&self, theme: &str) -> anyhow::Result<()> {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.devtools("Emulation.setEmulatedMedia", json!({"features": features})).await.map(drop)
    }

    /// Sets the language that the browser asks for, a BCP 47 tag.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn set_language(&self, tag: &str) -> anyhow::Result<()> {
        self.devtools("Network.enable", json!({})).await?;
        let headers = json!({"Accept-Language": tag});
        self.devtools("Network.setExtraHTTPHeaders", json!({"headers": headers})).await.map(drop)
    }

    /// Sets the width of the viewport, in CSS pixels.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn set_width(&self, width: u32) -> anyhow::Result<()> {
        self.set_viewport(width, 800).await
    }

    /// Sets width and height of the viewport, in CSS pixels.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn set_viewport(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await.map(drop)
    }

    /// Enables or disables the scripts of the pages. The policy of every page forbids all other
    /// scripts, so none runs when these are disabled, except those of the test.
    ///
    /// # Errors
    /// The error of the WebDriver.
    pub async fn set_scripts(&self, on: bool) -> anyhow::Result<()> {
        let blocked = if on { json!([]) } else { json!(["*.js*"]) };
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.setBlockedURLs", json!({"urls": blocked})).await.map(drop)
    }
}

/// Whether an event of the DevTools protocol is the start of a navigation to `target`.
fn is_navigation_to(target: &str, event: &str) -> bool {
    let Ok(event) = serde_json::from_str::<Value>(event) else { return false };
    let event = &event["message"];
    event["method"] == "Network.requestWillBeSent"
        && event["params"]["documentURL"].as_str().is_some_and(|url| url.starts_with(target))
}
