//! Commands about clients: registration, recipes, logos, approval and refusals.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use serde_json::json;

use crate::workplace::Workplace;

#[test]
fn client_create_takes_rfc_7591_members_and_prints_the_secret_once() {
    let workplace = Workplace::with_talk();
    let metadata = json!({
        "client_name": "Shop",
        "client_name#ko": "가게",
        "redirect_uris": ["https://shop.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid message:read",
    });
    let created = workplace.json(&["client", "create", "--json", "-"], &metadata.to_string());
    for (member, value) in metadata.as_object().expect("an object") {
        assert_eq!(&created[member], value, "{member}");
    }
    let (id, secret) = (created["client_id"].as_str().expect("an id"), created["client_secret"].as_str());
    assert_eq!(secret.map(str::len), Some(43));
    assert_eq!(created["client_secret_expires_at"], 0);

    let shown = workplace.json(&["client", "show", id, "--json"], "");
    assert_eq!((&shown["client_name#ko"], shown.get("client_secret")), (&json!("가게"), None));
    let rotated = workplace.json(&["client", "rotate-secret", id, "--json"], "");
    assert_ne!(rotated["client_secret"].as_str(), secret);

    workplace.writ(&["client", "delete", id], "");
    assert_eq!(workplace.json(&["client", "list", "--json"], ""), json!([]));
}

#[test]
fn client_create_adds_refresh_token_and_accepts_response_types() {
    let workplace = Workplace::new();
    let app = ["client", "create", "--name", "App", "--redirect-uri", "https://app.example/cb", "--json"];
    assert_eq!(workplace.json(&app, "")["grant_types"], json!(["authorization_code", "refresh_token"]));
    let refused = workplace.json(&[&app[..], &["--no-refresh-token"]].concat(), "");
    assert_eq!(refused["grant_types"], json!(["authorization_code"]));
    let json = r#"{"client_name": "App", "redirect_uris": ["https://app.example/cb"], "response_types": ["code"]}"#;
    let created = workplace.json(&["client", "create", "--json", "-"], json);
    assert_eq!(created["grant_types"], json!(["authorization_code", "refresh_token"]));
    let implicit = json.replace("[\"code\"]", "[\"token\"]");
    assert!(workplace.refused(&["client", "create", "--json", "-"], &implicit).contains("only code is supported"));
}

#[test]
fn client_create_for_a_product_prints_its_settings() {
    let workplace = Workplace::new();
    let said = workplace.writ(&["client", "create", "--for", "grafana", "--url", "https://grafana.example/"], "");
    assert!(said.contains("https://grafana.example/login/generic_oauth"), "{said}");
    assert!(said.contains("[auth.generic_oauth]") && !said.contains("{client_id}"), "{said}");
    let unknown = workplace.refused(&["client", "create", "--for", "nothing", "--url", "https://x.example"], "");
    assert!(unknown.contains("there are recipes for apache, argo-cd"), "{unknown}");
}

#[test]
fn client_without_pkce_and_nonce_is_warned_about_wherever_it_is_shown() {
    let workplace = Workplace::new();
    let create = ["client", "create", "--for", "passport", "--url", "https://app.example", "--id", "app"];
    let created = workplace.writ_with(&[], &create, "");
    assert!(created.success && !created.stderr.contains("Warning"), "{}", created.stderr);
    for arguments in [
        &["client", "update", "app", "--unbound"][..],
        &["client", "show", "app"],
        &["client", "create", "--for", "passport", "--url", "https://app.example", "--unbound"],
        &["client", "create", "--for", "gitea", "--url", "https://gitea.example"],
    ] {
        let answer = workplace.writ_with(&[], arguments, "");
        assert!(
            answer.success && answer.stderr.contains("neither PKCE nor a nonce"),
            "{arguments:?}: {}",
            answer.stderr
        );
    }
    let shown = workplace.json(&["client", "show", "app", "--json"], "");
    assert_eq!((&shown["require_pkce"], &shown["require_nonce"]), (&json!(false), &json!(false)));
}

#[test]
fn public_native_client_has_no_secret() {
    let workplace = Workplace::new();
    let arguments = ["client", "create", "--id", "app", "--name", "App", "--public", "--native", "--redirect-uri"];
    let created = workplace.json(&[&arguments[..], &["com.example.app:/callback", "--json"]].concat(), "");
    assert_eq!(created["client_id"], "app");
    assert_eq!(created["application_type"], "native");
    assert_eq!(created.get("client_secret"), None);
    assert!(workplace.refused(&["client", "rotate-secret", "app"], "").contains("registered without a secret"));
}

#[test]
fn client_update_changes_named_members_and_keeps_the_rest() {
    let workplace = Workplace::with_talk();
    let create = ["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"];
    workplace.writ(&[&create[..], &["--scope", "openid message:read"]].concat(), "");
    let before = workplace.json(&["client", "show", "app", "--json"], "");
    let update = ["client", "update", "app", "--redirect-uri", "https://app.example/new", "--json"];
    let after = workplace.json(&update, "");
    assert_eq!(after["redirect_uris"], json!(["https://app.example/new"]));
    assert_eq!((&after["scope"], &after["approved"]), (&before["scope"], &json!(true)));
    assert!(after.get("client_secret").is_none(), "the secret stays");
    assert_ne!(after["digest"], before["digest"]);
    let public = r#"{"token_endpoint_auth_method": "none", "client_uri": "https://app.example/"}"#;
    let public = workplace.json(&["client", "update", "app", "--json", "-"], public);
    assert_eq!(public["token_endpoint_auth_method"], "none");
    let removed = workplace.json(&["client", "update", "app", "--json", "-"], r#"{"client_uri": null}"#);
    assert!(removed.get("client_uri").is_none(), "{removed}");
    for (arguments, reason) in [
        (&["client", "update", "app"][..], "nothing to change"),
        (&["client", "update", "nope", "--name", "x"], "there is no client nope"),
        (&["client", "update", "app", "--scope", "message:reed"], "there is no scope message:reed"),
        (&["client", "update", "app", "--redirect-uri", "http://app.example/"], "use https"),
        (&["client", "approve", "app", "--digest", "0000"], "has changed"),
    ] {
        let said = workplace.refused(arguments, "");
        assert!(said.contains(reason), "{said}");
    }
    let digest = removed["digest"].as_str().expect("a digest");
    workplace.writ(&["client", "approve", "app", "--digest", digest], "");
}

#[test]
fn logo_must_be_a_small_raster_image() {
    let workplace = Workplace::new();
    workplace.json(
        &["client", "create", "--id", "web", "--name", "Web", "--redirect-uri", "https://a.example", "--json"],
        "",
    );
    for (name, content) in [("logo.png", &b"\x89PNG\r\n\x1a\n and so on"[..]), ("logo.svg", b"<svg/>")] {
        std::fs::write(workplace.directory.join(name), content).expect("a file");
    }
    assert!(workplace.refused(&["client", "set-logo", "web", "logo.svg"], "").contains("a PNG, JPEG or WebP image"));
    assert!(workplace.refused(&["client", "remove-logo", "web"], "").contains("has no logo"));
    workplace.writ(&["client", "set-logo", "web", "logo.png"], "");
    workplace.writ(&["client", "remove-logo", "web"], "");
}

/// The URL of a site that responds to one request with these bytes.
fn site_with(content: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a request");
        let mut head = BufReader::new(&stream).lines();
        while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let length = content.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n").expect("sent");
        stream.write_all(content).expect("sent");
    });
    format!("http://{address}/logo")
}

