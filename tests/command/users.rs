//! Commands about users.

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
fn verify_email_needs_an_address() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    let refused = workplace.writ_with(&[], &["user", "verify-email", "ada"], "");
    assert!(!refused.success && refused.stderr.contains("ada has no e-mail address"), "{}", refused.stderr);
    workplace.writ(&["user", "set-email", "ada", "ada@example.com"], "");
    workplace.writ(&["user", "verify-email", "ada"], "");
    let shown = workplace.json(&["user", "show", "ada@example.com", "--json"], "");
    assert_eq!((&shown["preferred_username"], &shown["email_verified"]), (&json!("ada"), &json!(true)));
}

#[test]
fn verified_email_belongs_to_one_account() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--email", "ada@example.com", "--email-verified", "--json"], "");
    workplace.json(&["user", "create", "bora", "--email", "ADA@example.com", "--json"], "");
    let create = ["user", "create", "cho", "--email", "Ada@Example.com", "--email-verified"];
    let set = ["user", "set-email", "bora", "ada@example.com", "--verified"];
    for arguments in [&create[..], &set, &["user", "verify-email", "bora"]] {
        let answer = workplace.writ_with(&[], arguments, "");
        assert!(!answer.success && answer.stderr.contains("e-mail address"), "{}", answer.stderr);
    }
    let users = workplace.json(&["user", "list", "--json"], "");
    let verified = users.as_array().expect("users").iter().filter(|user| user["email_verified"] == true).count();
    assert_eq!((users.as_array().map(Vec::len), verified), (Some(2), 1));
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
fn user_is_linked_to_one_subject_of_an_identity_provider() {
    let workplace = Workplace::new();
    for name in ["ada", "mina"] {
        workplace.writ(&["user", "create", name], "");
    }
    let subject = ["--issuer", "https://idp.example", "--subject", "U1"];
    workplace.writ(&[&["user", "link", "ada"], &subject[..]].concat(), "");
    let links = workplace.json(&["user", "links", "ada", "--json"], "");
    assert_eq!((&links[0]["issuer"], &links[0]["subject"]), (&json!("https://idp.example"), &json!("U1")));
    let taken = workplace.refused(&[&["user", "link", "mina"], &subject[..]].concat(), "");
    assert!(taken.contains("linked to a user already"), "{taken}");
    let not_hers = workplace.refused(&[&["user", "unlink", "mina"], &subject[..]].concat(), "");
    assert!(not_hers.contains("mina is not linked"), "{not_hers}");
    workplace.writ(&[&["user", "unlink", "ada"], &subject[..]].concat(), "");
    assert_eq!(workplace.json(&["user", "links", "ada", "--json"], ""), json!([]));
}

#[test]
fn new_password_leaves_the_links_unless_they_are_removed_with_it() {
    let workplace = Workplace::new();
    workplace.writ(&["user", "create", "ada"], "");
    workplace.writ(&["user", "link", "ada", "--issuer", "https://idp.example", "--subject", "U1"], "");
    let set = ["user", "set-password", "ada", "--password-stdin"];
    workplace.writ(&set, "a kettle of late swans");
    assert_eq!(workplace.json(&["user", "links", "ada", "--json"], "").as_array().map(Vec::len), Some(1));
    workplace.writ(&[&set[..], &["--unlink"]].concat(), "three otters at the weir");
    assert_eq!(workplace.json(&["user", "links", "ada", "--json"], ""), json!([]));
    let audit = workplace.json(&["audit", "tail", "--json"], "").to_string();
    assert!(audit.contains("user.unlink") && audit.contains("https://idp.example"), "{audit}");
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

#[test]
fn factors_are_shown_and_a_missing_one_cannot_be_reset() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    let shown = workplace.json(&["user", "factors", "ada", "--json"], "");
    assert_eq!(shown, json!({ "totp_since": null, "recovery_codes_left": 0, "passkeys": 0, "trusted_browsers": 0 }));
    let refused = workplace.refused(&["user", "reset-factors", "ada"], "");
    assert!(refused.contains("has neither a second factor nor a passkey"), "{refused}");
}

