//! `/admin/groups/{id}/edit`: another name of a group, or another group that it is in: what that
//! means, and the change.

use actix_web::{HttpResponse, web::Path};
use writ_core::groups::{Group, Groups};

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    group::{COUNTED, find, member_count},
    groups::name_and_parent,
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        administrators::administers,
        groups::{self as administration, version},
    },
    fault::Stop,
    server::Call,
    store::{Id, Tx, groups, revision},
    web::{error_page, form, page::Page, see_other},
};

/// The field of a form whose administrator has read that it makes administrators.
const MAKES_ADMINISTRATORS: &str = "makes_administrators";

/// `GET /admin/groups/{id}/edit`: what the change means.
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    super::show(&call, Place::Groups, &path_of(Place::Groups, &id), async |console| {
        match find(&call.server, &id).await? {
            Some((all, group)) => ask(&call, console, &all, &group).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/groups/{id}/edit`: makes the change.
pub async fn submit(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, Place::Groups, &path_of(Place::Groups, &id), async |console, params| {
        let (seen, (name, parent)) = (Change::parse(&params)?, name_and_parent(&params)?);
        match find(&call.server, &id).await? {
            Some((_, group)) => {
                let after = Group { name, parent, ..group.clone() };
                let is_told = params.get(MAKES_ADMINISTRATORS)?.is_some();
                update(&call, console, &group, after, seen, is_told).await
            }
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

async fn ask(call: &Call, console: Console, all: &Groups, before: &Group) -> Result<HttpResponse, Stop> {
    let path = path_of(Place::Groups, &before.id.to_string());
    let Some(seen) = seen(call)? else { return Ok(see_other(&path)) };
    let (name, parent) = name_and_parent(&call.query()?)?;
    let after = Group { name, parent, ..before.clone() };
    if after == *before {
        return Ok(see_other(&path));
    }
    let id = Id(before.id);
    let members = call.server.store.read(move |tx| groups::count_members_within(tx, id, COUNTED)).await?;
    let text = |key: &str| console.page.text(key);
    let mut effects = Vec::new();
    if after.name != before.name {
        let names = [("before", before.name.as_str()), ("after", after.name.as_str())];
        effects.push(console.page.text_with("console-group-rename-effect", &names));
        effects.push(text("console-group-rename-kept"));
    }
    if after.parent != before.parent {
        let named = |key: &str, id| {
            let group = all.get(id);
            console.page.text_with(key, &[("group", group.map_or("", |group| group.name.as_str()))])
        };
        effects.extend(before.parent.map(|id| named("console-group-moves-out", id)));
        effects.extend(after.parent.map(|id| named("console-group-moves-in", id)));
        effects.push(member_count(&console, members, ["console-group-members", "console-group-members-many"]));
    }
    let mut fields = vec![
        ("name".to_owned(), after.name.clone()),
        ("parent".to_owned(), after.parent.map(|id| id.to_string()).unwrap_or_default()),
    ];
    let warning = match administer(all, &call.server.settings.console.group, before, &after) {
        [false, true] => {
            fields.push((MAKES_ADMINISTRATORS.to_owned(), "1".to_owned()));
            text("console-group-becomes-administrators")
        }
        [true, false] => text("console-group-were-administrators"),
        [true, true] => text("console-group-administrators"),
        [false, false] => String::new(),
    };
    let page = ConfirmPage {
        action: format!("{path}/edit"),
        heading: console.page.text_with("console-group-edit-heading", &[("group", before.name.as_str())]),
        effects,
        is_grave: !warning.is_empty(),
        warning,
        button: text("console-save"),
        version: seen,
        fields,
        back: path,
        subject: before.name.clone(),
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// Whether the members of a group are administrators, before and after a change.
fn administer(all: &Groups, of_administrators: &str, before: &Group, after: &Group) -> [bool; 2] {
    let others = all.by_name().into_iter().filter(|group| group.id != before.id);
    let changed: Groups = others.chain([after]).cloned().collect();
    [administers(all, of_administrators, before), administers(&changed, of_administrators, after)]
}

async fn update(
    call: &Call,
    console: Console,
    before: &Group,
    after: Group,
    seen: Change,
    is_told: bool,
) -> Result<HttpResponse, Stop> {
    let (path, subject) =
        (path_of(Place::Groups, &before.id.to_string()), (before.name.clone(), before.id.to_string()));
    let (expected, of_administrators) = (seen.version, call.server.settings.console.group.clone());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let all = groups::list(tx)?;
        let current = all.get(after.id).ok_or(Refusal::Gone)?;
        if version(current) != expected {
            return Err(Refusal::Changed.into());
        }
        // The group that it goes into may have become one of administrators meanwhile.
        if administer(&all, &of_administrators, current, &after) == [false, true] && !is_told {
            return Err(Refusal::Changed.into());
        }
        if all.find(&after.name).is_some_and(|other| other.id != after.id) {
            return Err(Refusal::Taken.into());
        }
        Ok(administration::update(tx, actor, &after)??)
    };
    match console.entrance.change(&call.server, seen.reason, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, path).await,
    }
}
