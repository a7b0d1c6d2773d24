//! Several people at one browser: one acts, the others wait in a cookie of their own until they are chosen.

use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::hmac;

use super::{SignedIn, csrf};
use crate::{
    fault::Fault,
    secret::Handle,
    server::Server,
    store::{Id, sessions},
    web::cookies::{self, Name},
};

/// People who wait, at the most; whoever would be one more is signed out.
const MAX_WAITING: usize = 4;
/// Parts the handles in the cookie; no handle holds it.
const SEPARATOR: &str = "~";
/// What sets the proof of a choice apart from other proofs.
const CHOICE: &str = "choice of an account";

/// Somebody who is signed in at this browser.
pub struct Account {
    /// What proves it.
    pub handle: Handle,
    /// Their session, and who they are.
    pub signed_in: SignedIn,
}

/// Whether anybody may wait; [`all`] knows whether their sessions still live.
pub fn somebody_waits(server: &Server, request: &HttpRequest) -> bool {
    cookies::read(request, Name::Waiting, server.front.https).is_some()
}

/// Everybody who is signed in at this browser, whoever acts first.
///
/// # Errors
/// The store's faults.
pub async fn all(server: &Server, request: &HttpRequest) -> Result<Vec<Account>, Fault> {
    let https = server.front.https;
    let waiting = cookies::read(request, Name::Waiting, https).unwrap_or_default();
    let waiting = waiting.split(SEPARATOR).filter_map(Handle::parse).take(MAX_WAITING);
    let handles: Vec<Handle> = super::handle(server, request).into_iter().chain(waiting).collect();
    server
        .store
        .read(move |tx| {
            let mut accounts = Vec::with_capacity(handles.len());
            for handle in handles {
                if let Some((session, user)) = sessions::find_live(tx, Id(handle.id))?
                    && handle.secret.matches(&session.secret_hash)
                {
                    accounts.push(Account { handle, signed_in: SignedIn { session, user } });
                }
            }
            Ok(accounts)
        })
        .await
}

/// The proof that the person chose the account of `session` for the pending request with the handle `request`.
pub fn choice(key: &hmac::Key, session: Id, request: &str) -> String {
    csrf::token(key, CHOICE, &[&session.to_string(), request])
}

/// Whether `proof` is that [`choice`].
pub fn is_choice(key: &hmac::Key, session: Id, request: &str, proof: &str) -> bool {
    csrf::verify(key, CHOICE, &[&session.to_string(), request], proof)
}

/// From this response on, whoever holds `active` acts, and `waiting` wait.
///
/// # Errors
/// The store's faults.
pub async fn activate(
    server: &Server,
    response: &mut HttpResponse,
    active: &Handle,
    mut waiting: Vec<Account>,
) -> Result<(), Fault> {
    let too_many = waiting.split_off(waiting.len().min(MAX_WAITING));
    if !too_many.is_empty() {
        let ids: Vec<Id> = too_many.iter().map(|account| account.signed_in.session.id).collect();
        server.store.write(move |tx| ids.iter().try_for_each(|id| sessions::delete(tx, *id))).await?;
    }
    let https = server.front.https;
    let lifetime = Some(server.settings.sessions.lifetime);
    cookies::set(response, &cookies::write(Name::Session, active.expose(), lifetime, https));
    let handles: Vec<String> = waiting.iter().map(|account| account.handle.expose()).collect();
    cookies::set(
        response,
        &if handles.is_empty() {
            cookies::remove(Name::Waiting, https)
        } else {
            cookies::write(Name::Waiting, handles.join(SEPARATOR), lifetime, https)
        },
    );
    Ok(())
}

/// From this response on, nobody is signed in at this browser.
pub fn forget(server: &Server, response: &mut HttpResponse) {
    let https = server.front.https;
    for name in [Name::Session, Name::Waiting] {
        cookies::set(response, &cookies::remove(name, https));
    }
}
