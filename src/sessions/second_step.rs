//! The second step of a sign-in: the second factor, after the password or the sign-in at another
//! provider.

use actix_web::web::Data;

use super::{
    limits,
    password_proof::PasswordProof,
    second_factor::{Claimant, Proof, prove},
    sign_in::{SignInBrowser, insert},
    trusted_browser,
};
use crate::{
    fault::Fault,
    secret::Handle,
    server::Server,
    store::{trusted_browsers, upstream_logouts, upstream_sessions},
};

/// Completes a sign-in with a code. Returns the handle of the new session. The browser is trusted
/// from now on if `trusted` is the handle for its cookie.
///
/// # Errors
/// As for [`prove`].
pub async fn sign_in_with_code(
    server: &Data<Server>,
    proof: PasswordProof,
    browser: SignInBrowser,
    code: &str,
    trusted: Option<Handle>,
) -> Result<Proof<Handle>, Fault> {
    let (user_id, session_epoch) = (proof.user_id, proof.session_epoch);
    let limits = limits::of_code(server, &browser.device, browser.address, user_id);
    let claimant = Claimant { user_id, session_epoch, session_id: None, limits, origin: browser.origin.clone() };
    let notice = browser.notice(server, user_id);
    let network = browser.origin.network.clone();
    let handle = Handle::random();
    let begun = handle.clone();
    let (now, user_agent) = (server.clock.now(), browser.user_agent());
    let session = browser.session(server, &handle, user_id);
    let (session_id, earlier) = (session.id, browser.earlier(user_id));
    let (first_step, since) = (proof.evidence()?, proof.at);
    let upstream = proof.upstream.map(|upstream| upstream.session);
    // Before the code is used up.
    if let Some(upstream) = upstream.clone()
        && !server.store.write(move |tx| upstream_logouts::may_begin(tx, &upstream, since)).await?
    {
        return Ok(Proof::Absent);
    }
    prove(server, claimant, code, move |tx, factor| {
        if let Some(upstream) = &upstream
            && !upstream_logouts::may_begin(tx, upstream, since)?
        {
            return Ok(None);
        }
        insert(tx, session, &first_step.with(factor, now), earlier, notice.as_ref())?;
        if let Some(upstream) = upstream {
            upstream_sessions::insert(tx, session_id, &upstream)?;
        }
        if let Some(trusted) = trusted {
            let row = trusted_browser::row(&trusted, user_id, &user_agent, &network, now);
            trusted_browsers::insert(tx, &row)?;
        }
        Ok(Some(begun))
    })
    .await
}
