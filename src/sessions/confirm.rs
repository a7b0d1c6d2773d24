//! Asking somebody who has signed in for the password again.

use zeroize::Zeroizing;

use super::{
    SignedIn,
    sign_in::{Rates, remember_wrong_password},
};
use crate::{
    fault::Fault,
    password::HashError,
    server::Server,
    store::{
        sessions::{self, Session},
        throttle::{self, Key},
    },
};

/// Seconds for which a sign-in is recent enough for sensitive changes.
const RECENT: i64 = 600;

/// How it ended.
pub enum Confirmation {
    /// The password is right; the session counts as signed in now.
    Right,
    /// It is wrong.
    Wrong,
    /// Too many attempts: seconds until the next is heard.
    Throttled(i64),
    /// Too many passwords wait to be checked.
    Busy,
}

/// Whether the person has proven who they are so recently that a sensitive change needs no password.
pub fn is_recent(session: &Session, now: i64) -> bool {
    now - session.auth_time < RECENT
}

/// Checks the password of whoever has signed in.
///
/// # Errors
/// The store's faults.
pub async fn confirm(
    server: &Server,
    signed_in: &SignedIn,
    network: &str,
    password: Zeroizing<String>,
) -> Result<Confirmation, Fault> {
    let rate = Rates::of(server).account;
    let key = Key::new("account", &signed_in.user.username);
    let counted = key.clone();
    if let Some(seconds) = server.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await? {
        return Ok(Confirmation::Throttled(seconds));
    }
    match server.passwords.verify(password, signed_in.user.password_hash.clone()).await {
        Ok(true) => {}
        Ok(false) => {
            remember_wrong_password(server, signed_in.user.id, network.to_owned());
            return Ok(Confirmation::Wrong);
        }
        Err(HashError::Busy) => return Ok(Confirmation::Busy),
        Err(HashError::Failed) => return Err(Fault::Panicked(HashError::Failed.to_string())),
    }
    let session_id = signed_in.session.id;
    server
        .store
        .write(move |tx| {
            throttle::refund(tx, &key, rate)?;
            sessions::confirm(tx, session_id)
        })
        .await?;
    Ok(Confirmation::Right)
}
