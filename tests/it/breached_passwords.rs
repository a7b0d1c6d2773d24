//! Passwords that appear in leaks are refused wherever a new one is chosen: by a local list, and by
//! a service that is asked for ranges.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;
use writ::{
    breached::{Source, import},
    config::{Settings, SignUpMode},
    mail::link::{self, Purpose},
    store::{AfterSignIn, recoveries},
};

use crate::support::{
    Browser, Page, TestServer,
    authenticator::{enter_password, set_up},
    console::{self, Console},
    eventually,
    mailbox::Mailbox,
    seed::PASSWORD,
    site::Site,
};

/// Hard to guess, but leaked.
const LEAKED: &str = "three otters at the weir";
const OTHER: &str = "four herons by the mill";

/// The SHA-1 of a password, as lists have it.
fn hash(password: &str) -> String {
    digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A list with this password, in a folder.
fn list_of(password: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let hashes = folder.path().join("hashes.txt");
    std::fs::write(&hashes, format!("{}:7\n", hash(password))).expect("written");
    import(&Source::Path(hashes), &folder.path().join("breached"), 1).expect("imported");
    folder
}

fn use_list(settings: &mut Settings, folder: &TempDir) {
    settings.passwords.breached_file = Some(folder.path().join("breached"));
}

async fn change(browser: &Browser, new: &str) -> Page {
    let csrf = browser.open("/account/password").await.hidden("csrf");
    browser.post("/account/password", &[("csrf", &csrf), ("password", PASSWORD), ("new_password", new)]).await
}

fn is_leaked(page: &Page) -> bool {
    page.status == StatusCode::BAD_REQUEST && page.body.contains("leaked passwords")
}

#[tokio::test]
async fn leaked_password_is_refused_at_sign_up_change_and_recovery() {
    let (folder, mailbox) = (list_of(LEAKED), Mailbox::new());
    let server = TestServer::start_with(|settings| {
        use_list(settings, &folder);
        mailbox.receive(settings);
        settings.sign_up.mode = SignUpMode::Open;
    })
    .await;
    let browser = server.browser();
    let page = browser.open("/sign-up").await;
    let csrf = page.hidden("csrf");
    let fields = |password: &'static str| {
        [("csrf", &*csrf), ("name", "Nari"), ("email", "nari@example.org"), ("new_password", password)]
    };
    let refused = browser.post("/sign-up", &fields(LEAKED)).await;
    assert!(is_leaked(&refused), "{}", refused.body);
    assert_eq!(server.count("sign_ups").await, 0);
    assert_eq!(browser.post("/sign-up", &fields(OTHER)).await.status, StatusCode::SEE_OTHER);

    let alice = server.browser();
    enter_password(&alice, "alice").await;
    assert!(is_leaked(&change(&alice, LEAKED).await));
    assert!(change(&alice, OTHER).await.body.contains("id=\"done\""));

    let minji = server.user("minji").await;
    let id = server.write(move |tx| recoveries::insert(tx, &minji, None, AfterSignIn::default())).await;
    let url = link::url(&server.server.settings.server.issuer, &server.server.front.form_key, Purpose::Recovery, id);
    let token = url.split_once("token=").expect("a token").1;
    let choose =
        async |password: &str| browser.post("/recover/password", &[("token", token), ("new_password", password)]).await;
    assert!(is_leaked(&choose(LEAKED).await), "the link is left");
    assert!(choose(OTHER).await.body.contains("id=\"changed\""));
}

#[tokio::test]
async fn leaked_password_is_refused_by_the_administration_api() {
    let folder = list_of(LEAKED);
    let server = TestServer::start_with(|settings| {
        use_list(settings, &folder);
        settings.admin_api.enabled = true;
    })
    .await;
    let console = Console::new(&server, "writ:users:read writ:users:write").await;
    let refused = console.post("/users", &json!({ "username": "ada", "password": LEAKED })).await;
    assert!(console::problem(&refused, 400).contains("body_invalid"), "{refused:?}");
    assert!(refused.body.contains("leaked passwords") && !refused.body.contains(LEAKED), "{refused:?}");
    let created = console.post("/users", &json!({ "username": "ada", "password": OTHER })).await;
    assert_eq!(created.status.as_u16(), 201, "{created:?}");
}

#[tokio::test]
async fn leaked_password_still_signs_in() {
    let folder = list_of(PASSWORD);
    let server = TestServer::start_with(|settings| use_list(settings, &folder)).await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    assert!(!browser.open("/account").await.is_login());
}

#[tokio::test]
async fn server_does_not_start_with_a_file_that_is_no_list() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("breached");
    std::fs::write(&path, format!("{}:7\n", hash(LEAKED))).expect("written");
    let mut settings = Settings::default();
    settings.passwords.breached_file = Some(path.clone());
    let fetcher = writ::fetch::Fetcher::new(&settings.outgoing).expect("TLS");
    let error = writ::breached::Breached::open(&settings.passwords, fetcher.into()).err().expect("refused").to_string();
    let named = format!("passwords.breached_file: {}", path.display());
    assert!(error.starts_with(&named) && error.contains("import-breached"), "{error}");
}

