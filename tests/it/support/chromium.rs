//! A real browser: headless Chromium, driven through chromedriver.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use thirtyfour::extensions::query::ElementPollerWithTimeout;
use thirtyfour::prelude::*;

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

/// How often and how many times to look whether a page has come.
const POLL: Duration = Duration::from_millis(50);
const TRIES: u32 = 400;

/// A browser with an empty profile; it ends when dropped. The fields end in this order.
pub(crate) struct Chromium {
    driver: WebDriver,
    _chromedriver: Chromedriver,
    _profile: TempDir,
}

struct Chromedriver {
    process: Child,
    /// Held open, as a process whose output nobody takes would be ended by its next line.
    output: BufReader<ChildStdout>,
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about a failure here.
        self.process.kill().and_then(|()| self.process.wait()).ok();
    }
}

impl Chromium {
    /// Starts a browser, unless browser tests were not asked for.
    pub(crate) async fn start() -> Option<Self> {
        if std::env::var("WRIT_BROWSER_TESTS").as_deref() != Ok("1") {
            eprintln!("skipped: set WRIT_BROWSER_TESTS=1, with chromium and chromedriver installed, to run this test");
            return None;
        }
        let (chromedriver, port) = start_chromedriver();
        let profile = TempDir::new().expect("a temporary directory");
        let mut capabilities = DesiredCapabilities::chrome();
        for flag in FLAGS {
            capabilities.add_arg(flag).expect("a flag");
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display())).expect("a flag");
        let logs = serde_json::json!({ "browser": "ALL", "performance": "ALL" });
        capabilities.set("goog:loggingPrefs", logs).expect("a capability");
        let poller = ElementPollerWithTimeout::new(POLL * TRIES, POLL);
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
            .poller(Arc::new(poller))
            .await
            .expect("Chromium starts");
        Some(Self { driver, _chromedriver: chromedriver, _profile: profile })
    }

    pub(crate) async fn goto(&self, url: &str) {
        self.driver.goto(url).await.expect("a page");
    }

    /// The element with this id, as soon as a page shows it.
    pub(crate) async fn element(&self, id: &str) -> WebElement {
        let found = self.driver.query(By::Id(id)).and_displayed().first().await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no element #{id}: {error}\n{}", self.describe().await),
        }
    }

    /// The text of the element with this id, once it contains `part`.
    pub(crate) async fn text_with(&self, id: &str, part: &str) -> String {
        for _ in 0..TRIES {
            // The page may be replaced between the two questions: then there is no text yet.
            if let Ok(element) = self.driver.find(By::Id(id)).await
                && let Ok(text) = element.text().await
                && text.contains(part)
            {
                return text;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("no `{part}` in #{id}\n{}", self.describe().await);
    }

    pub(crate) async fn click(&self, id: &str) {
        self.element(id).await.click().await.expect("a click");
    }

    pub(crate) async fn fill(&self, id: &str, text: &str) {
        self.element(id).await.send_keys(text).await.expect("typing");
    }

    /// Whether the consent page's box for `scope` is ticked.
    pub(crate) async fn is_ticked(&self, scope: &str) -> bool {
        self.scope_box(scope).await.is_selected().await.expect("a checkbox")
    }

    /// Ticks or unticks the consent page's box for `scope`.
    pub(crate) async fn tick(&self, scope: &str) {
        self.scope_box(scope).await.click().await.expect("a click");
    }

    async fn scope_box(&self, scope: &str) -> WebElement {
        let css = format!("input[type=checkbox][name=scope][value='{scope}']");
        match self.driver.query(By::Css(css)).first().await {
            Ok(element) => element,
            Err(error) => panic!("no box for {scope}: {error}\n{}", self.describe().await),
        }
    }

    pub(crate) async fn url(&self) -> String {
        self.driver.current_url().await.map_or_else(|_| "no page".to_owned(), Into::into)
    }

    /// Waits until the browser sets out for an address that begins with `target`, whether or not it arrives.
    pub(crate) async fn wait_until_sent_to(&self, target: &str) {
        for _ in 0..TRIES {
            let events = self.driver.get_log("performance").await.expect("the log");
            if events.iter().any(|event| is_navigation_to(target, &event.message)) {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("not sent to {target}\n{}", self.describe().await);
    }

    /// What stands on the browser's console, such as violations of a content security policy.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.expect("the console");
        entries.into_iter().map(|entry| entry.message).collect()
    }

    /// Closes the browser. Where a test fails instead, dropping it does the same, and blocks a thread meanwhile:
    /// such a test needs a runtime of several.
    pub(crate) async fn close(self) {
        self.driver.quit().await.expect("Chromium ends");
    }

    async fn describe(&self) -> String {
        let source = self.driver.source().await.unwrap_or_default();
        format!("at {}\n{source}", self.url().await)
    }
}

/// Whether an event of the DevTools protocol is the beginning of a navigation to `target`.
fn is_navigation_to(target: &str, event: &str) -> bool {
    let event: Value = serde_json::from_str(event).expect("JSON");
    let event = &event["message"];
    event["method"] == "Network.requestWillBeSent"
        && event["params"]["documentURL"].as_str().is_some_and(|url| url.starts_with(target))
}

/// Starts chromedriver on a free port, which it names in its output. It chooses the port for IPv6 and gives up if
/// another process has the same one for IPv4, so a few attempts are due while other tests start servers.
fn start_chromedriver() -> (Chromedriver, u16) {
    let mut said = String::new();
    for _ in 0..5 {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let mut chromedriver = Chromedriver { process, output };
        for line in chromedriver.output.by_ref().lines().map_while(Result::ok) {
            let port =
                line.strip_suffix('.').and_then(|line| line.rsplit_once("successfully on port ")?.1.parse().ok());
            if let Some(port) = port {
                return (chromedriver, port);
            }
            said.push_str(&line);
            said.push('\n');
        }
    }
    panic!("chromedriver does not start:\n{said}");
}
