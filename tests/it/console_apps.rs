//! The apps in the console: each change, and what refuses it.

use serde_json::{Value, json};
use writ::store::{
    clients::{self, Origin},
    registrations::{self, NewRegistration},
};
use writ_core::groups::GroupIds;

use crate::app_logo::PNG;
use crate::support::{
    Site, TestServer,
    administrator::{self, change, click, demote, enter, entries, open},
    app::basic,
    changed, eventually, seed,
};

const SCOPE: &str = "openid profile:read message:read offline_access";

/// Registers a client without an administrator.
async fn register_itself(server: &TestServer, id: &'static str, name: &str) {
    register_with(server, id, json!({ "client_name": name })).await;
}

/// The same with `changes` of its metadata.
async fn register_with(server: &TestServer, id: &'static str, changes: Value) {
    let redirect_uris = [format!("https://{id}.example/callback")];
    let metadata = seed::client_metadata(&changed(json!({ "redirect_uris": redirect_uris }), &changes));
    server
        .write(move |tx| {
            let new = NewRegistration {
                origin: Origin::SelfRegistered,
                client_id: id,
                metadata: &metadata,
                secret: None,
                token: None,
                networks: &[],
            };
            registrations::insert(tx, &new)
        })
        .await;
    server.server.refresh().await.expect("a snapshot");
}

async fn is_approved(server: &TestServer, id: &'static str) -> bool {
    server.write(move |tx| clients::find(tx, id)).await.expect("the client").approved
}

#[tokio::test]
async fn overview_lists_what_needs_attention_and_the_latest_changes() {
    let server = administrator::start().await;
    register_itself(&server, "newcomer", "Newcomer").await;
    let browser = enter(&server).await;
    let page = browser.get("/admin").await;
    assert!(page.body.contains("id=\"review\"") && page.body.contains("href=\"/admin/apps/newcomer\""), "{page:?}");
    assert!(page.body.contains("<code>group.add</code>"), "{page:?}");
    change(&browser, "/admin/apps/newcomer", "approve").await;
    let page = browser.get("/admin").await;
    assert!(!page.body.contains("id=\"review\"") && page.body.contains("<code>client.approve</code>"), "{page:?}");
}

#[tokio::test]
async fn app_is_approved_as_it_was_seen() {
    let server = administrator::start().await;
    register_itself(&server, "newcomer", "Newcomer").await;
    let browser = enter(&server).await;
    let stale = open(&browser, "/admin/apps/newcomer", "approve").await;
    server.change_client("newcomer", json!({ "client_name": "Bank" })).await;
    let refused = click(&browser, &stale).await;
    assert!(refused.status == 409 && refused.body.contains("id=\"error\""), "{refused:?}");
    // The page of the change keeps the version of the page that led to it.
    let again = browser.get(&format!("/admin/apps/newcomer/approve?version={}", stale.hidden("version"))).await;
    assert_eq!(click(&browser, &again).await.status, 409);
    assert!(!is_approved(&server, "newcomer").await);

    assert_eq!(
        change(&browser, "/admin/apps/newcomer", "approve").await.next().as_deref(),
        Some("/admin/apps/newcomer?done=approve")
    );
    assert!(is_approved(&server, "newcomer").await);
    let page = browser.get("/admin/apps/newcomer?done=approve").await;
    assert!(page.body.contains("id=\"done\"") && !page.body.contains("id=\"approve\""), "{page:?}");
}

#[tokio::test]
async fn approval_warns_of_a_name_that_resembles_another() {
    let server = administrator::start().await;
    server.register("bank", json!({ "client_name": "Riverbank" })).await;
    register_itself(&server, "newcomer", "Riverbánk").await;
    let browser = enter(&server).await;
    let page = open(&browser, "/admin/apps/newcomer", "approve").await;
    assert!(page.body.contains("id=\"warning\"") && page.body.contains("Riverbank"), "{page:?}");
}

#[tokio::test]
async fn new_secret_is_shown_once_and_the_one_before_it_stays() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    let browser = enter(&server).await;
    let page = change(&browser, "/admin/apps/shop", "rotate-secret").await;
    let secret = page.body.split("<code id=\"secret\">").nth(1).and_then(|rest| rest.split('<').next());
    let secret = secret.expect("a secret").to_owned();
    assert_eq!(page.header("cache-control"), "no-store");
    for secret in [&secret, shop.secret.as_ref().expect("a secret")] {
        let answer = shop.post_as("/revoke", &[("token", "x")], Some(&basic("shop", secret))).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }
    let page = browser.get("/admin/apps/shop").await;
    assert!(!page.body.contains(&secret) && page.body.matches("Valid since").count() == 2, "{page:?}");
    assert!(entries(&server).await.iter().all(|entry| !entry.change.contains(&secret)));
}

