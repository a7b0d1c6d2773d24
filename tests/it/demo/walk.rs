//! The demonstration in a browser: deny, allow a part, get an error from Talk, allow the rest.

use writ::demo::{Demonstration, Ports, USERS};
use writ_chromium::Chromium;

#[tokio::test]
async fn shop_has_only_the_ticked_scopes() -> anyhow::Result<()> {
    if !writ_chromium::wanted() {
        return Ok(());
    }
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let shop = demo.addresses().shop.clone();
    writ_chromium::run(async |browser| walk(&browser, &shop).await).await?;
    demo.stop().await;
    Ok(())
}

async fn walk(browser: &Chromium, shop: &str) -> anyhow::Result<()> {
    browser.goto(shop).await?;
    browser.click("log-in-with-talk").await?;
    let [_, minji] = &USERS;
    browser.fill("username", minji.username).await?;
    browser.fill("password", minji.password).await?;
    browser.click("login").await?;
    browser.click("deny").await?;
    browser.text_with("denied", "Nothing was shared").await?;
    browser.click("continue").await?;
    browser.text_with("trouble", "You said no").await?;
    browser.text_with("trouble-detail", "access_denied").await?;

    browser.click("log-in-with-talk").await?;
    browser.element("approve").await?;
    assert!(browser.is_ticked("message:read").await?);
    assert!(!browser.is_ticked("message:send").await?, "what is risky is off at first");
    browser.click("approve").await?;
    browser.text_with("profile-name", minji.name).await?;

    browser.click("send-message").await?;
    browser.text_with("answer-request", "POST").await?;
    browser.text_with("answer-status", "403").await?;
    let challenge = browser.text_with("answer-challenge", "insufficient_scope").await?;
    assert!(challenge.contains(r#"scope="message:send""#), "{challenge}");
    browser.click("read-messages").await?;
    browser.text_with("answer-request", "GET").await?;
    browser.text_with("answer-status", "200").await?;

    browser.click("log-in-again").await?;
    browser.tick("message:send").await?;
    browser.click("approve").await?;
    browser.element("profile-name").await?;
    browser.click("send-message").await?;
    browser.text_with("answer-request", "POST").await?;
    browser.text_with("answer-status", "201").await?;

    assert_eq!(browser.complaints().await?, Vec::<String>::new());
    Ok(())
}
