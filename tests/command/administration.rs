//! Commands about users, clients, resource servers, scopes, keys and the configuration.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use rstest::rstest;
use serde_json::{Value, json};

use crate::workplace::Workplace;

#[test]
fn user_is_created_disabled_enabled_and_listed() {
    let workplace = Workplace::new();
    let created =
        workplace.json(&["user", "create", "Ada", "--email", "Ada@Example.com", "--email-verified", "--json"], "");
    assert_eq!(created["preferred_username"], "ada");
    assert_eq!(created["email"], "ada@example.com");
    assert_eq!(created["password"].as_str().map(str::len), Some(43), "generated, and shown once");

    workplace.writ(&["user", "disable", "ada@example.com"], "");
    let listed = workplace.json(&["user", "list", "--json"], "");
    assert_eq!(listed[0]["sub"], created["sub"]);
    assert!(listed[0]["disabled_at"].is_i64(), "{listed}");
    assert_eq!(listed[0].get("password"), None);

    workplace.writ(&["user", "enable", "ada"], "");
    assert_eq!(workplace.json(&["user", "list", "--json"], "")[0]["disabled_at"], Value::Null);
}

#[test]
fn email_is_set_verified_and_removed_and_the_user_deleted() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    workplace.json(&["user", "create", "bora", "--email", "ada@example.com", "--json"], "");
    workplace.writ(&["user", "set-email", "ada", "Ada@Example.com", "--verified"], "");
    let shown = workplace.json(&["user", "show", "ada@example.com", "--json"], "");
    assert_eq!((&shown["preferred_username"], &shown["email_verified"]), (&json!("ada"), &json!(true)));
    workplace.writ(&["user", "set-email", "ada"], "");
    assert_eq!(workplace.json(&["user", "show", "ada", "--json"], "")["email"], Value::Null);
    workplace.writ(&["user", "delete", "ada"], "");
    let left = workplace.json(&["user", "list", "--json"], "");
    assert_eq!((left.as_array().map(Vec::len), &left[0]["preferred_username"]), (Some(1), &json!("bora")));
}

#[test]
fn set_claims_sets_every_standard_claim() {
    let workplace = Workplace::new();
    let claims = json!({
        "given_name": "Ada", "picture": "https://people.example/ada.png", "phone_number": "+44 1", "phone_number_verified": true,
        "address": {"locality": "Stroud", "country": "UK"},
    });
    let create = ["user", "create", "ada", "--name", "Ada L.", "--claims", "-", "--json"];
    let created = workplace.json(&create, &claims.to_string());
    assert_eq!((&created["name"], &created["address"]), (&json!("Ada L."), &claims["address"]));
    workplace.writ(&["user", "set-claims", "ADA", "-"], r#"{"gender": "female"}"#);
    let shown = workplace.json(&["user", "show", "ada", "--json"], "");
    assert_eq!((&shown["gender"], shown.get("given_name")), (&json!("female"), None));
}

#[test]
fn password_from_stdin_is_not_printed() {
    let workplace = Workplace::new();
    let created =
        workplace.json(&["user", "create", "ada", "--password-stdin", "--json"], "three otters at the weir\n");
    assert_eq!(created.get("password"), None);
    let changed = workplace.writ(&["user", "set-password", "ada", "--password-stdin"], "a kettle of late swans");
    assert!(!changed.contains("late swans"), "{changed}");
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
fn username_that_looks_like_another_is_refused() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "alice", "--json"], "");
    for alike in ["a1ice", "ALICE"] {
        let refused = workplace.refused(&["user", "create", alike], "");
        assert!(refused.contains("one that looks like it"), "{alike}: {refused}");
    }
    workplace.json(&["user", "create", "alicia", "--json"], "");
}

#[test]
fn connections_of_a_user_without_apps_are_empty() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    assert_eq!(workplace.json(&["connection", "list", "ada", "--json"], ""), json!([]));
}

