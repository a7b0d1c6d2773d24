//! An issuer with a path: endpoints, pages, cookies and metadata are below it.

use crate::support::{Browser, Page, TestServer, seed::PASSWORD};

const SCOPE: &str = "openid profile:read message:read";

/// The links of a page that stay on this host.
fn own_links(page: &Page) -> Vec<String> {
    let attributes = ["href=\"/", "src=\"/", "action=\"/"];
    let values = attributes.iter().flat_map(|attribute| page.body.split(attribute).skip(1));
    values.filter_map(|rest| Some(format!("/{}", rest.split('"').next()?))).collect()
}

#[tokio::test]
async fn flow_stays_below_the_path_of_the_issuer() {
    let server = TestServer::start_with(|settings| {
        settings.server.issuer = format!("{}/auth", settings.server.issuer).parse().expect("an issuer");
    })
    .await;
    let issuer = format!("{}/auth", server.issuer);
    let app = server.shop().await.at(&issuer);
    // Links are followed as they are; forms are posted to the path that they name.
    let browser = server.browser();
    let forms = browser.at(&issuer);

    let login = browser.open(&app.authorize_url(SCOPE, &[])).await;
    assert!(login.body.contains("action=\"/auth/login\""), "{login:?}");
    let page = forms.post_password(&login, "alice", PASSWORD).await;
    let cookies: Vec<_> =
        page.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
    assert!(!cookies.is_empty() && cookies.iter().all(|cookie| cookie.contains("; Path=/auth")), "{cookies:?}");
    let consent = browser.follow(page).await;
    assert!(consent.body.contains("action=\"/auth/consent\""), "{consent:?}");
    let page = forms.post_decision(&consent, &["openid", "profile:read", "message:read"], "approve").await;
    let tokens = app.exchange(&browser.follow(page).await).await.ok();
    assert_eq!(tokens.claims("access_token")["iss"], issuer);
    app.userinfo(tokens.text("access_token")).await.ok();
    // The session is known below the path only.
    assert!(browser.get(&app.authorize_url(SCOPE, &[])).await.parameter("code").is_some());
    let account = browser.get("/auth/account").await;
    for page in [&login, &consent, &account, &browser.get("/auth/nowhere").await] {
        let links = own_links(page);
        assert!(!links.is_empty() && links.iter().all(|link| link.starts_with("/auth/")), "{links:?}");
    }
    let own = own_links(&account);
    for link in own.iter().filter(|link| link.starts_with("/auth/account")) {
        assert_eq!(browser.get(link).await.status, 200, "{link}");
    }
    for outside in ["/login", "/token", "/jwks", "/authority/login", "/"] {
        assert_eq!(browser.get(outside).await.status, 404, "{outside}");
    }
    assert_eq!(browser.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn metadata_of_an_issuer_with_a_path_is_found_in_both_places() {
    let server = TestServer::start_with(|settings| {
        settings.server.issuer = format!("{}/a/b", settings.server.issuer).parse().expect("an issuer");
    })
    .await;
    let issuer = format!("{}/a/b", server.issuer);
    for place in ["/a/b/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/a/b"] {
        let document = Browser::new(&server.issuer).get(place).await;
        let metadata: serde_json::Value = serde_json::from_str(&document.body).expect("JSON");
        assert_eq!(metadata["issuer"], issuer, "{place}");
        let members = metadata.as_object().expect("an object");
        for (name, url) in members.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri") {
            assert!(url.as_str().is_some_and(|url| url.starts_with(&format!("{issuer}/"))), "{name}: {url}");
        }
    }
}
