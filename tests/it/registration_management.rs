//! Registration management by the client (RFC 7592).

use reqwest::Method;
use serde_json::{Value, json};
use writ::{
    config::RegistrationMode,
    store::{clients, revision},
};

use crate::support::{
    Answer, App, TestServer,
    registrar::{register, send},
};

struct Scene {
    server: TestServer,
    app: App,
    told: Answer,
}

impl Scene {
    async fn new(changes: Value) -> Self {
        let server = TestServer::start_with(|settings| settings.registration.mode = RegistrationMode::Open).await;
        let (app, told) = register(&server, changes).await;
        Self { server, app, told }
    }

    async fn manage(&self, method: Method, body: Option<&Value>) -> Answer {
        let token = self.told.text("registration_access_token");
        send(method, self.told.text("registration_client_uri"), Some(token), body).await
    }

    /// The body of an update: the registration without the members that it must not repeat.
    fn known(&self, changes: Value) -> Value {
        let mut all = self.told.json.clone();
        let members = all.as_object_mut().expect("an object");
        for name in
            ["registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"]
        {
            members.remove(name);
        }
        members.extend(changes.as_object().expect("an object").clone());
        all
    }
}

#[tokio::test]
async fn client_reads_its_registration_without_the_secret() {
    let scene = Scene::new(json!({ "logo_uri": "https://new.example/logo.png" })).await;
    let read = scene.manage(Method::GET, None).await.ok();
    let mut expected = scene.told.json.clone();
    for name in ["client_secret", "client_secret_expires_at"] {
        expected.as_object_mut().expect("an object").remove(name);
    }
    assert_eq!(read.json, expected);
    assert_eq!(read.header("cache-control"), "no-store");
}

#[tokio::test]
async fn registration_update_replaces_all_members() {
    let scene = Scene::new(
        json!({ "policy_uri": "https://new.example/p", "grant_types": ["authorization_code", "refresh_token"] }),
    )
    .await;
    let mut asked = scene.known(json!({ "client_name": "Renamed", "redirect_uris": ["https://new.example/second"] }));
    for name in ["policy_uri", "grant_types"] {
        asked.as_object_mut().expect("an object").remove(name);
    }
    let told = scene.manage(Method::PUT, Some(&asked)).await.ok();
    assert_eq!(told.json["client_name"], "Renamed");
    assert_eq!(told.json["grant_types"], json!(["authorization_code"]), "what is left out has its default again");
    assert!(told.json.get("policy_uri").is_none() && told.json.get("client_secret").is_none(), "{told:?}");
    assert_eq!(scene.manage(Method::GET, None).await.ok().json, told.json);
    let browser = scene.server.browser();
    assert!(browser.open(&scene.app.authorize_url("openid", &[])).await.is_error(), "the first redirect URI is gone");
    let second = [("redirect_uri", "https://new.example/second")];
    assert!(browser.open(&scene.app.authorize_url("openid", &second)).await.is_login());
}

#[tokio::test]
async fn update_without_a_change_moves_no_revision() {
    let scene = Scene::new(json!({})).await;
    let revision = async || scene.server.server.store.read(revision::current).await.expect("a revision");
    let before = revision().await;
    scene.manage(Method::PUT, Some(&scene.known(json!({})))).await.ok();
    assert_eq!(revision().await, before);
    scene.manage(Method::PUT, Some(&scene.known(json!({ "client_name": "Renamed" })))).await.ok();
    assert!(revision().await > before);
}

#[tokio::test]
async fn client_secret_follows_the_auth_method() {
    let scene = Scene::new(json!({ "token_endpoint_auth_method": "none" })).await;
    let asked = scene.known(json!({ "token_endpoint_auth_method": "client_secret_post" }));
    let told = scene.manage(Method::PUT, Some(&asked)).await.ok();
    let secret = told.text("client_secret").to_owned();
    let authenticate = async |secret: &str| {
        let fields = [("client_id", &*scene.app.id), ("client_secret", secret), ("token", "x")];
        scene.app.post_as("/revoke", &fields, None).await.status.as_u16()
    };
    assert_eq!((authenticate(&secret).await, authenticate("wrong").await), (200, 401));
    let asked = scene.known(json!({ "client_secret": secret, "token_endpoint_auth_method": "client_secret_post" }));
    assert!(scene.manage(Method::PUT, Some(&asked)).await.ok().json.get("client_secret").is_none());
    scene.manage(Method::PUT, Some(&scene.known(json!({})))).await.ok();
    let told = scene
        .manage(Method::PUT, Some(&scene.known(json!({ "token_endpoint_auth_method": "client_secret_post" }))))
        .await;
    assert_ne!(told.ok().text("client_secret"), secret, "a secret that was given up does not come back");
    assert_eq!(authenticate(&secret).await, 401);
}