#[rstest]
#[case::no_connection(&["connection", "remove", "ada", "shop"], "", "ada has not connected shop")]
#[case::receipt_of_nothing(&["connection", "receipt", "ada", "shop"], "", "ada has not connected shop")]
#[case::receipt_in_no_language(&["connection", "receipt", "ada", "shop", "--language", "tlh"], "", "there is no page in the language tlh")]
#[case::no_person_with_connections(&["connection", "list", "bora"], "", "there is no user")]
#[case::short_password(&["user", "create", "bora", "--password-stdin"], "1234567", "a password has at least 8 characters")]
#[case::common_password(&["user", "create", "bora", "--password-stdin"], "password1", "easy to guess: many people use it")]
#[case::own_password(&["user", "create", "hanbyeol", "--password-stdin"], "hanbyeol99", "your own name or address is in it")]
#[case::password_argument(&["user", "create", "bora", "--password", "12345678"], "", "unexpected argument '--password'")]
#[case::taken_username(&["user", "create", "ADA"], "", "already")]
#[case::username_like_an_address(&["user", "create", "a@b"], "", "without spaces and @")]
#[case::username_with_an_invisible_character(&["user", "create", "al\u{200b}ice"], "", "letters, digits")]
#[case::username_of_another_script(&["user", "create", "\u{430}da"], "", "mixes no scripts")]
#[case::email_without_host(&["user", "set-email", "ada", "ada"], "", "such as ada@example.com")]
#[case::zone_that_does_not_exist(&["user", "set-claims", "ada", "-"], r#"{"zoneinfo": "Mars/Phobos"}"#, "not a time zone")]
#[case::unknown_claim(&["user", "create", "bora", "--claims", "-"], r#"{"nick": "B"}"#, "unknown field `nick`")]
#[case::email_is_no_claim(&["user", "set-claims", "ada", "-"], r#"{"email": "a@b.example"}"#, "unknown field `email`")]
#[case::malformed_claim(&["user", "set-claims", "ada", "-"], r#"{"picture": "ada.png"}"#, "begin with https:// or http://")]
#[case::claims_of_nobody(&["user", "set-claims", "bora", "-"], "{}", "there is no user")]
#[case::two_from_standard_input(
    &["user", "create", "bora", "--claims", "-", "--password-stdin"], "{}", "only one of --claims - and --password-stdin"
)]
#[case::nobody(&["user", "disable", "bora"], "", "there is no user with the username or e-mail address bora")]
#[case::taken_audience(&["resource", "create", "t", "--audience", "https://talk.example", "--name", "en=T"], "", "already")]
#[case::relative_audience(&["resource", "create", "t", "--audience", "talk", "--name", "en=T"], "", "an absolute URI")]
#[case::no_english(&["resource", "create", "t", "--audience", "https://t", "--name", "ko=T"], "", "--name en=TEXT is missing")]
#[case::not_a_language(&["resource", "create", "t", "--audience", "https://t", "--name", "Talk"], "", "expected LANG=TEXT")]
#[case::scope_of_nothing(
    &["scope", "create", "a", "--resource", "nope", "--sentence", "en=A", "--consequence", "en=B"], "",
    "there is no resource server nope"
)]
#[case::openid_scope(
    &["scope", "create", "openid", "--resource", "talk", "--sentence", "en=A", "--consequence", "en=B"], "",
    "openid is a scope of OpenID Connect"
)]
#[case::half_translated(
    &["scope", "create", "a", "--resource", "talk", "--sentence", "en=A", "--sentence", "ko=A", "--consequence", "en=B"], "",
    "needed in the same languages"
)]
#[case::unknown_risk(
    &["scope", "create", "a", "--resource", "talk", "--sentence", "en=A", "--consequence", "en=B", "--risk", "grave"], "",
    "not one of low, moderate, elevated, high"
)]
#[case::client_without_name(&["client", "create", "--public"], "", "missing field `client_name`")]
#[case::client_with_unknown_scope(
    &["client", "create", "--name", "App", "--redirect-uri", "https://app.example/cb", "--scope", "message:reed"], "",
    "there is no scope message:reed"
)]
#[case::client_with_unknown_member(&["client", "create", "--json", "-"], r#"{"client_nam": "App"}"#, "unknown field `client_nam`")]
#[case::client_from_two_sources(&["client", "create", "--json", "-", "--name", "App"], "{}", "put the other options in there")]
#[case::insecure_redirect(
    &["client", "create", "--name", "App", "--redirect-uri", "http://app.example/cb"], "", "use https"
)]
#[case::unreachable_sector(
    &["client", "create", "--json", "-"],
    r#"{"client_name": "App", "redirect_uris": ["https://a.example/cb", "https://b.example/cb"], "subject_type": "pairwise",
        "sector_identifier_uri": "http://localhost:1/uris.json"}"#,
    "sector_identifier_uri cannot be fetched: the URL is not allowed"
)]
#[case::no_client(&["client", "show", "nope"], "", "there is no client nope")]
#[case::unknown_algorithm(&["key", "rotate", "--alg", "HS256"], "", "not one of RS256, ES256, EdDSA")]
fn invalid_arguments_are_refused(#[case] arguments: &[&str], #[case] input: &str, #[case] reason: &str) {
    let workplace = Workplace::with_talk();
    workplace.writ(&["user", "create", "ada"], "");
    let said = workplace.refused(arguments, input);
    assert!(said.contains(reason), "{said}");
}

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
fn resource_and_scope_are_updated_in_place() {
    let workplace = Workplace::with_talk();
    let resource = workplace.json(&["resource", "list", "--json"], "")[0].clone();
    let id = resource["id"].as_str().expect("an id");
    let update = ["resource", "update", id, "--audience", "https://new.talk.example", "--name", "ko=톡", "--json"];
    let updated = workplace.json(&update, "");
    assert_eq!((&updated["audience"], &updated["names"]["ko"]), (&json!("https://new.talk.example"), &json!("톡")));
    assert_eq!((&updated["scopes"], &updated["names"]["en"]), (&resource["scopes"], &resource["names"]["en"]));
    let update =
        ["resource", "update", id, "--token-typ", "JWT", "--token-alg", "RS256", "--token-lifetime", "60", "--json"];
    let updated = workplace.json(&update, "");
    assert_eq!((&updated["token_typ"], &updated["token_alg"]), (&json!("JWT"), &json!("RS256")));
    assert_eq!((&updated["token_lifetime"], &updated["names"]["ko"]), (&json!(60), &json!("톡")));
    let reset = workplace.json(&["resource", "update", id, "--default-tokens", "--json"], "");
    assert_eq!((reset.get("token_typ"), reset.get("token_alg"), reset.get("token_lifetime")), (None, None, None));
    let secret = workplace.json(&["resource", "rotate-secret", id, "--json"], "");
    assert_eq!(secret["secret"].as_str().map(str::len), Some(43), "{secret}");
    let scope = ["scope", "update", "message:read", "--sentence", "en=Read everything", "--risk", "high", "--json"];
    let scope = workplace.json(&scope, "");
    assert_eq!((&scope["risk"], &scope["texts"]["en"]["sentence"]), (&json!("high"), &json!("Read everything")));
    for (arguments, reason) in [
        (&["resource", "update", id][..], "nothing to change"),
        (&["resource", "update", "nope", "--audience", "https://x.example"], "there is no resource server nope"),
        (&["scope", "update", "message:reed", "--risk", "low"], "there is no scope message:reed"),
        (&["scope", "update", "message:read", "--sentence", "fr=Lire"], "in the same languages"),
    ] {
        let said = workplace.refused(arguments, "");
        assert!(said.contains(reason), "{said}");
    }
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
fn deleting_a_resource_server_deletes_its_scopes() {
    let workplace = Workplace::with_talk();
    workplace.create_scope("message:send");
    let scopes = workplace.json(&["scope", "list", "--json"], "");
    assert_eq!(scopes[0]["name"], "message:read");
    assert_eq!(scopes[0]["texts"]["en"]["sentence"], "Read your messages");

    workplace.writ(&["scope", "delete", "message:read"], "");
    assert_eq!(workplace.json(&["resource", "show", "talk", "--json"], "")["scopes"], json!(["message:send"]));
    workplace.writ(&["resource", "delete", "talk"], "");
    assert_eq!(workplace.json(&["scope", "list", "--json"], ""), json!([]));
}

#[test]
fn key_rotate_waits_for_caches_unless_forced() {
    let workplace = Workplace::new();
    let refused = workplace.refused(&["key", "rotate"], "");
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert!(refused.contains(&format!("the next key of {alg} was published too recently")), "{refused}");
    }
    let kid = |keys: &Value, state: &str| {
        let of_state = |key: &&Value| key["alg"] == "ES256" && key["state"] == state;
        keys.as_array().expect("a list").iter().find(of_state).expect("a key")["kid"].clone()
    };
    let before = workplace.json(&["key", "list", "--json"], "");
    let after = workplace.json(&["key", "rotate", "--alg", "ES256", "--at-once", "--json"], "");
    assert_eq!(kid(&after, "active"), kid(&before, "next"));
    assert_eq!(kid(&after, "retired"), kid(&before, "active"));
    assert_ne!(kid(&after, "next"), kid(&before, "next"));
}

