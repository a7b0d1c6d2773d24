//! Client ID metadata documents: a `client_id` that is the URL of the client's metadata.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use writ::{
    config::Settings,
    store::{clients, registrations, revision},
};

use crate::support::{
    App, Page, Site, TestServer, address, changed,
    client_key::{ClientKey, post_with},
};

const PATH: &str = "/client.json";
const UNVERIFIED: &str = "Not verified: an app of localhost";

struct Scene {
    server: TestServer,
    site: Site,
    app: App,
    authority: NamedTempFile,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let (site, authority) = Site::start_tls();
        let ca_file = authority.path().to_owned();
        let server = TestServer::start_with(|settings| {
            settings.registration.metadata_documents = true;
            settings.outgoing.allow_loopback = true;
            settings.outgoing.ca_file = Some(ca_file);
            change(settings);
        })
        .await;
        let app = App::new(&server.issuer, &site.url(PATH), None, "https://app.example/callback");
        Self { server, site, app, authority }
    }

    fn document(&self, changes: Value) -> Value {
        let all = json!({
            "client_id": self.app.id, "client_name": "Agent", "redirect_uris": ["https://app.example/callback"],
            "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none",
        });
        changed(all, &changes)
    }

    fn publish(&self, changes: Value) {
        self.site.publish_json(PATH, &self.document(changes));
    }

    async fn ask(&self) -> Page {
        self.server.browser().open(&self.app.authorize_url("openid", &[])).await
    }
}

#[tokio::test]
async fn metadata_document_client_is_marked_and_needs_consent_each_time() {
    let scene = Scene::new().await;
    scene.publish(json!({}));
    let browser = scene.server.browser();
    let mut page = browser.open(&scene.app.authorize_url("openid profile", &[])).await;
    page = browser.sign_in(&page, "alice").await;
    assert!(page.is_consent() && page.body.contains(UNVERIFIED), "{}", page.body);
    let tokens = scene.app.exchange(&browser.allow(&page, &["openid", "profile"]).await).await.ok();
    assert_eq!(tokens.claims("id_token")["aud"], scene.app.id);
    let refreshed = scene.app.refresh(tokens.text("refresh_token")).await.ok();
    scene.app.userinfo(refreshed.text("access_token")).await.ok();
    let again = browser.open(&scene.app.authorize_url("openid profile", &[])).await;
    assert!(again.is_consent(), "asked again");
    assert_eq!(scene.site.fetched(PATH), 1, "and fetched once");
    let document = browser.get("/.well-known/oauth-authorization-server").await;
    assert!(document.body.contains("\"client_id_metadata_document_supported\":true"));
    // An administrator may approve it.
    let id = scene.app.id.clone();
    assert!(scene.server.write(move |tx| clients::set_approved(tx, &id, true)).await);
    scene.server.server.refresh().await.expect("remembered");
    let silent = browser.open(&scene.app.authorize_url("openid profile", &[("prompt", "none")])).await;
    scene.app.exchange(&silent).await.ok();
}

#[tokio::test]
async fn metadata_document_client_uses_any_loopback_port() {
    let scene = Scene::new().await;
    scene.publish(json!({ "redirect_uris": ["http://127.0.0.1/callback"] }));
    let own = [("redirect_uri", "http://127.0.0.1:49152/callback")];
    assert!(scene.server.browser().open(&scene.app.authorize_url("openid", &own)).await.is_login());
    let other = [("redirect_uri", "http://127.0.0.1:49152/other")];
    assert!(scene.server.browser().open(&scene.app.authorize_url("openid", &other)).await.is_error());
}

