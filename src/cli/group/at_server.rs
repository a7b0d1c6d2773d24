//! Groups at a server: what the API does not say by itself.

use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::remote::{Remote, Request};

/// The id of the group with the name `parent`, at a server.
pub(super) async fn parent(remote: &Remote, parent: Option<&str>) -> anyhow::Result<Option<String>> {
    match parent {
        Some(parent) => Ok(Some(remote.group_id(parent).await?)),
        None => Ok(None),
    }
}

/// The groups at a server, with the names of those that they are in and the numbers of members.
pub(super) async fn list(remote: &Remote) -> anyhow::Result<Vec<Value>> {
    let groups = remote.pages(Request::new("group.list")).await?;
    let mut views = Vec::with_capacity(groups.len());
    for group in &groups {
        views.push(view_of(group, &groups, members(remote, group).await?.len()));
    }
    Ok(views)
}

pub(super) async fn view(remote: &Remote, group: &Value) -> anyhow::Result<Value> {
    let groups = remote.pages(Request::new("group.list")).await?;
    Ok(view_of(group, &groups, members(remote, group).await?.len()))
}

/// A group at a server, with its members and the groups in it. The API does not say what is open to
/// it.
pub(super) async fn details(remote: &Remote, name: &str) -> anyhow::Result<Value> {
    let (group, groups) = (remote.group(name).await?, remote.pages(Request::new("group.list")).await?);
    let direct = members(remote, &group).await?;
    let mut details = view_of(&group, &groups, direct.len());
    details["groups"] =
        groups.iter().filter(|other| other["parent"] == group["id"]).map(|other| other["name"].clone()).collect();
    details["members"] = direct.iter().map(|member| member["preferred_username"].clone()).collect();
    Ok(details)
}

async fn members(remote: &Remote, group: &Value) -> anyhow::Result<Vec<Value>> {
    remote.pages(Request::new("group.members").on(group["id"].as_str().unwrap_or_default())).await
}

fn view_of(group: &Value, groups: &[Value], members: usize) -> Value {
    let parent = groups.iter().find(|other| other["id"] == group["parent"]).map(|parent| parent["name"].clone());
    let mut view = json!({ "id": group["id"], "name": group["name"], "in": parent, "members": members });
    if let Some(acr) = group.get("acr") {
        view["acr"] = acr.clone();
    }
    view
}

/// Puts users into a group at a server, or takes them out. Returns their number.
pub(super) async fn change_members(
    remote: &Remote,
    operation: &'static str,
    group: &str,
    logins: &[String],
) -> anyhow::Result<u64> {
    let mut users = Vec::with_capacity(logins.len());
    for login in logins {
        users.push(remote.user_id(login).await.context("nothing was changed")?);
    }
    let request = Request::new(operation).on(remote.group_id(group).await?).with(json!({ "users": users }));
    Ok(remote.send(request).await?["changed"].as_u64().unwrap_or_default())
}
