//! The demonstration without a browser: all three servers over HTTP.

use writ::demo::{Demonstration, Ports, USERS};

use crate::support::{
    Browser,
    authenticator::Authenticator,
    browser::Page,
    eventually,
    passkey::{PASSKEYS, Passkey},
};

#[tokio::test]
async fn demo_login_yields_only_the_ticked_scopes() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let shop = &demo.addresses().shop;
    let browser = Browser::new(&demo.addresses().writ);
    let [alice, _] = &USERS;

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

#[tokio::test]
async fn demo_pays_only_after_a_second_factor() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let shop = &demo.addresses().shop;
    let browser = Browser::new(&demo.addresses().writ);
    let [alice, _] = &USERS;
    let pay = async || {
        browser.post(&format!("{shop}/pay"), &[]).await;
        browser.get(shop).await.body
    };
    let login = follow_to_writ(&browser, &format!("{shop}/log-in")).await;
    let consent = browser.sign_in_with(&login, alice.username, alice.password).await;
    return_to_shop(&browser, shop, browser.allow(&consent, &["profile:read"]).await).await;
    assert!(pay().await.contains("403 Forbidden"));

    let set_up = follow_to_writ(&browser, &format!("{shop}/log-in?pay=true")).await;
    assert!(set_up.url.contains("/account/second-factor/set-up?request="), "{set_up:?}");
    let app = Authenticator::scan(&set_up);
    let [csrf, seed, request] = ["csrf", "seed", "request"].map(|name| set_up.hidden(name));
    let code = app.code_at(writ::clock::Clock::default().now());
    let fields = [("csrf", &*csrf), ("seed", &seed), ("request", &request), ("code", &code)];
    browser.post("/account/second-factor/set-up", &fields).await;
    let consent = browser.open(&format!("/authorize/resume?request={request}")).await;
    return_to_shop(&browser, shop, browser.allow(&consent, &["profile:read", "payment:make"]).await).await;
    assert!(pay().await.contains("201 Created"));
    demo.stop().await;
}

#[tokio::test]
async fn demo_mailbox_shows_the_mail_with_which_a_visitor_creates_an_account() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let (addresses, address) = (demo.addresses(), "nari@mail.example");
    let browser = Browser::new(&addresses.writ);
    let mailbox = async || browser.get(&addresses.mailbox).await.body;
    assert!(mailbox().await.contains("id=\"empty\""));
    let page = browser.open("/sign-up").await;
    let csrf = page.hidden("csrf");
    let fields = [("csrf", &*csrf), ("name", "Nari"), ("email", address), ("new_password", "three otters at the weir")];
    let sent = browser.post("/sign-up", &fields).await;
    let page = browser.follow(sent).await;
    eventually("the mail arrives", async || mailbox().await.contains(address)).await;
    let body = mailbox().await;
    let link = format!("<a href=\"{}/sign-up/link?token=", addresses.writ);
    assert!(body.contains(&link) && body.matches("<article>").count() == 1, "{body}");
    let mut words = body.split(|c: char| !c.is_ascii_digit());
    let digits = words.rfind(|word| word.len() == 6).expect("digits").to_owned();
    let [csrf, token, proof] = ["csrf", "token", "proof"].map(|name| page.hidden(name));
    let fields = [("csrf", &*csrf), ("token", &token), ("proof", &proof), ("code", &digits)];
    let done = browser.post("/sign-up/digits", &fields).await;
    assert!(browser.follow(done).await.body.contains("Nari"));
    demo.stop().await;
}

#[tokio::test]
async fn demo_passkey_signs_in_and_pays_without_another_factor() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let (shop, writ) = (&demo.addresses().shop, &demo.addresses().writ);
    let browser = Browser::new(writ);
    let [alice, _] = &USERS;
    let login = follow_to_writ(&browser, &format!("{shop}/log-in")).await;
    let consent = browser.sign_in_with(&login, alice.username, alice.password).await;
    let counter = return_to_shop(&browser, shop, browser.allow(&consent, &["profile:read"]).await).await;
    assert!(counter.body.contains(&format!("id=\"add-passkey\" href=\"{writ}/account/passkeys/new\"")), "{counter:?}");
    let mut passkey = Passkey::at(writ);
    assert_eq!(passkey.register(&browser).await.next().as_deref(), Some(PASSKEYS));

    let other = Browser::new(writ);
    let login = follow_to_writ(&other, &format!("{shop}/log-in?pay=true")).await;
    let signed_in = passkey.sign_in(&other, &login).await;
    let consent = other.follow(signed_in).await;
    return_to_shop(&other, shop, other.allow(&consent, &["profile:read", "payment:make"]).await).await;
    other.post(&format!("{shop}/pay"), &[]).await;
    assert!(other.get(shop).await.body.contains("201 Created"));
    demo.stop().await;
}

#[tokio::test]
async fn demo_mailbox_has_the_link_to_a_new_password() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let (addresses, new_password) = (demo.addresses(), "three otters at the weir");
    let browser = Browser::new(&addresses.writ);
    let [_, minji] = &USERS;
    let page = browser.open("/recover").await;
    let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
    browser.post("/recover", &[("csrf", &csrf), ("request", &request), ("username", minji.username)]).await;
    let start = format!("<a href=\"{}", addresses.writ);
    let mailbox = async || browser.get(&addresses.mailbox).await.body;
    eventually("the mail arrives", async || mailbox().await.contains(&start)).await;
    let body = mailbox().await;
    let link = body.split(&start).nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let (_, token) = link.split_once("token=").expect("a token");
    browser.post("/recover/password", &[("token", token), ("new_password", new_password)]).await;
    let login = browser.open("/login").await;
    let account = browser.sign_in_with(&login, minji.username, new_password).await;
    assert!(account.body.contains(minji.name), "{}", account.body);
    demo.stop().await;
}

#[tokio::test]
async fn demo_uses_the_language_of_the_browser() {
    let demo = Demonstration::start(Ports::any()).await.expect("the demonstration starts");
    let addresses = demo.addresses();
    let korean = Some(("accept-language", "ko-KR,ko;q=0.9,en;q=0.8"));
    let browser = Browser::new(&addresses.writ);
    let open = async |url: &str| browser.try_out(url, reqwest::Method::GET, korean).await;
    let welcome = open(&addresses.shop).await;
    assert!(welcome.body.contains("<html lang=\"ko\">") && welcome.body.contains("톡으로 로그인"), "{welcome:?}");
    assert!(open(&addresses.talk).await.body.starts_with("톡은 메신저의 API입니다"));
    let not_begun = open(&format!("{}/callback", addresses.shop)).await;
    assert!(not_begun.body.contains("처음부터 다시 해 주세요"), "{not_begun:?}");
    // The shop passes the language on (`ui_locales`), though this request has no Accept-Language.
    let sent = open(&format!("{}/log-in", addresses.shop)).await;
    let login = browser.open(&sent.next().expect("Shop sends the browser to Writ")).await;
    let [alice, _] = &USERS;
    let consent = browser.sign_in_with(&login, alice.username, alice.password).await;
    for expected in ["‘항구책방’ 앱이", "톡에서 허용할 권한", "톡 이름과 아이디 보기", "운영: 항구책방"]
    {
        assert!(consent.body.contains(expected), "{expected}: {}", consent.body);
    }
    let welcome = browser.get(&addresses.shop).await;
    assert!(welcome.body.contains("Log in with Talk"), "{}", welcome.body);
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