#[test]
fn foreign_master_key_creates_no_signing_key() {
    let workplace = Workplace::new();
    workplace.writ(&["key", "rotate", "--at-once"], "");
    let other = [("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
    let answer = workplace.writ_with(&other, &["key", "rotate", "--at-once"], "");
    assert!(!answer.success);
    assert!(answer.stderr.contains("another master key"), "{}", answer.stderr);
}

#[test]
fn master_key_is_rotated_by_a_command_that_writes_the_new_file() {
    let workplace = Workplace::new();
    let before = workplace.json(&["key", "rotate", "--at-once", "--json"], "");
    let refused = workplace.refused(&["master-key", "rotate"], "");
    assert!(refused.contains("keys.previous_master_key_file"), "{refused}");
    let both =
        [("WRIT__KEYS__MASTER_KEY_FILE", "data/new.key"), ("WRIT__KEYS__PREVIOUS_MASTER_KEY_FILE", "data/master.key")];
    let rotated = workplace.writ_with(&both, &["master-key", "rotate"], "");
    assert!(rotated.success, "{}", rotated.stderr);
    // Two or three states of three signing keys, and three shared secrets.
    assert_eq!(
        rotated.stdout,
        format!("Sealed {} values under the new master key.\n", before.as_array().expect("keys").len() + 3)
    );
    let again = workplace.writ_with(&both, &["master-key", "rotate"], "");
    assert_eq!(again.stdout, "Sealed 0 values under the new master key.\n");
    let old = workplace.writ_with(&[], &["key", "rotate", "--at-once"], "");
    assert!(!old.success && old.stderr.contains("another master key"), "{}", old.stderr);
    let new = workplace.writ_with(&both[..1], &["key", "rotate", "--at-once"], "");
    assert!(new.success, "{}", new.stderr);
    let missing = [both[0], ("WRIT__KEYS__PREVIOUS_MASTER_KEY_FILE", "data/gone.key")];
    assert!(!workplace.writ_with(&missing, &["master-key", "rotate"], "").success);
}

#[test]
fn invalid_setting_stops_every_command() {
    let workplace = Workplace::new();
    let misspelled = [("WRIT__SERVER__ISSUR", "https://id.example")];
    for arguments in [["config", "check"], ["user", "list"]] {
        let answer = workplace.writ_with(&misspelled, &arguments, "");
        assert!(!answer.success);
        assert!(answer.stderr.contains("the nearest valid key is `server.issuer`"), "{}", answer.stderr);
    }
}

#[test]
fn printed_configuration_parses_again() {
    let workplace = Workplace::new();
    let printed = workplace.writ(&["config", "print"], "");
    let file = workplace.directory.join("printed.toml");
    std::fs::write(&file, &printed).expect("written");
    let file = file.to_str().expect("a path");
    assert_eq!(workplace.writ(&["config", "print", "--config", file], ""), printed);
}

#[test]
fn unreachable_database_is_named_without_its_password() {
    let workplace = Workplace::new();
    let nowhere = [("WRIT__DATABASE__URL", "postgres://writ:hunter2@127.0.0.1:1/writ")];
    let answer = workplace.writ_with(&nowhere, &["user", "list"], "");
    assert!(!answer.success);
    assert!(answer.stderr.contains("127.0.0.1:1"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("hunter2"), "{}", answer.stderr);
}

#[test]
fn command_creates_no_missing_database() {
    let workplace = Workplace::new();
    let elsewhere = [("WRIT_CREATE", "false"), ("WRIT__DATABASE__URL", "sqlite:elsewhere/writ.sqlite3")];
    let answer = workplace.writ_with(&elsewhere, &["user", "list"], "");
    assert!(!answer.success && answer.stderr.contains("elsewhere/writ.sqlite3"), "{}", answer.stderr);
    assert!(!workplace.directory.join("elsewhere").exists());
    let pending = workplace.writ_with(&elsewhere, &["migrate", "--check"], "");
    assert!(pending.success && !workplace.directory.join("elsewhere").exists(), "{}", pending.stderr);
    assert!(workplace.writ_with(&elsewhere, &["user", "list", "--create"], "").success);
}

#[test]
fn migrate_check_lists_pending_steps_and_changes_nothing() {
    let workplace = Workplace::new();
    if workplace.is_postgres() {
        assert!(workplace.writ(&["migrate", "--check"], "").contains("0001_first"));
        assert!(workplace.writ(&["migrate", "--check"], "").contains("0001_first"));
    }
    workplace.writ(&["migrate"], "");
    assert!(workplace.writ(&["migrate", "--check"], "").starts_with("Nothing to do"));
}

#[test]
fn config_check_reports_missing_certificate_foreign_key_and_database() {
    let workplace = Workplace::new();
    workplace.writ(&["key", "rotate", "--at-once"], "");
    let check = |variables: &[(&str, &str)]| workplace.writ_with(variables, &["config", "check"], "");
    assert!(check(&[]).success);
    assert!(check(&[("WRIT_MASTER_KEY", ""), ("WRIT__BRANDING__LOGO_URL", "")]).success, "empty variables are unset");
    let issuer = ("WRIT__SERVER__ISSUER", "https://id.example");
    let [certificate, key] = [("WRIT__TLS__CERTIFICATE", "/nowhere.pem"), ("WRIT__TLS__PRIVATE_KEY", "/nowhere.pem")];
    for (variables, reason) in [
        (&[issuer, certificate, key][..], "/nowhere.pem"),
        (&[("WRIT_MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")], "another master key"),
        (&[("WRIT__KEYS__MASTER_KEY_FILE", "gone.key")], "there is no such file"),
        (&[("WRIT__DATABASE__URL", "postgres://writ@127.0.0.1:1/writ")], "127.0.0.1:1"),
    ] {
        let answer = check(variables);
        assert!(!answer.success && answer.stderr.contains(reason), "{reason}: {}", answer.stderr);
    }
    assert!(!workplace.directory.join("gone.key").exists(), "a check makes no key");
}

#[test]
fn revoked_key_is_gone_and_the_next_one_signs() {
    let workplace = Workplace::new();
    let before = workplace.json(&["key", "rotate", "--at-once", "--json"], "");
    let of_state = |keys: &Value, state: &str| {
        let fits = |key: &&Value| key["alg"] == "ES256" && key["state"] == state;
        keys.as_array().expect("a list").iter().find(fits).expect("a key")["kid"].clone()
    };
    let kid = of_state(&before, "active");
    let after = workplace.json(&["key", "revoke", kid.as_str().expect("a kid"), "--json"], "");
    assert!(after.as_array().expect("a list").iter().all(|key| key["kid"] != kid), "{after}");
    assert_eq!(of_state(&after, "active"), of_state(&before, "next"));
    for unknown in ["nothing", "-v8axXqdaKF2YdyK8"] {
        let refused = workplace.refused(&["key", "revoke", unknown], "");
        assert!(refused.contains(&format!("there is no key {unknown}")), "{refused}");
    }
}

#[test]
fn preview_writes_the_page_in_every_language_and_reports_hard_words() {
    let workplace = Workplace::with_talk();
    let scope = |name: &str, sentence: &str, consequence: &str, risk: &str| {
        let create = [
            "scope",
            "create",
            name,
            "--resource",
            "talk",
            "--sentence",
            sentence,
            "--consequence",
            consequence,
            "--risk",
            risk,
            "--json",
        ];
        workplace.json(&create, "");
    };
    scope("message:send", "en=Send messages", "en=Your friends see them as coming from you.", "high");
    scope("wallet:pay", "en=Payments", "en=Money leaves your wallet.", "high");
    let folder = workplace.directory.display().to_string();
    let preview = ["scope", "preview", "message:send", "wallet:pay", "--tick", "message:send", "--output", &folder];
    let answer = workplace.writ_with(&[], &preview, "");
    assert!(answer.success, "{}", answer.stderr);
    let reported = answer.stderr;
    assert!(reported.contains("wallet:pay (en): the sentence does not say what the app does"), "{reported}");
    assert!(reported.contains("wallet:pay (en): the consequence does not say what other people notice"), "{reported}");
    assert!(reported.contains("message:send (ko): has no words in this language"), "{reported}");
    assert!(!reported.contains("message:send (en)"), "{reported}");
    let page = std::fs::read_to_string(workplace.directory.join("consent-en.html")).expect("the page");
    let ticked = |scope: &str| {
        let (_, rest) = page.split_once(&format!("value=\"{scope}\"")).expect("a box");
        rest.split('>').next().is_some_and(|attributes| attributes.contains("checked"))
    };
    assert!(ticked("message:send") && !ticked("wallet:pay"), "{page}");
    let korean = std::fs::read_to_string(workplace.directory.join("consent-ko.html")).expect("the page");
    assert!(korean.contains("<html lang=\"ko\">"), "{korean}");
    assert!(workplace.refused(&["scope", "preview", "no:such"], "").contains("there is no scope no:such"));
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
