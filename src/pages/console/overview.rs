//! `/admin`: what needs attention, and what happened last.

use actix_web::HttpResponse;
use askama::Template;

use super::{
    Console, Frame, Place,
    apps::AppRow,
    entries::{self, EntryView},
    keys::due_at,
};
use crate::{
    administration::Face,
    config::Settings,
    fault::{Fault, Stop},
    server::Call,
    store::{Tx, audit_log::Search, clients, keys, mails},
    web::page::{Page, PageContext},
};

/// The number of changes that are shown.
const CHANGES: i64 = 12;
/// The number of apps to review that are shown.
const REVIEWED: usize = 10;
/// Seconds by which the automatic rotation may be late: a day.
const LATE: i64 = 86_400;

/// `GET /admin`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Overview, Place::Overview.path(), async |console| overview(&call, console).await).await
}

async fn overview(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let server = &call.server;
    let settings = std::sync::Arc::clone(&server.settings);
    let most = i64::try_from(REVIEWED + 1).unwrap_or(i64::MAX);
    let read = server
        .store
        .read(move |tx| Ok((clients::list_unapproved(tx, most)?, due_keys(tx, &settings)?, mails::count_dead(tx)?)));
    let (waiting, keys, dead_mails) = read.await?;
    let has_more = waiting.len() > REVIEWED;
    let review = waiting.iter().take(REVIEWED).map(|client| AppRow::of(&console, client)).collect();
    let by_administrators = Search { faces: Face::NAMES.to_vec(), ..Search::default() };
    let changes = entries::latest(server, &console, by_administrators, CHANGES).await?;
    Ok(OverviewPage { page: console.page, frame: console.frame, review, has_more, keys, dead_mails, changes }.respond())
}

/// The algorithms whose active key is older than it should be.
fn due_keys(tx: &mut Tx<'_>, settings: &Settings) -> Result<Vec<String>, Fault> {
    let late = tx.now - LATE;
    let is_due = |key: &keys::KeyRow| due_at(key, settings).is_some_and(|due| due < late);
    Ok(keys::list(tx)?.into_iter().filter(is_due).map(|key| key.alg).collect())
}

/// The overview.
#[derive(Template)]
#[template(path = "pages/console/overview.html")]
pub struct OverviewPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// Apps that no administrator approved, the latest first.
    pub review: Vec<AppRow>,
    /// Whether there are more of them.
    pub has_more: bool,
    /// The algorithms of keys that are due for rotation.
    pub keys: Vec<String>,
    /// The number of mails that could not be delivered.
    pub dead_mails: i64,
    /// The latest changes.
    pub changes: Vec<EntryView>,
}

impl OverviewPage {
    fn needs_nothing(&self) -> bool {
        self.review.is_empty() && self.keys.is_empty() && self.dead_mails == 0
    }
}

impl Page for OverviewPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
