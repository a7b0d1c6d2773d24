//! The links of a signed-in user to users of other providers.

use writ_core::{Params, account::Way, upstream::Identity};

use super::{Failure, authenticate, sign_in::link as insert};
use crate::{
    fault::Fault,
    server::Server,
    sessions::{
        SignedIn,
        factors::{Accepted, lock_proven, ways_in},
        origin::Origin,
    },
    store::{
        Id, Tx, accounts, email_link_refusals, linked_subjects,
        notices::Kind as Change,
        unlinked_identities::{self, UnlinkedIdentity},
        upstream_attempts::Attempt,
    },
    upstream::Provider,
};

/// Links the provider that a signed-in user has authenticated at. The session of the attempt must
/// be the current one, and still active.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn add(
    server: &Server,
    provider: &Provider,
    attempt: &Attempt,
    params: &Params,
    signed_in: Option<&SignedIn>,
    origin: Origin,
) -> Result<Result<(), Failure>, Fault> {
    let session_id = signed_in.map(|signed_in| signed_in.session.id);
    let Some(session_id) = session_id.filter(|id| Some(*id) == attempt.session_id) else {
        return Ok(Err(Failure::Ended));
    };
    let identity = match authenticate(server, provider, params).await {
        Ok(identity) => identity,
        Err(failure) => return Ok(Err(failure)),
    };
    let (accepted, name) = (Accepted::of(server), provider.settings.name.clone());
    let unit = move |tx: &mut Tx<'_>| link(tx, &accepted, session_id, &identity, &name, &origin);
    unless_linked_meanwhile(server.store.write(unit).await)
}

/// Links the user of another provider who has just signed in here, after signing in there. The
/// sign-in must be recent.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn accept(
    server: &Server,
    signed_in: &SignedIn,
    found: UnlinkedIdentity,
    origin: Origin,
) -> Result<Result<(), Failure>, Fault> {
    let (session_id, accepted) = (signed_in.session.id, Accepted::of(server));
    let Some(provider) = server.providers.find(&found.provider) else { return Ok(Err(Failure::Ended)) };
    let name = provider.settings.name.clone();
    let unit = move |tx: &mut Tx<'_>| {
        if !unlinked_identities::take(tx, found.id)? {
            return Ok(Err(Failure::Ended));
        }
        link(tx, &accepted, session_id, &found.identity(), &name, &origin)
    };
    unless_linked_meanwhile(server.store.write(unit).await)
}

fn link(
    tx: &mut Tx<'_>,
    accepted: &Accepted,
    session_id: Id,
    identity: &Identity,
    provider: &str,
    origin: &Origin,
) -> Result<Result<(), Failure>, Fault> {
    let Identity { issuer, subject, .. } = identity;
    let Some((_, user)) = lock_proven(tx, accepted, session_id)? else { return Ok(Err(Failure::Ended)) };
    match linked_subjects::find_user(tx, issuer, subject)? {
        Some(owner) if owner.id != user.id => return Ok(Err(Failure::LinkedElsewhere)),
        Some(_) => {}
        None => insert(tx, &user, identity, provider, origin)?,
    }
    linked_subjects::use_link(tx, user.id, issuer, subject, identity.account())?;
    email_link_refusals::delete(tx, user.id)?;
    tracing::info!(user = %user.id, issuer, "linked");
    Ok(Ok(()))
}

/// Another account was linked in the same moment.
fn unless_linked_meanwhile(linked: Result<Result<(), Failure>, Fault>) -> Result<Result<(), Failure>, Fault> {
    match linked {
        Err(fault) if fault.is_unique_violation() => Ok(Err(Failure::LinkedElsewhere)),
        linked => linked,
    }
}

/// The result of removing a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// It is removed, and the other sessions that began with it have ended.
    Done,
    /// It is the last way to sign in.
    LastWay,
    /// There is no such link, or the session has ended or lacks a proof.
    Gone,
}

/// Removes the link of a signed-in user to a user of another provider.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn remove(
    server: &Server,
    signed_in: &SignedIn,
    issuer: String,
    subject: String,
    origin: Origin,
) -> Result<Unlinked, Fault> {
    let (session_id, accepted) = (signed_in.session.id, Accepted::of(server));
    let name = server.providers.find_by_issuer(&issuer).map(|provider| provider.settings.name.clone());
    let name = name.unwrap_or_else(|| issuer.clone());
    let unit = move |tx: &mut Tx<'_>| {
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Unlinked::Gone) };
        let way = Way::Link { issuer: &issuer, subject: &subject };
        if !ways_in(tx, &accepted, &user)?.remain_without(way) {
            return Ok(Unlinked::LastWay);
        }
        if !accounts::unlink(tx, user.id, &issuer, &subject, Some(session_id))? {
            return Ok(Unlinked::Gone);
        }
        origin.record_about(tx, &user, Change::ProviderUnlinked, Some(&name))?;
        Ok(Unlinked::Done)
    };
    server.store.write(unit).await
}