#[tokio::test]
async fn registration_update_obeys_the_rules_of_registration() {
    let scene = Scene::new(json!({})).await;
    for (changes, error) in [
        (json!({ "client_id": "shop" }), "invalid_request"),
        (json!({ "client_id": null }), "invalid_request"),
        (json!({ "client_secret": "my-own" }), "invalid_request"),
        (json!({ "client_secret": 7 }), "invalid_request"),
        (json!({ "client_secret": "my-own_my-own_my-own_my-own_my-own_my-own_A" }), "invalid_request"),
        (json!({ "registration_access_token": "x" }), "invalid_request"),
        (json!({ "registration_client_uri": "https://new.example" }), "invalid_request"),
        (json!({ "client_secret_expires_at": 0 }), "invalid_request"),
        (json!({ "client_id_issued_at": 0 }), "invalid_request"),
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({ "grant_types": ["client_credentials"] }), "invalid_client_metadata"),
        (json!({ "require_pkce": false }), "invalid_client_metadata"),
        (json!({ "software_statement": "x" }), "unapproved_software_statement"),
    ] {
        let answer = scene.manage(Method::PUT, Some(&scene.known(changes.clone()))).await;
        assert_eq!(answer.refused(400), error, "{changes}");
        assert!(!answer.text("error_description").contains("my-own"));
    }
    let read = scene.manage(Method::GET, None).await.ok();
    assert_eq!(read.json["redirect_uris"], scene.told.json["redirect_uris"]);
}

#[tokio::test]
async fn registration_needs_the_clients_own_access_token() {
    let scene = Scene::new(json!({})).await;
    let shop = scene.server.shop().await;
    let (_, other) = register(&scene.server, json!({})).await;
    let own = scene.told.text("registration_client_uri");
    let url = |id: &str| format!("{}/register/{id}", scene.server.issuer);
    let token = scene.told.text("registration_access_token");
    let access_token = scene.app.tokens("openid").await;
    for (url, token) in [
        (own.to_owned(), other.text("registration_access_token")),
        (own.to_owned(), "nonsense"),
        (own.to_owned(), scene.told.text("client_secret")),
        (own.to_owned(), access_token.text("access_token")),
        (url(other.text("client_id")), token),
        (url(&shop.id), token),
        (url("nobody"), token),
        (url("%00"), token),
    ] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let body = scene.known(json!({}));
            let answer = send(method, &url, Some(token), Some(&body)).await;
            assert_eq!(answer.status.as_u16(), 401, "{url}");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
        }
    }
    let without = send(Method::GET, own, None, None).await;
    assert_eq!((without.status.as_u16(), without.header("www-authenticate")), (401, "Bearer realm=\"writ\""));
    scene.manage(Method::GET, None).await.ok();
}

#[tokio::test]
async fn deleted_client_loses_all_its_grants() {
    let scene = Scene::new(json!({ "grant_types": ["authorization_code", "refresh_token"] })).await;
    let tokens = scene.app.tokens("openid").await;
    assert_eq!(scene.manage(Method::DELETE, None).await.status.as_u16(), 204);
    assert_eq!(scene.manage(Method::GET, None).await.status.as_u16(), 401);
    assert_eq!(scene.manage(Method::DELETE, None).await.status.as_u16(), 401);
    assert_eq!(scene.app.refresh(tokens.text("refresh_token")).await.refused(401), "invalid_client");
    assert_eq!(scene.app.userinfo(tokens.text("access_token")).await.status.as_u16(), 401);
    assert!(scene.server.browser().open(&scene.app.authorize_url("openid", &[])).await.is_error());
    for table in ["clients", "client_registrations", "grants"] {
        assert_eq!(scene.server.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn registration_change_ends_the_approval() {
    let scene = Scene::new(json!({})).await;
    let id = scene.app.id.clone();
    let approved = async || {
        let id = id.clone();
        scene.server.write(move |tx| clients::find(tx, &id)).await.expect("the client").approved
    };
    assert!(!approved().await);
    let approve = async || {
        let id = id.clone();
        assert!(scene.server.write(move |tx| clients::set_approved(tx, &id, true)).await);
    };
    approve().await;
    scene.manage(Method::PUT, Some(&scene.known(json!({})))).await.ok();
    assert!(approved().await, "nothing changed");
    scene.manage(Method::PUT, Some(&scene.known(json!({ "client_name": "Your Bank" })))).await.ok();
    assert!(!approved().await);
}

#[tokio::test]
async fn approval_is_kept_when_an_operator_changes_the_scope() {
    let scene = Scene::new(json!({})).await;
    let id = scene.app.id.clone();
    let changed = scene.server.write(move |tx| {
        clients::set_approved(tx, &id, true)?;
        let seen = clients::find(tx, &id)?.expect("the client");
        let mut metadata = seen.metadata.clone();
        metadata.scope = ["openid"].into_iter().collect();
        assert!(clients::update_seen(tx, &seen, &metadata)?);
        clients::find(tx, &id)
    });
    let changed = changed.await.expect("the client");
    assert_eq!((changed.approved, changed.metadata.scope.to_string()), (true, "openid".to_owned()));
}
