//! The sign-in page, operated by a user.

use thirtyfour::prelude::*;
use writ::web::locale::Locale;
use writ_chromium::Chromium;

use crate::on_previews;

async fn open(chromium: &Chromium, origin: &str, name: &str, scripts: bool, locale: Locale) -> anyhow::Result<()> {
    chromium.set_scripts(scripts).await?;
    chromium.goto(&format!("{origin}/preview/{name}?ui_locales={locale}")).await
}

async fn focused_id(chromium: &Chromium) -> WebDriverResult<Option<String>> {
    chromium.driver.active_element().await?.id().await
}

#[actix_web::test]
async fn problem_has_the_focus_even_without_scripts() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        for scripts in [true, false] {
            open(&chromium, origin, "login-wrong", scripts, Locale::EN).await?;
            assert_eq!(focused_id(&chromium).await?.as_deref(), Some("error"));
        }
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn keyboard_is_sufficient_to_sign_in() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        open(&chromium, origin, "login", true, Locale::EN).await?;
        assert_eq!(focused_id(&chromium).await?.as_deref(), Some("username"));
        let keys = "haneul".to_owned() + Key::Tab + "secret" + Key::Enter;
        chromium.driver.action_chain().send_keys(keys).perform().await?;
        let received = chromium.driver.query(By::Tag("pre")).first().await?.text().await?;
        assert!(received.ends_with("&csrf=token&username=haneul&password=secret"), "{received}");
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn password_can_be_shown_when_scripts_run() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        for locale in Locale::all() {
            open(&chromium, origin, "login", true, *locale).await?;
            let password = chromium.driver.find(By::Id("password")).await?;
            let reveal = chromium.driver.find(By::Id("reveal")).await?;
            assert_eq!(reveal.text().await?, locale.text("login-show-password"));
            reveal.click().await?;
            assert_eq!(password.attr("type").await?.as_deref(), Some("text"));
            assert_eq!(reveal.text().await?, locale.text("login-hide-password"));
            reveal.click().await?;
            assert_eq!(password.attr("type").await?.as_deref(), Some("password"));
        }
        open(&chromium, origin, "login", false, Locale::EN).await?;
        assert!(!chromium.driver.find(By::Id("reveal")).await?.is_displayed().await?);
        Ok(())
    })
    .await
}
