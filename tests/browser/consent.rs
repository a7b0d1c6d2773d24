//! The consent page under a person's hands.

use thirtyfour::prelude::*;

use crate::chromium::Chromium;
use crate::previews;

async fn consent_page(scripts: bool) -> (Chromium, String) {
    let url = format!("{}/preview/consent-first?ui_locales=en", previews());
    let chromium = Chromium::start().await.unwrap();
    chromium.set_scripts(scripts).await.unwrap();
    chromium.driver.goto(&url).await.unwrap();
    (chromium, url)
}

async fn cannot_do(driver: &WebDriver) -> String {
    driver.find(By::Css(".cannot ul")).await.unwrap().text().await.unwrap()
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn enter_decides_nothing() {
    let (chromium, url) = consent_page(true).await;
    let driver = &chromium.driver;
    for control in ["input[value='message:send']", "input[value='message:read']", "input[name='duration']"] {
        driver.find(By::Css(control)).await.unwrap().send_keys(Key::Enter + "").await.unwrap();
        assert_eq!(driver.current_url().await.unwrap().as_str(), url, "Enter on {control}");
    }
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn nothing_has_the_focus_at_first_and_the_keyboard_reaches_deny_before_allow() {
    let (chromium, _) = consent_page(true).await;
    let driver = &chromium.driver;
    let body = driver.active_element().await.unwrap();
    assert_eq!(body.tag_name().await.unwrap(), "body");
    let mut order = Vec::new();
    for _ in 0..20 {
        driver.action_chain().send_keys(Key::Tab + "").perform().await.unwrap();
        let focused = driver.active_element().await.unwrap();
        order.extend(focused.id().await.unwrap());
    }
    let place = |id: &str| order.iter().position(|it| it == id).unwrap_or_else(|| panic!("{id} is not in {order:?}"));
    assert!(place("deny") < place("approve"));
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn allow_and_deny_are_equally_easy() {
    let (chromium, _) = consent_page(true).await;
    let mut looks = Vec::new();
    for id in ["deny", "approve"] {
        let button = chromium.driver.find(By::Id(id)).await.unwrap();
        let size = button.rect().await.unwrap();
        let mut look = vec![format!("{} × {}", size.width, size.height)];
        for property in ["background-color", "color", "border-color", "font-weight"] {
            look.push(button.css_value(property).await.unwrap());
        }
        looks.push(look);
    }
    assert_eq!(looks[0], looks[1]);
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn what_the_app_cannot_do_follows_the_ticks() {
    let (chromium, _) = consent_page(true).await;
    let driver = &chromium.driver;
    let before = cannot_do(driver).await;
    assert!(before.contains("Send messages") && !before.contains("Read your messages"), "{before}");
    driver.find(By::Css("input[value='message:read']")).await.unwrap().click().await.unwrap();
    driver.find(By::Css("input[value='message:send']")).await.unwrap().click().await.unwrap();
    let after = cannot_do(driver).await;
    assert!(!after.contains("Send messages") && after.contains("Read your messages"), "{after}");
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn without_scripts_the_list_stays_true_and_the_ticks_are_sent() {
    let (chromium, _) = consent_page(false).await;
    let driver = &chromium.driver;
    let list = cannot_do(driver).await;
    assert!(list.contains("Delete messages") && list.contains("anything you leave unticked"), "{list}");
    assert!(!list.contains("Send messages"), "{list}");
    driver.find(By::Css("input[value='message:send']")).await.unwrap().click().await.unwrap();
    driver.find(By::Id("approve")).await.unwrap().click().await.unwrap();
    let received = driver.find(By::Tag("body")).await.unwrap().text().await.unwrap();
    assert_eq!(
        received,
        "request=0198&csrf=token&scope=profile%3Aread&scope=message%3Aread&scope=message%3Asend\
         &duration=until_revoked&decision=approve"
    );
}