#[tokio::test]
async fn disconnecting_all_users_ends_every_grant_and_consent() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    let (of_alice, of_minji) = (server.browser(), server.browser());
    let alice = shop.tokens_in(&of_alice, "alice", SCOPE).await;
    let minji = shop.tokens_in(&of_minji, "minji", SCOPE).await;
    let browser = enter(&server).await;
    let confirm = open(&browser, "/admin/apps/shop", "disconnect").await;
    assert!(confirm.body.contains("2 grants of 2 users end."), "{confirm:?}");
    assert_eq!(shop.refresh(alice.text("refresh_token")).await.status, 200, "the page ends nothing");
    let page = click(&browser, &confirm).await;
    assert_eq!(page.next().as_deref(), Some("/admin/apps/shop?done=disconnect"));
    for tokens in [&alice, &minji] {
        assert_eq!(shop.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_grant");
        assert_eq!(shop.introspect(tokens.text("access_token")).await.ok().json["active"], false);
    }
    assert!(of_alice.open(&shop.authorize_url(SCOPE, &[])).await.is_consent(), "consent is asked for again");
    let entry = entries(&server).await.into_iter().find(|entry| entry.action == "client.disconnect-users");
    let entry = entry.expect("an entry");
    assert_eq!((entry.face.as_str(), entry.reason.as_str(), entry.target.as_str()), ("console", "ticket 7", "shop"));
    assert!(entry.change.contains("\"users\":2"), "{entry:?}");
    assert!(!browser.get("/admin/apps/shop").await.body.contains("id=\"disconnect\""), "nothing is left to end");
}

#[tokio::test]
async fn decision_that_the_app_has_not_received_is_denied() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    shop.tokens("openid profile:read").await;
    let code = shop.authorize_in(&server.browser(), "minji", SCOPE, &[]).await.parameter("code").expect("a code");
    let browser = enter(&server).await;
    change(&browser, "/admin/apps/shop", "disconnect").await;
    assert_eq!(shop.exchange_code(&code).await.text("error"), "invalid_grant");
}

#[tokio::test]
async fn deletion_says_what_ends_and_ends_it() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    let tokens = shop.tokens(SCOPE).await;
    let browser = enter(&server).await;
    let confirm = open(&browser, "/admin/apps/shop", "delete").await;
    assert!(confirm.body.contains("1 grant of 1 user ends."), "{confirm:?}");
    assert_eq!(click(&browser, &confirm).await.next().as_deref(), Some("/admin/apps?done=delete"));
    assert_eq!(server.count("clients").await, 0);
    assert_eq!(shop.refresh(tokens.text("refresh_token")).await.text("error"), "invalid_client");
    assert_eq!(click(&browser, &confirm).await.status, 404);
    assert_eq!(browser.get("/admin/apps/shop").await.status, 404);
}

#[tokio::test]
async fn client_that_administers_is_changed_on_the_command_line_only() {
    let server = administrator::start().await;
    crate::support::console::register(&server, "robot", "writ:clients:write", json!({})).await;
    let browser = enter(&server).await;
    for action in ["rotate-secret", "delete"] {
        let confirm = open(&browser, "/admin/apps/robot", action).await;
        let page = click(&browser, &confirm).await;
        assert!(page.status == 409 && page.body.contains("command line"), "{page:?}");
    }
    assert_eq!(server.count("clients").await, 1);
    assert_eq!(server.count("client_secrets").await, 1);
}

