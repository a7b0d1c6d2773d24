//! The change of a user's e-mail address: the new one counts once its owner has followed the link
//! in a mail, or typed its six digits.

use aws_lc_rs::constant_time;

use super::{
    SignedIn,
    factors::{Accepted, lock_proven},
    origin::Origin,
};
use crate::{
    fault::Fault,
    mail::link,
    server::{Call, Server},
    store::{
        Id, Tx, email_verifications,
        mails::{self, Kind, NewMail},
        notices,
        security_events::{self, Kind as Event},
        throttle::{self, Key, Limits, WRONG_DIGITS},
        users::{self, User},
    },
    web::limits::{account_rate, of_networks},
};

/// The result of entering a new address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It is to be confirmed. Whether another account has it is not disclosed.
    Pending,
    /// It is the user's verified address.
    Unchanged,
    /// There were too many. Seconds until another one is accepted.
    Throttled(i64),
    /// The session has ended or lacks a proof.
    Ended,
}

/// The result of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// The address is the user's.
    Done,
    /// The digits are wrong, the link has expired, or the account has changed.
    Void,
    /// There were too many wrong digits. Seconds until more are accepted.
    Throttled(i64),
}

/// Stores the new address of a signed-in user and sends a mail to it. If it belongs to another
/// account, that user is informed instead, at the same cost.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn enter(call: &Call, signed_in: &SignedIn, address: String, language: String) -> Result<Entered, Fault> {
    let (server, user_id) = (&call.server, signed_in.user.id);
    let (session_id, accepted) = (signed_in.session.id, Accepted::of(server));
    let throttle = &server.settings.throttle;
    let mut buckets = of_networks(throttle, "new address", call.client_address());
    buckets.push((Key::new("new address", &user_id.to_string()), account_rate(throttle)));
    let limits = Limits::new(buckets);
    let unit = move |tx: &mut Tx<'_>| {
        if let Some(seconds) = limits.attempt(tx)? {
            return Ok(Entered::Throttled(seconds));
        }
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Entered::Ended) };
        let owner = users::find_by_email(tx, &address)?;
        if owner.as_ref().is_some_and(|owner| owner.id == user_id) {
            return Ok(Entered::Unchanged);
        }
        let link_id = email_verifications::insert(tx, &user, &address)?;
        if mails::admit(tx, "address", &address)? {
            mails::queue(tx, letter(&user, owner.as_ref(), address, link_id, language)?)?;
        }
        Ok(Entered::Pending)
    };
    server.store.write(unit).await
}

/// The mail to an address that `user` entered. `owner` is the user who has verified it already.
fn letter(
    user: &User,
    owner: Option<&User>,
    recipient: String,
    link_id: Id,
    language: String,
) -> Result<NewMail, Fault> {
    let (about, kind, link_id) = match owner {
        None => (user, Kind::EmailVerification, Some(link_id)),
        Some(owner) => (owner, Kind::EmailTaken, None),
    };
    Ok(NewMail {
        user_id: Some(about.id),
        recipient,
        kind,
        language: about.standard_claims()?.locale.unwrap_or(language),
        link_id,
        lifetime: email_verifications::LIFETIME,
    })
}

/// Confirms the address that a signed-in user entered, with the digits of its mail.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn confirm_with_digits(
    server: &Server,
    signed_in: &SignedIn,
    digits: &str,
    origin: Origin,
) -> Result<Confirmed, Fault> {
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let (session_id, accepted) = (signed_in.session.id, Accepted::of(server));
    let key = server.front.form_key.clone();
    let unit = move |tx: &mut Tx<'_>| {
        let Some((_, user)) = lock_proven(tx, &accepted, session_id)? else { return Ok(Confirmed::Void) };
        let Some(pending) = email_verifications::find_of_user(tx, &user)? else { return Ok(Confirmed::Void) };
        let counted = Key::of_digits(user.id, &pending.address);
        if let Some(seconds) = throttle::attempt(tx, &counted, WRONG_DIGITS)? {
            return Ok(Confirmed::Throttled(seconds));
        }
        let right = link::digits(&key, pending.id);
        if constant_time::verify_slices_are_equal(right.as_bytes(), digits.as_bytes()).is_err() {
            return Ok(Confirmed::Void);
        }
        let confirmed = confirm(tx, pending.id, &origin)?;
        if confirmed == Confirmed::Done {
            throttle::refund(tx, &counted, WRONG_DIGITS)?;
        }
        Ok(confirmed)
    };
    unless_taken(server.store.write(unit).await)
}

/// Confirms an address with the link of its mail, in any browser.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn confirm_with_link(server: &Server, id: Id, origin: Origin) -> Result<Confirmed, Fault> {
    unless_taken(server.store.write(move |tx| confirm(tx, id, &origin)).await)
}

/// Another user has confirmed the same address in the same moment.
fn unless_taken(confirmed: Result<Confirmed, Fault>) -> Result<Confirmed, Fault> {
    match confirmed {
        Err(fault) if fault.is_unique_violation() => Ok(Confirmed::Void),
        confirmed => confirmed,
    }
}

/// Only this makes an entered address count.
fn confirm(tx: &mut Tx<'_>, id: Id, origin: &Origin) -> Result<Confirmed, Fault> {
    let Some((pending, before)) = email_verifications::confirm(tx, id)? else { return Ok(Confirmed::Void) };
    // An owner who returns to the former address owes no notice to the one who took it.
    let returns = notices::redeem_by_return(tx, before.id, &pending.address)?;
    if returns || before.email.as_ref() == Some(&pending.address) {
        security_events::record(tx, before.id, Event::EmailConfirmed, None, &origin.network)?;
    } else {
        origin.record(tx, &before, notices::Kind::EmailChanged)?;
    }
    tracing::info!(user = %before.id, "e-mail address confirmed");
    Ok(Confirmed::Done)
}
