//! A node beside a newer one, which has recorded factors that this version does not know.

use serde_json::json;

use crate::support::{
    Browser, TestServer,
    authenticator::enter_password,
    device::{allow, codes, poll, question, television},
};

const SCOPE: &str = "openid profile:read offline_access";

/// As a newer version would record the factors of every row.
async fn prove_unknown(server: &TestServer, table: &str) {
    server.database.execute(&format!("UPDATE {table} SET evidence = 'password@1 fingerprint@2'")).await;
}

async fn signed_in(server: &TestServer) -> Browser {
    let browser = server.browser();
    enter_password(&browser, "alice").await;
    browser
}

#[tokio::test]
async fn session_with_unknown_evidence_counts_as_ended_and_a_sign_in_goes_on() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let browser = signed_in(&server).await;
    prove_unknown(&server, "sessions").await;
    for path in ["/account", "/account/delete", "/account/passkeys", "/account/data", "/login/link"] {
        let page = browser.open(path).await;
        assert!(page.is_login(), "{path}: {page:?}");
    }
    let silent = browser.get(&shop.authorize_url(SCOPE, &[("prompt", "none")])).await;
    assert!(silent.next().is_some_and(|next| next.contains("error=login_required")), "{silent:?}");
    let login = browser.open(&shop.authorize_url(SCOPE, &[])).await;
    assert!(login.is_login(), "{login:?}");
    let consent = browser.sign_in(&login, "alice").await;
    let answered = browser.allow(&consent, &["openid", "profile:read", "offline_access"]).await;
    let tokens = shop.exchange(&answered).await.ok();
    assert_eq!(tokens.claims("id_token")["amr"], json!(["pwd"]));
}

#[tokio::test]
async fn session_with_unknown_evidence_ends_when_its_user_signs_out() {
    let server = TestServer::start().await;
    let [browser, other] = [signed_in(&server).await, signed_in(&server).await];
    prove_unknown(&server, "sessions").await;
    let page = browser.open("/logout").await;
    browser.post("/logout", &[("csrf", "x")]).await;
    assert_eq!(server.count("sessions").await, 2, "a forged form ends nothing");
    let done = browser.post("/logout", &[("csrf", &page.hidden("csrf"))]).await;
    assert!(done.body.contains("id=\"logged-out\""), "{done:?}");
    assert_eq!(server.count("sessions").await, 1, "that of the other browser is left");
    assert!(other.open("/account").await.is_login());
}

#[tokio::test]
async fn grant_with_unknown_evidence_proves_nothing_more_than_a_sign_in() {
    let server = TestServer::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await.ok();
    prove_unknown(&server, "grants").await;
    let refreshed = shop.refresh(tokens.text("refresh_token")).await.ok();
    let claims = refreshed.claims("access_token");
    assert_eq!(claims["acr"], "urn:writ:acr:password", "{claims}");
    assert!(shop.userinfo(refreshed.text("access_token")).await.status.is_success());
}

#[tokio::test]
async fn device_that_was_allowed_with_unknown_evidence_gets_the_weakest_class() {
    let server = TestServer::start().await;
    let tv = television(&server).await;
    let codes = codes(&tv, "openid profile:read").await.ok();
    let browser = signed_in(&server).await;
    let page = question(&browser, &codes).await;
    allow(&browser, &page, &["openid", "profile:read"]).await;
    prove_unknown(&server, "device_requests").await;
    let tokens = poll(&tv, &codes).await.ok();
    assert_eq!(tokens.claims("access_token")["acr"], "urn:writ:acr:password");
}
