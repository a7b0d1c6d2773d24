//! `/admin/groups`: the groups, and a new one.

use actix_web::HttpResponse;
use askama::Template;
use uuid::Uuid;
use writ_core::{
    Error, Params,
    groups::{Group, Groups},
};

use super::{
    Console, Frame, Place,
    confirm::{reason, refused},
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{Actor, groups as administration},
    fault::Stop,
    server::Call,
    store::{Tx, groups, revision},
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of groups on a page.
const ON_A_PAGE: usize = 50;
/// The number of groups that another group can be put into here.
const MOST_PARENTS: usize = 200;
/// Maximum length of a name in a cursor, in bytes.
const LONGEST: usize = 256;

/// `GET /admin/groups`: the groups by name, after the one with the name in `after`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Groups, Place::Groups.path(), async |console| list(&call, console).await).await
}

/// `POST /admin/groups`: adds a group.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, Place::Groups, Place::Groups.path(), async |console, params| {
        create(&call, console, &params).await
    })
    .await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let after = params.get("after")?.unwrap_or_default();
    if after.len() > LONGEST {
        return Err(Error::invalid_request("after is the name of a group").into());
    }
    let was_deleted = params.get("done")? == Some("delete");
    let all = call.server.store.read(groups::list).await?;
    let by_name = all.by_name();
    let mut found = by_name.iter().filter(|group| group.name.as_str() > after);
    let shown: Vec<&Group> = found.by_ref().take(ON_A_PAGE).copied().collect();
    let next = shown.last().filter(|_| found.next().is_some()).map(|last| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &last.name).finish();
        format!("{}?{query}", Place::Groups.path())
    });
    let page = GroupsPage {
        groups: shown.into_iter().map(|group| GroupRow::of(&all, group)).collect(),
        parents: parents(&all),
        next,
        was_deleted,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// The name of a group and the id of the one that it is in, as a form has them.
pub(super) fn name_and_parent(params: &Params) -> Result<(String, Option<Uuid>), Error> {
    let parent = match params.get("parent")?.unwrap_or_default() {
        "" => None,
        id => Some(Uuid::parse_str(id).map_err(|_| Error::invalid_request("parent is the id of a group"))?),
    };
    Ok((params.require("name")?.trim().to_owned(), parent))
}

/// The groups that another one can be put into: id and name.
pub(super) fn parents(all: &Groups) -> Vec<(String, String)> {
    let top = all.by_name().into_iter().filter(|group| group.parent.is_none()).take(MOST_PARENTS);
    top.map(|group| (group.id.to_string(), group.name.clone())).collect()
}

async fn create(call: &Call, console: Console, params: &Params) -> Result<HttpResponse, Stop> {
    let (name, parent) = name_and_parent(params)?;
    let group = Group { id: Uuid::now_v7(), name, parent, acr: None };
    let (path, named) = (path_of(Place::Groups, &group.id.to_string()), group.name.clone());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        revision::lock(tx)?;
        if groups::list(tx)?.find(&group.name).is_some() {
            return Err(Refusal::Taken.into());
        }
        administration::create(tx, actor, &group)??;
        Ok(())
    };
    match console.entrance.change(&call.server, reason(params)?, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => {
            let subject = (named, String::new());
            refused(&call.server, console, refusal, subject, Place::Groups.path().to_owned()).await
        }
    }
}

/// The list of groups.
#[derive(Template)]
#[template(path = "pages/console/groups.html")]
pub struct GroupsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The groups.
    pub groups: Vec<GroupRow>,
    /// The groups that a new one can be in: id and name.
    pub parents: Vec<(String, String)>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// Whether a group was just deleted.
    pub was_deleted: bool,
}

/// A group in a list.
pub struct GroupRow {
    /// The path of its page.
    pub path: String,
    /// The name.
    pub name: String,
    /// The name of the group that it is in. Empty if there is none.
    pub parent: String,
}

impl GroupRow {
    pub(super) fn of(all: &Groups, group: &Group) -> Self {
        let parent = group.parent.and_then(|id| all.get(id));
        Self {
            path: path_of(Place::Groups, &group.id.to_string()),
            name: group.name.clone(),
            parent: parent.map(|parent| parent.name.clone()).unwrap_or_default(),
        }
    }
}

impl Page for GroupsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
