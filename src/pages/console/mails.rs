//! `/admin/mail`: the outgoing mail.

use actix_web::HttpResponse;
use askama::Template;
use writ_core::Error;

use super::{
    Console, Frame, Place,
    entries::{self, EntryView},
    path_of,
};
use crate::{
    administration::{mails::version, version_of},
    fault::Stop,
    server::Call,
    store::{
        Id,
        mails::{self, Mail},
    },
    web::page::{Page, PageContext},
};

/// The number of mails on a page.
const ON_A_PAGE: usize = 50;

/// `GET /admin/mail`: the mails, newest first, before the one in `before`. With `state=dead`, those
/// that could not be delivered.
pub async fn show(call: Call) -> HttpResponse {
    super::show(&call, Place::Mails, Place::Mails.path(), async |console| list(&call, console).await).await
}

async fn list(call: &Call, console: Console) -> Result<HttpResponse, Stop> {
    let params = call.query()?;
    let before = match params.get("before")?.unwrap_or_default() {
        "" => None,
        id => Some(id.parse::<Id>().map_err(|_| Error::invalid_request("before is the id of a mail"))?),
    };
    let only_dead = params.get("state")? == Some("dead");
    let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
    let server = &call.server;
    let read = server.store.read(move |tx| {
        let found = match only_dead {
            true => mails::page_of_dead(tx, before, most)?,
            false => mails::page(tx, before, most)?,
        };
        Ok((mails::count_dead(tx)?, found))
    });
    let (dead, mut found) = read.await?;
    let has_more = found.len() > ON_A_PAGE;
    found.truncate(ON_A_PAGE);
    let state = if only_dead { "state=dead&" } else { "" };
    let next = found.last().filter(|_| has_more);
    let now = server.clock.now();
    let page = MailsPage {
        is_off: server.settings.mail.url.is_none(),
        next: next.map(|last| format!("{}?{state}before={}", Place::Mails.path(), last.id)),
        mails: found.iter().map(|mail| MailView::of(&console, mail, now)).collect(),
        changes: entries::of_kind(server, &console, "mail").await?,
        version: version_of_dead(dead),
        dead,
        only_dead,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// The version of the dead mails together.
pub(super) fn version_of_dead(dead: i64) -> String {
    version_of(&dead)
}

/// The page of the mails.
#[derive(Template)]
#[template(path = "pages/console/mails.html")]
pub struct MailsPage {
    /// The layout of the page.
    pub page: PageContext,
    /// The frame of the console.
    pub frame: Frame,
    /// Whether this server sends no mail.
    pub is_off: bool,
    /// The number of dead mails that are still of use.
    pub dead: i64,
    /// Whether only those are shown.
    pub only_dead: bool,
    /// The mails.
    pub mails: Vec<MailView>,
    /// The next page, if there is one.
    pub next: Option<String>,
    /// The version of the dead mails together.
    pub version: String,
    /// The latest changes of mails.
    pub changes: Vec<EntryView>,
}

/// A mail in a list.
pub struct MailView {
    /// The id.
    pub id: String,
    /// Its purpose, such as `recovery`.
    pub kind: String,
    /// The address.
    pub recipient: String,
    /// The key of the text that names its state.
    pub state: &'static str,
    /// Whether it was given up.
    pub is_dead: bool,
    /// When it was queued.
    pub queued: String,
    /// The number of attempts.
    pub attempts: i32,
    /// When the next attempt is due. Empty if there is none.
    pub next_attempt: String,
    /// The last response of the mail server. Empty if there is none.
    pub outcome: String,
    /// The path of another attempt, if it is of use.
    pub retry: Option<String>,
    /// Its version.
    pub version: String,
}

impl MailView {
    fn of(console: &Console, mail: &Mail, now: i64) -> Self {
        let is_of_use = mail.delivered_at.is_none() && mail.expires_at > now;
        let state = match (mail.delivered_at, mail.next_attempt_at) {
            (Some(_), _) => "console-mail-delivered",
            (None, _) if !is_of_use => "console-mail-expired",
            (None, Some(_)) => "console-mail-queued",
            (None, None) => "console-mail-dead",
        };
        Self {
            id: mail.id.to_string(),
            kind: mail.kind.clone(),
            recipient: mail.recipient.clone(),
            is_dead: state == "console-mail-dead",
            state,
            queued: console.date_time(mail.created_at),
            attempts: mail.attempts,
            next_attempt: mail.next_attempt_at.map(|at| console.date_time(at)).unwrap_or_default(),
            outcome: mail.last_outcome.clone().unwrap_or_default(),
            retry: is_of_use.then(|| format!("{}/retry", path_of(Place::Mails, &mail.id.to_string()))),
            version: version(mail),
        }
    }
}

impl Page for MailsPage {
    fn context(&self) -> &PageContext {
        &self.page
    }
}
