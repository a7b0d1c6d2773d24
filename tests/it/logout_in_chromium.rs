//! Front-channel logout in a real browser: the frames load, and others are blocked. Needs
//! `WRIT_BROWSER_TESTS=1`.

use serde_json::json;
use url::form_urlencoded;
use writ_chromium::Chromium;

use crate::support::{App, Site, TestServer, eventually, seed::PASSWORD};

const CALLBACK: &str = "/callback";
const FORGET: &str = "/forget";

/// An app with its own origin.
struct Visited {
    site: Site,
    app: App,
}

impl Visited {
    async fn register(server: &TestServer, id: &str) -> Self {
        let site = Site::start();
        let metadata = json!({
            "application_type": "native",
            "redirect_uris": [site.publish(CALLBACK, "welcome")],
            "frontchannel_logout_uri": format!("{}?a=1", site.publish(FORGET, "forgotten")),
        });
        Self { app: server.register(id, metadata).await, site }
    }

    /// The `sid` of the ID token that the app receives.
    async fn visit(&self, browser: &Chromium, sign_in: bool) -> anyhow::Result<String> {
        browser.goto(&self.app.authorize_url("openid profile:read", &[])).await?;
        if sign_in {
            browser.fill("username", "alice").await?;
            browser.fill("password", PASSWORD).await?;
            browser.click("login").await?;
        }
        browser.click("approve").await?;
        eventually("the app is visited", async || self.site.fetched(CALLBACK) == 1).await;
        let query = self.site.queries(CALLBACK).remove(0);
        let code = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "code").expect("a code").1;
        let tokens = self.app.exchange_code(&code).await.ok();
        Ok(tokens.claims("id_token")["sid"].as_str().expect("a sid").to_owned())
    }
}

#[tokio::test]
async fn logout_frames_load_and_csp_blocks_other_origins() -> anyhow::Result<()> {
    if !writ_chromium::wanted() {
        return Ok(());
    }
    let server = TestServer::start().await;
    let shop = Visited::register(&server, "shop").await;
    let notes = Visited::register(&server, "notes").await;
    let bystander = Visited::register(&server, "bystander").await;
    writ_chromium::run(async |browser| {
        let sid = shop.visit(&browser, true).await?;
        assert_eq!(notes.visit(&browser, false).await?, sid, "one session");
        browser.goto(&format!("{}/logout", server.issuer)).await?;
        browser.click("logout").await?;
        browser.element("logged-out").await?;
        let issuer: String = form_urlencoded::byte_serialize(server.issuer.as_bytes()).collect();
        for visited in [&shop, &notes] {
            eventually("the frame is loaded", async || visited.site.fetched(FORGET) > 0).await;
            assert_eq!(visited.site.queries(FORGET), [format!("a=1&iss={issuer}&sid={sid}")]);
        }
        let blocked = async || {
            let complaints = browser.complaints().await.unwrap_or_default();
            complaints.iter().any(|line| line.contains("Content Security Policy") && line.contains("frame-src"))
        };
        assert!(!blocked().await);

        // The page's policy blocks a frame of any other origin.
        let frame = format!(
            "const frame = document.createElement('iframe'); frame.src = '{}'; document.body.append(frame);",
            bystander.site.url(FORGET)
        );
        browser.driver.execute(frame, vec![]).await?;
        eventually("the browser refuses", blocked).await;
        assert_eq!(bystander.site.fetched(FORGET), 0);
        Ok(())
    })
    .await
}
