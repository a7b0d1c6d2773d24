//! `/admin/audit`: the audit log.

use actix_web::HttpResponse;
use askama::Template;
use url::form_urlencoded::Serializer;
use writ_core::{Error, Params};

use super::{
    Console, Frame, Place,
    entries::{self, EntryView, SEARCHED},
};
use crate::{
    fault::Stop,
    server::{Call, Server},
    store::{
        Id,
        audit_log::{self, Search},
        users,
    },
    web::page::{Page, PageContext},
};

/// The number of entries on a page.
const ON_A_PAGE: usize = 50;
/// Maximum length of what is looked for: a `client_id` may be a URL.
const LONGEST: usize = 2048;
/// The kinds of actions: the first parts of their names.
const KINDS: [&str; 16] = [
    "account",
    "administrator",
    "audit",
    "client",
    "configuration",
    "connection",
    "group",
    "initial-access-token",
    "issuer",
    "key",
    "mail",
    "master-key",
    "policy",
    "resource",
    "scope",
    "user",
];

/// `GET /admin/audit`: the entries, the latest first, before the one in `before`. `actor`, `kind`
/// and `target` search.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Audit, Place::Audit.path(), async |console| list(&call, console).await).await
}

/// What is looked for. Empty fields accept all.
struct Wanted {
    actor: String,
    kind: String,
    target: String,
}

impl Wanted {
    fn parse(params: &Params) -> Result<Self, Error> {
        let field = |name: &str| {
            let text = params.get(name)?.unwrap_or_default().trim();
            if text.len() > LONGEST || text.contains('\0') {
                return Err(Error::invalid_request(format!("{name} is too long, or has other characters")));
            }
            Ok(text.to_owned())
        };
        let wanted = Self { actor: field("actor")?, kind: field("kind")?, target: field("target")? };
        if !wanted.kind.is_empty() && !KINDS.contains(&wanted.kind.as_str()) {
            return Err(Error::invalid_request("there is no such kind of entries"));
        }
        Ok(wanted)
    }
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let wanted = Wanted::parse(&params)?;
    let before = match params.get("before")?.unwrap_or_default() {
        "" => None,
        number => Some(number.parse::<i64>().map_err(|_| Error::invalid_request("before is the number of an entry"))?),
    };
    let server = &call.server;
    let before = match before {
        Some(before) => before,
        None => server.store.read(audit_log::head).await?.sequence.saturating_add(1),
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let target = id_of(server, &wanted.target).await?;
    // A search by target has an index. Others look at a part of the log at a time.
    let after = if target.is_empty() { before.saturating_sub(SEARCHED).max(0) } else { 0 };
    let search = Search {
        actor: some(&id_of(server, &wanted.actor).await?),
        action: some(&wanted.kind),
        target: some(&target),
        after,
        before: Some(before),
        ..Search::default()
    };
    let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
    let mut entries = entries::latest(server, &console, search, most).await?;
    let has_more = entries.len() > ON_A_PAGE;
    entries.truncate(ON_A_PAGE);
    let next = match entries.last().filter(|_| has_more) {
        Some(last) => Some(last.sequence),
        None => (after > 0).then_some(after.saturating_add(1)),
    };
    let page = AuditPage {
        next: next.map(|before| next_path(&wanted, before)),
        is_partial: after > 0 && !has_more,
        entries,
        actor: wanted.actor,
        kind: wanted.kind,
        target: wanted.target,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// The id of the user with this username or verified address, else the text itself. The audit log
/// has no names of users.
async fn id_of(server: &Server, text: &str) -> Result<String, Stop> {
    if text.is_empty() || text.parse::<Id>().is_ok() {
        return Ok(text.to_owned());
    }
    let login = text.to_owned();
    let user = server.store.read(move |tx| users::find_by_login(tx, &login)).await?;
    Ok(user.map_or_else(|| text.to_owned(), |user| user.id.to_string()))
}

fn next_path(wanted: &Wanted, before: i64) -> String {
    let fields = [("actor", &wanted.actor), ("kind", &wanted.kind), ("target", &wanted.target)];
    let mut query = Serializer::new(String::new());
    query.append_pair("before", &before.to_string());
    query.extend_pairs(fields.into_iter().filter(|(_, text)| !text.is_empty()));
    format!("{}?{}", Place::Audit.path(), query.finish())
}

/// The page of the audit log.
#[derive(Template)]
#[template(path = "pages/console/audit.html")]
pub struct AuditPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The entries.
    pub entries: Vec<EntryView>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// Whether older entries were not searched.
    pub is_partial: bool,
    /// Whose entries are shown. Empty if all.
    pub actor: String,
    /// The kind that is shown. Empty if all.
    pub kind: String,
    /// The target that is shown. Empty if all.
    pub target: String,
}

impl AuditPage {
    fn kinds(&self) -> impl Iterator<Item = (&'static str, bool)> {
        KINDS.into_iter().map(|kind| (kind, kind == self.kind))
    }
}

impl Page for AuditPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
