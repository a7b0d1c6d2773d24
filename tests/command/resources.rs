//! Commands about resource servers and their scopes.

use serde_json::json;

use crate::workplace::Workplace;

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
    assert_eq!(scope["default"], true, "it was created with a low risk");
    let scope = workplace.json(&["scope", "update", "message:read", "--default", "false", "--json"], "");
    assert_eq!((&scope["default"], &scope["risk"]), (&json!(false), &json!("high")));
    let scope = workplace.json(&["scope", "update", "message:read", "--acr", "mfa", "--json"], "");
    assert_eq!((&scope["acr"], &scope["default"]), (&json!("urn:writ:acr:mfa"), &json!(false)));
    let scope = workplace.json(&["scope", "update", "message:read", "--acr", "none", "--json"], "");
    assert_eq!(scope.get("acr"), None);
    for (arguments, reason) in [
        (&["resource", "update", id][..], "nothing to change"),
        (&["resource", "update", "nope", "--audience", "https://x.example"], "there is no resource server nope"),
        (&["scope", "update", "message:reed", "--risk", "low"], "there is no scope message:reed"),
        (&["scope", "update", "message:read", "--sentence", "fr=Lire"], "in the same languages"),
        (&["resource", "update", id, "--audience", "/talk"], "absolute URI"),
        (&["resource", "update", id, "--audience", "http://localhost:8400/admin/v1"], "administration API"),
        (
            &["scope", "create", "writ:x", "--resource", id, "--sentence", "en=X", "--consequence", "en=X"],
            "the administration API",
        ),
        (
            &["scope", "create", "email", "--resource", id, "--sentence", "en=X", "--consequence", "en=X"],
            "of OpenID Connect",
        ),
        (&["scope", "update", "message:read", "--acr", "phr"], "there is no class phr"),
    ] {
        let said = workplace.refused(arguments, "");
        assert!(said.contains(reason), "{said}");
    }
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
