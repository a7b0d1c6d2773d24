//! The second step of a sign-in: the second factor, after the password.

use actix_web::web::Data;
use writ_core::authentication::Evidence;

use super::{
    limits,
    password_proof::PasswordProof,
    second_factor::{Claimant, Proof, prove},
    sign_in::{SignInBrowser, insert},
    trusted_browser,
};
use crate::{fault::Fault, secret::Handle, server::Server, store::trusted_browsers};

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
    let PasswordProof { user_id, session_epoch, .. } = proof;
    let limits = limits::of_code(server, &browser.device, browser.address, user_id);
    let claimant = Claimant { user_id, session_epoch, limits, origin: browser.origin.clone() };
    let notice = browser.notice(server, user_id);
    let network = browser.origin.network.clone();
    let handle = Handle::random();
    let begun = handle.clone();
    let (now, user_agent) = (server.clock.now(), browser.user_agent());
    let session = browser.session(server, &handle, user_id);
    let earlier = browser.earlier(user_id);
    prove(server, claimant, code, move |tx, factor| {
        let evidence = Evidence::password(now).with(factor, now);
        insert(tx, session, &evidence, earlier, notice.as_ref())?;
        if let Some(trusted) = trusted {
            let row = trusted_browser::row(&trusted, user_id, &user_agent, &network, now);
            trusted_browsers::insert(tx, &row)?;
        }
        Ok(Some(begun))
    })
    .await
}
