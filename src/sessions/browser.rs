//! The accounts that are signed in at a browser. One is active; the others are in a separate cookie
//! until the user chooses one.

use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::hmac;

use super::{SignedIn, csrf};
use crate::{
    fault::Fault,
    secret::Handle,
    server::Server,
    store::{
        Id, Tx, accounts,
        sessions::{self, Session},
        users::User,
    },
    web::cookies::{self, Name},
};

/// Maximum number of inactive accounts per browser. Signing in to one more signs out the oldest.
const MAX_INACTIVE: usize = 4;
/// The separator between handles in the cookie. No handle contains it.
const SEPARATOR: &str = "~";
/// The purpose of the token that proves a choice.
const CHOICE: &str = "choice of an account";

/// An account that is signed in at this browser.
pub struct BrowserAccount {
    /// The session's handle, as in the cookie.
    pub handle: Handle,
    /// The session and its user.
    pub signed_in: SignedIn,
}

/// Whether the browser sent inactive accounts. Only [`accounts()`] knows whether their sessions are
/// active.
pub fn has_inactive(server: &Server, request: &HttpRequest) -> bool {
    cookies::read(request, Name::Inactive, server.front.https).is_some()
}

/// The accounts that are signed in at this browser, the active one first.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn accounts(server: &Server, request: &HttpRequest) -> Result<Vec<BrowserAccount>, Fault> {
    read(server, request, sessions::find_live).await
}

/// As [`accounts()`], with those that count as ended because this version does not know what was
/// proved in them. Nothing but their end may follow.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn accounts_to_end(server: &Server, request: &HttpRequest) -> Result<Vec<BrowserAccount>, Fault> {
    read(server, request, sessions::find_to_end).await
}

type Find = fn(&mut Tx<'_>, Id) -> Result<Option<(Session, User)>, Fault>;

async fn read(server: &Server, request: &HttpRequest, find: Find) -> Result<Vec<BrowserAccount>, Fault> {
    let https = server.front.https;
    let inactive = cookies::read(request, Name::Inactive, https).unwrap_or_default();
    let inactive = inactive.split(SEPARATOR).filter_map(Handle::parse).take(MAX_INACTIVE);
    let handles: Vec<Handle> = super::handle(server, request).into_iter().chain(inactive).collect();
    server
        .store
        .read(move |tx| {
            let mut accounts = Vec::with_capacity(handles.len());
            for handle in handles {
                if let Some((session, user)) = find(tx, Id(handle.id))?
                    && handle.secret.matches(&session.secret_hash)
                {
                    accounts.push(BrowserAccount { handle, signed_in: SignedIn { session, user } });
                }
            }
            Ok(accounts)
        })
        .await
}

/// A proof that the user chose the account of `session` for the pending request with the handle
/// `request`.
pub fn choice(key: &hmac::Key, session: Id, request: &str) -> String {
    csrf::token(key, CHOICE, &[&session.to_string(), request])
}

/// Whether `proof` is that [`choice`].
pub fn is_choice(key: &hmac::Key, session: Id, request: &str, proof: &str) -> bool {
    csrf::verify(key, CHOICE, &[&session.to_string(), request], proof)
}

/// Sets the active and the inactive accounts of the browser.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn activate(
    server: &Server,
    response: &mut HttpResponse,
    active: &Handle,
    mut inactive: Vec<BrowserAccount>,
) -> Result<(), Fault> {
    let too_many = inactive.split_off(inactive.len().min(MAX_INACTIVE));
    if !too_many.is_empty() {
        let ids: Vec<Id> = too_many.iter().map(|account| account.signed_in.session.id).collect();
        server.store.write(move |tx| ids.iter().try_for_each(|id| accounts::end_session(tx, *id).map(drop))).await?;
    }
    let https = server.front.https;
    let lifetime = Some(server.settings.sessions.lifetime);
    cookies::set(response, &cookies::write(Name::Session, active.expose(), lifetime, https));
    let handles: Vec<String> = inactive.iter().map(|account| account.handle.expose()).collect();
    let cookie = match handles.is_empty() {
        true => cookies::remove(Name::Inactive, https),
        false => cookies::write(Name::Inactive, handles.join(SEPARATOR), lifetime, https),
    };
    cookies::set(response, &cookie);
    Ok(())
}

/// Removes all accounts from this browser. It does not end their sessions.
pub fn forget_accounts(server: &Server, response: &mut HttpResponse) {
    let https = server.front.https;
    for name in [Name::Session, Name::Inactive] {
        cookies::set(response, &cookies::remove(name, https));
    }
}