#[tokio::test]
async fn apps_are_listed_in_pages_and_found_by_their_id() {
    let server = administrator::start().await;
    for number in 0..51 {
        seed::client(&server.server.store, &format!("app-{number:02}"), json!({})).await;
    }
    seed::client(&server.server.store, "https://app.example/x?y", json!({})).await;
    let browser = enter(&server).await;
    let page = browser.get("/admin/apps").await;
    assert!(page.body.contains("app-00") && page.body.contains("app-49") && !page.body.contains("app-50"));
    let next = page.body.split("id=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let page = browser.get(next).await;
    assert!(page.body.contains("app-50") && !page.body.contains("app-49") && !page.body.contains("id=\"next\""));
    let path = "/admin/apps/https%3A%2F%2Fapp.example%2Fx%3Fy";
    assert!(page.body.contains(&format!("href=\"{path}\"")), "{page:?}");
    assert_eq!(browser.get(path).await.status, 200);
    let found = browser.get("/admin/apps?client_id=app-07").await;
    assert_eq!(found.next().as_deref(), Some("/admin/apps/app-07"));
    let missing = browser.get("/admin/apps?client_id=app-99").await;
    assert!(missing.status == 200 && missing.body.contains("id=\"not-found\""), "{missing:?}");
    assert_eq!(browser.get("/admin/apps?after=%00").await.status, 400);
}

#[tokio::test]
async fn page_of_an_app_has_the_words_of_consent_and_its_failures() {
    let server = administrator::start().await;
    let shop = server.shop().await;
    shop.post("/token", &[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")]).await;
    let browser = enter(&server).await;
    let fails = async || browser.get("/admin/apps/shop").await.body.contains("/docs/errors/");
    eventually("the failure is recorded", fails).await;
    let page = browser.get("/admin/apps/shop").await;
    for text in ["message:send as a sentence in en", "what message:send means in en"] {
        assert!(page.body.contains(text), "{text}: {page:?}");
    }
    let page = browser.try_out("/admin/apps/shop", reqwest::Method::GET, Some(("accept-language", "ko"))).await;
    assert!(page.body.contains("message:send as a sentence in ko"), "{page:?}");
}

#[tokio::test]
async fn approval_during_which_the_administrator_is_removed_is_refused() {
    let site = Site::start();
    let server = TestServer::start_with(|settings| {
        settings.console.enabled = true;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    let logo = site.hold("/logo.png", PNG);
    register_with(&server, "newcomer", json!({ "logo_uri": logo })).await;
    let browser = enter(&server).await;
    let confirm = open(&browser, "/admin/apps/newcomer", "approve").await;
    let remove = async {
        eventually("the logo is requested", async || site.fetched("/logo.png") == 1).await;
        demote(&server, "alice").await;
        site.release("/logo.png");
    };
    let (page, ()) = tokio::join!(click(&browser, &confirm), remove);
    assert_eq!(page.next().as_deref(), Some("/admin/apps"), "the rules of entry decide");
    assert!(!is_approved(&server, "newcomer").await && server.count("client_logos").await == 0);
    assert_eq!(browser.get("/admin").await.status, 403);
}

#[tokio::test]
async fn stale_approval_fetches_no_logo() {
    let site = Site::start();
    let server = TestServer::start_with(|settings| {
        settings.console.enabled = true;
        settings.outgoing.allow_loopback = true;
    })
    .await;
    let logo = site.publish("/logo.png", PNG);
    register_with(&server, "newcomer", json!({ "logo_uri": logo })).await;
    let browser = enter(&server).await;
    let stale = open(&browser, "/admin/apps/newcomer", "approve").await;
    server.change_client("newcomer", json!({ "client_name": "Bank", "logo_uri": logo })).await;
    assert_eq!(click(&browser, &stale).await.status, 409);
    assert_eq!(site.fetched("/logo.png"), 0);
    change(&browser, "/admin/apps/newcomer", "approve").await;
    assert_eq!((site.fetched("/logo.png"), server.count("client_logos").await), (1, 1));
}

#[tokio::test]
async fn restricted_app_is_deleted_on_the_command_line_only() {
    let server = administrator::start().await;
    server.shop().await;
    let browser = enter(&server).await;
    let confirm = open(&browser, "/admin/apps/shop", "delete").await;
    let open_to = GroupIds::from_iter([administrator::group(&server).await.id]);
    server.write(move |tx| clients::set_open_to(tx, "shop", Some(&open_to))).await;
    let page = browser.get("/admin/apps/shop").await;
    assert!(page.body.contains("administrators") && !page.body.contains("id=\"delete\""), "{page:?}");
    let version = page.body.split("?version=").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    let csrf = confirm.hidden("csrf");
    let fields = [("csrf", &*csrf), ("version", version)];
    let refused = browser.post("/admin/apps/shop/delete", &fields).await;
    assert!(refused.status == 409 && refused.body.contains("command line"), "{refused:?}");
    assert_eq!(server.count("clients").await, 1);
}

#[tokio::test]
async fn link_does_not_claim_what_was_not_done() {
    let server = administrator::start().await;
    register_itself(&server, "newcomer", "Newcomer").await;
    let shop = server.shop().await;
    shop.tokens("openid profile:read").await;
    let browser = enter(&server).await;
    for link in ["newcomer?done=approve", "shop?done=disconnect", "shop?done=delete", "shop?done=x"] {
        let page = browser.get(&format!("/admin/apps/{link}")).await;
        assert!(page.status == 200 && !page.body.contains("id=\"done\""), "{link}");
    }
}