#[test]
fn recovery_link_is_printed_unless_the_user_is_disabled() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    let link = workplace.json(&["user", "recover", "ada", "--json"], "");
    assert!(link["url"].as_str().is_some_and(|url| url.contains("/recover/password?token=")), "{link}");
    workplace.writ(&["user", "disable", "ada"], "");
    let refused = workplace.refused(&["user", "recover", "ada"], "");
    assert!(refused.contains("ada is disabled"), "{refused}");
}

#[test]
fn invite_prints_a_link_when_sign_up_is_by_invitation() {
    let workplace = Workplace::new();
    let refused = workplace.writ_with(&[], &["user", "invite", "ada@example.com"], "");
    assert!(!refused.success && refused.stderr.contains("sign_up.mode"), "{}", refused.stderr);
    let by_invitation = [("WRIT__SIGN_UP__MODE", "invitation")];
    let invited = workplace.writ_with(&by_invitation, &["user", "invite", "Ada@example.com", "--json"], "");
    assert!(invited.success, "{}", invited.stderr);
    let link: Value = serde_json::from_str(&invited.stdout).expect("JSON");
    assert!(link["url"].as_str().is_some_and(|url| url.contains("/sign-up?token=")), "{link}");
    assert_eq!(link["mailed"], false);
    workplace.json(&["user", "create", "bora", "--email", "bora@example.com", "--email-verified", "--json"], "");
    for (address, reason) in [("bora@example.com", "verified"), ("bora", "e-mail address")] {
        let refused = workplace.writ_with(&by_invitation, &["user", "invite", address], "");
        assert!(!refused.success && refused.stderr.contains(reason), "{}", refused.stderr);
    }
}

#[test]
fn link_for_an_administrator_needs_the_console() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    let refused = workplace.writ_with(&[], &["admin", "recover"], "");
    assert!(!refused.success && refused.stderr.contains("console.enabled"), "{}", refused.stderr);
    let enabled = [("WRIT__CONSOLE__ENABLED", "true")];
    for arguments in [&["admin", "recover", "--json"][..], &["admin", "recover", "ada", "--json"]] {
        let made = workplace.writ_with(&enabled, arguments, "");
        let link: Value = serde_json::from_str(&made.stdout).expect("JSON");
        assert!(link["url"].as_str().is_some_and(|url| url.contains("/admin/join?token=")), "{link}");
    }
    let refused = workplace.writ_with(&enabled, &["admin", "recover", "bora"], "");
    assert!(!refused.success && refused.stderr.contains("there is no user"), "{}", refused.stderr);
    let log = workplace.json(&["audit", "tail", "--json"], "").to_string();
    assert_eq!(log.matches("administrator.make-link").count(), 2, "{log}");
}

#[test]
fn new_password_names_the_links_that_still_sign_in() {
    let workplace = Workplace::new();
    workplace.json(&["user", "create", "ada", "--json"], "");
    let set = ["user", "set-password", "ada", "--json"];
    assert!(!workplace.writ_with(&[], &set, "").stderr.contains("other providers"));
    workplace.writ(&["user", "link", "ada", "--issuer", "https://idp.example", "--subject", "7"], "");
    let answer = workplace.writ_with(&[], &set, "");
    assert!(answer.success && answer.stderr.contains("still sign in to it: 1"), "{}", answer.stderr);
}

const KEYCLOAK: &str = r#"{ "realm": "example", "users": [
    { "username": "ada", "email": "ada@example.com", "emailVerified": true, "firstName": "Ada", "groups": ["/staff"],
      "enabled": false, "attributes": {}, "credentials": [{ "type": "password",
        "secretData": "{\"value\":\"cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M=\",\"salt\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}",
        "credentialData": "{\"hashIterations\":1000,\"algorithm\":\"pbkdf2-sha256\"}" }] },
    { "username": "bora", "groups": ["/absent"] },
    { "username": "dan", "groups": ["/customers/administrators"] },
    { "username": "cho", "password_hash": "5f4dcc3b5aa765d61d8327deb882cf99" }
] }"#;