#[tokio::test]
async fn metadata_document_client_with_keys_authenticates_and_pushes() {
    let scene = Scene::new().await;
    let key = ClientKey::new(Algorithm::ES256);
    let jwks_uri = scene.site.publish("/jwks", key.jwks().to_string());
    scene.publish(json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": jwks_uri }));
    let assertion =
        || key.sign(&ClientKey::assertion_claims(&scene.app.id, &scene.server.issuer, scene.server.clock.now()));
    let fields = scene.app.parameters("openid", &[]);
    let unsigned = scene.app.post_as("/par", &fields, None).await;
    assert_eq!(unsigned.refused(401), "invalid_client");
    let pushed = post_with(&scene.app, "/par", &fields, &assertion()).await;
    assert_eq!(pushed.status.as_u16(), 201, "{pushed:?}");
    let visit = address("/authorize", &[("client_id", &scene.app.id), ("request_uri", pushed.text("request_uri"))]);
    assert!(scene.server.browser().open(&visit).await.is_login());
}

#[tokio::test]
async fn invalid_metadata_document_is_refused_with_the_reason() {
    let scene = Scene::new().await;
    let valid = scene.document(json!({})).to_string();
    let json_type = Some(("content-type", "application/json"));
    for (status, header, body, reason) in [
        (404, json_type, valid.clone(), "cannot be fetched"),
        (201, json_type, valid.clone(), "cannot be fetched"),
        (302, Some(("location", "/other.json")), valid.clone(), "cannot be fetched"),
        (200, json_type, " ".repeat(70_000), "cannot be fetched"),
        (200, Some(("content-type", "text/html")), valid.clone(), "media type"),
        (200, None, valid, "media type"),
        (200, json_type, "{".to_owned(), "not valid"),
        (200, json_type, "[]".to_owned(), "not valid"),
    ] {
        scene.site.answer(PATH, status, header, body);
        scene.server.clock.advance(10);
        let page = scene.ask().await;
        assert!(page.is_error() && page.body.contains(reason), "{reason}: {}", page.body);
    }
    for (changes, reason) in [
        (json!({ "client_id": "https://other.example/client.json" }), "client_id must be the URL"),
        (json!({ "client_id": null }), "client_id must be the URL"),
        (json!({ "client_secret": "x" }), "cannot have client_secret"),
        (json!({ "client_secret_expires_at": 0 }), "cannot have client_secret_expires_at"),
        (json!({ "token_endpoint_auth_method": "client_secret_post" }), "there is no secret"),
        (json!({ "token_endpoint_auth_method": "client_secret_basic" }), "there is no secret"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "needs jwks"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "scheme javascript"),
        (json!({ "redirect_uris": ["https://app.example/*"] }), "wildcards"),
        (json!({ "redirect_uris": [] }), "redirect_uris"),
        (json!({ "grant_types": ["client_credentials"] }), "grant_types"),
        (json!({ "require_pkce": false }), "require_pkce"),
    ] {
        scene.publish(changes);
        scene.server.clock.advance(10);
        let page = scene.ask().await;
        assert!(page.is_error() && page.body.contains(reason), "{reason}: {}", page.body);
    }
    assert_eq!((scene.server.count("clients").await, scene.site.fetched("/other.json")), (0, 0));
    // A failure is cached for a few seconds.
    scene.publish(json!({}));
    let fetched = scene.site.fetched(PATH);
    assert!(scene.ask().await.is_error() && scene.ask().await.is_error());
    assert_eq!(scene.site.fetched(PATH), fetched);
    scene.server.clock.advance(10);
    assert!(scene.ask().await.is_login());
}

#[tokio::test]
async fn metadata_document_url_is_canonical_and_public() {
    let scene = Scene::new().await;
    scene.publish(json!({}));
    let id = &scene.app.id;
    for other in [
        format!("{id}#a"),
        id.replace("/client.json", "/./client.json"),
        id.replace("/client.json", "/a/../client.json"),
        id.replace("localhost", "LOCALHOST"),
        id.replace("localhost", "ada@localhost"),
        id.replace("/client.json", ""),
        id.replace("https", "http"),
        id.replace("https", "HTTPS"),
        "https://10.0.0.1/client.json".to_owned(),
        "https://169.254.169.254/client.json".to_owned(),
        "https://[fd00::1]/client.json".to_owned(),
        format!("https://localhost/{}", "x".repeat(600)),
    ] {
        let app = App::new(&scene.server.issuer, &other, None, "https://app.example/callback");
        let page = scene.server.browser().open(&app.authorize_url("openid", &[])).await;
        assert!(page.is_error(), "{other}: {page:?}");
        assert_eq!(
            app.post("/device_authorization", &[("scope", "openid")]).await.refused(401),
            "invalid_client",
            "{other}"
        );
    }
    assert_eq!(scene.site.fetched(PATH), 0);
}

#[tokio::test]
async fn changed_metadata_document_ends_the_approval() {
    let scene = Scene::new().await;
    scene.publish(json!({}));
    assert!(scene.ask().await.is_login());
    let id = scene.app.id.clone();
    scene.server.write(move |tx| clients::set_approved(tx, &id, true)).await;
    scene.server.server.refresh().await.expect("remembered");
    scene.publish(json!({ "client_name": "Your Bank", "redirect_uris": ["https://app.example/second"] }));
    assert!(scene.ask().await.is_login(), "it is kept for five minutes if nothing is said");
    scene.server.clock.advance(300);
    assert!(scene.ask().await.is_error(), "the redirect URI is gone");
    let second = [("redirect_uri", "https://app.example/second")];
    let browser = scene.server.browser();
    let login = browser.open(&scene.app.authorize_url("openid", &second)).await;
    let consent = browser.sign_in(&login, "alice").await;
    assert!(consent.body.contains("Your Bank") && consent.body.contains(UNVERIFIED), "{}", consent.body);
    assert_eq!(scene.server.count("clients").await, 1);
}

#[tokio::test]
async fn unreachable_metadata_document_blocks_sign_in_but_not_refresh() {
    let scene = Scene::new().await;
    scene.publish(json!({}));
    let tokens = scene.app.tokens("openid").await;
    scene.site.answer(PATH, 503, None, "");
    scene.server.clock.advance(300);
    let page = scene.ask().await;
    assert!(page.is_error() && page.body.contains("cannot be fetched"), "{}", page.body);
    scene.app.refresh(tokens.text("refresh_token")).await.ok();
}

#[tokio::test]
async fn metadata_documents_are_off_by_default() {
    let scene = Scene::new().await;
    scene.publish(json!({}));
    let tokens = scene.app.tokens("openid").await;
    let settings = scene.server.server.settings.clone();
    assert_eq!(settings.outgoing.ca_file.as_deref(), Some(scene.authority.path()));
    let off = TestServer::start_with(|own| own.outgoing = settings.outgoing.clone()).await;
    let app = App::new(&off.issuer, &scene.app.id, None, "https://app.example/callback");
    assert!(off.browser().open(&app.authorize_url("openid", &[])).await.is_error());
    // A client that was registered before the feature was disabled.
    let (id, document) = (scene.app.id.clone(), scene.document(json!({})));
    let met = move |tx: &mut writ::store::Tx<'_>| {
        let terms = writ_core::clients::registration::Terms {
            scope: ["openid".to_owned()].into_iter().collect(),
            require_pkce: true,
            id_token_signing_alg: writ_core::SigningAlg::RS256,
        };
        let metadata = writ_core::clients::metadata_document::parse(&id, document.to_string().as_bytes(), &terms);
        let metadata = metadata.expect("a description");
        let origin = clients::Origin::MetadataDocument;
        let new = registrations::NewRegistration {
            origin,
            client_id: &id,
            metadata: &metadata,
            secret: None,
            token: None,
            networks: &[("192.0.2.1".to_owned(), 1)],
        };
        registrations::insert(tx, &new)
    };
    off.write(met).await;
    assert!(off.browser().open(&app.authorize_url("openid", &[])).await.is_error());
    assert_eq!(app.refresh(tokens.text("refresh_token")).await.refused(401), "invalid_client");
    assert_eq!(scene.site.fetched(PATH), 1);
    let document = off.browser().get("/.well-known/oauth-authorization-server").await;
    assert!(document.body.contains("\"client_id_metadata_document_supported\":false"));
}

