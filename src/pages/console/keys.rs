//! `/admin/keys`: the signing keys, and when they are due.

use actix_web::HttpResponse;
use askama::Template;
use writ_core::SigningAlg;

use super::{
    Console, Frame, Place,
    entries::{self, EntryView},
    pages::{next_path, page_after},
    path_of,
};
use crate::{
    administration::keys::version,
    config::Settings,
    fault::Stop,
    keys::rotation,
    server::Call,
    store::keys::{self, KeyRow, KeyState},
    web::page::{Page, PageContext},
};

/// Age in seconds of a key that is due if keys are not rotated automatically: a year.
const OLD: i64 = 365 * 86_400;

/// `GET /admin/keys`: the keys, those in use first, after the one in `after`.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Keys, Place::Keys.path(), async |console| list(&call, console).await).await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let (server, params) = (&call.server, call.query()?);
    let rows = server.store.read(keys::list).await?;
    let changes = entries::of_kind(server, &console, "key").await?;
    let (now, settings) = (server.clock.now(), &server.settings);
    let mut shown: Vec<&KeyRow> = rows.iter().collect();
    // Those in use come first, then the latest.
    shown.sort_by(|one, other| {
        let order = |key: &KeyRow| (rank(key.state), std::cmp::Reverse(key.created_at));
        order(one).cmp(&order(other)).then_with(|| one.kid.cmp(&other.kid))
    });
    let (on_page, next) = page_after(&shown, params.get("after")?.unwrap_or_default(), |key| &key.kid);
    let page = KeysPage {
        rotations: SigningAlg::ALL.iter().map(|alg| rotation(&console, &rows, *alg, now)).collect(),
        keys: on_page.iter().map(|key| KeyView::of(&console, key, settings, now)).collect(),
        next: next.map(|kid| next_path(Place::Keys.path(), kid)),
        version: version(&rows),
        changes,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

fn rank(state: KeyState) -> u8 {
    match state {
        KeyState::Active => 0,
        KeyState::Next => 1,
        KeyState::Retired => 2,
    }
}

/// When a signing key should be replaced, in seconds since the epoch. `None` if it does not sign.
pub(super) fn due_at(key: &KeyRow, settings: &Settings) -> Option<i64> {
    let activated = key.activated_at.filter(|_| key.state == KeyState::Active)?;
    Some(match settings.keys.rotation_interval {
        0 => activated + OLD,
        interval => activated + interval,
    })
}

fn rotation(console: &Console, rows: &[KeyRow], alg: SigningAlg, now: i64) -> RotationView {
    let wait = rotation::wait(rows, alg, now);
    RotationView {
        alg: alg.as_str(),
        path: format!("{}/rotate", path_of(Place::Keys, alg.as_str())),
        is_ready: wait == Some(0),
        waits_until: wait.filter(|wait| *wait > 0).map(|wait| console.date_time(now + wait)),
    }
}

/// The page of the keys.
#[derive(Template)]
#[template(path = "pages/console/keys.html")]
pub struct KeysPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// The rotation of each algorithm.
    pub rotations: Vec<RotationView>,
    /// The keys, those in use first.
    pub keys: Vec<KeyView>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// The version of all keys.
    pub version: String,
    /// The latest changes of keys.
    pub changes: Vec<EntryView>,
}

/// The rotation of an algorithm.
pub struct RotationView {
    /// The algorithm.
    pub alg: &'static str,
    /// The path of the change.
    pub path: String,
    /// Whether the next key can be activated.
    pub is_ready: bool,
    /// When it can be, if there is a next key.
    pub waits_until: Option<String>,
}

/// A key.
pub struct KeyView {
    /// The key id.
    pub kid: String,
    /// The algorithm.
    pub alg: String,
    /// The key of the text that names its state.
    pub state: &'static str,
    /// When it was created.
    pub created: String,
    /// When it began to sign, or stopped. Empty if it has not signed.
    pub since: String,
    /// When it is due. Empty if it does not sign.
    pub due: String,
    /// Whether that has passed.
    pub is_due: bool,
    /// The path of its revocation.
    pub path: String,
}

impl KeyView {
    fn of(console: &Console, key: &KeyRow, settings: &Settings, now: i64) -> Self {
        let due = due_at(key, settings);
        Self {
            kid: key.kid.clone(),
            alg: key.alg.clone(),
            state: match key.state {
                KeyState::Next => "console-key-next",
                KeyState::Active => "console-key-active",
                KeyState::Retired if key.archived => "console-key-archived",
                KeyState::Retired => "console-key-retired",
            },
            created: console.date(key.created_at),
            since: key.retired_at.or(key.activated_at).map(|at| console.date_time(at)).unwrap_or_default(),
            due: due.map(|at| console.date(at)).unwrap_or_default(),
            is_due: due.is_some_and(|due| due < now),
            path: format!("{}/revoke", path_of(Place::Keys, &key.kid)),
        }
    }
}

impl Page for KeysPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
