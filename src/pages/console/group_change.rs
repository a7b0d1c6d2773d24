//! `delete`, `add/{sub}` and `members/{sub}` below `/admin/groups/{id}`: what a deletion, a new
//! administrator or a removal means, and the change.

use actix_web::{HttpResponse, web::Path};
use writ_core::groups::{Group, Groups};

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    done,
    group::{COUNTED, find, member_count, membership},
    path_of,
    refusal::{Halt, Refusal},
};
use crate::{
    administration::{
        Actor,
        administrators::administers,
        groups::{self as administration, version},
    },
    fault::Stop,
    server::Call,
    store::{
        Id, Tx, groups, revision,
        users::{self, User},
    },
    web::{error_page, form, page::Page, see_other},
};

/// A change of a group, as a path names it.
#[derive(Clone, Copy)]
enum Action<'a> {
    /// Delete it.
    Delete,
    /// Put the user with this id into it.
    Add(&'a str),
    /// Take the user with this id out of it.
    Remove(&'a str),
}

/// A change of a group.
enum GroupChange {
    Delete,
    Add(Box<User>),
    Remove(Box<User>),
}

/// `GET /admin/groups/{id}/delete`: what the deletion ends.
pub async fn show_delete(call: Call, id: Path<String>) -> HttpResponse {
    show(&call, &id, Action::Delete).await
}

/// `POST /admin/groups/{id}/delete`: deletes the group.
pub async fn submit_delete(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    submit(&call, &id, Action::Delete, &body).await
}

/// `GET /admin/groups/{id}/add/{sub}`: what the user may do as an administrator.
pub async fn show_add(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (id, sub) = path.into_inner();
    show(&call, &id, Action::Add(&sub)).await
}

/// `POST /admin/groups/{id}/add/{sub}`: puts the user into the group.
pub async fn submit_add(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (id, sub) = path.into_inner();
    submit(&call, &id, Action::Add(&sub), &body).await
}

/// `GET /admin/groups/{id}/members/{sub}`: what the removal ends.
pub async fn show_remove(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (id, sub) = path.into_inner();
    show(&call, &id, Action::Remove(&sub)).await
}

/// `POST /admin/groups/{id}/members/{sub}`: takes the user out of the group.
pub async fn submit_remove(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (id, sub) = path.into_inner();
    submit(&call, &id, Action::Remove(&sub), &body).await
}

async fn show(call: &Call, id: &str, action: Action<'_>) -> HttpResponse {
    super::show(call, Place::Groups, &path_of(Place::Groups, id), async |console| {
        match parse(call, id, action).await? {
            Some((all, group, change)) => ask(call, console, &all, group, change).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

async fn submit(call: &Call, id: &str, action: Action<'_>, body: &form::Body) -> HttpResponse {
    super::submit(call, body, Place::Groups, &path_of(Place::Groups, id), async |console, params| {
        let seen = Change::parse(&params)?;
        match parse(call, id, action).await? {
            Some((_, group, change)) => apply(call, console, group, change, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

async fn parse(call: &Call, id: &str, action: Action<'_>) -> Result<Option<(Groups, Group, GroupChange)>, Stop> {
    let Some((all, group)) = find(&call.server, id).await? else { return Ok(None) };
    let (sub, is_member) = match action {
        Action::Delete => return Ok(Some((all, group, GroupChange::Delete))),
        Action::Add(sub) => (sub, false),
        Action::Remove(sub) => (sub, true),
    };
    let Ok(user) = sub.parse::<Id>() else { return Ok(None) };
    let user = call.server.store.read(move |tx| users::find(tx, user)).await?;
    let Some(user) = user.filter(|user| user.groups().contains(group.id) == is_member).map(Box::new) else {
        return Ok(None);
    };
    let change = if is_member { GroupChange::Remove(user) } else { GroupChange::Add(user) };
    Ok(Some((all, group, change)))
}

async fn ask(
    call: &Call,
    console: Console,
    all: &Groups,
    group: Group,
    change: GroupChange,
) -> Result<HttpResponse, Stop> {
    let path = path_of(Place::Groups, &group.id.to_string());
    let Some(seen) = seen(call)? else { return Ok(see_other(&path)) };
    let id = Id(group.id);
    let members = call.server.store.read(move |tx| groups::count_members_within(tx, id, COUNTED)).await?;
    let text = |key: &str| console.page.text(key);
    let of_user = |key: &str, user: &User| {
        let values = [("group", group.name.as_str()), ("username", user.username.as_str())];
        console.page.text_with(key, &values)
    };
    let administers = administers(all, &call.server.settings.console.group, &group);
    let (action, heading, effects, button) = match &change {
        GroupChange::Delete => (
            format!("{path}/delete"),
            console.page.text_with("console-group-delete-heading", &[("group", group.name.as_str())]),
            vec![
                member_count(&console, members, ["console-group-leave", "console-group-leave-many"]),
                text("console-group-delete-effect"),
            ],
            "console-group-delete",
        ),
        GroupChange::Add(user) => (
            format!("{path}/add/{}", user.id),
            of_user("console-group-add-heading-one", user),
            match administers {
                true => vec![text("console-administrator-effect"), text("console-administrator-factor")],
                false => vec![text("console-group-add-effect")],
            },
            "console-group-add",
        ),
        GroupChange::Remove(user) => (
            format!("{path}/members/{}", user.id),
            of_user("console-group-remove-heading", user),
            vec![text("console-group-remove-effect")],
            "console-group-remove",
        ),
    };
    let page = ConfirmPage {
        action,
        heading,
        effects,
        warning: if administers { text("console-group-administrators") } else { String::new() },
        is_grave: true,
        button: text(button),
        version: seen,
        fields: Vec::new(),
        back: path,
        subject: group.name,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn apply(
    call: &Call,
    console: Console,
    group: Group,
    change: GroupChange,
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (path, subject) = (path_of(Place::Groups, &group.id.to_string()), (group.name.clone(), group.id.to_string()));
    let (id, expected) = (group.id, seen.version);
    let (member, joins) = match &change {
        GroupChange::Delete => (None, false),
        GroupChange::Add(user) => (Some(user.id), true),
        GroupChange::Remove(user) => (Some(user.id), false),
    };
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let current = groups::list(tx)?.get(id).cloned().ok_or(Refusal::Gone)?;
        match member {
            None => delete(tx, actor, &current, &expected),
            Some(user) => change_member(tx, actor, &current, user, joins, &expected),
        }
    };
    match console.entrance.change(&call.server, seen.reason, unit).await? {
        Ok(()) if member.is_none() => Ok(done(Place::Groups.path(), "delete")),
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, path).await,
    }
}

fn delete(tx: &mut Tx<'_>, actor: &Actor, group: &Group, expected: &str) -> Result<(), Halt> {
    if version(group) != expected {
        return Err(Refusal::Changed.into());
    }
    Ok(administration::delete(tx, actor, group)??)
}

fn change_member(
    tx: &mut Tx<'_>,
    actor: &Actor,
    group: &Group,
    user: Id,
    joins: bool,
    expected: &str,
) -> Result<(), Halt> {
    users::lock(tx, user)?;
    let user = users::find(tx, user)?.ok_or(Refusal::Gone)?;
    if membership(group, &user) != expected {
        return Err(Refusal::Changed.into());
    }
    let members = std::slice::from_ref(&user);
    match joins {
        true => administration::add(tx, actor, group, members)??,
        false => administration::remove(tx, actor, group, members)??,
    };
    Ok(())
}