#[test]
fn users_are_imported_from_csv_by_name_or_option() {
    let workplace = Workplace::new();
    workplace.writ(&["group", "create", "staff"], "");
    let text = "username,email,email_verified,name,groups\n\
                ada,ada@example.com,true,\"Lovelace, Ada\",staff\n\
                bora,nonsense,,,\n";
    std::fs::write(workplace.directory.join("users.CSV"), text).expect("written");
    let checked = workplace.writ_with(&[], &["user", "import", "users.CSV", "--dry-run"], "");
    assert!(!checked.success && checked.stdout.contains("1 of 2 users would be imported."), "{}", checked.stdout);
    assert!(checked.stderr.contains("line 3, column email: expected an e-mail address"), "{}", checked.stderr);
    let imported = workplace.writ_with(&[], &["user", "import", "-", "--csv"], text);
    assert!(imported.stdout.contains("1 of 2 users were imported."), "{}", imported.stdout);
    let ada = workplace.json(&["user", "show", "ada", "--json"], "");
    assert_eq!((&ada["email"], &ada["email_verified"]), (&json!("ada@example.com"), &json!(true)), "{ada}");
    let refused = workplace.refused(&["user", "import", "-", "--csv"], "name\nAda\n");
    assert!(refused.contains("line 1: expected the names of columns"), "{refused}");
}

#[test]
fn users_are_imported_and_each_refusal_is_named() {
    let workplace = Workplace::new();
    workplace.writ(&["group", "create", "staff"], "");
    workplace.writ(&["group", "create", "administrators"], "");
    let checked = workplace.writ_with(&[], &["user", "import", "-", "--dry-run"], KEYCLOAK);
    assert!(!checked.success && checked.stdout.contains("1 of 4 users would be imported."), "{}", checked.stdout);
    assert_eq!(workplace.json(&["user", "list", "--json"], ""), json!([]));

    let imported = workplace.writ_with(&[], &["user", "import", "-"], KEYCLOAK);
    assert!(imported.stdout.contains("1 of 4 users were imported."), "{}", imported.stdout);
    for line in [
        "1 (ada): not imported: attributes",
        "2 (bora): refused: there is no group absent",
        "3 (dan): refused: it would be an administrator",
        "4 (no username): refused: expected a hash of argon2",
    ] {
        assert!(imported.stderr.contains(line), "{line}: {}", imported.stderr);
    }
    assert!(!imported.stderr.contains("5f4dcc3b"), "no hash is shown");
    let ada = workplace.json(&["user", "show", "ada@example.com", "--json"], "");
    assert_eq!((&ada["given_name"], &ada["groups"]), (&json!("Ada"), &json!(["staff"])));
    assert!(ada["disabled_at"].is_i64(), "{ada}");

    let again = workplace.writ_with(&[], &["user", "import", "-", "--json"], KEYCLOAK);
    let outcomes: Value = serde_json::from_str(&again.stdout).expect("JSON");
    assert!(outcomes[0]["refused"].as_str().is_some_and(|reason| reason.contains("there is a user")), "{outcomes}");
    assert_eq!(workplace.json(&["user", "list", "--json"], "").as_array().map(Vec::len), Some(1));
}

#[test]
fn attributes_are_set_shown_and_removed_and_the_audit_log_has_no_value() {
    let workplace = Workplace::new();
    let created = workplace.json(&["user", "create", "ada", "--json"], "");
    workplace.writ(&["user", "set-attribute", "ada", "department", "sales"], "");
    let shown = workplace.json(&["user", "show", "ada", "--json"], "");
    assert_eq!((&shown["attributes"], &shown["accepted_terms"]), (&json!({ "department": "sales" }), &json!([])));
    assert_eq!(workplace.json(&["user", "export", "ada"], "")["attributes"], json!({ "department": "sales" }));
    let refused = workplace.refused(&["user", "set-attribute", "ada", "Department", "sales"], "");
    assert!(refused.contains("a-z 0-9"), "{refused}");
    workplace.writ(&["user", "set-attribute", "ada", "department"], "");
    assert_eq!(workplace.json(&["user", "show", "ada", "--json"], "")["attributes"], json!({}));
    let target = created["sub"].as_str().expect("an id");
    let search = ["audit", "search", "--target", target, "--action", "user.set-attribute", "--json"];
    let entries = workplace.json(&search, "");
    assert_eq!(entries.as_array().map(Vec::len), Some(2), "{entries}");
    assert!(entries.to_string().contains("department") && !entries.to_string().contains("sales"), "{entries}");
}
