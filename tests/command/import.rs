//! `writ import`: the configuration of another server.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};

use crate::workplace::{Answer, Workplace};

const KEYCLOAK: &str = include_str!("imports/keycloak.json");
const HYDRA: &str = include_str!("imports/hydra.json");
const AUTH0: &str = include_str!("imports/auth0.json");
const DEX: &str = include_str!("imports/dex.yaml");

/// What no importer shows: the secrets of the documents.
const SECRETS: [&str; 7] = [
    "Zk1xw0Yt6e9uXc2rVb4nMa7sQp3dLh5G",
    "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I",
    "e5PjZ0cT_8vH2kqL-wR4nYbXs7DfGaM1uQiOoKlVtJhNpCzEyWxS6mB9r3U",
    "ZXhhbXBsZS1hcHAtc2VjcmV0",
    "hunter2",
    "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W",
    "$GITHUB_CLIENT_SECRET",
];

fn import(workplace: &Workplace, source: &str, more: &[&str], text: &str) -> Answer {
    let answer = workplace.writ_with(&[], &[&["import", source, "-"][..], more].concat(), text);
    assert!(answer.success, "{source}: {}", answer.stderr);
    answer
}

/// Imports, applies the document, and returns it with the report.
fn applied(workplace: &Workplace, source: &str, more: &[&str], text: &str) -> (Value, String) {
    let Answer { stdout, stderr, .. } = import(workplace, source, more, text);
    for secret in SECRETS {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{source}: {secret}");
    }
    workplace.writ(&["plan", "-"], &stdout);
    workplace.writ(&["apply", "-", "--yes"], &stdout);
    assert_eq!(workplace.writ(&["plan", "-"], &stdout), "Nothing to change.\n", "{source}");
    (workplace.json(&["export", "--json"], ""), stderr)
}