#[test]
fn approve_stores_the_published_logo_when_valid() {
    let workplace = Workplace::new();
    let loopback = [("WRIT__OUTGOING__ALLOW_LOOPBACK", "true")];
    for (id, content, stored) in [("good", &b"\x89PNG\r\n\x1a\n and so on"[..], true), ("bad", b"<svg/>", false)] {
        let metadata = json!({
            "client_name": id, "redirect_uris": ["https://a.example/cb"], "scope": "openid", "logo_uri": site_with(content),
        });
        workplace.writ(&["client", "create", "--id", id, "--json", "-"], &metadata.to_string());
        let approved = workplace.writ_with(&loopback, &["client", "approve", id], "");
        assert!(approved.success, "{}", approved.stderr);
        assert_eq!(approved.stderr.contains("a PNG, JPEG or WebP image"), !stored, "{}", approved.stderr);
        assert_eq!(workplace.writ_with(&[], &["client", "remove-logo", id], "").success, stored);
    }
}

#[test]
fn approve_warns_of_a_name_or_host_like_that_of_an_approved_client() {
    let workplace = Workplace::new();
    for (id, name, uri) in [
        ("shop", "Shop", "https://shop.example/callback"),
        ("sh0p", "Sh0p", "https://sh0p-login.example/callback"),
        ("planner", "Planner", "https://planner.example/callback"),
    ] {
        workplace.json(&["client", "create", "--id", id, "--name", name, "--redirect-uri", uri, "--json"], "");
    }
    let warning = |id: &str| workplace.writ_with(&[], &["client", "approve", id], "").stderr;
    assert!(warning("sh0p").contains("Sh0p for Shop (shop.example)"), "{}", warning("sh0p"));
    assert!(!warning("planner").contains("Warning"), "{}", warning("planner"));
}

