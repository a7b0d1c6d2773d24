//! Groups of users, and their members.

use actix_web::{HttpResponse, http::StatusCode, web::Path};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use writ_core::{
    Cause, Error, ErrorCode,
    groups::Group,
    vocabulary::{
        acr::Acr,
        administration_scope::AdministrationScope::{GroupsRead, GroupsWrite},
        merge_patch,
    },
};

use super::{
    authority::{administer, administer_once},
    page::{self, Page, PageParams, PageRequest},
    precondition::{IfMatch, Precondition},
    reply::Reply,
    request::{Force, force, if_taken, members as members_of, no_body, parse, patch, query},
    unknown,
};
use crate::{
    administration::{
        Actor,
        groups::{self as administration, Refusal, version},
    },
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx, groups, revision,
        users::{self, User},
    },
    web::form::Body,
};

/// Why a name is refused.
const TAKEN: &str = "a group with this name exists already";

/// The number up to which members are counted.
const COUNTED: i64 = 10_000;

/// A group.
#[derive(Serialize, ToSchema)]
struct GroupInformation {
    #[schema(value_type = String)]
    id: Uuid,
    name: String,
    /// The id of the group that it is in.
    #[schema(value_type = Option<String>)]
    parent: Option<Uuid>,
    /// The class of authentication that it demands of its members, set at the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
}

impl From<Group> for GroupInformation {
    fn from(Group { id, name, parent, acr }: Group) -> Self {
        Self { id, name, parent, acr: acr.map(Acr::as_str) }
    }
}

/// A user in a group.
#[derive(Serialize, ToSchema)]
struct Member {
    #[schema(value_type = String)]
    sub: Id,
    preferred_username: String,
}

/// How many users were put in or taken out.
#[derive(Serialize, ToSchema)]
struct ChangedMembers {
    changed: usize,
}

/// What an administrator chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GroupMetadata {
    /// The name, which the claim `groups` contains.
    name: String,
    /// The id of the group that it is in. Its members are then members of that group, too.
    #[schema(value_type = Option<String>)]
    parent: Option<Uuid>,
}

impl GroupMetadata {
    fn into_group(self, id: Uuid, acr: Option<Acr>) -> Group {
        Group { id, name: self.name, parent: self.parent, acr }
    }
}

/// The users to put into a group, or to take out of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Subjects {
    /// Their `sub`.
    #[schema(value_type = Vec<String>)]
    users: Vec<Uuid>,
}

/// Lists the groups by name.
#[utoipa::path(
    get,
    path = "/admin/v1/groups",
    operation_id = "group.list",
    responses((status = 200, description = "All of them.", body = Page<GroupInformation>)),
    security(("administration" = ["writ:groups:read"]))
)]
pub async fn list(call: Call) -> HttpResponse {
    administer(&call, GroupsRead, async |_| {
        query(&call, &[])?;
        let all = call.server.store.read(groups::list).await?;
        let all = all.by_name().into_iter().cloned().map(GroupInformation::from);
        Ok(Reply::ok(&page::whole(all.collect())))
    })
    .await
}

/// Shows a group.
#[utoipa::path(
    get,
    path = "/admin/v1/groups/{id}",
    operation_id = "group.show",
    responses((status = 200, description = "The group.", body = GroupInformation)),
    security(("administration" = ["writ:groups:read"]))
)]
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    administer(&call, GroupsRead, async |_| {
        query(&call, &[])?;
        let id = parse_id(&id)?;
        let found = call.server.store.read(move |tx| find(tx, id)).await?;
        Ok(describe(StatusCode::OK, found.ok_or_else(no_group)?))
    })
    .await
}

