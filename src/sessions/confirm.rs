//! Asks a signed-in user for the password again.

use writ_core::{account, authentication::Factor};
use zeroize::Zeroizing;

use super::{SignedIn, sign_in::record_wrong_password};
use crate::{
    fault::Fault,
    password::HashError,
    server::Server,
    store::{
        Id, Tx,
        sessions::{self, Session},
        throttle::{self, Key},
        users,
    },
    web::limits::account_rate,
};

/// The result of a confirmation.
pub enum Confirmation {
    /// The password is right. The session now counts as just signed in.
    Right,
    /// The password is wrong, or the account changed while it was verified.
    Wrong,
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
    /// The password queue is full.
    Busy,
}

/// Whether the user authenticated recently enough for a sensitive change without the password.
pub fn is_recent(session: &Session, now: i64) -> bool {
    account::is_recent(&session.evidence(), now)
}

/// Locks the user and the session. `false` if the session has ended by now, or the last
/// authentication in it is not recent any more.
pub fn lock_recent(tx: &mut Tx<'_>, session_id: Id) -> Result<bool, Fault> {
    if !sessions::lock(tx, session_id)? {
        return Ok(false);
    }
    let found = sessions::find_live(tx, session_id)?;
    Ok(found.is_some_and(|(session, _)| is_recent(&session, tx.now)))
}

/// Verifies the password of the signed-in user. Attempts are counted per session, so that others
/// cannot exhaust the limit.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn confirm(
    server: &Server,
    signed_in: &SignedIn,
    network: &str,
    password: Zeroizing<String>,
) -> Result<Confirmation, Fault> {
    let rate = account_rate(&server.settings.throttle);
    let (session_id, user_id) = (signed_in.session.id, signed_in.user.id);
    let lane = user_id.to_string();
    let key = Key::of_confirmations(session_id);
    let counted = key.clone();
    if let Some(seconds) = server.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await? {
        return Ok(Confirmation::Throttled(seconds));
    }
    match server.passwords.verify(password, signed_in.user.password_hash.clone(), Some(&lane)).await {
        Ok(true) => {}
        Ok(false) => {
            record_wrong_password(server, user_id, network.to_owned());
            return Ok(Confirmation::Wrong);
        }
        Err(HashError::Busy) => {
            server.store.write(move |tx| throttle::refund(tx, &key, rate)).await?;
            return Ok(Confirmation::Busy);
        }
        Err(error @ HashError::Failed) => return Err(error.into()),
    }
    let session_epoch = signed_in.user.session_epoch;
    let confirmed = server
        .store
        .write(move |tx| {
            if !users::lock_in_epoch(tx, user_id, session_epoch)? || !sessions::prove(tx, session_id, Factor::Password)?
            {
                return Ok(false);
            }
            throttle::refund(tx, &key, rate)?;
            Ok(true)
        })
        .await?;
    Ok(if confirmed { Confirmation::Right } else { Confirmation::Wrong })
}
