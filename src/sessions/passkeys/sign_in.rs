//! Sign-in with a passkey: without a username, and without a second step, because the authenticator
//! has verified its user.

use actix_web::web::Data;
use writ_core::authentication::Evidence;

use super::{
    super::sign_in::{SignInBrowser, insert},
    Assertion, Unaccepted, Verified,
    ceremony::Bound,
    verify,
};
use crate::{
    fault::Fault,
    metrics::METRICS,
    secret::Handle,
    server::Server,
    store::{Id, Tx},
};

/// Starts a session of the user whose passkey responded. Returns the handle for the cookie and the
/// user.
///
/// # Errors
/// As for [`verify`].
pub async fn sign_in(
    server: &Data<Server>,
    browser: SignInBrowser,
    bound: &Bound<'_>,
    assertion: Assertion,
) -> Result<Result<(Handle, Id), Unaccepted>, Fault> {
    let outcome = match verify(server, bound, None, assertion).await? {
        Ok(verified) => begin(server, &browser, verified).await?,
        Err(unaccepted) => Err(unaccepted),
    };
    METRICS.sign_ins.add([if outcome.is_ok() { "accepted" } else { "wrong" }]);
    Ok(outcome)
}

async fn begin(
    server: &Server,
    browser: &SignInBrowser,
    verified: Verified,
) -> Result<Result<(Handle, Id), Unaccepted>, Fault> {
    let (handle, user_id, now) = (Handle::random(), verified.user.id, server.clock.now());
    let session = browser.session(server, &handle, user_id);
    let (session_id, earlier, notice) = (session.id, browser.earlier(user_id), browser.notice(server, user_id));
    let unit = move |tx: &mut Tx<'_>| {
        if !verified.redeem(tx)? {
            return Ok(false);
        }
        insert(tx, session, &Evidence::default().with(verified.factor, now), earlier, notice.as_ref())?;
        Ok(true)
    };
    if !server.store.write(unit).await? {
        tracing::info!(user = %user_id, "passkey refused: it was used, or the account changed while it was verified");
        return Ok(Err(Unaccepted::Stale));
    }
    tracing::info!(user = %user_id, session = %session_id, "signed in with a passkey");
    Ok(Ok((handle, user_id)))
}
