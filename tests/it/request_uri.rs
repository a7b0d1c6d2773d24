//! Request objects by reference (RFC 9101 §5.2): only from registered URIs.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

use crate::support::{App, Page, Site, TestServer, address, app::CHALLENGE, client_key::ClientKey};

struct Scene {
    server: TestServer,
    site: Site,
    key: ClientKey,
    bank: App,
}

impl Scene {
    async fn new() -> Self {
        let server = TestServer::start_with(|settings| settings.outgoing.allow_loopback = true).await;
        let (site, key) = (Site::start(), ClientKey::new(Algorithm::ES256));
        let uris = [site.url("/request.jwt"), site.url("/other.jwt")];
        let bank = server.register("bank", json!({ "jwks": key.jwks(), "request_uris": uris })).await;
        Self { server, site, key, bank }
    }

    fn claims(&self) -> Value {
        json!({
            "iss": "bank", "aud": self.server.issuer, "client_id": "bank", "response_type": "code",
            "redirect_uri": self.bank.redirect_uri, "scope": "openid profile:read", "state": "signed",
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        })
    }

    fn query(&self, request_uri: &str, more: &[(&str, &str)]) -> String {
        let mut pairs = vec![("client_id", "bank"), ("request_uri", request_uri)];
        pairs.extend_from_slice(more);
        address("/authorize", &pairs)
    }

    async fn ask(&self, request_uri: &str) -> Page {
        let beside = [("redirect_uri", &*self.bank.redirect_uri), ("state", "beside")];
        self.server.browser().open(&self.query(request_uri, &beside)).await
    }

    async fn refused(&self, request_uri: &str) -> (String, String) {
        let page = self.ask(request_uri).await;
        assert_eq!(page.status.as_u16(), 303, "{page:?}");
        let told = |name| page.parameter(name).unwrap_or_else(|| panic!("no {name}: {page:?}"));
        (told("error"), told("error_description"))
    }
}

#[tokio::test]
async fn consent_shows_the_parameters_of_the_request_uri() {
    let scene = Scene::new().await;
    let browser = scene.server.browser();
    let uri = scene.site.publish("/request.jwt", format!("{}\n", scene.key.sign(&scene.claims())));
    for asked in [uri.clone(), format!("{uri}#another-version")] {
        let login = browser.open(&scene.query(&asked, &[("scope", "message:send"), ("prompt", "login")])).await;
        let consent = if login.is_login() { browser.sign_in(&login, "alice").await } else { login };
        assert!(!consent.body.contains("value=\"message:send\""), "{}", consent.body);
        let sent =
            if consent.is_consent() { browser.allow(&consent, &["openid", "profile:read"]).await } else { consent };
        assert_eq!(sent.parameter("state").as_deref(), Some("signed"));
        scene.bank.exchange(&sent).await.ok();
    }
    // The next request at the same URL may be different.
    let mut changed = scene.claims();
    changed["state"] = json!("changed");
    scene.site.publish("/request.jwt", scene.key.sign(&changed));
    let sent = browser.open(&scene.query(&uri, &[])).await;
    assert_eq!(sent.parameter("state").as_deref(), Some("changed"));
}

#[tokio::test]
async fn unregistered_request_uri_is_not_fetched() {
    let scene = Scene::new().await;
    let object = scene.key.sign(&scene.claims());
    for path in ["/request.jwt", "/stranger.jwt", "/request.jwt2"] {
        scene.site.publish(path, object.clone());
    }
    let uri = scene.site.url("/request.jwt");
    for strange in [
        scene.site.url("/stranger.jwt"),
        format!("{uri}2"),
        format!("{uri}?x=1"),
        uri.replace("127.0.0.1", "localhost"),
        "https://169.254.169.254/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
        "urn:example:request".to_owned(),
    ] {
        assert_eq!(scene.refused(&strange).await.0, "invalid_request_uri", "{strange}");
    }
    assert_eq!(scene.site.fetched("/stranger.jwt") + scene.site.fetched("/request.jwt2"), 0);
    let shop = scene.server.register("shop", json!({})).await;
    let page = scene.server.browser().open(&shop.authorize_url("openid", &[("request_uri", &uri)])).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request_uri"));
    assert_eq!(scene.site.fetched("/request.jwt"), 0);
}

#[tokio::test]
async fn unusable_request_uri_is_refused_with_the_reason() {
    let scene = Scene::new().await;
    let object = scene.key.sign(&scene.claims());
    let uri = scene.site.url("/request.jwt");
    for (status, header, body, error, reason) in [
        (404, None, object.clone(), "invalid_request_uri", "cannot be fetched"),
        (302, Some(("location", "/other.jwt")), object.clone(), "invalid_request_uri", "cannot be fetched"),
        (200, None, "x".repeat(70_000), "invalid_request_uri", "cannot be fetched"),
        (200, None, "no JWT".to_owned(), "invalid_request_object", "not valid"),
        (200, None, ClientKey::new(Algorithm::ES256).sign(&scene.claims()), "invalid_request_object", "not valid"),
    ] {
        scene.site.answer("/request.jwt", status, header, body);
        scene.server.clock.advance(10);
        let told = scene.refused(&uri).await;
        assert_eq!(told.0, error, "{told:?}");
        assert!(told.1.contains(reason), "{told:?}");
    }
    // A failure is cached for a few seconds.
    scene.site.answer("/request.jwt", 404, None, "");
    let fetched = scene.site.fetched("/request.jwt");
    for _ in 0..3 {
        assert_eq!(scene.refused(&uri).await.0, "invalid_request_uri");
    }
    assert_eq!(scene.site.fetched("/request.jwt"), fetched + 1);
    scene.server.clock.advance(10);
    let mut nested = scene.claims();
    nested["request_uri"] = json!(uri);
    scene.site.publish("/request.jwt", scene.key.sign(&nested));
    assert_eq!(scene.refused(&uri).await.0, "invalid_request_object");
}

#[tokio::test]
async fn request_and_request_uri_exclude_each_other() {
    let scene = Scene::new().await;
    let object = scene.key.sign(&scene.claims());
    let uri = scene.site.publish("/request.jwt", object.clone());
    let both = [("request", &*object), ("redirect_uri", &scene.bank.redirect_uri)];
    let page = scene.server.browser().open(&scene.query(&uri, &both)).await;
    assert_eq!(page.parameter("error").as_deref(), Some("invalid_request"));
    assert_eq!(scene.bank.post("/par", &[("request_uri", &uri)]).await.refused(400), "invalid_request");
    assert_eq!(scene.site.fetched("/request.jwt"), 0);
}

#[tokio::test]
async fn signed_request_does_not_replace_a_required_push() {
    let scene = Scene::new().await;
    let uri = scene.site.publish("/request.jwt", scene.key.sign(&scene.claims()));
    let metadata = json!({
        "jwks": scene.key.jwks(), "request_uris": [uri], "require_pushed_authorization_requests": true,
    });
    scene.server.change_client("bank", metadata).await;
    assert_eq!(scene.refused(&uri).await.0, "invalid_request");
}
