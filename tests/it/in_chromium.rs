//! The pages in a real browser, in the order of a flow and in two languages. Needs
//! `WRIT_BROWSER_TESTS=1`.

use serde_json::json;
use thirtyfour::prelude::*;
use writ::web::{locale::Locale, zone::Zone};
use writ_chromium::Chromium;

use crate::support::{App, TestServer, app::Answer, seed::PASSWORD};

/// A server, an app whose callback is served by another server, and a browser.
struct Scene {
    server: TestServer,
    elsewhere: TestServer,
    shop: App,
    browser: Chromium,
    /// The language of the browser.
    locale: Locale,
}

impl Scene {
    /// Plays in English and in Korean.
    async fn play(act: impl AsyncFn(&Scene) -> anyhow::Result<()>) -> anyhow::Result<()> {
        for locale in [Locale::EN, Locale::KO] {
            Self::play_in(locale, &act).await?;
        }
        Ok(())
    }

    async fn play_in(locale: Locale, act: impl AsyncFnOnce(&Scene) -> anyhow::Result<()>) -> anyhow::Result<()> {
        if !writ_chromium::wanted() {
            return Ok(());
        }
        let server = TestServer::start().await;
        let elsewhere = server.second_node().await;
        let callback = format!("{}/healthz", elsewhere.issuer);
        let shop = server.register("shop", json!({ "application_type": "native", "redirect_uris": [callback] })).await;
        writ_chromium::run(async |browser| {
            browser.set_language(&locale.to_string()).await?;
            act(&Scene { server, elsewhere, shop, browser, locale }).await
        })
        .await
    }

    /// A text of the pages about this app.
    fn says(&self, key: &str) -> String {
        let today = self.locale.date(&Zone::UTC.at(self.server.clock.now()));
        self.locale.text_with(key, &[("app", "Shop"), ("date", today.as_str())])
    }

    /// The sentence of a scope.
    fn sentence(&self, scope: &str) -> String {
        format!("{scope} as a sentence in {}", self.locale)
    }

    fn driver(&self) -> &WebDriver {
        &self.browser.driver
    }

    async fn ask(&self, scope: &str) -> anyhow::Result<()> {
        self.browser.goto(&self.shop.authorize_url(scope, &[])).await
    }

    async fn sign_in(&self, password: &str) -> anyhow::Result<()> {
        self.browser.fill("username", "alice").await?;
        self.browser.fill("password", password).await?;
        self.browser.click("login").await
    }

    /// The value of this parameter in the callback, once the browser has reached it.
    async fn came_back_with(&self, name: &str) -> anyhow::Result<String> {
        let at_the_app = self.driver().query(By::Css("body:not(:has(main))")).first().await;
        let url = self.driver().current_url().await?;
        anyhow::ensure!(at_the_app.is_ok() && url.as_str().starts_with(&self.elsewhere.issuer), "still at {url}");
        let value = url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        value.ok_or_else(|| anyhow::anyhow!("no {name} in {url}"))
    }

    async fn tokens(&self) -> anyhow::Result<Answer> {
        Ok(self.shop.exchange_code(&self.came_back_with("code").await?).await.ok())
    }
}

