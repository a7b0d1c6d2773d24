//! `/admin/apps/{client_id}/{action}`: what a change of a client ends, and the change.

use actix_web::{HttpResponse, web::Path};

use super::{
    Console, Place,
    app::{AppAction, find, usage_text},
    app_disconnect,
    confirm::{Change, ConfirmPage, SecretPage, refused, seen},
    done, path_of,
    refusal::{Halt, Refusal},
};
use crate::{
    administration::{
        Actor,
        clients::{self as administration, information::version, logo},
    },
    fault::Stop,
    pages::consent::AppView,
    secret::{Secret, SecretHash},
    server::Call,
    store::{
        Tx,
        clients::{self, Client},
        usage,
    },
    web::{error_page, form, page::Page, see_other},
};

/// `GET /admin/apps/{client_id}/{action}`: what the change does.
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (id, action) = path.into_inner();
    super::show(&call, Place::Apps, &here(&id, &action), async |console| {
        match (find(&call.server, &id).await?, action.parse::<AppAction>()) {
            (Some(client), Ok(action)) => ask(&call, console, client, action).await,
            _ => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// `POST /admin/apps/{client_id}/{action}`: makes the change.
pub async fn submit(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (id, action) = path.into_inner();
    super::submit(&call, &body, Place::Apps, &here(&id, &action), async |console, params| {
        let seen = Change::parse(&params)?;
        match (find(&call.server, &id).await?, action.parse::<AppAction>()) {
            (Some(client), Ok(action)) => change(&call, console, client, action, seen).await,
            _ => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

fn here(id: &str, action: &str) -> String {
    format!("{}/{action}", path_of(Place::Apps, id))
}

async fn ask(call: &Call, console: Console, client: Client, action: AppAction) -> Result<HttpResponse, Stop> {
    let Some(seen) = seen(call)? else { return Ok(see_other(&path_of(Place::Apps, &client.id))) };
    let (server, id) = (&call.server, client.id.clone());
    let usage = server.store.read(move |tx| usage::of_client(tx, &id)).await?;
    let app = AppView::of(server, &client, console.page.locale, None).await?;
    let grants_end = usage_text(&console, usage, ["console-grants-end", "console-grants-end-many"]);
    let text = |key: &str| console.page.text(key);
    let effects = match action {
        AppAction::Approve => vec![text("console-approve-effect")],
        AppAction::RotateSecret => vec![text("console-rotate-effect")],
        AppAction::Disconnect => vec![grants_end, text("console-disconnect-effect")],
        AppAction::Disable => {
            let suspended = usage_text(&console, usage, ["console-grants-suspended", "console-grants-suspended-many"]);
            vec![suspended, text("console-disable-app-effect")]
        }
        AppAction::Enable => vec![text("console-enable-app-effect")],
        AppAction::Delete => vec![grants_end, text("console-delete-app-effect")],
    };
    let heading = match action {
        AppAction::Approve => "console-approve-heading",
        AppAction::RotateSecret => "console-rotate-heading",
        AppAction::Disconnect => "console-disconnect-heading",
        AppAction::Disable => "console-disable-app-heading",
        AppAction::Enable => "console-enable-app-heading",
        AppAction::Delete => "console-delete-app-heading",
    };
    let page = ConfirmPage {
        action: here(&client.id, action.as_str()),
        heading: console.page.text_with(heading, &[("app", app.name.as_str())]),
        effects,
        warning: app.look_alike.filter(|_| action == AppAction::Approve).unwrap_or_default(),
        is_grave: action.is_grave(),
        button: text(action.button()),
        version: seen,
        fields: Vec::new(),
        back: path_of(Place::Apps, &client.id),
        subject: client.id,
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn change(
    call: &Call,
    console: Console,
    client: Client,
    action: AppAction,
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (server, path) = (&call.server, path_of(Place::Apps, &client.id));
    let subject = (console.page.client_name(&client.metadata), client.id.clone());
    if version(&client) != seen.version {
        return refused(server, console, Refusal::Changed, subject, path).await;
    }
    if action == AppAction::Disconnect {
        return app_disconnect::all(call, console, client, seen).await;
    }
    let secret = Secret::random();
    let logo = match action {
        AppAction::Approve => logo::fetch(&server.fetcher, &client.metadata).await.unwrap_or_else(|reason| {
            tracing::info!(client = client.id, reason, "approved without its logo");
            None
        }),
        _ => None,
    };
    let (id, expected, hash) = (client.id.clone(), seen.version, secret.hash());
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        let current = clients::find_and_lock(tx, &id)?.ok_or(Refusal::Gone)?;
        if version(&current) != expected {
            return Err(Refusal::Changed.into());
        }
        apply(tx, actor, &current, action, hash)?;
        if let Some(logo) = &logo {
            administration::set_logo(tx, actor, &current.id, logo)?;
        }
        Ok(())
    };
    if let Err(refusal) = console.entrance.change(server, seen.reason, unit).await? {
        return refused(server, console, refusal, subject, path).await;
    }
    server.clients.invalidate(&client.id);
    Ok(match action {
        AppAction::Approve | AppAction::Disconnect | AppAction::Disable | AppAction::Enable => {
            done(&path, action.as_str())
        }
        AppAction::Delete => done(Place::Apps.path(), action.as_str()),
        AppAction::RotateSecret => {
            let (subject, _) = subject;
            let secret = secret.expose();
            SecretPage { page: console.page, frame: console.frame, subject, secret, back: path }.respond()
        }
    })
}

fn apply(tx: &mut Tx<'_>, actor: &Actor, client: &Client, action: AppAction, hash: SecretHash) -> Result<(), Halt> {
    match action {
        AppAction::Approve if !administration::approve(tx, actor, client)? => Err(Refusal::Changed.into()),
        AppAction::RotateSecret => Ok(administration::rotate_secret(tx, actor, client, hash)??),
        AppAction::Disable => Ok(administration::disable(tx, actor, client)??),
        AppAction::Enable => Ok(administration::enable(tx, actor, client)??),
        AppAction::Delete => {
            administration::delete(tx, actor, &client.id)??;
            Ok(())
        }
        // The users are disconnected in units of work of their own.
        AppAction::Approve | AppAction::Disconnect => Ok(()),
    }
}
