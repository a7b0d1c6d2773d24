//! The demonstration in a browser, in English and Korean: deny, allow a part, get an error from
//! Talk, allow the rest.

use writ::{
    demo::{DemoUser, Demonstration, Ports, USERS},
    web::locale::Locale,
};
use writ_chromium::Chromium;

/// A user with a language, and what Shop is named and says in it.
#[derive(Clone, Copy)]
struct Walker {
    user: &'static DemoUser,
    locale: Locale,
    shop: &'static str,
    denied: &'static str,
}

const WALKERS: [Walker; 2] = [
    Walker { user: &USERS[0], locale: Locale::EN, shop: "Shop", denied: "You said no" },
    Walker { user: &USERS[1], locale: Locale::KO, shop: "항구책방", denied: "거부했으므로" },
];

#[tokio::test]
async fn shop_has_only_the_ticked_scopes() -> anyhow::Result<()> {
    if !writ_chromium::wanted() {
        return Ok(());
    }
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let shop = demo.addresses().shop.clone();
    for walker in WALKERS {
        writ_chromium::run(async |browser| walk(&browser, &shop, walker).await).await?;
    }
    demo.stop().await;
    Ok(())
}

async fn walk(browser: &Chromium, shop: &str, walker: Walker) -> anyhow::Result<()> {
    let Walker { user, locale, .. } = walker;
    browser.set_language(&locale.to_string()).await?;
    browser.goto(shop).await?;
    browser.click("log-in-with-talk").await?;
    browser.fill("username", user.username).await?;
    browser.fill("password", user.password).await?;
    browser.click("login").await?;
    browser.click("deny").await?;
    browser.text_with("denied", &locale.text_with("denied-heading", &[("app", walker.shop)])).await?;
    browser.click("continue").await?;
    browser.text_with("trouble", walker.denied).await?;
    browser.text_with("trouble-detail", "access_denied").await?;

    browser.click("log-in-with-talk").await?;
    browser.element("approve").await?;
    assert!(browser.is_ticked("message:read").await?);
    assert!(!browser.is_ticked("message:send").await?, "what is risky is off at first");
    browser.click("approve").await?;
    browser.text_with("profile-name", user.name).await?;

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