/// Lists the users who are directly in a group, oldest first.
#[utoipa::path(
    get,
    path = "/admin/v1/groups/{id}/members",
    operation_id = "group.members",
    params(PageParams),
    responses((status = 200, description = "A page.", body = Page<Member>)),
    security(("administration" = ["writ:groups:read"]))
)]
pub async fn members(call: Call, id: Path<String>) -> HttpResponse {
    administer(&call, GroupsRead, async |_| {
        let page = PageRequest::parse(&query(&call, &page::PARAMETERS)?)?;
        let (after, rows) = (page.after_id()?, page.rows());
        let id = parse_id(&id)?;
        let found = call.server.store.read(move |tx| match find(tx, id)? {
            Some(_) => groups::page_of_members(tx, Id(id), after, rows).map(Some),
            None => Ok(None),
        });
        let cursor = |user: &User| user.id.to_string();
        let member = |user: User| Ok(Member { sub: user.id, preferred_username: user.username });
        page.respond(found.await?.ok_or_else(no_group)?, cursor, member)
    })
    .await
}

/// Adds a group.
#[utoipa::path(
    post,
    path = "/admin/v1/groups",
    operation_id = "group.create",
    request_body = GroupMetadata,
    responses((status = 201, description = "The group.", body = GroupInformation)),
    security(("administration" = ["writ:groups:write"]))
)]
pub async fn create(call: Call, body: Body) -> HttpResponse {
    administer_once(&call, GroupsWrite, &body, async |authority| {
        query(&call, &[])?;
        let group = parse::<GroupMetadata>(members_of(&call, &body)?)?.into_group(Id::now_v7().0, None);
        authority
            .change_once(&call.server, move |tx, actor| {
                administration::create(tx, actor, &group)?.map_err(refuse)?;
                let path = format!("/admin/v1/groups/{}", group.id);
                Ok(describe(StatusCode::CREATED, group).at(path))
            })
            .await
            .map_err(|stop| if_taken(stop, TAKEN))
    })
    .await
}

/// Renames a group, or puts it into another one, by a merge patch. What is open to it stays open to
/// it. Apps that know its name by the claim `groups` do not recognize the new one.
#[utoipa::path(
    patch,
    path = "/admin/v1/groups/{id}",
    operation_id = "group.update",
    params(IfMatch), request_body(content = GroupMetadata, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The group.", body = GroupInformation)),
    security(("administration" = ["writ:groups:write"]))
)]
pub async fn update(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, GroupsWrite, async |authority| {
        query(&call, &[])?;
        let precondition = Precondition::of(&call.request)?;
        let patch = patch(&call, &body)?;
        let id = parse_id(&id)?;
        let updated = authority
            .change(&call.server, move |tx, actor| {
                let before = find_and_lock(tx, id)?;
                precondition.check(&version(&before))?;
                let current = json!({ "name": before.name, "parent": before.parent });
                let Value::Object(mut merged) = current else { return Err(no_group()) };
                merge_patch::apply(&mut merged, patch);
                let after = parse::<GroupMetadata>(merged)?.into_group(id, before.acr);
                administration::update(tx, actor, &after)?.map_err(refuse)?;
                Ok(after)
            })
            .await
            .map_err(|stop| if_taken(stop, TAKEN))?;
        Ok(describe(StatusCode::OK, updated))
    })
    .await
}

/// Deletes a group to which nothing is restricted. Its members and the groups in it stay.
#[utoipa::path(
    delete,
    path = "/admin/v1/groups/{id}",
    operation_id = "group.delete",
    params(Force, IfMatch),
    responses((status = 204, description = "It was deleted.")),
    security(("administration" = ["writ:groups:write"]))
)]
pub async fn delete(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    administer(&call, GroupsWrite, async |authority| {
        let force = force(&call)?;
        no_body(&body)?;
        let precondition = Precondition::of(&call.request)?;
        let id = parse_id(&id)?;
        authority
            .change(&call.server, move |tx, actor| {
                let before = find_and_lock(tx, id)?;
                precondition.check(&version(&before))?;
                let members = if force { 0 } else { groups::count_members_within(tx, Id(id), COUNTED)? };
                if members > 0 {
                    let more = if members > COUNTED { "more than " } else { "" };
                    let description =
                        format!("the group has {more}{} members: repeat with force=true", members.min(COUNTED));
                    return Err(Error::new(Cause::ObjectInUse, description).into());
                }
                administration::delete(tx, actor, &before)?.map_err(refuse)
            })
            .await?;
        Ok(Reply::no_content())
    })
    .await
}

