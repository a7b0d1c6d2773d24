//! `writ export|plan|apply`: configuration as code.

use std::fs;

use serde_json::{Value, json};

use crate::workplace::{Answer, Workplace};

const DOCUMENT: &str = r#"
owner = "platform"

[groups.staff]
[groups.support]
in = "staff"

[resources.talk]
audience = "https://talk.example"
names = { en = "Talk", ko = "토크" }
token_typ = "JWT"
token_lifetime = 120
token_groups = "ids"

[scopes."message:read"]
resource = "talk"
groups = ["support", "staff"]
acr = "urn:writ:acr:mfa"
texts.en = { sentence = "Read your messages", consequence = "It sees what others wrote to you" }

[scopes."message:send"]
resource = "talk"
risk = "high"
texts.en = { sentence = "Send messages", consequence = "Others see them as yours" }

[clients.shop]
client_name = "Shop"
"client_name#ko" = "가게"
redirect_uris = ["https://shop.example/cb"]
scope = "openid message:read message:send"
groups = ["staff"]

[clients.worker]
client_name = "Worker"
redirect_uris = []
grant_types = ["client_credentials"]
scope = "message:send"
"#;

fn plan(workplace: &Workplace, document: &str) -> Value {
    workplace.json(&["plan", "-", "--json"], document)
}

fn apply(workplace: &Workplace, document: &str) {
    workplace.writ(&["apply", "-", "--yes"], document);
}

fn applied() -> Workplace {
    let workplace = Workplace::new();
    apply(&workplace, DOCUMENT);
    workplace
}

fn steps(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().expect("steps").iter();
    let text = |step: &Value, member: &str| step[member].as_str().expect("text").to_owned();
    steps.map(|step| format!("{} {} {}", text(step, "action"), text(step, "kind"), text(step, "name"))).collect()
}

#[test]
fn document_is_applied_once_and_then_there_is_nothing_to_change() {
    let workplace = Workplace::new();
    let planned = plan(&workplace, DOCUMENT);
    assert_eq!(
        steps(&planned),
        [
            "create group staff",
            "create group support",
            "create resource talk",
            "create scope message:read",
            "create scope message:send",
            "create client shop",
            "create client worker",
        ]
    );
    assert_eq!(workplace.json(&["client", "list", "--json"], ""), json!([]), "a plan changes nothing");
    apply(&workplace, DOCUMENT);
    let shop = workplace.json(&["client", "show", "shop", "--json"], "");
    assert_eq!((&shop["groups"], &shop["client_name#ko"]), (&json!(["staff"]), &json!("가게")));
    assert_eq!(shop["grant_types"], json!(["authorization_code", "refresh_token"]));
    let scopes = workplace.json(&["scope", "list", "--json"], "");
    assert_eq!((&scopes[0]["acr"], &scopes[0]["groups"]), (&json!("urn:writ:acr:mfa"), &json!(["staff", "support"])));
    assert_eq!(workplace.json(&["group", "show", "support", "--json"], "")["in"], "staff");
    let recorded = workplace.json(&["audit", "tail", "--json"], "").as_array().expect("entries").len();

    assert_eq!(steps(&plan(&workplace, DOCUMENT)), [""; 0]);
    apply(&workplace, DOCUMENT);
    assert_eq!(workplace.json(&["audit", "tail", "--json"], "").as_array().expect("entries").len(), recorded);
}