fn names(document: &Value, section: &str) -> BTreeSet<String> {
    document[section].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn realm_of_keycloak_is_planned_and_applied() {
    let workplace = Workplace::new();
    let (document, report) = applied(&workplace, "keycloak", &[], KEYCLOAK);
    assert_eq!(
        document["groups"],
        json!({ "night": { "in": "staff" }, "partners": {}, "staff": {}, "support": { "in": "staff" } })
    );
    assert_eq!(names(&document, "clients"), set(&["billing", "phone", "shop", "spa", "wiki"]));
    assert_eq!(names(&document, "scopes"), set(&["orders:read", "stock"]));
    assert_eq!(document["scopes"]["orders:read"]["texts"]["en"]["sentence"], "See your orders");
    assert_eq!(document["scopes"]["orders:read"]["risk"], "elevated");
    let audience = |scope: &str| {
        let resource = document["scopes"][scope]["resource"].as_str().expect("an id");
        document["resources"][resource]["audience"].clone()
    };
    assert_eq!(audience("orders:read"), "https://orders.acme.example");
    assert_eq!(audience("stock"), "urn:keycloak:stock-api");
    let shop = &document["clients"]["shop"];
    assert_eq!(shop["redirect_uris"], json!(["https://shop.acme.example/oidc/callback"]));
    assert_eq!(
        shop["post_logout_redirect_uris"],
        json!(["https://shop.acme.example/bye", "https://shop.acme.example/out"])
    );
    assert_eq!(shop["scope"], "openid profile email orders:read offline_access groups");
    assert_eq!(shop["allowed_origins"], json!(["https://admin.acme.example"]));
    assert_eq!((&shop["require_pkce"], &shop["access_token_lifetime"]), (&json!(true), &json!(120)));
    assert_eq!(shop["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(document["clients"]["spa"]["token_endpoint_auth_method"], "none");
    assert_eq!(document["clients"]["phone"]["application_type"], "native");
    let billing = &document["clients"]["billing"];
    assert_eq!((&billing["grant_types"], &billing["scope"]), (&json!(["client_credentials"]), &json!("stock")));
    assert_eq!(billing["token_endpoint_auth_method"], "private_key_jwt");
    for place in [
        "left out: clients[1].redirectUris[1] (client shop): a wildcard",
        "left out: clients[1].redirectUris[2] (client shop): http is only for",
        "left out: clients[1].webOrigins[2]",
        "left out: clients[1].implicitFlowEnabled",
        "left out: clients[1].directAccessGrantsEnabled",
        "left out: clients[1].authenticationFlowBindingOverrides",
        "left out: clients[1].protocolMappers[0]",
        "left out: clients[0]",
        "left out: clients[6] (client wild): no grant type is left",
        "left out: clients[7].enabled",
        "left out: clients[8] (client https://saml.acme.example): SAML",
        "changed: clients[9].clientAuthenticatorType",
        "left out: clientScopes[5] (scope homeless)",
        "changed: groups[1].subGroups[0] (group support): another group has this name",
        "changed: groups[0].subGroups[0].subGroups[0] (group night)",
        "left out: authenticationFlows[1]",
        "left out: components.org.keycloak.storage.UserStorageProvider",
        "left out: identityProviders[2]",
        "needed: clients[1].secret (client shop): its secret is not copied",
        "needed: users",
    ] {
        assert!(report.lines().any(|line| line.starts_with(place)), "{place}: {report}");
    }
}

#[test]
fn clients_of_hydra_are_planned_and_applied() {
    let workplace = Workplace::new();
    let (document, report) = applied(&workplace, "hydra", &["--audience", "https://other.acme.example"], HYDRA);
    let job = "hydra-6f1f2f0e-4f0c-4a9a-9d3c-2c8c0e7b9b11";
    assert_eq!(names(&document, "clients"), set(&[job, "shop", "spa"]));
    let shop = &document["clients"]["shop"];
    assert_eq!(shop["scope"], "openid offline_access orders:read");
    assert_eq!(
        (&shop["access_token_lifetime"], &shop["client_uri"]),
        (&json!(3630), &json!("https://shop.acme.example"))
    );
    assert_eq!(document["clients"][job]["scope"], "orders:read stock");
    let resource = |scope: &str| document["scopes"][scope]["resource"].as_str().expect("an id").to_owned();
    assert_eq!(document["resources"][resource("orders:read")]["audience"], "https://orders.acme.example");
    for place in [
        "left out: items[0].grant_types[2]",
        "left out: items[0].response_types[1]",
        "left out: items[0].skip_consent",
        "left out: items[0].metadata",
        "needed: items[1] (client hydra-6f1f2f0e",
        "left out: items[2].redirect_uris[1]",
        "left out: items[2].grant_types[1]",
    ] {
        assert!(report.lines().any(|line| line.starts_with(place)), "{place}: {report}");
    }
}

#[test]
fn tenant_of_auth0_is_planned_and_applied() {
    let workplace = Workplace::new();
    let (document, report) = applied(&workplace, "auth0", &["--owner", "auth0"], AUTH0);
    let id = "sQ7fG2kLm9ZpXw4TnB1vYc6RhJd8Ue3a";
    assert_eq!(names(&document, "clients"), set(&["phone", id]));
    assert_eq!(names(&document, "scopes"), set(&["orders:read", "orders:write", "stock:orders:read"]));
    assert_eq!(document["resources"]["orders"]["token_lifetime"], 7200);
    assert_eq!(document["resources"]["stock"]["audience"], "urn:auth0:stock");
    let shop = &document["clients"][id];
    assert_eq!(shop["scope"], "openid profile email offline_access orders:write stock:orders:read");
    assert_eq!(shop["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!((&shop["rotate_refresh_tokens"], &shop["id_token_lifetime"]), (&json!(true), &json!(36_000)));
    assert_eq!(document["clients"]["phone"]["application_type"], "native");
    for place in [
        "left out: actions",
        "left out: resourceServers[2]",
        "changed: resourceServers[0].signing_alg",
        "needed: resourceServers[1]",
        "changed: resourceServers[1].scopes[0]",
        "left out: clients[0].callbacks[1]",
        "left out: clients[0].grant_types[1]",
        "left out: clients[0].grant_types[4]",
        "needed: clients[1] (client phone)",
        "left out: clients[2]",
        "needed: clients[*]",
    ] {
        assert!(report.lines().any(|line| line.starts_with(place)), "{place}: {report}");
    }
}

#[test]
fn configuration_of_dex_is_planned_applied_and_suggests_providers() {
    let workplace = Workplace::new();
    let report_file = workplace.directory.join("report.json");
    let report_path = report_file.to_str().expect("a path");
    let (document, report) = applied(&workplace, "dex", &["--report", report_path], DEX);
    assert_eq!(names(&document, "clients"), set(&["kubectl", "shop", "wiki"]));
    assert_eq!(document["clients"]["kubectl"]["grant_types"][1], "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(
        document["clients"]["wiki"]["redirect_uris"],
        json!(["https://wiki.acme.example/cb", "http://localhost:8000"])
    );
    for place in [
        "left out: oauth2.responseTypes[1]",
        "left out: oauth2.skipApprovalScreen",
        "needed: staticPasswords",
        "left out: connectors[2]",
        "left out: connectors[1].config.orgs",
        "needed: connectors[1].config.clientID",
        "left out: staticClients[0].trustedPeers",
        "left out: staticClients[1].redirectURIs",
        "needed: staticClients[2].idEnv",
    ] {
        assert!(report.lines().any(|line| line.starts_with(place)), "{place}: {report}");
    }
    let written: Value = serde_json::from_str(&fs::read_to_string(&report_file).expect("a file")).expect("JSON");
    assert_eq!(written["notes"].as_array().expect("notes").len(), report.lines().count() - 1);
    let providers = written["providers"].as_str().expect("TOML").replace("/run/secrets", "secrets");
    fs::write(workplace.directory.join("writ.toml"), providers).expect("written");
    let printed = workplace.writ(&["config", "print", "--config", "writ.toml"], "");
    for value in ["https://login.corp.example", "https://github.com/login/oauth", "id = \"github\""] {
        assert!(printed.contains(value), "{value}: {printed}");
    }
    let commented = import(&workplace, "dex", &[], DEX).stdout;
    assert!(commented.contains("# [[upstream.providers]]"), "{commented}");
}

#[test]
fn secrets_are_copied_into_files_only_when_asked_and_possible() {
    let workplace = Workplace::new();
    let text = KEYCLOAK.replace("\"clientId\": \"wiki\"", "\"clientId\": \"../wiki\"");
    let answer = import(&workplace, "keycloak", &["--secrets", "secrets"], &text);
    let kept = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I";
    assert!(!answer.stdout.contains(kept) && !answer.stderr.contains(kept));
    let folder = workplace.directory.join("secrets");
    let files: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files, ["wiki.secret"], "the file stays in the folder, and no other secret can be kept");
    let file = folder.join("wiki.secret");
    assert_eq!(fs::read_to_string(&file).expect("a file"), format!("{kept}\n"));
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(answer.stderr.contains("its secret is not 43 characters of base64url"), "{}", answer.stderr);
    fs::write(workplace.directory.join("imported.toml"), &answer.stdout).expect("written");
    workplace.writ(&["apply", "imported.toml", "--yes"], "");
    assert_eq!(workplace.writ(&["plan", "imported.toml"], ""), "Nothing to change.\n", "the secret is the copied one");
    let again = workplace.writ_with(&[], &["import", "keycloak", "-", "--secrets", "secrets"], &text);
    assert!(!again.success && again.stderr.contains("wiki.secret"), "no secret is overwritten: {}", again.stderr);
}

#[test]
fn file_of_another_shape_is_refused_with_its_place_and_without_its_values() {
    let workplace = Workplace::new();
    for (source, text, reason) in [
        ("keycloak", "{\"realm\": \"a\", \"clients\": [{\"clientId\": 7}]}", "clients[0].clientId"),
        ("keycloak", "{\"realm\": \"a\", \"clients\": {}}", "clients"),
        (
            "keycloak",
            "{\"realm\": \"a\", \"clients\": [{\"clientId\": \"a\", \"secret\": [\"hunter2\"]}]}",
            "clients[0].secret",
        ),
        ("keycloak", "{\"users\": []}", "no export of a realm"),
        ("keycloak", "{\"realm\": \"a\"", "not JSON"),
        ("hydra", "[{\"client_id\": \"a\", \"redirect_uris\": \"hunter2\"}]", "[0].redirect_uris"),
        ("hydra", "3", "client"),
        ("auth0", "{\"clients\": [{\"name\": \"a\", \"callbacks\": \"hunter2\"}]}", "clients[0].callbacks"),
        ("auth0", "{\"clients\": \"hunter2\"}", "clients"),
        ("auth0", "[{\"callbacks\": []}]", "name"),
        ("dex", "staticClients: hunter2", "staticClients"),
        ("dex", "staticClients:\n  - secret: [hunter2]", "staticClients[0].secret"),
        ("dex", "staticClients: [hunter2", "not YAML"),
        (
            "dex",
            "a: &a [hunter2]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e]\ng: &g [*f, *f, *f, *f, *f, *f, *f, *f]\nh: [*g, *g, *g, *g, *g, *g, *g, *g]",
            "not YAML",
        ),
    ] {
        let refused = workplace.writ_with(&[], &["import", source, "-"], text);
        assert!(!refused.success && refused.stderr.contains(reason), "{source} {text}: {}", refused.stderr);
        assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    }
    let file = fs::File::create(workplace.directory.join("large.json")).expect("a file");
    file.set_len((64 << 20) + 1).expect("a sparse file");
    let refused = workplace.refused(&["import", "hydra", "large.json"], "");
    assert!(refused.contains("large.json is longer than"), "{refused}");
}

#[test]
fn texts_of_the_source_stay_on_their_line() {
    let workplace = Workplace::new();
    let client = json!({ "clientId": "a\n# [clients.evil]", "redirectUris": ["https://a.example/*\nneeded: x"], "name": "A\u{1b}[2J\nB" });
    let realm = json!({
        "realm": "a", "clients": [client, { "clientId": "b", "name": "A\nB", "redirectUris": ["https://b.example/cb"] }],
        "identityProviders": [{ "alias": "x\ny", "displayName": "X\n[clients.evil]", "providerId": "google", "config": { "clientId": "1\n2" } }],
    });
    let answer = import(&workplace, "keycloak", &[], &realm.to_string());
    assert!(!answer.stderr.contains('\u{1b}') && !answer.stderr.contains("\nneeded: x"), "{}", answer.stderr);
    let document: Value = toml_of(&workplace, &answer.stdout);
    assert_eq!(names(&document, "clients"), set(&["b"]));
    assert_eq!(document["clients"]["b"]["client_name"], "AB");
}

/// The document as Writ reads it.
fn toml_of(workplace: &Workplace, document: &str) -> Value {
    workplace.writ(&["apply", "-", "--yes"], document);
    workplace.json(&["export", "--json"], "")
}
