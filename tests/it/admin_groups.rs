//! The administration API about groups.

use reqwest::Method;
use serde_json::{Value, json};
use writ::store::{
    clients,
    users::{self, User},
};
use writ_core::groups::{GroupIds, MAX_OF_USER};

use crate::support::{
    TestServer,
    administrator::entries,
    console::{self, Console, problem},
};

const GROUPS: &str = "writ:groups:read writ:groups:write";

async fn start() -> (TestServer, Console) {
    let server = console::start().await;
    let console = Console::new(&server, GROUPS).await;
    (server, console)
}

/// Creates a group and returns its path.
async fn created(console: &Console, name: &str, parent: Value) -> String {
    let answer = console.post("/groups", &json!({ "name": name, "parent": parent })).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    let path = format!("/groups/{}", answer.text("id"));
    assert!(answer.header("location").ends_with(&format!("/admin/v1{path}")), "{answer:?}");
    path
}

fn id(path: &str) -> Value {
    path.trim_start_matches("/groups/").into()
}

async fn names(console: &Console) -> Vec<String> {
    let list = console.get("/groups").await.ok().json["items"].as_array().expect("a list").clone();
    list.iter().map(|group| group["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn group_is_created_renamed_nested_and_deleted() {
    let (server, console) = start().await;
    let staff = created(&console, "staff", Value::Null).await;
    let support = created(&console, "support", id(&staff)).await;
    assert_eq!(names(&console).await, ["staff", "support"]);
    let renamed = console.change(Method::PATCH, &support, "", Some(&json!({ "name": "help" }))).await.ok();
    assert_eq!((renamed.text("name"), &renamed.json["parent"]), ("help", &id(&staff)));
    let top = console.change(Method::PATCH, &support, "", Some(&json!({ "parent": null }))).await.ok();
    assert_eq!(top.json["parent"], Value::Null);
    assert_eq!(console.get(&support).await.ok().json, top.json);
    assert_eq!(console.change(Method::DELETE, &staff, "", None).await.status.as_u16(), 204);
    assert_eq!(problem(&console.get(&staff).await, 404), "object_unknown");
    let actions: Vec<String> = entries(&server).await.into_iter().map(|entry| entry.action).collect();
    assert_eq!(actions, ["group.create", "group.create", "group.update", "group.update", "group.delete"]);
}

#[tokio::test]
async fn members_are_put_into_a_group_and_taken_out() {
    let (server, console) = start().await;
    server.write(|tx| users::insert(tx, &User::named("bob"))).await;
    let staff = created(&console, "staff", Value::Null).await;
    let (alice, bob) = (server.user_id("alice").await.to_string(), server.user_id("bob").await.to_string());
    let users = json!({ "users": [alice, bob, alice] });
    let added = console.change(Method::POST, &staff, "/add", Some(&users)).await.ok();
    assert_eq!(added.json, json!({ "changed": 2 }));
    assert_eq!(console.change(Method::POST, &staff, "/add", Some(&users)).await.ok().json, json!({ "changed": 0 }));
    let first = console.get(&format!("{staff}/members?limit=1")).await.ok();
    let next = first.text("next").to_owned();
    let rest = console.get(&format!("{staff}/members?limit=1&after={next}")).await.ok();
    let listed: Vec<&str> = [&first, &rest].map(|page| page.json["items"][0]["sub"].as_str().expect("a sub")).to_vec();
    assert_eq!(listed.iter().filter(|sub| **sub == alice || **sub == bob).count(), 2, "{listed:?}");
    assert_eq!(rest.json["next"], Value::Null);
    assert_eq!(rest.json["items"][0].as_object().map(|member| member.len()), Some(2), "no address and no claims");

    let kept = console.change(Method::DELETE, &staff, "", None).await;
    assert_eq!(problem(&kept, 409), "object_in_use");
    let alone = json!({ "users": [alice] });
    let removed = console.change(Method::POST, &staff, "/remove", Some(&alone)).await.ok();
    assert_eq!(removed.json, json!({ "changed": 1 }));
    assert_eq!(server.user("alice").await.groups().len(), 0);
    assert_eq!(server.user("bob").await.groups().len(), 1);
    assert_eq!(console.change(Method::DELETE, &staff, "?force=true", None).await.status.as_u16(), 204);
    assert_eq!(server.user("bob").await.groups().len(), 0);
}

#[tokio::test]
async fn invalid_group_is_refused() {
    let (server, console) = start().await;
    let staff = created(&console, "staff", Value::Null).await;
    let support = created(&console, "support", id(&staff)).await;
    let nothing = json!("0199b0f6-6d60-7a33-8f4e-6a1f3f0f2a11");
    for (body, status, cause) in [
        (json!({ "name": "staff" }), 409, "object_exists"),
        (json!({ "name": "a,b" }), 400, "body_invalid"),
        (json!({ "name": " a" }), 400, "body_invalid"),
        (json!({ "parent": null }), 400, "body_invalid"),
        (json!({ "name": "a", "parent": nothing }), 400, "body_invalid"),
        (json!({ "name": "a", "parent": "staff" }), 400, "body_invalid"),
        (json!({ "name": "a", "parent": id(&support) }), 400, "body_invalid"),
        (json!({ "name": "a", "members": [] }), 400, "body_invalid"),
    ] {
        assert_eq!(problem(&console.post("/groups", &body).await, status), cause, "{body}");
    }
    for patch in [json!({ "name": "support" }), json!({ "parent": id(&staff) }), json!({ "parent": id(&support) })] {
        let status = if patch.get("name").is_some() { 409 } else { 400 };
        problem(&console.change(Method::PATCH, &staff, "", Some(&patch)).await, status);
    }
    let alice = server.user_id("alice").await.to_string();
    for users in
        [json!({ "users": [alice, nothing] }), json!({ "users": ["alice"] }), json!({ "users": "alice" }), json!({})]
    {
        let refused = console.change(Method::POST, &staff, "/add", Some(&users)).await;
        assert_eq!(problem(&refused, 400), "body_invalid", "{users}");
    }
    assert_eq!(server.user("alice").await.groups().len(), 0, "all users are put into a group, or none");
    for path in ["/groups/staff", "/groups/0199b0f6-6d60-7a33-8f4e-6a1f3f0f2a11", "/groups/staff/members"] {
        assert_eq!(problem(&console.get(path).await, 404), "object_unknown", "{path}");
    }
}

#[tokio::test]
async fn group_that_something_is_open_to_cannot_be_deleted_over_the_api() {
    let (server, console) = start().await;
    server.shop().await;
    let staff = created(&console, "staff", Value::Null).await;
    let group = id(&staff).as_str().and_then(|id| id.parse().ok()).expect("an id");
    server.write(move |tx| clients::set_open_to(tx, "shop", Some(&GroupIds::from_iter([group])))).await;
    let refused = console.change(Method::DELETE, &staff, "?force=true", None).await;
    assert_eq!(problem(&refused, 409), "object_in_use");
    assert!(refused.text("detail").contains("client shop"), "{refused:?}");
}

#[tokio::test]
async fn change_of_a_group_names_its_version() {
    let (server, console) = start().await;
    let staff = created(&console, "staff", Value::Null).await;
    let stale = console.etag(&staff).await;
    console.change(Method::PATCH, &staff, "", Some(&json!({ "name": "people" }))).await.ok();
    let users = json!({ "users": [server.user_id("alice").await] });
    for (method, operation, body) in [
        (Method::PATCH, "", Some(json!({ "name": "crew" }))),
        (Method::POST, "/add", Some(users.clone())),
        (Method::POST, "/remove", Some(users)),
        (Method::DELETE, "", None),
    ] {
        let path = format!("{staff}{operation}");
        let missing = console.send(method.clone(), &path, &[], body.as_ref()).await;
        assert_eq!(problem(&missing, 428), "precondition_missing", "{path}");
        let failed = console.send(method, &path, &[("if-match", &stale)], body.as_ref()).await;
        assert_eq!(problem(&failed, 412), "precondition_failed", "{path}");
    }
    assert_eq!(names(&console).await, ["people"]);
}

#[tokio::test]
async fn user_cannot_be_put_into_too_many_groups_over_the_api() {
    let (server, console) = start().await;
    let groups: GroupIds = (0..MAX_OF_USER).map(|_| uuid::Uuid::now_v7()).collect();
    let alice = server.user_id("alice").await;
    server.write(move |tx| users::set_groups(tx, alice, &groups)).await;
    let staff = created(&console, "staff", Value::Null).await;
    let refused = console.change(Method::POST, &staff, "/add", Some(&json!({ "users": [alice] }))).await;
    assert_eq!(problem(&refused, 400), "body_invalid");
}
