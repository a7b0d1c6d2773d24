//! The sessions of a browser.

pub mod browser;
pub mod confirm;
pub mod csrf;
pub mod email;
pub mod factors;
pub mod limits;
pub mod new_password;
pub mod origin;
pub mod passkeys;
pub mod password_proof;
pub mod second_factor;
pub mod second_step;
pub mod sign_in;
pub mod sign_up;
pub mod totp;
pub mod trusted_browser;
pub mod upstream;

use actix_web::{HttpMessage, HttpRequest};

use crate::{
    fault::Fault,
    secret::Handle,
    server::Server,
    store::{
        Id, Tx,
        sessions::{self, Permissions, Session},
        users::User,
    },
    web::{
        cookies::{self, Name},
        locale::Setting,
        page::PageContext,
    },
};

/// Seconds after which another use of a session is recorded.
const TOUCH_AFTER: i64 = 300;

/// A session with its user.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: User,
}

/// The active session of this browser, with its user. It also sets the language of the response to
/// the user's.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn current(server: &Server, request: &HttpRequest) -> Result<Option<SignedIn>, Fault> {
    let Some((session, user)) = find(server, request, sessions::find_live).await? else { return Ok(None) };
    if let Some(tag) = user.standard_claims()?.locale {
        request.extensions_mut().insert(Setting(tag));
    }
    Ok(Some(SignedIn { session, user }))
}

/// The active session of this browser, with its user's groups and consent to a client.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn current_with_permissions(
    server: &Server,
    request: &HttpRequest,
    client_id: String,
) -> Result<Option<(Session, Permissions)>, Fault> {
    find(server, request, move |tx, id| sessions::find_live_with_permissions(tx, id, &client_id)).await
}

/// Runs `unit` with the id in the cookie, and returns the session if the cookie's secret matches.
async fn find<T, F>(server: &Server, request: &HttpRequest, unit: F) -> Result<Option<(Session, T)>, Fault>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>, Id) -> Result<Option<(Session, T)>, Fault> + Clone + Send + 'static,
{
    let Some(handle) = handle(server, request) else { return Ok(None) };
    let found = server.store.read(move |tx| unit(tx, Id(handle.id))).await?;
    let Some((session, beside)) = found.filter(|(session, _)| handle.secret.matches(&session.secret_hash)) else {
        return Ok(None);
    };
    record_use(server, &session).await?;
    Ok(Some((session, beside)))
}

/// Records that a session was used, some minutes after the last time.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn record_use(server: &Server, session: &Session) -> Result<(), Fault> {
    let now = server.clock.now();
    if now - session.last_seen_at >= TOUCH_AFTER {
        let (id, expires_at) = (session.id, expiry(server, session.auth_time, now));
        server.store.write(move |tx| sessions::touch(tx, id, expires_at)).await?;
    }
    Ok(())
}

/// The id and the secret in the session cookie. Nothing is checked.
pub fn handle(server: &Server, request: &HttpRequest) -> Option<Handle> {
    let https = server.front.https;
    cookies::read(request, Name::Session, https).as_deref().and_then(Handle::parse)
}

/// The layout of a page, in the language that the client requests, or else in the user's.
pub async fn page(server: &Server, request: &HttpRequest, ui_locales: Option<&str>) -> PageContext {
    if let Err(fault) = current(server, request).await {
        // The page may be the error page of this fault.
        tracing::warn!(%fault, "the session cannot be read");
    }
    server.front.page(request, ui_locales)
}

/// When a session that started at `auth_time` and is used at `now` expires.
fn expiry(server: &Server, auth_time: i64, now: i64) -> i64 {
    let settings = &server.settings.sessions;
    (now + settings.idle_lifetime).min(auth_time + settings.lifetime)
}
