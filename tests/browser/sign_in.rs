//! The sign-in page under a person's hands.

use thirtyfour::prelude::*;

use crate::chromium::Chromium;
use crate::previews;

async fn open(name: &str, scripts: bool) -> Chromium {
    let url = format!("{}/preview/{name}?ui_locales=en", previews());
    let chromium = Chromium::start().await.unwrap();
    chromium.set_scripts(scripts).await.unwrap();
    chromium.driver.goto(url).await.unwrap();
    chromium
}

async fn focused_id(chromium: &Chromium) -> Option<String> {
    chromium.driver.active_element().await.unwrap().id().await.unwrap()
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn a_problem_takes_the_focus_even_without_scripts() {
    for scripts in [true, false] {
        let chromium = open("login-wrong", scripts).await;
        assert_eq!(focused_id(&chromium).await.as_deref(), Some("error"));
    }
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn the_keyboard_alone_signs_in() {
    let chromium = open("login", true).await;
    assert_eq!(focused_id(&chromium).await.as_deref(), Some("username"));
    let keys = "haneul".to_owned() + Key::Tab + Key::Tab + "secret" + Key::Enter;
    chromium.driver.action_chain().send_keys(keys).perform().await.unwrap();
    let received = chromium.driver.find(By::Tag("body")).await.unwrap().text().await.unwrap();
    assert_eq!(received, "request=0198&csrf=token&username=haneul&password=secret");
}

#[actix_web::test]
#[ignore = "needs Chromium"]
async fn the_password_can_be_shown_where_scripts_run() {
    let chromium = open("login", true).await;
    let password = chromium.driver.find(By::Id("password")).await.unwrap();
    let reveal = chromium.driver.find(By::Id("reveal")).await.unwrap();
    reveal.click().await.unwrap();
    assert_eq!(password.attr("type").await.unwrap().as_deref(), Some("text"));
    assert_eq!(reveal.text().await.unwrap(), "Hide password");
    reveal.click().await.unwrap();
    assert_eq!(password.attr("type").await.unwrap().as_deref(), Some("password"));

    let plain = open("login", false).await;
    assert!(!plain.driver.find(By::Id("reveal")).await.unwrap().is_displayed().await.unwrap());
}
