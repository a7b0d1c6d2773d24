//! Disconnects all users from an app, a batch in each unit of work, so that none holds locks for
//! long.

use actix_web::HttpResponse;
use uuid::Uuid;

use super::{
    Console, Place,
    confirm::{Change, RefusedPage, refused},
    done, path_of,
    refusal::Refusal,
};
use crate::{
    administration::{
        Actor,
        clients::{Disconnected, disconnect_users, information::version},
    },
    fault::Stop,
    server::Call,
    store::{
        Id, Tx,
        clients::{self, Client},
    },
    web::page::Page,
};

/// The number of units of work in one request. The administrator goes on after them.
const BATCHES: usize = 50;

/// Disconnects the users in the order of their ids. What was done stays if a later batch is
/// refused, and the page says so.
pub(super) async fn all(call: &Call, console: Console, client: Client, seen: Change) -> Result<HttpResponse, Stop> {
    let (server, path) = (&call.server, path_of(Place::Apps, &client.id));
    let (mut after, mut disconnected) = (Id(Uuid::nil()), 0);
    for batch in 0..BATCHES {
        let (id, expected) = (client.id.clone(), seen.version.clone());
        let unit = move |tx: &mut Tx<'_>, actor: &Actor| {
            let current = clients::find_and_lock(tx, &id)?.ok_or(Refusal::Gone)?;
            if version(&current) != expected {
                return Err(Refusal::Changed.into());
            }
            Ok(disconnect_users(tx, actor, &current, after)??)
        };
        match console.entrance.change(server, seen.reason.clone(), unit).await? {
            Ok(Disconnected { users, next }) => {
                disconnected += users;
                match next {
                    Some(next) => after = next,
                    None => return Ok(done(&path, "disconnect")),
                }
            }
            Err(refusal) if batch == 0 => {
                let subject = (console.page.client_name(&client.metadata), client.id);
                return refused(server, console, refusal, subject, path).await;
            }
            Err(_) => break,
        }
    }
    let page = &console.page;
    let shown = RefusedPage {
        heading: page.text("console-partly"),
        subject: page.client_name(&client.metadata),
        reason: page.text_with("console-disconnected-partly", &[("count", disconnected)]),
        changes: Vec::new(),
        back: path,
        page: console.page,
        frame: console.frame,
    };
    Ok(shown.respond())
}
