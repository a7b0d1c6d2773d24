//! A client signs the user out (OpenID Connect RP-Initiated Logout 1.0).

use serde_json::json;
use writ::keys::rotation::{self, RETIRED_PUBLICATION, Rotation};
use writ_core::SigningAlg;

use crate::support::{App, Browser, Page, TestServer, address};

const SCOPE: &str = "openid profile:read";
const BYE: &str = "https://shop.example/bye?from=writ";

async fn shop(server: &TestServer) -> App {
    server.register("shop", json!({ "post_logout_redirect_uris": [BYE, "https://shop.example/out"] })).await
}

fn end_session(parameters: &[(&str, &str)]) -> String {
    address("/end_session", parameters)
}

/// Whether this browser is signed in, as an app can determine.
async fn is_signed_in(app: &App, browser: &Browser) -> bool {
    let page = browser.open(&app.authorize_url("openid profile:read", &[("prompt", "none")])).await;
    page.parameter("code").is_some()
}

async fn confirm(browser: &Browser, page: &Page) -> Page {
    assert!(page.body.contains("id=\"logout\""), "not the question: {page:?}");
    let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
    browser.post("/logout", &[("csrf", &csrf), ("request", &request)]).await
}

#[tokio::test]
async fn id_token_hint_of_the_session_signs_out_on_every_node() {
    let server = TestServer::start().await;
    let other_node = server.second_node().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let metadata = browser.get("/.well-known/openid-configuration").await;
    let endpoint = format!("{}/end_session", server.issuer);
    assert!(metadata.body.contains(&format!("\"end_session_endpoint\":\"{endpoint}\"")), "{}", metadata.body);

    let asked = [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", BYE), ("state", "a &한")];
    let sent = browser.open(&end_session(&asked)).await;
    assert_eq!(sent.next().as_deref(), Some("https://shop.example/bye?from=writ&state=a+%26%ED%95%9C"));
    assert!(!is_signed_in(&shop, &browser).await);
    assert!(!is_signed_in(&shop.at(&other_node.issuer), &browser.at(&other_node.issuer)).await);
    // A second request is not an error: the browser is signed out, and the redirect URI is valid.
    let again = browser.open(&end_session(&asked)).await;
    assert_eq!(again.parameter("state").as_deref(), Some("a &한"));
}

#[tokio::test]
async fn expired_hint_is_accepted_and_state_returned_only_when_sent() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    server.clock.advance(3600);
    let hint = tokens.text("id_token");
    let fields = [("id_token_hint", hint), ("client_id", "shop"), ("post_logout_redirect_uri", BYE)];
    // By POST, as from a page of the app.
    let page = browser.post("/end_session", &fields).await;
    assert_eq!(page.status, 303);
    let sent = browser.follow(page).await;
    assert_eq!(sent.next().as_deref(), Some(BYE));
    assert!(!is_signed_in(&shop, &browser).await);
}

#[tokio::test]
async fn logout_without_a_hint_asks_and_does_not_redirect() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    shop.tokens_in(&browser, "alice", SCOPE).await;
    for asked in [vec![], vec![("state", "x")], vec![("client_id", "shop"), ("post_logout_redirect_uri", BYE)]] {
        let page = browser.open(&end_session(&asked)).await;
        assert!(page.body.contains("id=\"logout\""), "{asked:?}: {page:?}");
        assert!(is_signed_in(&shop, &browser).await, "a question ends nothing: {asked:?}");
    }
    let asked = [("client_id", "shop"), ("post_logout_redirect_uri", BYE), ("ui_locales", "ko")];
    let question = browser.open(&end_session(&asked)).await;
    assert!(question.body.contains("<html lang=\"ko\">") && question.body.contains("Shop"), "{}", question.body);
    let done = confirm(&browser, &question).await;
    assert!(done.body.contains("id=\"logged-out\"") && done.next().is_none(), "{done:?}");
    assert!(done.body.contains("href=\"https://shop.example/bye?from=writ\""), "a link is no redirect: {}", done.body);
    assert!(!is_signed_in(&shop, &browser).await);
    // Signed out, and still no redirect without a hint.
    let done = browser.open(&end_session(&asked)).await;
    assert!(done.body.contains("id=\"logged-out\"") && done.next().is_none(), "{done:?}");
}

#[tokio::test]
async fn logout_hint_of_a_retired_key_is_a_hint_while_the_session_may_live() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let hint = [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", BYE)];
    let published = async || server.browser().get("/jwks").await.body.matches("\"kid\"").count();
    let before = published().await;
    let lifetime = server.server.settings.sessions.lifetime;
    for alg in SigningAlg::ALL {
        assert_eq!(server.write(move |tx| rotation::rotate(tx, alg, true)).await, Rotation::Rotated);
    }
    let advance = async |seconds| {
        server.clock.advance(seconds);
        server.write(move |tx| rotation::advance(tx, 0, lifetime)).await;
        server.server.refresh().await.expect("the keys are known");
    };
    advance(RETIRED_PUBLICATION).await;
    assert_eq!(published().await, before / 2, "the retired keys left the JWKS");
    let access_token = server.talk().introspect(tokens.text("access_token")).await.ok();
    assert_eq!(access_token.json["active"], false);
    assert_eq!(browser.open(&end_session(&hint)).await.next().as_deref(), Some(BYE));

    // Without a session that could have it, the key is deleted.
    advance(lifetime).await;
    let question = server.browser().open(&end_session(&hint)).await;
    assert!(question.next().is_none(), "{question:?}");
}

