//! `/admin/apps`: the clients.

use actix_web::HttpResponse;
use askama::Template;
use writ_core::Error;

use super::{Console, Frame, Place, path_of};
use crate::{
    fault::Stop,
    server::Call,
    store::clients::{self, Client, Origin},
    web::{
        page::{Page, PageContext},
        see_other,
    },
};

/// The number of clients on a page.
const ON_A_PAGE: usize = 50;
/// Maximum length of a `client_id`, which may be a URL.
const LONGEST_ID: usize = 2048;

/// `GET /admin/apps`: the clients by `client_id`, after the one in `after`. `client_id` leads to
/// one.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Apps, Place::Apps.path(), async |console| list(&call, console).await).await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let after = checked(params.get("after")?.unwrap_or_default())?;
    let wanted = checked(params.get("client_id")?.unwrap_or_default().trim())?;
    let was_deleted = params.get("done")? == Some("delete");
    let store = &call.server.store;
    if !wanted.is_empty() {
        let id = wanted.clone();
        if store.read(move |tx| clients::find(tx, &id)).await?.is_some() {
            return Ok(see_other(&path_of(Place::Apps, &wanted)));
        }
    }
    let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut found = store.read(move |tx| clients::page(tx, &after, most)).await?;
    let has_more = found.len() > ON_A_PAGE;
    found.truncate(ON_A_PAGE);
    let next = found.last().filter(|_| has_more).map(|last| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &last.id).finish();
        format!("{}?{query}", Place::Apps.path())
    });
    let apps = found.iter().map(|client| AppRow::of(&console, client)).collect();
    Ok(AppsPage { page: console.page, frame: console.frame, apps, next, wanted, was_deleted }.respond())
}

/// PostgreSQL refuses NUL in text, and no id has it.
fn checked(id: &str) -> Result<String, Error> {
    if id.len() > LONGEST_ID || id.contains('\0') {
        return Err(Error::invalid_request("this is not a client_id"));
    }
    Ok(id.to_owned())
}

/// The list of clients.
#[derive(Template)]
#[template(path = "pages/console/apps.html")]
pub struct AppsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The clients.
    pub apps: Vec<AppRow>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// The `client_id` that was not found. Empty if none was looked for.
    pub wanted: String,
    /// Whether a client was just deleted.
    pub was_deleted: bool,
}

/// A client in a list.
pub struct AppRow {
    /// The `client_id`.
    pub client_id: String,
    /// The path of its page.
    pub path: String,
    /// The name.
    pub name: String,
    /// How it was registered, as text.
    pub origin: String,
    /// Whether an administrator approved it.
    pub approved: bool,
    /// Whether it is disabled.
    pub disabled: bool,
    /// When it was registered.
    pub since: String,
}

impl AppRow {
    pub(super) fn of(console: &Console, client: &Client) -> Self {
        Self {
            path: path_of(Place::Apps, &client.id),
            client_id: client.id.clone(),
            name: console.page.client_name(&client.metadata),
            origin: console.page.text(origin(client.origin)),
            approved: client.approved,
            disabled: client.disabled_at.is_some(),
            since: console.date(client.created_at),
        }
    }
}

/// The key of the text that says how a client was registered.
pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Administrator => "console-origin-administrator",
        Origin::SelfRegistered => "console-origin-self",
        Origin::MetadataDocument => "console-origin-document",
    }
}

impl Page for AppsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
