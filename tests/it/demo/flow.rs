//! The demonstration without a browser: all three servers over HTTP.

use writ::demo::{Demonstration, PEOPLE, Ports};

use crate::support::{Browser, browser::Page};

#[tokio::test]
async fn demo_login_yields_only_the_ticked_scopes() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let shop = &demo.addresses().shop;
    let browser = Browser::new(&demo.addresses().writ);
    let [alice, _] = &PEOPLE;

    let login = follow_to_writ(&browser, &format!("{shop}/log-in")).await;
    let consent = browser.sign_in_with(&login, alice.username, alice.password).await;
    let counter = return_to_shop(&browser, shop, browser.allow(&consent, &["profile:read"]).await).await;
    assert!(counter.body.contains(alice.name));
    assert!(send_message(&browser, shop).await.body.contains("403 Forbidden"));

    let consent = follow_to_writ(&browser, &format!("{shop}/log-in?ask_again=true")).await;
    let denied = browser.get(&browser.deny(&consent).await.next().expect("back to Shop")).await;
    assert!(denied.body.contains("access_denied"));
    assert!(browser.get(shop).await.body.contains(alice.name), "a refusal takes nothing back");

    let consent = follow_to_writ(&browser, &format!("{shop}/log-in?ask_again=true")).await;
    return_to_shop(&browser, shop, browser.allow(&consent, &["profile:read", "message:send"]).await).await;
    assert!(send_message(&browser, shop).await.body.contains("201 Created"));
    browser.post(&format!("{shop}/read-messages"), &[]).await;
    assert!(browser.get(shop).await.body.contains("403 Forbidden"), "message:read was not ticked");
    demo.stop().await;
}

async fn follow_to_writ(browser: &Browser, log_in: &str) -> Page {
    let sent = browser.get(log_in).await;
    browser.open(&sent.next().expect("Shop sends the browser to Writ")).await
}

async fn return_to_shop(browser: &Browser, shop: &str, answer: Page) -> Page {
    let callback = answer.next().unwrap_or_else(|| panic!("Writ sends the browser back: {answer:?}"));
    assert_eq!(browser.get(&callback).await.next().as_deref(), Some("/"));
    browser.get(shop).await
}

async fn send_message(browser: &Browser, shop: &str) -> Page {
    browser.post(&format!("{shop}/send-message"), &[("text", "I found The Tide Atlas!")]).await;
    browser.get(shop).await
}
