use serde_json::{Value, json};

use super::*;

fn imported(source: Source, files: &[Value]) -> Imported {
    let files: Vec<File> = files
        .iter()
        .enumerate()
        .map(|(index, file)| File { name: format!("{index}.json"), text: file.to_string() })
        .collect();
    let settings = Settings::default();
    let options = Options { owner: None, audience: None, secrets: None, settings: &settings };
    import(source, &files, &options).expect("an export")
}

/// The only client of a realm, and its report.
fn client(client: Value) -> (Option<Value>, Vec<String>) {
    let imported = imported(Source::Keycloak, &[json!({ "realm": "acme", "clients": [client] })]);
    let metadata = imported.document.clients.into_values().next().map(|entry| Value::Object(entry.metadata));
    (metadata, imported.notes.iter().map(|note| format!("{} {}", note.kind, note.path)).collect())
}

#[test]
fn client_of_keycloak_gets_what_it_can_have() {
    let uris = json!(["https://a.example/cb"]);
    for (foreign, member, value) in [
        (json!({ "publicClient": true }), "token_endpoint_auth_method", json!("none")),
        (json!({}), "token_endpoint_auth_method", json!(null)),
        (json!({}), "grant_types", json!(["authorization_code", "refresh_token"])),
        (json!({ "attributes": { "use.refresh.tokens": "false" } }), "grant_types", json!(["authorization_code"])),
        (
            json!({ "publicClient": true, "serviceAccountsEnabled": true }),
            "grant_types",
            json!(["authorization_code", "refresh_token"]),
        ),
        (
            json!({ "serviceAccountsEnabled": true, "standardFlowEnabled": false }),
            "grant_types",
            json!(["client_credentials"]),
        ),
        (json!({ "attributes": { "pkce.code.challenge.method": "plain" } }), "require_pkce", json!(true)),
        (json!({ "attributes": { "access.token.lifespan": "5" } }), "access_token_lifetime", json!(null)),
        (json!({ "attributes": { "access.token.lifespan": "60" } }), "access_token_lifetime", json!(60)),
        (
            json!({ "attributes": { "id.token.signed.response.alg": "PS512" } }),
            "id_token_signed_response_alg",
            json!(null),
        ),
        (
            json!({ "attributes": { "frontchannel.logout.url": "https://b.example/" } }),
            "frontchannel_logout_uri",
            json!(null),
        ),
        (
            json!({ "attributes": { "frontchannel.logout.url": "https://a.example/" } }),
            "frontchannel_logout_uri",
            json!("https://a.example/"),
        ),
        (json!({ "attributes": { "post.logout.redirect.uris": "+" } }), "post_logout_redirect_uris", uris.clone()),
        (json!({ "webOrigins": ["https://a.example/path"] }), "allowed_origins", json!(null)),
        (json!({ "webOrigins": ["https://c.example/"] }), "allowed_origins", json!(["https://c.example"])),
        (json!({ "name": "${client_account}" }), "client_name", json!("app")),
        (json!({ "name": " " }), "client_name", json!("app")),
    ] {
        let mut whole = json!({ "clientId": "app", "redirectUris": uris });
        whole.as_object_mut().expect("an object").extend(foreign.as_object().expect("an object").clone());
        let (metadata, notes) = client(whole);
        let metadata = metadata.unwrap_or_else(|| panic!("{foreign}: {notes:?}"));
        assert_eq!(metadata.get(member).cloned().unwrap_or_default(), value, "{foreign}: {notes:?}");
    }
}

#[test]
fn client_without_a_usable_grant_is_left_out() {
    for (foreign, note) in [
        (json!({ "clientId": "app" }), "left out clients[0]"),
        (
            json!({ "clientId": "app", "redirectUris": ["https://*.a.example/cb"] }),
            "left out clients[0].redirectUris[0]",
        ),
        (json!({ "clientId": "app", "redirectUris": ["app:/cb"] }), "left out clients[0].redirectUris[0]"),
        (
            json!({ "clientId": "app", "redirectUris": ["javascript:alert(1)"], "publicClient": true }),
            "left out clients[0].redirectUris[0]",
        ),
        (
            json!({ "clientId": "app", "enabled": false, "redirectUris": ["https://a.example/cb"] }),
            "left out clients[0].enabled",
        ),
    ] {
        let (metadata, notes) = client(foreign.clone());
        assert!(metadata.is_none() && notes.iter().any(|known| known == note), "{foreign}: {notes:?}");
    }
}

#[test]
fn paths_name_the_file_when_there_are_several() {
    let api = json!({ "identifier": "https://a.example", "name": "A", "scopes": [{ "value": "a:read" }] });
    let app = json!({ "name": "App", "client_id": "app", "callbacks": ["https://*.a.example"], "grant_types": ["client_credentials"] });
    let grant = json!({ "client_id": "app", "audience": "https://a.example", "scope": ["a:read"] });
    let imported = imported(Source::Auth0, &[app, grant, api]);
    assert!(imported.notes.iter().any(|note| note.path == "0.json: object.callbacks[0]"), "{:?}", imported.notes);
    assert_eq!(imported.document.clients["app"].metadata["scope"], "a:read", "the order of the files has no effect");
}

#[test]
fn client_id_that_cannot_be_is_replaced() {
    for (id, here) in [
        ("app", "app"),
        ("0199b0f6-6d60-7a33-8f4e-6a1f3f0f2a11", "hydra-0199b0f6-6d60-7a33-8f4e-6a1f3f0f2a11"),
        ("my app", "my-app"),
        ("", "night-job"),
    ] {
        let client = json!({ "client_id": id, "client_name": "Night job", "grant_types": ["client_credentials"] });
        let imported = imported(Source::Hydra, &[json!([client])]);
        assert_eq!(imported.document.clients.keys().collect::<Vec<_>>(), [here], "{:?}", imported.notes);
        assert_eq!(imported.notes.iter().any(|note| note.path == "[0]" && note.kind == Kind::Needed), id != here);
    }
}

#[test]
fn same_client_twice_is_two_clients() {
    let client = json!({ "client_id": "app", "grant_types": ["client_credentials"] });
    let imported = imported(Source::Hydra, &[json!([client, client])]);
    assert_eq!(imported.document.clients.keys().collect::<Vec<_>>(), ["app", "app-2"]);
}
