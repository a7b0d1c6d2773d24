//! `/admin/users/{sub}/{action}`: what a change of an account ends, and the change.

use actix_web::{HttpResponse, web::Path};

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    done, path_of,
    refusal::{Halt, Refusal},
    user::{Stored, UserAction},
};
use crate::{
    administration::{Actor, users as administration},
    fault::Stop,
    server::Call,
    store::{
        Tx, usage,
        users::{self, User},
    },
    web::{error_page, form, locale::Value, page::Page, see_other},
};

/// `GET /admin/users/{sub}/{action}`: what the change does.
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (sub, action) = path.into_inner();
    super::show(&call, Place::Users, &here(&sub, &action), async |console| {
        match (Stored::find(&call.server, &sub).await?, action.parse::<UserAction>()) {
            (Some(stored), Ok(action)) => ask(&call, console, stored, action).await,
            _ => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/users/{sub}/{action}`: makes the change.
pub async fn submit(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (sub, action) = path.into_inner();
    super::submit(&call, &body, Place::Users, &here(&sub, &action), async |console, params| {
        let seen = Change::parse(&params)?;
        match (Stored::find(&call.server, &sub).await?, action.parse::<UserAction>()) {
            (Some(stored), Ok(action)) => change(&call, console, stored.user, action, seen).await,
            _ => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn here(sub: &str, action: &str) -> String {
    format!("{}/{action}", path_of(Place::Users, sub))
}

async fn ask(call: &Call, console: Console, stored: Stored, action: UserAction) -> Result<HttpResponse, Stop> {
    let Some(seen) = seen(call)? else {
        return Ok(see_other(&path_of(Place::Users, &stored.user.id.to_string())));
    };
    let (user, id) = (&stored.user, stored.user.id);
    let usage = call.server.store.read(move |tx| usage::of_user(tx, id)).await?;
    let text = |key: &str| console.page.text(key);
    let sessions = console.page.text_with("console-sessions-end", &[("count", stored.sessions.len())]);
    let grants = console.page.text_with("console-user-grants-end", &[("count", Value::from(usage.grants))]);
    let effects = match action {
        UserAction::SignOut => vec![sessions, text("console-sign-out-effect")],
        UserAction::Unlock => vec![text("console-unlock-effect")],
        UserAction::ResetFactors => vec![text("console-reset-factors-effect")],
        UserAction::Disable => vec![sessions, text("console-disable-effect")],
        UserAction::Enable => vec![text("console-enable-effect")],
        UserAction::Delete => vec![sessions, grants, text("console-delete-user-effect")],
    };
    let heading = match action {
        UserAction::SignOut => "console-sign-out-heading",
        UserAction::Unlock => "console-unlock-heading",
        UserAction::ResetFactors => "console-reset-factors-heading",
        UserAction::Disable => "console-disable-heading",
        UserAction::Enable => "console-enable-heading",
        UserAction::Delete => "console-delete-user-heading",
    };
    let page = ConfirmPage {
        action: here(&id.to_string(), action.as_str()),
        heading: console.page.text_with(heading, &[("username", user.username.as_str())]),
        effects,
        warning: match action {
            UserAction::ResetFactors => text("console-reset-factors-warning"),
            _ => String::new(),
        },
        is_grave: action.is_grave(),
        button: text(action.button()),
        version: seen,
        fields: Vec::new(),
        back: path_of(Place::Users, &id.to_string()),
        subject: user.username.clone(),
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn change(
    call: &Call,
    console: Console,
    user: User,
    action: UserAction,
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (id, expected) = (user.id, seen.version);
    let path = path_of(Place::Users, &id.to_string());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        users::lock(tx, id)?;
        let current = Stored::read(tx, id)?.ok_or(Refusal::Gone)?;
        if current.version() != expected {
            return Err(Refusal::Changed.into());
        }
        apply(tx, actor, &current.user, action)
    };
    match console.entrance.change(&call.server, seen.reason, unit).await? {
        Ok(()) if action == UserAction::Delete => Ok(done(Place::Users.path(), action.as_str())),
        Ok(()) => Ok(done(&path, action.as_str())),
        Err(refusal) => refused(&call.server, console, refusal, (user.username, id.to_string()), path).await,
    }
}

fn apply(tx: &mut Tx<'_>, actor: &Actor, user: &User, action: UserAction) -> Result<(), Halt> {
    match action {
        UserAction::SignOut => administration::sign_out(tx, actor, user)??,
        UserAction::Unlock => {
            administration::unlock(tx, actor, user)??;
        }
        UserAction::ResetFactors => {
            administration::reset_factors(tx, actor, user)?;
        }
        UserAction::Disable => administration::disable(tx, actor, user)??,
        UserAction::Enable => administration::enable(tx, actor, user)??,
        UserAction::Delete => administration::delete(tx, actor, user)??,
    }
    Ok(())
}