#[tokio::test]
async fn metadata_document_clients_count_in_the_quota_and_are_throttled() {
    let scene = Scene::with(|settings| {
        settings.registration.max_clients = 1;
        settings.throttle.network_attempts = 3;
        settings.throttle.network_interval = 3600;
    })
    .await;
    scene.publish(json!({}));
    assert!(scene.ask().await.is_login());
    let second = scene.site.url("/second.json");
    let document = scene.document(json!({ "client_id": second }));
    scene.site.publish_json("/second.json", &document);
    let app = App::new(&scene.server.issuer, &second, None, "https://app.example/callback");
    let page = scene.server.browser().open(&app.authorize_url("openid", &[])).await;
    assert!(page.is_error() && page.body.contains("no more clients"), "{}", page.body);
    assert!(scene.ask().await.is_login(), "who is known stays");

    for number in 0..5 {
        let app = App::new(&scene.server.issuer, &scene.site.url(&format!("/{number}")), None, "https://app.example/");
        let page = scene.server.browser().open(&app.authorize_url("openid", &[])).await;
        let reason = if number < 2 { "cannot be fetched" } else { "too many clients were named" };
        assert!(page.is_error() && page.body.contains(reason), "{number}: {}", page.body);
    }
    assert!(scene.ask().await.is_login(), "who is known stays");
}

#[tokio::test]
async fn fetch_of_a_known_metadata_document_is_counted_before_it() {
    let scene = Scene::with(|settings| {
        settings.throttle.network_attempts = 2;
        settings.throttle.network_interval = 86_400;
    })
    .await;
    // A successful fetch is refunded, and moves no revision if nothing changed.
    scene.publish(json!({}));
    let revision = async || scene.server.server.store.read(revision::current).await.expect("a revision");
    assert!(scene.ask().await.is_login());
    let before = revision().await;
    for _ in 0..3 {
        scene.server.clock.advance(400);
        assert!(scene.ask().await.is_login());
    }
    assert_eq!((scene.site.fetched(PATH), revision().await), (4, before));
    scene.server.clock.advance(400);
    scene.site.answer(PATH, 404, None, "");
    for number in 0..4 {
        let page = scene.ask().await;
        let reason = if number < 2 { "cannot be fetched" } else { "too many clients were named" };
        assert!(page.is_error() && page.body.contains(reason), "{number}: {}", page.body);
        scene.server.clock.advance(400);
    }
    assert_eq!(scene.site.fetched(PATH), 6);
}
