//! `/admin/resources`: the resource servers, and a new one.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use askama::Template;
use writ_core::{Error, Params, token::access_token::TokenProfile};

use super::{
    Console, Frame, Place,
    confirm::{reason, refused},
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        resources::{self as administration, check},
    },
    fault::Stop,
    server::Call,
    store::{
        Tx,
        resources::{self, ResourceServer},
        revision,
    },
    web::{
        form,
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of resource servers on a page.
const ON_A_PAGE: usize = 50;
/// Maximum length of an id in a cursor.
const LONGEST_ID: usize = 64;

/// `GET /admin/resources`: the resource servers by id, after the one in `after`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Resources, Place::Resources.path(), async |console| list(&call, console).await).await
}

/// `POST /admin/resources`: adds a resource server.
pub async fn submit(call: Call, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, Place::Resources, Place::Resources.path(), async |console, params| {
        create(&call, console, &params).await
    })
    .await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let after = params.get("after")?.unwrap_or_default();
    if after.len() > LONGEST_ID {
        return Err(Error::invalid_request("after is the id of a resource server").into());
    }
    let was_deleted = params.get("done")? == Some("delete");
    let mut servers = call.server.store.read(resources::list).await?;
    servers.sort_by(|one, other| one.id.cmp(&other.id));
    let mut found = servers.iter().filter(|server| server.id.as_str() > after);
    let shown: Vec<&ResourceServer> = found.by_ref().take(ON_A_PAGE).collect();
    let next = shown.last().filter(|_| found.next().is_some());
    let page = ResourcesPage {
        next: next.map(|last| format!("{}?after={}", Place::Resources.path(), last.id)),
        resources: shown.iter().map(|server| ResourceRow::of(&console, server)).collect(),
        was_deleted,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn create(call: &Call, console: Console, params: &Params) -> Result<HttpResponse, Stop> {
    let field = |name: &str| Ok::<_, Error>(params.require(name)?.trim().to_owned());
    let server = ResourceServer {
        id: field("id")?,
        audience: field("audience")?,
        names: BTreeMap::from([("en".to_owned(), field("name")?)]),
        secret_hash: None,
        tokens: TokenProfile::default(),
        scopes: Vec::new(),
    };
    let checked = check(&server, &call.server.settings.server.issuer);
    let (path, subject) = (path_of(Place::Resources, &server.id), (server.id.clone(), server.id.clone()));
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        checked?;
        revision::lock(tx)?;
        let is_taken = |other: &ResourceServer| other.id == server.id || other.audience == server.audience;
        if resources::list(tx)?.iter().any(is_taken) {
            return Err(Refusal::Taken.into());
        }
        Ok(administration::create(tx, actor, &server, None)?)
    };
    match console.entrance.change(&call.server, reason(params)?, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, subject, Place::Resources.path().to_owned()).await,
    }
}

/// The list of resource servers.
#[derive(Template)]
#[template(path = "pages/console/resources.html")]
pub struct ResourcesPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The resource servers.
    pub resources: Vec<ResourceRow>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// Whether one was just deleted.
    pub was_deleted: bool,
}

/// A resource server in a list.
pub struct ResourceRow {
    /// The path of its page.
    pub path: String,
    /// The id.
    pub id: String,
    /// Its name for users.
    pub name: String,
    /// The audience of its tokens.
    pub audience: String,
    /// The number of its scopes.
    pub scopes: usize,
}

impl ResourceRow {
    fn of(console: &Console, server: &ResourceServer) -> Self {
        Self {
            path: path_of(Place::Resources, &server.id),
            id: server.id.clone(),
            name: console.page.locale.pick(&server.names).cloned().unwrap_or_default(),
            audience: server.audience.clone(),
            scopes: server.scopes.len(),
        }
    }
}

impl Page for ResourcesPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