/// Puts users into a group.
#[utoipa::path(
    post,
    path = "/admin/v1/groups/{id}/add",
    operation_id = "group.add",
    params(IfMatch), request_body = Subjects,
    responses((status = 200, description = "How many were not in it.", body = ChangedMembers)),
    security(("administration" = ["writ:groups:write"]))
)]
pub async fn add(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    change_members(call, id, body, administration::add).await
}

/// Takes users out of a group. What was open to them by it ends with the next token.
#[utoipa::path(
    post,
    path = "/admin/v1/groups/{id}/remove",
    operation_id = "group.remove",
    params(IfMatch), request_body = Subjects,
    responses((status = 200, description = "How many were in it.", body = ChangedMembers)),
    security(("administration" = ["writ:groups:write"]))
)]
pub async fn remove(call: Call, id: Path<String>, body: Body) -> HttpResponse {
    change_members(call, id, body, administration::remove).await
}

/// Applies `change` to the users, if all of them exist.
async fn change_members<F>(call: Call, id: Path<String>, body: Body, change: F) -> HttpResponse
where
    F: FnOnce(&mut Tx<'_>, &Actor, &Group, &[User]) -> Result<Result<usize, Refusal>, Fault> + Clone + Send + 'static,
{
    administer_once(&call, GroupsWrite, &body, async |authority| {
        query(&call, &[])?;
        let precondition = Precondition::of(&call.request)?;
        let Subjects { users } = parse(members_of(&call, &body)?)?;
        let id = parse_id(&id)?;
        authority
            .change_once(&call.server, move |tx, actor| {
                let group = find_and_lock(tx, id)?;
                precondition.check(&version(&group))?;
                let mut found = Vec::with_capacity(users.len());
                for sub in users {
                    let unknown = || Error::new(Cause::BodyInvalid, format!("users: there is no user {sub}"));
                    found.push(users::find(tx, Id(sub))?.ok_or_else(unknown)?);
                }
                let changed = change(tx, actor, &group, &found)?.map_err(refuse)?;
                Ok(Reply::ok(&ChangedMembers { changed }))
            })
            .await
    })
    .await
}

fn parse_id(id: &str) -> Result<Uuid, Stop> {
    id.parse().map_err(|_| no_group())
}

fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Group>, Fault> {
    Ok(groups::list(tx)?.get(id).cloned())
}

/// Changes of groups run one after the other.
fn find_and_lock(tx: &mut Tx<'_>, id: Uuid) -> Result<Group, Stop> {
    revision::lock(tx)?;
    find(tx, id)?.ok_or_else(no_group)
}

fn no_group() -> Stop {
    unknown("there is no group with this id")
}

/// A group that was found and locked is not gone, so that the parent is.
fn refuse(refusal: Refusal) -> Stop {
    let (cause, description) = match &refusal {
        Refusal::Gone => (Cause::BodyInvalid, "parent: there is no such group".to_owned()),
        Refusal::Name => (Cause::BodyInvalid, format!("name: {refusal}")),
        Refusal::NotNested(_) => (Cause::BodyInvalid, format!("parent: {refusal}")),
        Refusal::InUse(_) => (Cause::ObjectInUse, refusal.to_string()),
        Refusal::TooMany => (Cause::BodyInvalid, format!("users: {refusal}")),
        Refusal::Demands => (ErrorCode::AccessDenied.into(), refusal.to_string()),
        Refusal::Administrators => (ErrorCode::AccessDenied.into(), refusal.to_string()),
        Refusal::LastAdministrator(_) => (Cause::ObjectInUse, refusal.to_string()),
    };
    Error::new(cause, description).into()
}

fn describe(status: StatusCode, group: Group) -> Reply {
    Reply::versioned(status, &version(&group), &GroupInformation::from(group))
}
