//! Passkeys in a real browser, with a virtual authenticator. Needs `WRIT_BROWSER_TESTS=1`.

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use writ::web::locale::Locale;
use writ_chromium::Chromium;

use crate::support::{TestServer, passkey::with_host_name, seed::PASSWORD};

/// A server with a host name, and a browser with an authenticator.
struct Scene {
    server: TestServer,
    browser: Chromium,
    locale: Locale,
    /// The id of the authenticator.
    authenticator: Value,
}

impl Scene {
    /// Plays in English and in Korean, with an authenticator that is part of the device.
    async fn play(act: impl AsyncFn(&Scene) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if !writ_chromium::wanted() {
            return Ok(());
        }
        for locale in [Locale::EN, Locale::KO] {
            let server = TestServer::start_with(with_host_name).await;
            writ_chromium::run(async |browser| {
                browser.set_language(&locale.to_string()).await?;
                browser.devtools("WebAuthn.enable", json!({})).await?;
                let options = json!({
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": true,
                    "hasUserVerification": true,
                    "isUserVerified": true,
                });
                let added = browser.devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await?;
                let authenticator = added["authenticatorId"].clone();
                act(&Scene { server, browser, locale, authenticator }).await
            })
            .await?;
        }
        Ok(())
    }

    async fn open(&self, path: &str) -> anyhow::Result<()> {
        self.browser.goto(&self.server.server.settings.server.issuer.join(path)).await
    }

    /// Signs in with the password, registers a passkey, and signs out.
    async fn register(&self) -> anyhow::Result<()> {
        self.open("/login?return_to=/account/passkeys/new").await?;
        self.browser.fill("username", "alice").await?;
        self.browser.fill("password", PASSWORD).await?;
        self.browser.click("login").await?;
        self.browser.click("create-passkey").await?;
        self.browser.select(".entry.passkey").await?;
        self.sign_out().await
    }

    async fn sign_out(&self) -> anyhow::Result<()> {
        self.open("/logout").await?;
        self.browser.click("logout").await?;
        self.browser.element("logged-out").await.map(drop)
    }

    /// Whether the authenticator responds as if its user touched it.
    async fn set_presence(&self, enabled: bool) -> anyhow::Result<()> {
        let parameters = json!({ "authenticatorId": self.authenticator, "enabled": enabled });
        self.browser.devtools("WebAuthn.setAutomaticPresenceSimulation", parameters).await.map(drop)
    }

    /// Whether the authenticator recognizes its user.
    async fn set_verified(&self, verified: bool) -> anyhow::Result<()> {
        let parameters = json!({ "authenticatorId": self.authenticator, "isUserVerified": verified });
        self.browser.devtools("WebAuthn.setUserVerified", parameters).await.map(drop)
    }
}

#[tokio::test]
async fn passkey_is_created_and_signs_in_with_the_button_and_in_the_username_field() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        scene.register().await?;
        scene.set_presence(false).await?;
        scene.open("/login").await?;
        let button = scene.browser.element("use-passkey").await?;
        scene.set_presence(true).await?;
        button.send_keys(Key::Enter + "").await?;
        scene.browser.element("edit-profile").await?;
        scene.sign_out().await?;
        // The browser offers the passkey by itself, and the authenticator accepts.
        scene.open("/login").await?;
        scene.browser.element("edit-profile").await?;
        let complaints = scene.browser.complaints().await?;
        assert!(!complaints.iter().any(|complaint| complaint.contains("Content Security Policy")), "{complaints:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn unverified_user_and_wrong_rp_id_are_explained() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        scene.register().await?;
        scene.set_verified(false).await?;
        scene.open("/login").await?;
        scene.browser.click("use-passkey").await?;
        scene.browser.text_with("passkey-problem", &scene.locale.text("passkey-cancelled")).await?;

        let node = scene.server.second_node_with_settings(|settings| {
            settings.passkeys.rp_id = Some("example.com".to_owned());
        });
        let elsewhere = node.await;
        scene.browser.goto(&format!("{}/login", elsewhere.issuer.replace("127.0.0.1", "localhost"))).await?;
        scene.browser.click("use-passkey").await?;
        scene.browser.text_with("passkey-problem", &scene.locale.text("passkey-origin")).await?;
        Ok(())
    })
    .await
}
