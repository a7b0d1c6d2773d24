//! `/admin/mail/{id}/retry`: another attempt for a mail, or for all dead ones.

use actix_web::{HttpResponse, web::Path};

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    mails::version_of_dead,
    path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        mails::{self as administration, version},
    },
    fault::{Fault, Stop},
    server::Call,
    store::{Id, Tx, mails},
    web::{error_page, form, page::Page, see_other},
};

/// The segment that names all mails.
const ALL: &str = "all";

/// What is sent again.
#[derive(Clone, Copy)]
enum Wanted {
    All,
    One(Id),
}

impl Wanted {
    fn parse(segment: &str) -> Option<Self> {
        if segment == ALL { Some(Self::All) } else { segment.parse().ok().map(Self::One) }
    }

    fn id(self) -> Option<Id> {
        match self {
            Self::All => None,
            Self::One(id) => Some(id),
        }
    }

    /// The address, and the version. `None` if there is no such mail.
    fn read(self, tx: &mut Tx<'_>) -> Result<Option<(String, String)>, Fault> {
        Ok(match self {
            Self::All => Some((String::new(), version_of_dead(mails::count_dead(tx)?))),
            Self::One(id) => mails::find(tx, id)?.map(|mail| (mail.recipient.clone(), version(&mail))),
        })
    }
}

/// `GET /admin/mail/{id}/retry`: what it does.
pub async fn show(call: Call, segment: Path<String>) -> HttpResponse {
    super::show(&call, Place::Mails, &here(&segment), async |console| match Wanted::parse(&segment) {
        Some(wanted) => ask(&call, console, &segment, wanted).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

/// `POST /admin/mail/{id}/retry`: makes the mail due.
pub async fn submit(call: Call, segment: Path<String>, body: form::Body) -> HttpResponse {
    super::submit(&call, &body, Place::Mails, &here(&segment), async |console, params| {
        let seen = Change::parse(&params)?;
        match Wanted::parse(&segment) {
            Some(wanted) => retry(&call, console, wanted, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn here(segment: &str) -> String {
    format!("{}/retry", path_of(Place::Mails, segment))
}

async fn ask(call: &Call, console: Console, segment: &str, wanted: Wanted) -> Result<HttpResponse, Stop> {
    let Some(seen) = seen(call)? else { return Ok(see_other(Place::Mails.path())) };
    let Some((recipient, _)) = call.server.store.read(move |tx| wanted.read(tx)).await? else {
        return Ok(error_page::not_found(console.page));
    };
    let text = |key: &str| console.page.text(key);
    let is_all = matches!(wanted, Wanted::All);
    let page = ConfirmPage {
        action: here(segment),
        heading: text(if is_all { "console-mail-retry-all-heading" } else { "console-mail-retry-heading" }),
        effects: vec![text(if is_all { "console-mail-retry-all-effect" } else { "console-mail-retry-effect" })],
        warning: String::new(),
        is_grave: false,
        button: text("console-mail-retry"),
        version: seen,
        fields: Vec::new(),
        back: Place::Mails.path().to_owned(),
        subject: recipient,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn retry(call: &Call, console: Console, wanted: Wanted, seen: Change) -> Result<HttpResponse, Stop> {
    let (server, expected) = (&call.server, seen.version);
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        let (_, version) = wanted.read(tx)?.ok_or(Refusal::Gone)?;
        if version != expected || administration::retry(tx, actor, wanted.id())? == 0 {
            return Err(Refusal::Changed.into());
        }
        Ok(())
    };
    let path = Place::Mails.path().to_owned();
    match console.entrance.change(server, seen.reason, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => {
            let target = wanted.id().map(|id| id.to_string()).unwrap_or_default();
            let subject = console.page.text("console-mail");
            refused(server, console, refusal, (subject, target), path).await
        }
    }
}
