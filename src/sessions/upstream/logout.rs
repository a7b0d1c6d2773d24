//! The end of a session at another provider, which ends those that began with it here.

use writ_core::Error;

use crate::{
    fault::{Fault, Stop},
    server::Call,
    store::{
        Tx, accounts,
        throttle::Limits,
        upstream_logouts::{self, consume},
        upstream_sessions::list_ended,
    },
    upstream::Provider,
    web::limits::of_strangers,
};

/// The kind of the limits on attempts.
const ATTEMPTS: &str = "upstream logout";

/// Ends the sessions that a logout token names. Attempts are counted before anything is fetched.
///
/// # Errors
/// `invalid_request` if the token is not accepted or was used, or there were too many.
/// [`Stop::Broken`] if the store fails.
pub async fn by_token(call: &Call, provider: &Provider, token: &str) -> Result<usize, Stop> {
    let server = &call.server;
    let limits = admit(call).await?;
    let verified = provider.logout_token(&server.fetcher, token, &server.clock).await;
    let token = verified.map_err(|error| {
        let description = "the logout token is not accepted";
        Error::invalid_request(description).because(format!("provider {}: {error}", provider.settings.id))
    })?;
    let (issuer, id) = (provider.settings.issuer.as_str().to_owned(), provider.settings.id.clone());
    let unit = move |tx: &mut Tx<'_>| {
        // The provider has signed it, so that it is no stranger.
        limits.refund(tx)?;
        if !consume(tx, &issuer, &token.once.jti, token.once.used_until())? {
            let refusal = Error::invalid_request("the logout token was used before");
            return Err(refusal.because(format!("provider {id}: jti {}", token.once.jti)).into());
        }
        Ok(end(tx, &issuer, token.sub.as_deref(), token.sid.as_deref())?)
    };
    let ended = server.store.decide(unit).await?;
    tracing::info!(provider = provider.settings.id, sessions = ended, "signed out by the provider");
    Ok(ended)
}

/// Ends the sessions that began with the session `sid`, which a page of the provider names in a
/// frame. Browsers send no cookies with it, so that knowing `sid` must be enough. An unknown one
/// costs a read.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn by_frame(call: &Call, provider: &Provider, sid: &str) -> Result<usize, Fault> {
    let (issuer, sid) = (provider.settings.issuer.as_str().to_owned(), sid.to_owned());
    let (named, wanted) = (issuer.clone(), sid.clone());
    let known = call.server.store.read(move |tx| list_ended(tx, &named, None, Some(&wanted))).await?;
    if known.is_empty() {
        return Ok(0);
    }
    let ended = call.server.store.write(move |tx| end(tx, &issuer, None, Some(&sid))).await?;
    tracing::info!(provider = provider.settings.id, sessions = ended, "signed out by a frame of the provider");
    Ok(ended)
}

/// Counts an attempt, which is refunded if it succeeds.
async fn admit(call: &Call) -> Result<Limits, Stop> {
    let limits = of_strangers(&call.server.settings.throttle, ATTEMPTS, call.client_address());
    let counted = limits.clone();
    call.server.store.decide(move |tx| counted.admit_row(tx, upstream_logouts::sweep)).await?;
    Ok(limits)
}

/// Ends sessions. A sign-in that is on its way sees it, or is seen.
fn end(tx: &mut Tx<'_>, issuer: &str, subject: Option<&str>, sid: Option<&str>) -> Result<usize, Fault> {
    upstream_logouts::end(tx, issuer, subject, sid)?;
    let sessions = list_ended(tx, issuer, subject, sid)?;
    for session in &sessions {
        accounts::end_session(tx, *session)?;
    }
    Ok(sessions.len())
}