#[test]
fn server_does_not_start_with_a_service_that_it_must_not_connect_to() {
    let open = |url: &str, allow_loopback| {
        let mut settings = Settings::default();
        settings.outgoing.allow_loopback = allow_loopback;
        settings.passwords.breached_range_url = Some(url.to_owned());
        let fetcher = writ::fetch::Fetcher::new(&settings.outgoing).expect("TLS");
        writ::breached::Breached::open(&settings.passwords, fetcher.into()).map_err(|unusable| unusable.to_string())
    };
    for url in ["https://10.0.0.1/range/", "https://127.0.0.1/range/", "http://localhost:9/range/"] {
        let error = open(url, false).err().expect("refused");
        assert!(error.starts_with("passwords.breached_range_url: ") && error.contains(url), "{error}");
    }
    assert!(open("http://localhost:9/range/", true).is_ok() && open("https://ranges.example/", false).is_ok());
    assert!(open("https://10.0.0.1/range/", true).is_err(), "only this machine");
}

/// A server that asks a service, which publishes at these paths.
async fn with_service(site: &Site) -> (TestServer, Browser) {
    let url = site.url("/range/");
    let server = TestServer::start_with(|settings| {
        settings.outgoing.allow_loopback = true;
        settings.passwords.breached_range_url = Some(url);
    })
    .await;
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    (server, browser)
}

#[tokio::test]
async fn service_gets_five_digits_and_its_response_decides() {
    let site = Site::start();
    let (server, browser) = with_service(&site).await;
    let (leaked, padded) = (hash(LEAKED), hash(OTHER));
    let path = |hash: &str| format!("/range/{}", &hash[..5]);
    site.publish(&path(&leaked), format!("{}:0\r\n{}:12\r\n", "0".repeat(35), &leaked[5..]));
    site.publish(&path(&padded), format!("{}:0\r\n", &padded[5..]));
    assert!(is_leaked(&change(&browser, LEAKED).await));
    assert_eq!(site.fetched(&path(&leaked)), 1);
    assert!(change(&browser, OTHER).await.body.contains("id=\"done\""), "padding is no hash");
    assert!(server.user("alice").await.password_hash.is_some());
}

/// Only an outage is remembered.
#[rstest]
#[case::outage(503, 1)]
#[case::wrong_configuration(404, 2)]
#[tokio::test]
async fn service_that_fails_refuses_no_password(#[case] status: u16, #[case] fetched: usize) {
    let site = Site::start();
    let (_server, browser) = with_service(&site).await;
    let path = format!("/range/{}", &hash(LEAKED)[..5]);
    site.answer(&path, status, None, "");
    assert!(change(&browser, LEAKED).await.body.contains("id=\"done\""));
    let csrf = browser.open("/account/password").await.hidden("csrf");
    let again = [("csrf", &*csrf), ("password", LEAKED), ("new_password", LEAKED)];
    assert!(browser.post("/account/password", &again).await.body.contains("id=\"done\""));
    assert_eq!(site.fetched(&path), fetched);
}

#[tokio::test]
async fn sign_up_without_a_place_in_the_queue_asks_no_service_and_is_not_counted() {
    let (site, mailbox) = (Site::start(), Mailbox::new());
    let url = site.url("/range/");
    let server = TestServer::start_with(|settings| {
        mailbox.receive(settings);
        settings.sign_up.mode = SignUpMode::Open;
        settings.outgoing.allow_loopback = true;
        settings.passwords.breached_range_url = Some(url);
        settings.passwords.hash_queue = 1;
        settings.throttle.network_attempts = 2;
    })
    .await;
    let (held, other) = (format!("/range/{}", &hash(LEAKED)[..5]), format!("/range/{}", &hash(OTHER)[..5]));
    site.hold(&held, "");
    site.publish(&other, "");
    let browser = server.browser();
    let csrf = browser.open("/sign-up").await.hidden("csrf");
    let enter = async |email: &str, password: &str| {
        let fields = [("csrf", &*csrf), ("name", "Nari"), ("email", email), ("new_password", password)];
        browser.post("/sign-up", &fields).await
    };
    let crowd = async {
        eventually("the first password is looked up", async || site.fetched(&held) == 1).await;
        for _ in 0..3 {
            let busy = enter("nari@example.org", OTHER).await;
            let is_busy = busy.status == StatusCode::TOO_MANY_REQUESTS && busy.body.contains("Nothing is wrong");
            assert!(is_busy, "{busy:?}");
        }
        assert_eq!(site.fetched(&other), 0);
        site.release(&held);
    };
    let (first, ()) = tokio::join!(enter("ada@example.org", LEAKED), crowd);
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{first:?}");
    let second = enter("nari@example.org", OTHER).await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{second:?}");
}

#[tokio::test]
async fn change_after_the_session_has_lost_its_proof_leads_to_what_is_missing() {
    let site = Site::start();
    let (server, browser) = with_service(&site).await;
    let elsewhere = server.browser();
    enter_password(&elsewhere, "alice").await;
    let path = format!("/range/{}", &hash(OTHER)[..5]);
    site.hold(&path, "");
    let before = server.user("alice").await.password_hash;
    let meanwhile = async {
        eventually("the password is looked up", async || site.fetched(&path) == 1).await;
        set_up(&server, &elsewhere).await;
        site.release(&path);
    };
    let (changed, _) = tokio::join!(change(&browser, OTHER), meanwhile);
    assert_eq!((changed.status, changed.next().as_deref()), (StatusCode::SEE_OTHER, Some("/account/password")));
    assert!(browser.follow(changed).await.url.contains("/account/second-factor/prove?then="));
    assert_eq!(server.user("alice").await.password_hash, before);
}
