//! `/admin/keys/{alg or kid}/{action}`: the rotation of an algorithm, and the revocation of a key.

use actix_web::{HttpResponse, web::Path};
use writ_core::SigningAlg;

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    path_of,
    refusal::{Halt, Refusal},
};
use crate::{
    administration::{
        Actor,
        keys::{self as administration, version},
    },
    fault::Stop,
    keys::rotation::{self, Rotation},
    server::Call,
    store::{
        Tx,
        keys::{self, KeyRow, KeyState},
        revision, usage,
    },
    web::{error_page, form, page::Page, see_other},
};

/// The number of grants up to which they are counted.
const COUNTED: i64 = usage::COUNTED;

/// A change of the keys.
#[derive(Clone)]
enum KeyChange {
    /// Activate the next key of an algorithm.
    Rotate(SigningAlg),
    /// Delete a key.
    Revoke(KeyRow),
}

impl KeyChange {
    fn find(rows: &[KeyRow], subject: &str, action: &str) -> Option<Self> {
        match action {
            "rotate" => subject.parse().ok().map(Self::Rotate),
            "revoke" => rows.iter().find(|key| key.kid == subject).cloned().map(Self::Revoke),
            _ => None,
        }
    }
}

/// `GET /admin/keys/{alg or kid}/{action}`: what the change does.
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (subject, action) = path.into_inner();
    super::show(&call, Place::Keys, &here(&subject, &action), async |console| {
        let rows = call.server.store.read(keys::list).await?;
        match KeyChange::find(&rows, &subject, &action) {
            Some(change) => ask(&call, console, &subject, change).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/keys/{alg or kid}/{action}`: makes the change.
pub async fn submit(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (subject, action) = path.into_inner();
    super::submit(&call, &body, Place::Keys, &here(&subject, &action), async |console, params| {
        let seen = Change::parse(&params)?;
        let rows = call.server.store.read(keys::list).await?;
        match KeyChange::find(&rows, &subject, &action) {
            Some(_) => change(&call, console, (subject, action), seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn here(subject: &str, action: &str) -> String {
    format!("{}/{action}", path_of(Place::Keys, subject))
}

async fn ask(call: &Call, console: Console, subject: &str, change: KeyChange) -> Result<HttpResponse, Stop> {
    let Some(seen) = seen(call)? else { return Ok(see_other(Place::Keys.path())) };
    let text = |key: &str| console.page.text(key);
    let (action, heading, alg, effects) = match &change {
        KeyChange::Rotate(alg) => {
            ("rotate", "console-key-rotate-heading", alg.as_str(), vec![text("console-key-rotate-effect")])
        }
        KeyChange::Revoke(key) => {
            let grants = call.server.store.read(|tx| usage::count_within(tx, COUNTED)).await?;
            ("revoke", "console-key-revoke-heading", key.alg.as_str(), revocation(&console, key, grants))
        }
    };
    let page = ConfirmPage {
        action: here(subject, action),
        heading: console.page.text_with(heading, &[("alg", alg)]),
        effects,
        warning: match &change {
            KeyChange::Revoke(key) if key.state == KeyState::Active => text("console-key-revoke-warning"),
            _ => String::new(),
        },
        is_grave: matches!(change, KeyChange::Revoke(_)),
        button: text(if action == "rotate" { "console-key-rotate" } else { "console-key-revoke" }),
        version: seen,
        fields: Vec::new(),
        back: Place::Keys.path().to_owned(),
        subject: subject.to_owned(),
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

/// What a revocation ends.
fn revocation(console: &Console, key: &KeyRow, grants: i64) -> Vec<String> {
    let page = &console.page;
    if key.state == KeyState::Next {
        return vec![page.text("console-key-revoke-next")];
    }
    if key.archived {
        return vec![page.text("console-key-revoke-archived")];
    }
    let tokens = if grants > COUNTED {
        page.text_with("console-key-revoke-many", &[("number", page.locale.number(COUNTED))])
    } else {
        page.text_with("console-key-revoke-grants", &[("count", grants)])
    };
    vec![page.text("console-key-revoke-effect"), tokens]
}

async fn change(
    call: &Call,
    console: Console,
    (subject, action): (String, String),
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (server, expected) = (&call.server, seen.version);
    let named = (subject.clone(), action);
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        // Rotations run one after the other.
        revision::lock(tx)?;
        let rows = keys::list(tx)?;
        let change = KeyChange::find(&rows, &named.0, &named.1).ok_or(Refusal::Gone)?;
        if version(&rows) != expected {
            return Err(Refusal::Changed.into());
        }
        apply(tx, actor, &rows, change)
    };
    let path = Place::Keys.path().to_owned();
    if let Err(refusal) = console.entrance.change(server, seen.reason, unit).await? {
        return refused(server, console, refusal, (subject.clone(), subject), path).await;
    }
    rotation::fill(&server.store, &server.secrets.master_keys, KeyState::Next).await?;
    Ok(see_other(&path))
}

fn apply(tx: &mut Tx<'_>, actor: &Actor, rows: &[KeyRow], change: KeyChange) -> Result<(), Halt> {
    match change {
        KeyChange::Rotate(alg) => match administration::rotate(tx, actor, alg, false)? {
            Rotation::Rotated => Ok(()),
            Rotation::NoNextKey | Rotation::TooEarly { .. } => Err(Refusal::TooEarly.into()),
        },
        KeyChange::Revoke(key) => {
            let has_next = rows.iter().any(|other| other.alg == key.alg && other.state == KeyState::Next);
            if key.state == KeyState::Active && !has_next {
                return Err(Refusal::TooEarly.into());
            }
            administration::revoke(tx, actor, &key.kid)?;
            Ok(())
        }
    }
}
