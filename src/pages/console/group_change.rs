//! `/admin/groups/{id}/delete` and `/admin/groups/{id}/members/{sub}`: what a deletion or a removal
//! ends, and the change.

use actix_web::{HttpResponse, web::Path};
use writ_core::groups::Group;

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

/// A change of a group.
enum GroupChange {
    /// Delete it.
    Delete,
    /// Take a user out of it.
    Remove(Box<User>),
}

/// `GET /admin/groups/{id}/delete`: what the deletion ends.
pub async fn show_delete(call: Call, id: Path<String>) -> HttpResponse {
    show(&call, &id, None).await
}

/// `POST /admin/groups/{id}/delete`: deletes the group.
pub async fn submit_delete(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    submit(&call, &id, None, &body).await
}

/// `GET /admin/groups/{id}/members/{sub}`: what the removal ends.
pub async fn show_remove(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (id, sub) = path.into_inner();
    show(&call, &id, Some(&sub)).await
}

/// `POST /admin/groups/{id}/members/{sub}`: takes the user out of the group.
pub async fn submit_remove(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (id, sub) = path.into_inner();
    submit(&call, &id, Some(&sub), &body).await
}

async fn show(call: &Call, id: &str, sub: Option<&str>) -> HttpResponse {
    super::show(call, Place::Groups, &path_of(Place::Groups, id), async |console| match parse(call, id, sub).await? {
        Some((group, change)) => ask(call, console, group, change).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

async fn submit(call: &Call, id: &str, sub: Option<&str>, body: &form::Body) -> HttpResponse {
    super::submit(call, body, Place::Groups, &path_of(Place::Groups, id), async |console, params| {
        let seen = Change::parse(&params)?;
        match parse(call, id, sub).await? {
            Some((group, change)) => apply(call, console, group, change, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

async fn parse(call: &Call, id: &str, sub: Option<&str>) -> Result<Option<(Group, GroupChange)>, Stop> {
    let Some((_, group)) = find(&call.server, id).await? else { return Ok(None) };
    let Some(sub) = sub else { return Ok(Some((group, GroupChange::Delete))) };
    let Ok(user) = sub.parse::<Id>() else { return Ok(None) };
    let user = call.server.store.read(move |tx| users::find(tx, user)).await?;
    let member = user.filter(|user| user.groups().contains(group.id));
    Ok(member.map(|user| (group, GroupChange::Remove(Box::new(user)))))
}

async fn ask(call: &Call, console: Console, group: Group, change: GroupChange) -> Result<HttpResponse, Stop> {
    let path = path_of(Place::Groups, &group.id.to_string());
    let Some(seen) = seen(call)? else { return Ok(see_other(&path)) };
    let id = Id(group.id);
    let members = call.server.store.read(move |tx| groups::count_members_within(tx, id, COUNTED)).await?;
    let text = |key: &str| console.page.text(key);
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
        GroupChange::Remove(user) => {
            let values = [("group", group.name.as_str()), ("username", user.username.as_str())];
            (
                format!("{path}/members/{}", user.id),
                console.page.text_with("console-group-remove-heading", &values),
                vec![text("console-group-remove-effect")],
                "console-group-remove",
            )
        }
    };
    let page = ConfirmPage {
        action,
        heading,
        effects,
        warning: match call.server.settings.console.group == group.name {
            true => text("console-group-administrators"),
            false => String::new(),
        },
        is_grave: true,
        button: text(button),
        version: seen,
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
    let member = match &change {
        GroupChange::Delete => None,
        GroupChange::Remove(user) => Some(user.id),
    };
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let current = groups::list(tx)?.get(id).cloned().ok_or(Refusal::Gone)?;
        match member {
            None => delete(tx, actor, &current, &expected),
            Some(user) => remove(tx, actor, &current, user, &expected),
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

fn remove(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: Id, expected: &str) -> Result<(), Halt> {
    users::lock(tx, user)?;
    let user = users::find(tx, user)?.ok_or(Refusal::Gone)?;
    if membership(group, &user) != expected {
        return Err(Refusal::Changed.into());
    }
    administration::remove(tx, actor, group, std::slice::from_ref(&user))??;
    Ok(())
}
