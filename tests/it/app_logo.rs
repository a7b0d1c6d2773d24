//! Logos are stored by an administrator and served by this server; without one, a letter is shown.

use serde_json::json;
use writ_core::vocabulary::logo::Logo;

use writ::store::{client_logos, clients};

use crate::support::TestServer;

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

#[tokio::test]
async fn client_without_logo_shows_its_initial() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = server.browser();
    let login = browser.open(&shop.authorize_url("profile:read", &[])).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(consent.body.contains("<span class=\"logo\" aria-hidden=\"true\">S</span>"), "{}", consent.body);
    assert!(!consent.body.contains("<img"), "{}", consent.body);

    let logo = Logo::parse(PNG.to_vec()).expect("a logo");
    server.server.store.write(move |tx| client_logos::save(tx, "shop", &logo)).await.expect("stored");
    server.server.refresh().await.expect("remembered");
    let consent = browser.open(&consent.url).await;
    let path = consent.body.split("<img src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a picture");
    assert!(path.starts_with("/logos/"), "{path}");
    let shown = browser.get(path).await;
    assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, "image/png"));
    assert_eq!(shown.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    browser.allow(&consent, &["profile:read"]).await;
    assert!(browser.open("/account/apps").await.body.contains(path), "the connected apps show it, too");

    // Without approval, it shows its initial again.
    server.server.store.write(|tx| clients::set_approved(tx, "shop", false)).await.expect("stored");
    server.server.refresh().await.expect("remembered");
    assert!(!browser.open("/account/apps").await.body.contains(path), "it looks approved");

    server.server.store.write(|tx| client_logos::delete(tx, "shop")).await.expect("removed");
    for gone in [path, "/logos/%00", "/logos/%FF", "/logos/a.b"] {
        assert_eq!(browser.get(gone).await.status, 404, "{gone}");
    }
}

#[tokio::test]
async fn name_without_letters_shows_no_initial() {
    let server = TestServer::start().await;
    for (id, name, letter) in [("one", "★ ★", ""), ("two", "“상점”", "상"), ("three", "éclair", "É")] {
        let metadata = json!({ "client_name": name, "redirect_uris": ["https://shop.example/callback"] });
        let app = server.register(id, metadata).await;
        let browser = server.browser();
        let login = browser.open(&app.authorize_url("profile:read", &[])).await;
        let consent = browser.sign_in(&login, "alice").await;
        assert!(consent.body.contains(&format!("aria-hidden=\"true\">{letter}</span>")), "{}", consent.body);
    }
}