#[tokio::test]
async fn logout_hint_of_another_session_asks_first() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let (hers, his) = (server.browser(), server.browser());
    let tokens = shop.tokens_in(&hers, "alice", SCOPE).await;
    shop.tokens_in(&his, "minji", SCOPE).await;
    let asked = [("id_token_hint", tokens.text("id_token")), ("post_logout_redirect_uri", BYE)];
    let question = his.open(&end_session(&asked)).await;
    assert!(is_signed_in(&shop, &his).await);
    // The confirmation belongs to this browser and this request.
    let (csrf, request) = (question.hidden("csrf"), question.hidden("request"));
    for (csrf, request) in [("AAAA", &*request), (&*csrf, "")] {
        let refused = his.post("/logout", &[("csrf", csrf), ("request", request)]).await;
        assert_eq!(refused.status, 400, "{refused:?}");
    }
    let refused = his.post("/logout", &[("csrf", &csrf), ("request", "forged")]).await;
    assert!(refused.is_error(), "{refused:?}");
    assert!(is_signed_in(&shop, &his).await);
    let done = confirm(&his, &question).await;
    assert_eq!(done.next().as_deref(), Some(BYE));
    assert!(!is_signed_in(&shop, &his).await && is_signed_in(&shop, &hers).await);
}

#[tokio::test]
async fn invalid_logout_request_shows_a_page_and_ends_nothing() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    server.register("other", json!({ "post_logout_redirect_uris": ["https://other.example/"] })).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let hint = tokens.text("id_token");
    let long = "x".repeat(2049);
    for asked in [
        vec![("client_id", "nobody")],
        vec![("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://other.example/")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://shop.example/bye?from=writ&x=1")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://shop.example/bye")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://shop.example/callback")],
        vec![("id_token_hint", hint), ("state", "a"), ("state", "b")],
        vec![("id_token_hint", hint), ("state", &*long)],
    ] {
        let page = browser.open(&end_session(&asked)).await;
        assert!(page.is_error(), "{asked:?}: {page:?}");
    }
    let forged = browser.open("/logout?request=AAAA").await;
    assert!(forged.is_error(), "{forged:?}");
    assert!(is_signed_in(&shop, &browser).await);
}

#[tokio::test]
async fn sid_is_stable_for_the_session_and_is_no_credential() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let browser = server.browser();
    let first = shop.tokens_in(&browser, "alice", SCOPE).await.claims("id_token")["sid"].clone();
    assert!(first.is_string(), "{first}");
    assert_eq!(shop.tokens_in(&browser, "alice", SCOPE).await.claims("id_token")["sid"], first);

    // Signing in as the same user continues the session; another user starts a new one.
    let again = browser.open(&shop.authorize_url("openid profile:read", &[("prompt", "login")])).await;
    let tokens = shop.exchange(&browser.sign_in(&again, "alice").await).await.ok();
    assert_eq!(tokens.claims("id_token")["sid"], first);
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    assert_eq!(refreshed.claims("id_token")["sid"], first);
    let other = shop.tokens_in(&server.browser(), "alice", SCOPE).await.claims("id_token")["sid"].clone();
    assert_ne!(other, first);
    let again = browser.open(&shop.authorize_url("openid profile:read", &[("prompt", "login")])).await;
    let consent = browser.sign_in(&again, "minji").await;
    let sent = browser.allow(&consent, &["openid", "profile:read"]).await;
    assert_ne!(shop.exchange(&sent).await.ok().claims("id_token")["sid"], first);
}

#[tokio::test]
async fn unusable_hint_asks_the_user_and_redirects_nowhere_by_itself() {
    let server = TestServer::start().await;
    let shop = shop(&server).await;
    let other = server.register("other", json!({ "post_logout_redirect_uris": ["https://other.example/"] })).await;
    let browser = server.browser();
    let tokens = shop.tokens_in(&browser, "alice", SCOPE).await;
    let hint = tokens.text("id_token");
    let (signed, _) = hint.rsplit_once('.').expect("a signature");
    let forged = format!("{signed}.{}", "A".repeat(342));
    let mut question = None;
    for asked in [
        vec![("id_token_hint", &*forged), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", "garbage"), ("client_id", "shop"), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", tokens.text("access_token"))],
        vec![("id_token_hint", hint), ("client_id", &*other.id)],
    ] {
        let page = browser.open(&end_session(&asked)).await;
        assert!(page.body.contains("id=\"logout\""), "{asked:?}: {page:?}");
        assert!(is_signed_in(&shop, &browser).await, "{asked:?}");
        question = Some(page);
    }
    let done = confirm(&browser, &question.expect("a question")).await;
    assert_eq!(done.next(), None);
    assert!(!is_signed_in(&shop, &browser).await);
}
