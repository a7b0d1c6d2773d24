//! Commands about groups.

use serde_json::{Value, json};

use crate::workplace::Workplace;

fn with_users() -> Workplace {
    let workplace = Workplace::with_talk();
    for name in ["ada", "bora"] {
        workplace.json(&["user", "create", name, "--json"], "");
    }
    workplace
}

#[test]
fn group_is_created_nested_renamed_and_deleted() {
    let workplace = with_users();
    let staff = workplace.json(&["group", "create", "staff", "--json"], "");
    workplace.writ(&["group", "create", "support", "--in", "staff"], "");
    workplace.writ(&["group", "add", "support", "ada", "BORA"], "");
    workplace.writ(&["group", "add", "support", "ada"], "");
    let shown = workplace.json(&["group", "show", "support", "--json"], "");
    assert_eq!((&shown["in"], &shown["members"]), (&json!("staff"), &json!(["ada", "bora"])));
    assert_eq!(workplace.json(&["user", "show", "ada", "--json"], "")["groups"], json!(["support"]));

    let renamed = workplace.json(&["group", "update", "staff", "--name", "crew", "--json"], "");
    assert_eq!((&renamed["id"], &renamed["name"]), (&staff["id"], &json!("crew")));
    workplace.writ(&["group", "remove", "support", "bora"], "");
    workplace.writ(&["group", "update", "support", "--top"], "");
    let listed = workplace.json(&["group", "list", "--json"], "");
    assert_eq!(
        (&listed[1]["name"], &listed[1]["members"], &listed[1]["in"]),
        (&json!("support"), &json!(1), &Value::Null)
    );

    let asked = workplace.refused(&["group", "delete", "support"], "");
    assert!(asked.contains("--yes"), "{asked}");
    workplace.writ(&["group", "delete", "support", "--yes"], "");
    assert_eq!(workplace.json(&["user", "show", "ada", "--json"], "")["groups"], json!([]));
}

#[test]
fn groups_that_cannot_be_are_refused() {
    let workplace = with_users();
    workplace.writ(&["group", "create", "staff"], "");
    workplace.writ(&["group", "create", "support", "--in", "staff"], "");
    for (arguments, reason) in [
        (&["group", "create", "staff"][..], "there is a group staff already"),
        (&["group", "create", "a,b"], "without a comma"),
        (&["group", "create", "night", "--in", "support"], "one level deep"),
        (&["group", "create", "night", "--in", "none"], "there is no group none"),
        (&["group", "update", "staff", "--in", "staff"], "in itself"),
        (&["group", "update", "staff"], "nothing to change"),
        (&["group", "add", "staff", "ada", "cho"], "cho: nothing was changed"),
        (&["group", "show", "none"], "there is no group none"),
        (&["client", "create", "--name", "Shop", "--redirect-uri", "https://a.example/cb", "--groups", "none"], "none"),
    ] {
        let error = workplace.refused(arguments, "");
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }
    assert_eq!(workplace.json(&["user", "show", "ada", "--json"], "")["groups"], json!([]));
}

#[test]
fn client_and_scope_are_opened_to_groups_and_to_all_again() {
    let workplace = with_users();
    workplace.writ(&["group", "create", "staff"], "");
    workplace.writ(&["group", "create", "Night Watch"], "");
    let create = ["client", "create", "--id", "shop", "--name", "Shop", "--redirect-uri", "https://a.example/cb"];
    let created = workplace.json(&[&create[..], &["--groups", "staff", "--json"]].concat(), "");
    assert_eq!(created["groups"], json!(["staff"]));
    let both = ["client", "update", "shop", "--groups", "staff, Night Watch", "--yes", "--json"];
    assert_eq!(workplace.json(&both, "")["groups"], json!(["Night Watch", "staff"]));
    let renamed = workplace.json(&["client", "update", "shop", "--name", "Store", "--json"], "");
    assert_eq!(renamed["groups"], json!(["Night Watch", "staff"]), "they are kept");
    workplace.writ(&["scope", "update", "message:read", "--groups", "staff"], "");
    let shown = workplace.json(&["group", "show", "staff", "--json"], "");
    assert_eq!(shown["open"], json!(["client shop", "scope message:read"]));
    let refused = workplace.refused(&["group", "delete", "staff"], "");
    assert!(refused.contains("client shop, scope message:read"), "{refused}");

    assert_eq!(workplace.json(&["client", "update", "shop", "--all-users", "--json"], "").get("groups"), None);
    assert_eq!(workplace.json(&["scope", "update", "message:read", "--all-users", "--json"], "").get("groups"), None);
    workplace.writ(&["resource", "update", "talk", "--token-groups", "ids"], "");
    assert_eq!(workplace.json(&["resource", "show", "talk", "--json"], "")["token_groups"], "ids");
    workplace.writ(&["group", "delete", "staff"], "");

    let log = workplace.json(&["audit", "tail", "--json"], "").to_string();
    for action in ["group.create", "client.set-groups", "scope.update", "group.delete"] {
        assert!(log.contains(action), "{action}: {log}");
    }
}

#[test]
fn client_and_group_demand_an_acr_until_it_is_none() {
    let workplace = Workplace::new();
    let create = ["client", "create", "--id", "app", "--name", "App", "--redirect-uri", "https://app.example/cb"];
    workplace.writ(&[&create[..], &["--scope", "openid"]].concat(), "");
    workplace.writ(&["group", "create", "board", "--acr", "mfa"], "");
    assert_eq!(workplace.json(&["group", "show", "board", "--json"], "")["acr"], "urn:writ:acr:mfa");
    workplace.writ(&["client", "update", "app", "--acr", "mfa"], "");
    assert_eq!(workplace.json(&["client", "show", "app", "--json"], "")["acr"], "urn:writ:acr:mfa");
    let refused = workplace.refused(&["client", "update", "app", "--acr", "phrh"], "");
    assert!(refused.contains("there is no class phrh"), "{refused}");
    workplace.writ(&["client", "update", "app", "--acr", "none"], "");
    workplace.writ(&["group", "update", "board", "--acr", "none"], "");
    for shown in [["client", "show", "app", "--json"], ["group", "show", "board", "--json"]] {
        assert_eq!(workplace.json(&shown, "").get("acr"), None, "{shown:?}");
    }
    let entries = workplace.json(&["audit", "search", "--action", "client.set-acr", "--json"], "");
    assert_eq!(
        entries[1]["change"],
        serde_json::json!({"before": {"acr": "urn:writ:acr:mfa"}, "after": {"acr": null}})
    );
}
