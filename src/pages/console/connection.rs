//! `/admin/users/{sub}/apps/{client_id}`: disconnects one app from a user.

use actix_web::{HttpResponse, web::Path};

use super::{
    Console, Place,
    confirm::{Change, ConfirmPage, refused, seen},
    path_of,
    refusal::Refusal,
    user::connection_path,
};
use crate::{
    administration::{Actor, connections::version, users as administration},
    fault::{Fault, Stop},
    server::Call,
    store::{
        Id, Tx,
        connections::{self, Connection},
        users::{self, User},
    },
    web::{error_page, form, page::Page, see_other},
};

/// `GET /admin/users/{sub}/apps/{client_id}`: what ends.
pub async fn show(call: Call, path: Path<(String, String)>) -> HttpResponse {
    let (sub, client_id) = path.into_inner();
    super::show(&call, Place::Users, &here(&sub), async |console| match find(&call, &sub, &client_id).await? {
        Some((user, connection)) => ask(&call, console, &user, &connection).await,
        None => Ok(error_page::not_found(console.page)),
    })
    .await
}

/// `POST /admin/users/{sub}/apps/{client_id}`: disconnects the app.
pub async fn submit(call: Call, path: Path<(String, String)>, body: form::Body) -> HttpResponse {
    let (sub, client_id) = path.into_inner();
    super::submit(&call, &body, Place::Users, &here(&sub), async |console, params| {
        let seen = Change::parse(&params)?;
        match find(&call, &sub, &client_id).await? {
            Some((user, _)) => disconnect(&call, console, user, client_id, seen).await,
            None => Ok(error_page::not_found(console.page)),
        }
    })
    .await
}

/// After a sign-in, the user's page comes first.
fn here(sub: &str) -> String {
    path_of(Place::Users, sub)
}

async fn find(call: &Call, sub: &str, client_id: &str) -> Result<Option<(User, Connection)>, Stop> {
    let Ok(id) = sub.parse::<Id>() else { return Ok(None) };
    let client_id = client_id.to_owned();
    Ok(call.server.store.read(move |tx| read(tx, id, &client_id)).await?)
}

fn read(tx: &mut Tx<'_>, id: Id, client_id: &str) -> Result<Option<(User, Connection)>, Fault> {
    let Some(user) = users::find(tx, id)? else { return Ok(None) };
    let connection = connections::list(tx, id)?.into_iter().find(|connection| connection.client_id == client_id);
    Ok(connection.map(|connection| (user, connection)))
}

async fn ask(call: &Call, console: Console, user: &User, connection: &Connection) -> Result<HttpResponse, Stop> {
    let Some(seen) = seen(call)? else { return Ok(see_other(&here(&user.id.to_string()))) };
    let client = call.server.clients.find(&connection.client_id).await?;
    let app = client.map(|client| console.page.client_name(&client.metadata));
    let app = app.unwrap_or_else(|| connection.client_id.clone());
    let scopes = console.page.text_with("console-connection-effect", &[("scopes", connection.scope.to_string())]);
    let heading = [("app", app.as_str()), ("username", user.username.as_str())];
    let page = ConfirmPage {
        action: connection_path(user.id, &connection.client_id),
        heading: console.page.text_with("console-connection-heading", &heading),
        effects: vec![scopes, console.page.text("console-disconnect-effect")],
        warning: String::new(),
        is_grave: true,
        button: console.page.text("apps-disconnect"),
        version: seen,
        fields: Vec::new(),
        back: here(&user.id.to_string()),
        subject: connection.client_id.clone(),
        page: console.page,
        frame: console.frame,
    };
    Ok(page.respond())
}

async fn disconnect(
    call: &Call,
    console: Console,
    user: User,
    client_id: String,
    seen: Change,
) -> Result<HttpResponse, Stop> {
    let (id, expected) = (user.id, seen.version);
    let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
        users::lock(tx, id)?;
        let (user, connection) = read(tx, id, &client_id)?.ok_or(Refusal::Gone)?;
        if version(&connection) != expected {
            return Err(Refusal::Changed.into());
        }
        administration::disconnect(tx, actor, &user, &client_id, None)?;
        Ok(())
    };
    let path = here(&id.to_string());
    match console.entrance.change(&call.server, seen.reason, unit).await? {
        Ok(()) => Ok(see_other(&path)),
        Err(refusal) => refused(&call.server, console, refusal, (user.username, id.to_string()), path).await,
    }
}
