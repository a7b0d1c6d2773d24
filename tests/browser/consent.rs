//! The consent page, operated by a user.

use thirtyfour::prelude::*;

use writ::web::locale::Locale;

use crate::on_previews;

/// The viewport of a small phone, in CSS pixels.
const PHONE: (u32, u32) = (360, 740);

/// The bottom of the first element that matches a selector, in CSS pixels from the top of the page.
const BOTTOM: &str = "
    const box = document.querySelector(arguments[0]).getBoundingClientRect();
    return Math.round(box.bottom + window.scrollY);";

/// Opens the consent page in every language and passes it on with its URL.
async fn on_consent_page(
    scripts: bool,
    operation: impl AsyncFn(&WebDriver, &str, Locale) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        chromium.set_scripts(scripts).await?;
        for locale in Locale::all() {
            let url = format!("{origin}/preview/consent-first?ui_locales={locale}");
            chromium.driver.goto(&url).await?;
            operation(&chromium.driver, &url, *locale).await?;
        }
        Ok(())
    })
    .await
}

async fn cannot_do(driver: &WebDriver) -> WebDriverResult<String> {
    driver.find(By::Css(".cannot ul")).await?.text().await
}

#[actix_web::test]
async fn enter_decides_nothing() -> anyhow::Result<()> {
    on_consent_page(true, async |driver, url, _| {
        for control in ["input[value='message:send']", "input[value='message:read']", "input[name='duration']"] {
            driver.find(By::Css(control)).await?.send_keys(Key::Enter + "").await?;
            assert_eq!(driver.current_url().await?.as_str(), url, "Enter on {control}");
        }
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn keyboard_reaches_deny_before_allow_and_nothing_is_focused_first() -> anyhow::Result<()> {
    on_consent_page(true, async |driver, _, _| {
        let body = driver.active_element().await?;
        assert_eq!(body.tag_name().await?, "body");
        let mut order = Vec::new();
        for _ in 0..20 {
            driver.action_chain().send_keys(Key::Tab + "").perform().await?;
            let focused = driver.active_element().await?;
            order.extend(focused.id().await?);
        }
        let place =
            |id: &str| order.iter().position(|it| it == id).unwrap_or_else(|| panic!("{id} is not in {order:?}"));
        assert!(place("deny") < place("approve"));
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn allow_and_deny_are_equally_easy() -> anyhow::Result<()> {
    on_consent_page(true, async |driver, _, _| {
        let mut looks = Vec::new();
        for id in ["deny", "approve"] {
            let button = driver.find(By::Id(id)).await?;
            let size = button.rect().await?;
            let mut look = vec![format!("{} × {}", size.width, size.height)];
            for property in ["background-color", "color", "border-color", "font-weight"] {
                look.push(button.css_value(property).await?);
            }
            looks.push(look);
        }
        assert_eq!(looks[0], looks[1]);
        Ok(())
    })
    .await
}

/// The texts of the samples: reading, sending and deleting messages, with the API's name.
fn talk(locale: Locale) -> [&'static str; 3] {
    if locale == Locale::KO {
        ["톡: 메시지 읽기", "톡: 메시지 보내기", "톡: 메시지 삭제하기"]
    } else {
        ["Talk: Read your messages", "Talk: Send messages", "Talk: Delete messages"]
    }
}

#[actix_web::test]
async fn list_of_denied_actions_names_the_api_and_follows_the_ticks() -> anyhow::Result<()> {
    on_consent_page(true, async |driver, _, locale| {
        let [read, send, delete] = talk(locale);
        let before = cannot_do(driver).await?;
        assert!(before.contains(send) && before.contains(delete) && !before.contains(read), "{before}");
        driver.find(By::Css("input[value='message:read']")).await?.click().await?;
        driver.find(By::Css("input[value='message:send']")).await?.click().await?;
        let after = cannot_do(driver).await?;
        assert!(after.contains(read) && after.contains(delete) && !after.contains(send), "{after}");
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn list_is_true_and_ticks_are_sent_without_scripts() -> anyhow::Result<()> {
    on_consent_page(false, async |driver, _, locale| {
        let [_, send, delete] = talk(locale);
        let list = cannot_do(driver).await?;
        assert!(list.contains(delete) && list.contains(&locale.text("consent-cannot-rest")), "{list}");
        assert!(!list.contains(send), "{list}");
        driver.find(By::Css("input[value='message:send']")).await?.click().await?;
        driver.find(By::Id("approve")).await?.click().await?;
        let received = driver.query(By::Tag("pre")).first().await?.text().await?;
        assert_eq!(
            received,
            "request=0198&again=client_id%3Dshop&csrf=token&scope=profile%3Aread&scope=message%3Aread&scope=message%3Asend\
         &duration=until_revoked&decision=approve"
        );
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn phone_shows_app_and_first_scope_at_once_and_buttons_on_two_screens() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        let (width, screen) = PHONE;
        chromium.set_viewport(width, screen).await?;
        for name in
            ["consent-five-scopes", "consent-offline", "consent-first", "consent-difference", "consent-look-alike"]
        {
            for locale in Locale::all() {
                chromium.goto(&format!("{origin}/preview/{name}?ui_locales={locale}")).await?;
                let bottom = async |css: &str| -> anyhow::Result<u32> {
                    let found = chromium.driver.execute(BOTTOM, vec![css.into()]).await?;
                    Ok(found.convert()?)
                };
                for css in ["h1", "#about-app", ".facts", ".scopes > li"] {
                    let at = bottom(css).await?;
                    assert!(at <= screen, "{name} {locale}: {css} ends at {at}");
                }
                for css in ["#deny", "#approve"] {
                    let at = bottom(css).await?;
                    assert!(at <= 2 * screen, "{name} {locale}: {css} ends at {at}");
                }
            }
        }
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn what_is_known_of_the_app_unfolds_from_the_head() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        for (locale, owner, users) in [
            ("en", "Owner: Harbour Trading", "1,000+ people here use it"),
            ("ko", "운영: Harbour Trading", "1,000+명이 사용합니다"),
        ] {
            chromium.goto(&format!("{origin}/preview/consent-first?ui_locales={locale}")).await?;
            let about = chromium.element("about-app").await?;
            assert!(!about.text().await?.contains(owner), "folded at first");
            about.find(By::Tag("summary")).await?.click().await?;
            let text = about.text().await?;
            assert!(text.contains(owner) && text.contains(users) && text.contains("shop.example"), "{text}");
        }
        Ok(())
    })
    .await
}

#[actix_web::test]
async fn list_of_what_the_app_cannot_do_follows_the_ticks_in_every_language() -> anyhow::Result<()> {
    on_previews(async |chromium, origin| {
        for locale in Locale::all() {
            chromium.goto(&format!("{origin}/preview/consent-first?ui_locales={locale}")).await?;
            for scope in ["message:read", "message:send"] {
                let entry = chromium.driver.find(By::Css(format!(".cannot li[data-scope='{scope}']"))).await?;
                let ticked = chromium.is_ticked(scope).await?;
                assert_ne!(entry.is_displayed().await?, ticked, "{scope} in {locale}");
                chromium.tick(scope).await?;
                assert_eq!(entry.is_displayed().await?, ticked, "{scope} in {locale}");
            }
        }
        Ok(())
    })
    .await
}
