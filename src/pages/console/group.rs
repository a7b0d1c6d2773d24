//! `/admin/groups/{id}`: a group, its members, and a new one.

use actix_web::{HttpResponse, web::Path};
use askama::Template;
use uuid::Uuid;
use writ_core::{
    Error, Params,
    groups::{Group, Groups},
};

use super::{
    Console, Frame, Place,
    confirm::{Change, refused},
    entries::{self, EntryView},
    groups::{self as groups_page, GroupRow},
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        administrators::administers,
        groups::{self as administration, version},
        version_of,
    },
    fault::{Fault, Stop},
    server::{Call, Server},
    store::{
        Id, Tx, groups, revision,
        users::{self, User},
    },
    web::{
        error_page, form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of members on a page.
const ON_A_PAGE: usize = 50;
/// The number of members up to which they are counted.
pub(super) const COUNTED: i64 = 1000;
/// The number of changes that are shown.
const CHANGES: i64 = 5;

/// `GET /admin/groups/{id}`: the group, and its members after the one in `after`.
pub async fn show(call: Call, id: Path<String>) -> HttpResponse {
    super::show(&call, Place::Groups, &here(&id), async |console| match find(&call.server, &id).await? {
        Some((all, group)) => describe(&call, console, &all, &group).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

/// `POST /admin/groups/{id}`: puts the user with this `login` into the group. If that makes an
/// administrator, a page says so first.
pub async fn submit(call: Call, id: Path<String>, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, Place::Groups, &here(&id), async |console, params| {
        match find(&call.server, &id).await? {
            Some((_, group)) => add(&call, console, group, &params).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn here(id: &str) -> String {
    path_of(Place::Groups, id)
}

/// Every group, and the one with this id.
pub(super) async fn find(server: &Server, id: &str) -> Result<Option<(Groups, Group)>, Stop> {
    let Ok(id) = Uuid::parse_str(id) else { return Ok(None) };
    let all = server.store.read(groups::list).await?;
    let group = all.get(id).cloned();
    Ok(group.map(|group| (all, group)))
}

/// The version of a membership: of the group, and of the groups of the user.
pub(super) fn membership(group: &Group, user: &User) -> String {
    version_of(&(version(group), user.id, &user.group_ids))
}

async fn describe(call: &Call, console: Console, all: &Groups, group: &Group) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let after = match params.get("after")?.unwrap_or_default() {
        "" => None,
        id => Some(id.parse::<Id>().map_err(|_| Error::invalid_request("after is the id of a user"))?),
    };
    let (id, most) = (Id(group.id), i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX));
    let read = call.server.store.read(move |tx| {
        let members = groups::page_of_members(tx, id, after, most)?;
        Ok((members, groups::count_members_within(tx, id, COUNTED)?, groups::uses(tx, id, ON_A_PAGE)?))
    });
    let (mut members, count, uses) = read.await?;
    let has_more = members.len() > ON_A_PAGE;
    members.truncate(ON_A_PAGE);
    let path = here(&group.id.to_string());
    let next = members.last().filter(|_| has_more).map(|last| format!("{path}?after={}", last.id));
    let nested: Vec<&Group> =
        all.by_name().into_iter().filter(|other| other.parent == Some(group.id)).take(ON_A_PAGE).collect();
    let row = GroupRow::of(all, group);
    let parent = group.parent.map(|id| here(&id.to_string()));
    let page = GroupPage {
        changes: entries::of_target(&call.server, &console, group.id.to_string(), CHANGES).await?,
        count: member_count(&console, count, ["console-group-members", "console-group-members-many"]),
        members: members.iter().map(|user| MemberRow::of(&path, group, user)).collect::<Result<_, _>>()?,
        nested: nested.iter().map(|other| GroupRow::of(all, other)).collect(),
        name: row.name,
        parent: parent.map(|path| (path, row.parent)),
        parents: if nested.is_empty() { parents(all, group) } else { Vec::new() },
        is_of_administrators: administers(all, &call.server.settings.console.group, group),
        version: version(group),
        uses: uses.named,
        has_more_uses: uses.has_more,
        next,
        path,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// The number of members as text. `keys` are those of the two texts.
pub(super) fn member_count(console: &Console, count: i64, [counted, many]: [&str; 2]) -> String {
    match count > COUNTED {
        true => console.page.text_with(many, &[("number", console.page.locale.number(COUNTED))]),
        false => console.page.text_with(counted, &[("count", count)]),
    }
}

/// The groups that this one can be in: id, name, and whether it is.
fn parents(all: &Groups, group: &Group) -> Vec<(String, String, bool)> {
    let own = group.parent.map(|id| id.to_string());
    let (id, mut parents) = (group.id.to_string(), groups_page::parents(all));
    let is_listed = parents.iter().any(|(id, _)| own.as_ref() == Some(id));
    if let Some(parent) = group.parent.and_then(|id| all.get(id)).filter(|_| !is_listed) {
        parents.push((parent.id.to_string(), parent.name.clone()));
    }
    let others = parents.into_iter().filter(|(other, _)| *other != id);
    others.map(|(id, name)| (id.clone(), name, own == Some(id))).collect()
}

/// What became of a form that adds a member.
enum Added {
    /// The user is in the group.
    Now,
    /// A page asks first, at this path.
    Asked(String),
}

async fn add(call: &Call, console: Console, group: Group, params: &Params) -> Result<HttpResponse, Stop> {
    let Change { version: expected, reason } = Change::parse(params)?;
    let login = params.require("login")?.trim().to_owned();
    let (path, subject) = (here(&group.id.to_string()), (group.name.clone(), group.id.to_string()));
    let (id, of_administrators, back) = (group.id, call.server.settings.console.group.clone(), path.clone());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        let all = groups::list(tx)?;
        let current = all.get(id).ok_or(Refusal::Gone)?;
        if version(current) != expected {
            return Err(Refusal::Changed.into());
        }
        let user = find_user(tx, &login)?.ok_or(Refusal::NoUser)?;
        if administers(&all, &of_administrators, current) {
            return Ok(Added::Asked(format!("{back}/add/{}?version={}", user.id, membership(current, &user))));
        }
        administration::add(tx, actor, current, std::slice::from_ref(&user))??;
        Ok(Added::Now)
    };
    match console.entrance.change(&call.server, reason, unit).await? {
        Ok(Added::Now) => Ok(see_other(&path)),
        Ok(Added::Asked(first)) => Ok(see_other(&first)),
        Err(refusal) => refused(&call.server, console, refusal, subject, path).await,
    }
}

/// The user with this username, verified address or id. PostgreSQL refuses NUL in text.
fn find_user(tx: &mut Tx<'_>, login: &str) -> Result<Option<User>, Fault> {
    match login.parse::<Id>() {
        Ok(id) => users::find(tx, id),
        Err(_) if login.contains('\0') => Ok(None),
        Err(_) => users::find_by_login(tx, login),
    }
}

/// The page of a group.
#[derive(Template)]
#[template(path = "pages/console/group.html")]
pub struct GroupPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The name.
    pub name: String,
    /// The group that it is in: path and name.
    pub parent: Option<(String, String)>,
    /// The groups in it.
    pub nested: Vec<GroupRow>,
    /// The groups that it can be in: id, name, and whether it is. None if groups are in it.
    pub parents: Vec<(String, String, bool)>,
    /// What is open to it.
    pub uses: Vec<String>,
    /// Whether more is open to it.
    pub has_more_uses: bool,
    /// Whether its members are administrators.
    pub is_of_administrators: bool,
    /// The number of members, as text.
    pub count: String,
    /// The members.
    pub members: Vec<MemberRow>,
    /// The next page of members, if there is one.
    pub next: Option<String>,
    /// The version that is shown.
    pub version: String,
    /// The path of this page.
    pub path: String,
    /// The latest changes by administrators.
    pub changes: Vec<EntryView>,
}

/// A member of a group.
pub struct MemberRow {
    /// The path of the user's page.
    pub path: String,
    /// The username.
    pub username: String,
    /// The name.
    pub name: String,
    /// The path of the removal.
    pub remove: String,
    /// The version of the membership.
    pub version: String,
}

impl MemberRow {
    fn of(path: &str, group: &Group, user: &User) -> Result<Self, Fault> {
        Ok(Self {
            path: path_of(Place::Users, &user.id.to_string()),
            username: user.username.clone(),
            name: user.display_name()?,
            remove: format!("{path}/members/{}", user.id),
            version: membership(group, user),
        })
    }
}

impl Page for GroupPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
