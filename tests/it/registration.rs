//! Dynamic client registration (RFC 7591): the metadata that is taken, and the response.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use writ::config::{RegistrationMode, Settings};

use crate::support::{
    Site, TestServer,
    client_key::ClientKey,
    registrar::{ask, metadata, register},
};

pub(super) fn open(settings: &mut Settings) {
    settings.registration.mode = RegistrationMode::Open;
    settings.outgoing.allow_loopback = true;
}

pub(super) async fn start() -> TestServer {
    TestServer::start_with(open).await
}

#[tokio::test]
async fn registration_response_has_defaults_and_the_client_works() {
    let server = start().await;
    let (app, told) = register(&server, json!({})).await;
    for (name, expected) in [
        ("client_name", json!("Newcomer")),
        ("redirect_uris", json!(["https://new.example/callback"])),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("application_type", json!("web")),
        ("subject_type", json!("public")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("scope", json!("openid profile email offline_access")),
        ("client_secret_expires_at", json!(0)),
        ("registration_client_uri", json!(format!("{}/register/{}", server.issuer, app.id))),
        ("require_pkce", Value::Null),
    ] {
        assert_eq!(told.json[name], expected, "{name}: {told:?}");
    }
    assert_eq!(told.header("cache-control"), "no-store");
    let tokens = app.tokens("openid profile").await;
    assert_eq!(tokens.claims("id_token")["aud"], app.id);
    let document = server.browser().get("/.well-known/openid-configuration").await;
    assert!(document.body.contains(&format!("\"registration_endpoint\":\"{}/register\"", server.issuer)));
}

#[tokio::test]
async fn every_supported_member_is_stored_and_returned() {
    let (server, site) = (start().await, Site::start());
    let redirect_uris = json!(["https://new.example/callback", "https://other.example/callback"]);
    let sector = site.publish("/uris.json", redirect_uris.to_string());
    let asked = metadata(json!({
        "redirect_uris": redirect_uris,
        "post_logout_redirect_uris": ["https://new.example/bye"],
        "backchannel_logout_uri": "https://new.example/logout",
        "backchannel_logout_session_required": true,
        "frontchannel_logout_uri": "https://new.example/forget",
        "frontchannel_logout_session_required": true,
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": ClientKey::new(Algorithm::ES256).jwks(),
        "request_object_signing_alg": "ES256",
        "request_uris": ["https://new.example/request.jwt#v1"],
        "application_type": "web",
        "scope": "openid email",
        "client_uri": "https://new.example/",
        "logo_uri": "https://new.example/logo.png",
        "policy_uri": "https://new.example/privacy",
        "tos_uri": "https://new.example/terms",
        "contacts": ["ada@new.example"],
        "initiate_login_uri": "https://new.example/login",
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["urn:writ:acr:password"],
        "sector_identifier_uri": sector,
        "subject_type": "pairwise",
        "userinfo_signed_response_alg": "ES256",
        "id_token_signed_response_alg": "EdDSA",
        "introspection_signed_response_alg": "ES256",
        "require_pushed_authorization_requests": true,
        "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "2.1",
    }));
    let told = ask(&server, &asked).await;
    assert_eq!(told.status.as_u16(), 201, "{told:?}");
    for (name, value) in asked.as_object().expect("an object") {
        assert_eq!(&told.json[name], value, "{name}");
    }
    let known = asked.as_object().expect("an object");
    let more: Vec<&String> =
        told.json.as_object().expect("an object").keys().filter(|name| !known.contains_key(*name)).collect();
    assert_eq!(more, ["client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri"]);
}

#[tokio::test]
async fn unknown_members_are_ignored_and_unoffered_scopes_dropped() {
    let server = start().await;
    let changes = json!({
        "surprise": { "a": [1] }, "policy_uri": null, "client_name": null, "tls_client_certificate_bound_access_tokens": false,
        "scope": "openid message:send profile nobody:knows",
    });
    let (_, told) = register(&server, changes).await;
    assert_eq!(told.json["scope"], "openid profile");
    assert_eq!(told.json["client_name"], "new.example", "a nameless client is called by its host");
    assert!(told.json.get("surprise").is_none() && told.json.get("policy_uri").is_none(), "{told:?}");
    let (public, told) = register(&server, json!({ "token_endpoint_auth_method": "none" })).await;
    assert!(public.secret.is_none() && told.json.get("client_secret_expires_at").is_none(), "{told:?}");
}

#[tokio::test]
async fn unsafe_redirect_uris_are_refused() {
    let server = start().await;
    for good in ["https://new.example/cb?x=1", "http://localhost:8080/cb", "http://127.0.0.1/cb", "com.example.app:/cb"]
    {
        register(&server, json!({ "redirect_uris": [good] })).await;
    }
    for bad in [
        json!(["https://new.example/cb#fragment"]),
        json!(["https://new.example/*"]),
        json!(["https://*.new.example/cb"]),
        json!(["http://new.example/cb"]),
        json!(["javascript:alert(1)"]),
        json!(["data:text/html,x"]),
        json!(["vbscript:x"]),
        json!(["file:///etc/passwd"]),
        json!(["myapp://cb"]),
        json!(["/relative"]),
        json!(["https://user@new.example/cb"]),
        json!(["https://new.example/\u{fe0f}"]),
        json!(["https:///cb"]),
        json!(["https://new.example/cb?code=1"]),
        json!(["https://new.example/cb?iss=https://evil.example"]),
        json!(["https://new.example/cb", 7]),
        json!("https://new.example/cb"),
        json!([]),
        Value::Null,
    ] {
        let answer = ask(&server, &metadata(json!({ "redirect_uris": bad }))).await;
        assert_eq!(answer.refused(400), "invalid_redirect_uri", "{bad}");
    }
    assert_eq!(server.count("clients").await, 4);
    let mixed = json!({
        "redirect_uris": ["cursor://x.y/cb", "javascript:alert(1)", "http://localhost:1/cb"],
        "token_endpoint_auth_method": "none", "client_uri": "", "response_types": ["code", "id_token"],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
    });
    let (_, told) = register(&server, mixed).await;
    assert_eq!(told.json["redirect_uris"], json!(["cursor://x.y/cb", "http://localhost:1/cb"]));
    assert_eq!(told.json["grant_types"], json!(["authorization_code"]));
    assert_eq!(told.json["response_types"], json!(["code"]));
    assert!(told.json.get("client_uri").is_none(), "{told:?}");
}

#[tokio::test]
async fn self_registered_client_chooses_its_loopback_port() {
    let server = start().await;
    for application_type in ["web", "native"] {
        let changes = json!({
            "application_type": application_type, "token_endpoint_auth_method": "none",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
        });
        let (mut app, _) = register(&server, changes).await;
        for (redirect_uri, accepted) in [
            ("http://localhost:51212/callback", true),
            ("http://127.0.0.1:51212/callback", true),
            ("http://localhost:51212/other", false),
            ("http://[::1]:51212/callback", false),
        ] {
            app.redirect_uri = redirect_uri.to_owned();
            let page = server.browser().open(&app.authorize_url("openid", &[])).await;
            assert_eq!(page.is_login(), accepted, "{application_type} {redirect_uri}");
        }
    }
}

#[tokio::test]
async fn registration_is_refused_when_it_resembles_an_approved_client() {
    let server = start().await;
    server.shop().await;
    let talk = json!({ "client_name": "Ta1k", "redirect_uris": ["https://other.example/cb"] });
    for changes in [json!({ "client_name": "Sh0p" }), json!({ "client_name#ko": "S h o p" }), talk] {
        let answer = ask(&server, &metadata(changes.clone())).await;
        assert_eq!(answer.refused(400), "invalid_client_metadata", "{changes}");
        assert!(answer.text("error_description").contains("could be taken for"), "{answer:?}");
    }
    register(&server, json!({ "client_name": "Photographs" })).await;
}

#[tokio::test]
async fn secret_is_accepted_in_header_and_body_unless_a_method_is_registered() {
    let server = start().await;
    for (method, basic_is_accepted, post_is_accepted) in
        [(None, true, true), (Some("client_secret_basic"), true, false), (Some("client_secret_post"), false, true)]
    {
        let (app, _) = register(&server, json!({ "token_endpoint_auth_method": method })).await;
        let secret = app.secret.as_deref().expect("a secret");
        let revoke = format!("{}/revoke", server.issuer);
        let client = reqwest::Client::new();
        let basic = client.post(&revoke).basic_auth(&app.id, Some(secret)).form(&[("token", "x")]);
        let post = client.post(&revoke).form(&[("token", "x"), ("client_id", &*app.id), ("client_secret", secret)]);
        for (request, accepted) in [(basic, basic_is_accepted), (post, post_is_accepted)] {
            let status = request.send().await.expect("a response").status().as_u16();
            assert_eq!(status, if accepted { 200 } else { 401 }, "{method:?}");
        }
    }
}

#[tokio::test]
async fn contradictory_metadata_is_refused_naming_the_member() {
    let (server, site) = (start().await, Site::start());
    let incomplete = site.publish("/uris.json", "[\"https://other.example/callback\"]");
    let key = ClientKey::new(Algorithm::ES256).jwks();
    for (name, value) in [
        ("client_name", json!(" ")),
        ("client_name", json!(7)),
        ("client_name", json!("x".repeat(101))),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["password"])),
        ("grant_types", json!(["refresh_token"])),
        ("response_types", json!(["id_token"])),
        ("response_types", json!(["code token"])),
        ("response_types", json!([])),
        ("token_endpoint_auth_method", json!("client_secret_jwt")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_signing_alg", json!("RS256")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP")),
        ("userinfo_signed_response_alg", json!("none")),
        ("request_object_signing_alg", json!("none")),
        ("jwks", json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] })),
        ("jwks_uri", json!("http://new.example/jwks")),
        ("logo_uri", json!("javascript:alert(1)")),
        ("logo_uri", json!("http://new.example/logo.png")),
        ("client_uri", json!("new.example")),
        ("policy_uri", json!("data:text/html,x")),
        ("tos_uri", json!(["https://new.example"])),
        ("initiate_login_uri", json!("http://new.example/login")),
        ("contacts", json!("ada@new.example")),
        ("contacts", json!([""])),
        ("request_uris", json!(["http://new.example/r"])),
        ("post_logout_redirect_uris", json!(["javascript:alert(1)"])),
        ("subject_type", json!("secret")),
        ("sector_identifier_uri", json!(incomplete)),
        ("sector_identifier_uri", json!(site.url("/missing"))),
        ("sector_identifier_uri", json!("https://10.0.0.1/uris.json")),
        ("default_max_age", json!(-1)),
        ("default_max_age", json!("soon")),
        ("scope", json!("message:send")),
        ("scope", json!(["openid"])),
        ("require_pkce", json!(false)),
        ("required_scope", json!("openid")),
        ("may_act", json!(["shop"])),
        ("access_token_lifetime", json!(86_400)),
        ("dpop_bound_access_tokens", json!(true)),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
    ] {
        let answer = ask(&server, &metadata(json!({ name: value }))).await;
        assert_eq!(answer.refused(400), "invalid_client_metadata", "{name} = {value}");
        let said = answer.text("error_description");
        // If two members contradict each other, the rule may name either.
        let named = [name, "grant_types", "jwks"].iter().any(|name| said.contains(name));
        assert!(named, "{name} = {value}: {said}");
    }
    let both = json!({ "jwks": key, "jwks_uri": "https://new.example/jwks" });
    assert_eq!(ask(&server, &metadata(both)).await.refused(400), "invalid_client_metadata");
    let statement = json!({ "software_statement": "eyJhbGciOiJub25lIn0.e30." });
    assert_eq!(ask(&server, &metadata(statement)).await.refused(400), "unapproved_software_statement");
    assert_eq!(server.count("clients").await, 0);
}

#[tokio::test]
async fn registration_body_is_a_bounded_json_object() {
    let server = start().await;
    let url = format!("{}/register", server.issuer);
    for body in [json!([]), json!("text"), json!(null)] {
        assert_eq!(ask(&server, &body).await.refused(400), "invalid_request", "{body}");
    }
    let large = metadata(json!({ "surprise": "x".repeat(20_000) }));
    assert_eq!(ask(&server, &large).await.refused(400), "invalid_request");
    let nested = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for (media_type, body) in [
        ("application/json", "{"),
        ("application/json", &*format!("{{\"client_name\": {nested}}}")),
        ("application/x-www-form-urlencoded", "client_name=x"),
        ("text/plain", "{}"),
    ] {
        let request = reqwest::Client::new().post(&url).header("content-type", media_type).body(body.to_owned());
        let answer = crate::support::Answer::read(request.send().await.expect("an answer")).await;
        assert_eq!(answer.refused(400), "invalid_request", "{media_type}");
    }
}