#[test]
fn export_is_an_empty_plan() {
    let workplace = applied();
    for client in [
        json!({ "client_name": "Public", "redirect_uris": ["app:/cb"], "token_endpoint_auth_method": "none",
            "application_type": "native", "grant_types": ["authorization_code"] }),
        json!({ "client_name": "Device", "redirect_uris": [], "scope": "openid offline_access",
            "grant_types": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"] }),
        json!({ "client_name": "Everything", "redirect_uris": ["https://e.example/cb"], "require_pkce": false,
            "contacts": ["a@e.example"], "default_max_age": 60, "default_acr_values": ["urn:writ:acr:mfa"],
            "subject_type": "pairwise", "id_token_signed_response_alg": "EdDSA", "require_auth_time": true,
            "post_logout_redirect_uris": ["https://e.example/"], "tos_uri": "https://e.example/tos" }),
    ] {
        workplace.json(&["client", "create", "--json", "-"], &client.to_string());
    }
    workplace.writ(&["group", "create", "by-hand"], "");
    for arguments in [&["export"][..], &["export", "--json"], &["export", "--owner", "platform"]] {
        let exported = workplace.writ(arguments, "");
        assert_eq!(exported.contains("by-hand"), !arguments.contains(&"--owner"), "{exported}");
        assert_eq!(steps(&plan(&workplace, &exported)), [""; 0], "{arguments:?}: {exported}");
        assert!(!exported.contains("secret"), "{exported}");
    }
    assert_eq!(workplace.writ(&["plan", "-"], &workplace.writ(&["export"], "")), "Nothing to change.\n");
}

#[test]
fn only_what_carries_the_label_is_deleted() {
    let workplace = applied();
    workplace.writ(&["group", "create", "by-hand"], "");
    workplace
        .writ(&["client", "create", "--id", "by-hand", "--name", "A", "--redirect-uri", "https://a.example/cb"], "");
    let document = "owner = \"platform\"\n";
    let planned = steps(&plan(&workplace, document));
    assert_eq!(
        planned,
        [
            "delete client shop",
            "delete client worker",
            "delete scope message:read",
            "delete scope message:send",
            "delete resource talk",
            "delete group staff",
            "delete group support",
        ]
    );
    let refused = workplace.writ_with(&[], &["apply", "-"], document);
    assert!(!refused.success && refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(steps(&plan(&workplace, document)), planned, "nothing was changed");
    assert_eq!(steps(&plan(&workplace, "")), [""; 0], "without a label nothing is deleted");
    apply(&workplace, document);
    let names = |kind: &str, member: &str| -> Vec<Value> {
        let list = workplace.json(&[kind, "list", "--json"], "");
        list.as_array().expect("a list").iter().map(|item| item[member].clone()).collect()
    };
    assert_eq!(names("client", "client_id"), ["by-hand"]);
    assert_eq!(names("group", "name"), ["by-hand"]);
    assert_eq!(names("scope", "name"), [""; 0]);
}

#[test]
fn what_another_label_owns_is_changed_by_force_alone() {
    let workplace = applied();
    let other = "owner = \"web\"\n[groups.staff]\n";
    let refused = workplace.refused(&["plan", "-"], other);
    assert!(refused.contains("group staff belongs to platform"), "{refused}");
    let unlabelled = "[groups.support]\n";
    let refused = workplace.refused(&["apply", "-", "--yes"], unlabelled);
    assert!(refused.contains("group support belongs to platform"), "{refused}");
    let asked = workplace.writ_with(&[], &["apply", "-", "--force"], other);
    assert!(!asked.success && asked.stderr.contains("--yes"), "{}", asked.stderr);
    workplace.writ(&["apply", "-", "--force", "--yes"], other);
    assert_eq!(steps(&plan(&workplace, other)), [""; 0]);
    let entries = workplace.json(&["audit", "tail", "--json"], "");
    let last = entries.as_array().and_then(|entries| entries.last()).expect("an entry");
    assert_eq!((&last["action"], &last["target"]), (&json!("configuration.own"), &json!("group staff")));
}

#[test]
fn refused_change_undoes_every_change() {
    let workplace = applied();
    let entries = || workplace.json(&["audit", "tail", "--json"], "");
    let before = (workplace.writ(&["export"], ""), entries());
    for (document, reason) in [
        (
            DOCUMENT.replace("names = { en", "names = { de").replace("[groups.staff]", "[groups.crew]\n[groups.staff]"),
            "en",
        ),
        (DOCUMENT.replace("message:read message:send", "message:read message:none"), "message:none"),
        (DOCUMENT.replace("token_lifetime = 120", "token_lifetime = 0").replace("Worker", "Other"), "token_lifetime"),
        (DOCUMENT.replace("groups = [\"staff\"]", "groups = [\"none\"]").replace("Worker", "Other"), "no group none"),
        (format!("{DOCUMENT}\n[groups.crew]\n[groups.\"a,b\"]\n"), "without a comma"),
        (format!("{DOCUMENT}\n[groups.crew]\n[groups.night]\nin = \"support\"\n"), "one level deep"),
        (
            format!(
                "{DOCUMENT}\n[scopes.\"writ:all\"]\nresource = \"talk\"\ntexts.en = {{ sentence = \"A\", consequence = \"B\" }}\n"
            ),
            "writ:all",
        ),
        (
            format!(
                "{DOCUMENT}\n[groups.crew]\n[resources.other]\naudience = \"https://talk.example\"\nnames.en = \"A\"\n"
            ),
            "resource other",
        ),
    ] {
        let refused = workplace.writ_with(&[], &["apply", "-", "--yes"], &document);
        assert!(!refused.success && refused.stderr.contains(reason), "{reason}: {}", refused.stderr);
        assert_eq!((workplace.writ(&["export"], ""), entries()), before, "{reason}");
    }
}

#[test]
fn document_that_cannot_be_is_refused_with_its_place_and_without_its_values() {
    let workplace = Workplace::new();
    let client = "[clients.app]\nclient_name = \"App\"\nredirect_uris = [\"https://a.example/cb\"]\n";
    for (document, reason) in [
        ("owner = \"a b\"".to_owned(), "owner has"),
        ("[surprise]".to_owned(), "surprise"),
        (format!("{client}client_secret = \"hunter2\"\n"), "client_secret"),
        (format!("{client}client_secret = \"hunter2"), "line 4"),
        (format!("{client}client_secret.env = \"NONE\"\n"), "NONE is not set"),
        (format!("{client}client_secret.env = \"SHORT\"\n"), "SHORT is not 43"),
        (format!("{client}client_secret.file = \"none\"\n"), "none"),
        (format!("{client}token_endpoint_auth_method = \"none\"\nclient_secret.env = \"GOOD\"\n"), "without a secret"),
        (format!("{client}surprise = 1\n"), "surprise"),
        (format!("{client}scope = 1\n"), "clients.app"),
        (client.replace("app]", "\"a b\"]"), "client_id"),
        (client.replace("app]", "0199b0f6-6d60-7a33-8f4e-6a1f3f0f2a11]"), "not a UUID"),
        ("[scopes.a]\nresource = \"b\"\nacr = \"gold\"\ntexts = {}\n".to_owned(), "scopes.a.acr"),
        ("{\"groups\": {\"a\": {\"in\": 1}}}".to_owned(), "groups.a.in"),
    ] {
        let variables = [("SHORT", "hunter2"), ("GOOD", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")];
        let refused = workplace.writ_with(&variables, &["apply", "-", "--yes"], &document);
        assert!(!refused.success && refused.stderr.contains(reason), "{document}: {}", refused.stderr);
        assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    }
}

#[test]
fn files_are_one_document_and_secrets_are_references() {
    let workplace = Workplace::new();
    let secret = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3I";
    let folder = workplace.directory.join("config");
    fs::create_dir(&folder).expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    write(
        "api.toml",
        "owner = \"a\"\n[resources.talk]\naudience = \"https://talk.example\"\nnames.en = \"Talk\"\nsecret.env = \"TALK\"\n",
    );
    write(
        "app.json",
        r#"{"clients":{"app":{"client_name":"App","redirect_uris":["https://a.example/cb"],"client_secret":{"file":"app.secret"}}}}"#,
    );
    write("app.secret", &format!("{secret}\n"));
    let run = |variables: &[(&str, &str)], command: &str| -> Answer {
        workplace.writ_with(variables, &[command, "config/api.toml", "config/app.json"], "")
    };
    let talk = [("TALK", secret)];
    let planned = run(&talk, "plan");
    assert!(
        planned.success && planned.stdout.contains("reference") && !planned.stdout.contains(secret),
        "{}",
        planned.stdout
    );
    assert!(run(&talk, "apply").success);
    assert_eq!(run(&talk, "apply").stdout, "Nothing to change.\n");
    let other = [("TALK", "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3Q")];
    let planned = run(&other, "plan");
    assert!(planned.stdout.contains("~ resource talk") && planned.stdout.contains("1 to change"), "{}", planned.stdout);
    assert!(run(&other, "apply").success);
    assert_eq!(run(&other, "plan").stdout, "Nothing to change.\n");
    write("app.json", "{\"owner\":\"b\"}");
    let refused = run(&talk, "plan");
    assert!(!refused.success && refused.stderr.contains("two owners"), "{}", refused.stderr);
    write("app.json", "{\"resources\":{\"talk\":{\"audience\":\"https://t.example\",\"names\":{}}}}");
    let refused = run(&talk, "plan");
    assert!(!refused.success && refused.stderr.contains("talk is in two files"), "{}", refused.stderr);
}

#[test]
fn plan_that_was_seen_is_the_one_that_is_applied() {
    let workplace = applied();
    let renamed = DOCUMENT.replace("\"Shop\"", "\"Boutique\"");
    let digest = plan(&workplace, &renamed)["digest"].as_str().expect("a digest").to_owned();
    workplace.writ(&["client", "update", "shop", "--website", "https://shop.example"], "");
    let refused = workplace.writ_with(&[], &["apply", "-", "--plan", &digest], &renamed);
    assert!(!refused.success && refused.stderr.contains("digest"), "{}", refused.stderr);
    assert_eq!(workplace.json(&["client", "show", "shop", "--json"], "")["client_name"], "Shop");
    let digest = plan(&workplace, &renamed)["digest"].as_str().expect("a digest").to_owned();
    workplace.writ(&["apply", "-", "--plan", &digest], &renamed);
    let shop = workplace.json(&["client", "show", "shop", "--json"], "");
    assert_eq!((&shop["client_name"], shop.get("client_uri")), (&json!("Boutique"), None), "drift is undone");
}

#[test]
fn scope_moves_to_another_resource_server_and_clients_of_the_document_keep_it() {
    let workplace = applied();
    workplace.writ(
        &[
            "client",
            "create",
            "--id",
            "by-hand",
            "--name",
            "A",
            "--redirect-uri",
            "https://a.example/cb",
            "--scope",
            "message:send",
        ],
        "",
    );
    let moved = format!("{DOCUMENT}\n[resources.mail]\naudience = \"https://mail.example\"\nnames.en = \"Mail\"\n")
        .replace("[scopes.\"message:send\"]\nresource = \"talk\"", "[scopes.\"message:send\"]\nresource = \"mail\"");
    let planned = plan(&workplace, &moved);
    assert_eq!(steps(&planned), ["delete scope message:send", "create resource mail", "create scope message:send"]);
    assert_eq!(planned["losses"][0]["clients"], json!(["by-hand"]));
    apply(&workplace, &moved);
    assert_eq!(steps(&plan(&workplace, &moved)), [""; 0]);
    let scope = |id: &str| workplace.json(&["client", "show", id, "--json"], "")["scope"].clone();
    assert_eq!((scope("shop"), scope("by-hand")), (json!("openid message:read message:send"), json!("")));
    let kept = DOCUMENT.replace("[resources.talk]", "[resources.other]").replace("\"talk\"", "\"other\"");
    workplace.create_scope("by-hand:read");
    let refused = workplace.refused(&["plan", "-"], &kept.replace("talk.example", "other.example"));
    assert!(refused.contains("by-hand:read"), "{refused}");
}

#[test]
fn deletion_that_lifts_a_demand_is_named_and_needs_force() {
    let workplace = applied();
    workplace.writ(&["group", "update", "staff", "--acr", "mfa"], "");
    workplace.writ(&["client", "update", "shop", "--acr", "mfa", "--yes"], "");
    let renamed = DOCUMENT.replace("staff", "crew").replace("clients.shop", "clients.boutique");
    let refused = workplace.refused(&["apply", "-", "--yes"], &renamed);
    for demanding in ["group staff demands urn:writ:acr:mfa", "client shop demands urn:writ:acr:mfa"] {
        assert!(refused.contains(demanding), "{refused}");
    }
    let shown = workplace.writ(&["plan", "-", "--force"], &renamed);
    let lifted = "acr: \"urn:writ:acr:mfa\" -> -";
    for deleted in ["- group staff\n    ", "- client shop\n    "] {
        assert!(shown.contains(&format!("{deleted}{lifted}")), "{shown}");
    }
    let asked = workplace.writ_with(&[], &["apply", "-", "--force"], &renamed);
    assert!(!asked.success && asked.stderr.contains("demands less of them"), "{}", asked.stderr);
    workplace.writ(&["apply", "-", "--force", "--yes"], &renamed);
    assert_eq!(steps(&plan(&workplace, &renamed)), [""; 0]);
}

#[test]
fn scope_that_moves_without_its_restrictions_is_opened() {
    let workplace = applied();
    let moved = format!("{DOCUMENT}\n[resources.mail]\naudience = \"https://mail.example\"\nnames.en = \"Mail\"\n")
        .replace("[scopes.\"message:read\"]\nresource = \"talk\"", "[scopes.\"message:read\"]\nresource = \"mail\"");
    let asked = |document: &str| workplace.writ_with(&[], &["apply", "-"], document).stderr;
    assert!(!asked(&moved).contains("demands less"), "{}", asked(&moved));
    for member in ["acr = \"urn:writ:acr:mfa\"\n", "groups = [\"support\", \"staff\"]\n"] {
        let opened = asked(&moved.replace(member, ""));
        assert!(opened.contains("demands less"), "{member}: {opened}");
    }
}

#[test]
fn json_schema_describes_the_document() {
    let workplace = Workplace::new();
    let schema = workplace.json(&["export", "--json-schema"], "");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    for section in ["owner", "groups", "resources", "scopes", "clients"] {
        assert!(schema["properties"].get(section).is_some(), "{section}");
    }
    let text = schema.to_string();
    for reference in text.split("\"$ref\":\"#/$defs/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(schema["$defs"].get(name).is_some(), "{name}");
    }
    assert!(!text.contains("components"), "{text}");
}

#[test]
fn what_opens_something_to_more_users_is_shown_and_asked_for() {
    let workplace = applied();
    for opened in [
        DOCUMENT.replace("groups = [\"support\", \"staff\"]\n", ""),
        DOCUMENT.replace("acr = \"urn:writ:acr:mfa\"\n", ""),
        DOCUMENT.replace("groups = [\"staff\"]\n", ""),
        format!("{DOCUMENT}\n[groups.night]\nin = \"staff\"\n"),
    ] {
        let planned = plan(&workplace, &opened);
        let refused = workplace.writ_with(&[], &["apply", "-"], &opened);
        assert!(!refused.success && refused.stderr.contains("opens something to more users"), "{}", refused.stderr);
        assert_eq!(plan(&workplace, &opened), planned, "nothing was changed");
    }
    let created =
        format!("{DOCUMENT}\n[clients.new]\nclient_name = \"New\"\nredirect_uris = [\"https://new.example/cb\"]\n");
    let shown = workplace.writ(&["plan", "-"], &created);
    assert!(shown.contains("+ client new") && shown.contains("https://new.example/cb"), "{shown}");
}