#[tokio::test]
async fn consent_page_renders_in_four_situations() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        scene.ask("profile:read message:read message:send").await?;
        scene.sign_in("not the password").await?;
        scene.browser.element("error").await?;
        scene.sign_in(PASSWORD).await?;

        // First request: everything is new, and high risks are unticked.
        scene.browser.element("approve").await?;
        let first = scene.browser.text().await?;
        assert!(!first.contains(&scene.says("scope-already-allowed")), "{first}");
        assert!(first.contains(&scene.sentence("message:send")), "{first}");
        scene.browser.click("approve").await?;
        assert_eq!(scene.tokens().await?.text("scope"), "profile:read message:read");

        // Nothing is new: there is no page.
        scene.ask("profile:read message:read").await?;
        scene.came_back_with("code").await?;

        // A difference: the page shows what was declined earlier, which can be allowed now.
        scene.ask("profile:read message:read message:send").await?;
        scene.browser.element("approve").await?;
        let difference = scene.browser.text().await?;
        for key in ["scope-already-allowed", "scope-declined-before"] {
            assert!(difference.contains(&scene.says(key)), "{key}: {difference}");
        }
        scene.browser.tick("message:send").await?;
        scene.browser.click("approve").await?;
        assert_eq!(scene.tokens().await?.text("scope"), "profile:read message:read message:send");

        // Denied: the app learns nothing else.
        let again = scene.shop.authorize_url("profile:read", &[("prompt", "consent")]);
        scene.browser.goto(&again).await?;
        scene.browser.click("deny").await?;
        // The page stays until the user continues.
        let denied = scene.browser.text_with("denied", &scene.says("denied-heading-again")).await?;
        assert!(denied.contains(&scene.says("denied-still-allowed")), "{denied}");
        scene.browser.click("continue").await?;
        assert_eq!(scene.came_back_with("error").await?, "access_denied");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn consent_works_dark_narrow_without_scripts_in_korean() -> anyhow::Result<()> {
    Scene::play_in(Locale::EN, async |scene| {
        scene.browser.set_scripts(false).await?;
        scene.browser.set_width(320).await?;
        scene.browser.set_theme("dark").await?;
        scene.ask("profile:read message:read").await?;
        scene.browser.select("button[name=locale][value=ko]").await?.click().await?;
        scene.driver().query(By::Css("html[lang=ko] #login")).first().await?;
        scene.sign_in(PASSWORD).await?;
        scene.browser.element("approve").await?;
        let consent = scene.browser.text().await?;
        assert!(consent.contains("내 정보를 사용하려고 합니다") && consent.contains("선택하지 않은 권한"), "{consent}");
        scene.browser.tick("message:read").await?;
        scene.browser.click("approve").await?;
        assert_eq!(scene.tokens().await?.text("scope"), "profile:read");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn consent_can_be_given_by_keyboard() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        scene.ask("profile:read message:read").await?;
        scene.browser.element("login").await?;
        let typed = "alice".to_owned() + Key::Tab + PASSWORD + Key::Enter;
        scene.driver().action_chain().send_keys(typed).perform().await?;
        scene.browser.element("approve").await?;
        for _ in 0..30 {
            scene.driver().action_chain().send_keys(Key::Tab + "").perform().await?;
            if scene.driver().active_element().await?.id().await?.as_deref() == Some("approve") {
                break;
            }
        }
        scene.driver().action_chain().send_keys(Key::Enter + "").perform().await?;
        assert_eq!(scene.tokens().await?.text("scope"), "profile:read message:read");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn second_tab_lost_cookie_and_old_page_recover() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        // The cookie is lost while the sign-in page is open. The page says so and leads back to the
        // form.
        scene.ask("profile:read").await?;
        scene.browser.element("login").await?;
        scene.driver().delete_all_cookies().await?;
        scene.sign_in(PASSWORD).await?;
        scene.browser.element("error").await?;
        scene.browser.click("continue").await?;
        scene.sign_in(PASSWORD).await?;

        // Two tabs show the same page. The second decision has no effect, and the page says so.
        scene.browser.element("approve").await?;
        let question = scene.driver().current_url().await?;
        let first = scene.driver().window().await?;
        let second = scene.driver().new_tab().await?;
        scene.driver().switch_to_window(second).await?;
        scene.driver().goto(question.as_str()).await?;
        scene.browser.element("approve").await?;
        scene.driver().switch_to_window(first.clone()).await?;
        scene.browser.click("approve").await?;
        scene.came_back_with("code").await?;
        scene.driver().goto(question.as_str()).await?;
        scene.browser.element("error").await?;
        scene.browser.element("continue").await?;

        // A page was open for a day. Its button restarts the same request.
        scene.driver().goto(scene.shop.authorize_url("profile:read", &[("prompt", "consent")])).await?;
        scene.browser.element("approve").await?;
        scene.server.clock.advance(86_400);
        scene.browser.click("approve").await?;
        scene.browser.element("error").await?;
        let text = scene.browser.text().await?;
        assert!(text.contains(&scene.says("interrupted-gone")), "{text}");
        scene.browser.click("continue").await?;
        scene.browser.click("approve").await?;
        scene.came_back_with("code").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn disconnect_in_the_browser_revokes_the_token() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        scene.ask("profile:read message:read").await?;
        scene.sign_in(PASSWORD).await?;
        scene.browser.click("approve").await?;
        let tokens = scene.tokens().await?;
        let (access_token, refresh_token) = (tokens.text("access_token"), tokens.text("refresh_token"));

        scene.driver().goto(scene.server.issuer.as_str()).await?;
        scene.browser.click("account").await?;
        scene.browser.click("apps").await?;
        scene.browser.select("form:has(input[value='message:read']) button").await?.click().await?;
        scene.browser.text_with("done", &scene.sentence("message:read")).await?;
        assert_eq!(scene.shop.introspect(access_token).await.ok().text("scope"), "profile:read");
        let tokens = scene.shop.refresh(refresh_token).await.ok();
        assert_eq!(tokens.text("scope"), "profile:read");

        scene.browser.select(".app > .row button").await?.click().await?;
        scene.browser.element("no-apps").await?;
        assert_eq!(scene.shop.introspect(access_token).await.ok().json, json!({ "active": false }));
        let refresh_token = tokens.json["refresh_token"].as_str().unwrap_or(refresh_token);
        assert_eq!(scene.shop.refresh(refresh_token).await.refused(400), "invalid_grant");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn allow_leads_to_https_and_private_use_schemes() -> anyhow::Result<()> {
    Scene::play(async |scene| {
        let web = scene.server.register("web", json!({ "redirect_uris": ["https://shop.invalid/callback"] })).await;
        let native = json!({
            "application_type": "native",
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"],
            "redirect_uris": ["com.example.shop:/callback"],
        });
        let native = scene.server.register("native", native).await;
        scene.driver().goto(web.authorize_url("profile:read", &[])).await?;
        scene.sign_in(PASSWORD).await?;
        scene.browser.click("approve").await?;
        // The name does not resolve, but the browser tried: no policy blocked it.
        scene.driver().query(By::Css("body:not(:has(main))")).first().await?;
        let url = scene.driver().current_url().await?;
        assert!(url.as_str().starts_with("https://shop.invalid/callback?code="), "{url}");

        scene.driver().goto(native.authorize_url("profile:read", &[])).await?;
        scene.browser.click("approve").await?;
        // No program handles the scheme, so the browser stays on the page with the link.
        let heading = scene.browser.element("continue").await?;
        heading.wait_until().displayed().await?;
        let alice = scene.server.user_id("alice").await;
        let issued = async || {
            let grants = scene.server.server.store.read(move |tx| writ::store::grants::list_live_of_user(tx, alice));
            grants.await.is_ok_and(|grants| grants.iter().any(|grant| grant.client_id == "native"))
        };
        crate::support::eventually("the app's code is issued", issued).await;
        Ok(())
    })
    .await
}