#[test]
fn initial_access_token_is_printed_once() {
    let workplace = Workplace::with_talk();
    let made = workplace.json(&["initial-access-token", "create", "--uses", "3", "--days", "2", "--json"], "");
    assert_eq!(made["initial_access_token"].as_str().map(str::len), Some(66), "{made}");
    let listed = workplace.json(&["initial-access-token", "list", "--json"], "");
    assert_eq!((&listed[0]["id"], &listed[0]["uses_left"]), (&made["id"], &json!(3)));
    assert_eq!(listed[0].get("initial_access_token"), None);
    let id = made["id"].as_str().expect("an id");
    workplace.writ(&["initial-access-token", "delete", id], "");
    assert_eq!(workplace.json(&["initial-access-token", "list", "--json"], ""), json!([]));
    assert!(
        workplace.refused(&["initial-access-token", "delete", id], "").contains("there is no initial access token")
    );
    for bad in [["--uses", "0"], ["--uses", "10001"], ["--days", "0"], ["--days", "367"]] {
        workplace.refused(&[&["initial-access-token", "create"], &bad[..]].concat(), "");
    }

    workplace
        .writ(&["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"], "");
    let approved = workplace.json(&["client", "approve", "app", "--json"], "");
    assert_eq!((&approved["origin"], &approved["approved"]), (&json!("administrator"), &json!(true)));
    assert!(workplace.refused(&["client", "approve", "nope"], "").contains("there is no client nope"));
}

#[test]
fn client_failures_lists_refusals() {
    let workplace = Workplace::new();
    workplace.json(
        &["client", "create", "--id", "job", "--name", "Job", "--grant-type", "client_credentials", "--json"],
        "",
    );
    assert_eq!(workplace.json(&["client", "failures", "job", "--json"], ""), json!([]));
    assert_eq!(workplace.writ(&["client", "failures", "job"], ""), "Nothing was refused.\n");
}

#[test]
fn client_preview_shows_its_owner_and_its_scopes() {
    let workplace = Workplace::with_talk();
    let create = [
        "client",
        "create",
        "--id",
        "planner",
        "--name",
        "Planner",
        "--organization",
        "Harbour Trading",
        "--contact",
        "help@planner.example",
        "--website",
        "https://planner.example/",
        "--redirect-uri",
        "https://planner.example/callback",
        "--scope",
        "message:read openid",
        "--json",
    ];
    let created = workplace.json(&create, "");
    assert_eq!(created["organization_name"], "Harbour Trading");
    let preview = ["client", "preview", "planner", "--scope", "message:read", "--language", "en", "--output", "-"];
    let page = workplace.writ(&preview, "");
    for expected in
        ["Planner asks for access", "Owner: Harbour Trading", "help@planner.example", "Website: planner.example"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains("value=\"message:read\"") && !page.contains("value=\"openid\""), "{page}");
}
