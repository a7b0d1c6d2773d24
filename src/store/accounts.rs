//! Operations on an account that involve several tables: the user, the sessions, and the clients to
//! notify when a session ends.
//!
//! Each function that ends all sessions first advances the session epoch, which locks the row. A
//! sign-in on another node therefore either commits before it, and its session is found here, or
//! commits after it and sees the new epoch.

use super::{
    Fault, Id, Tx, device_requests, email_link_refusals, email_verifications, linked_subjects, logout_deliveries,
    passkeys, recovery_codes, requests, sessions, sessions::Session, totp_factors, trusted_browsers, upstream_sessions,
    users,
};

/// Maximum number of sessions of a user.
const MAX_SESSIONS: i64 = 100;

/// Sets a password and ends all sessions, because the old password may be known to others. `false`
/// if there is no such user.
pub fn set_password(tx: &mut Tx<'_>, id: Id, password_hash: &str) -> Result<bool, Fault> {
    let found = users::advance_session_epoch(tx, id)?;
    passkeys::set_suspended(tx, id, false)?;
    users::set_password_hash(tx, id, password_hash)?;
    trusted_browsers::delete_of_user(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, None)?;
    Ok(found)
}

/// Voids a password that the user no longer wants, and ends all sessions except `kept`.
pub fn remove_password(tx: &mut Tx<'_>, id: Id, kept: Id) -> Result<(), Fault> {
    users::advance_session_epoch(tx, id)?;
    users::void_password(tx, id)?;
    trusted_browsers::delete_of_user(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, Some(kept))?;
    Ok(())
}

/// Signs out everywhere, voids the password, suspends the passkeys and removes the links to other
/// providers, so that only a recovery opens the account.
pub fn lock_out(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    users::advance_session_epoch(tx, id)?;
    users::void_password(tx, id)?;
    passkeys::set_suspended(tx, id, true)?;
    remove_links(tx, id)?;
    trusted_browsers::delete_of_user(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, None)?;
    Ok(())
}

/// Changes a password from the session `kept`, which continues. Ends the others if `end_others`.
pub fn change_password(tx: &mut Tx<'_>, id: Id, password_hash: &str, kept: Id, end_others: bool) -> Result<(), Fault> {
    users::advance_session_epoch(tx, id)?;
    users::set_password_hash(tx, id, password_hash)?;
    trusted_browsers::delete_of_user(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    requests::deny_allowed(tx, id, None)?;
    if end_others {
        end(tx, id, Some(kept))?;
    }
    Ok(())
}

/// Removes the second factor with everything that belongs to it. `false` if there was none.
pub fn remove_second_factor(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    users::lock(tx, id)?;
    recovery_codes::delete(tx, id)?;
    trusted_browsers::delete_of_user(tx, id)?;
    totp_factors::delete(tx, id)
}

/// Removes the second factor and every passkey, and ends all sessions. `false` if there was none.
pub fn reset_factors(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    users::advance_session_epoch(tx, id)?;
    let had_second_factor = remove_second_factor(tx, id)?;
    if passkeys::delete_since(tx, id, i64::MIN)? == 0 && !had_second_factor {
        return Ok(false);
    }
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, None)?;
    Ok(true)
}

/// Ends the other sessions in which the user has, or may have, used a passkey, because one was
/// removed. What a session has allowed to a device is revoked, and an address that was entered in
/// one can no longer be confirmed.
pub fn end_passkey_sessions(tx: &mut Tx<'_>, id: Id, kept: Id) -> Result<(), Fault> {
    device_requests::revoke_of_user(tx, id)?;
    email_verifications::delete_of_user(tx, id)?;
    for session in sessions::list_of_user(tx, id)? {
        if session.id != kept && (session.evidence().has_passkey() || !session.is_known()) {
            end_session(tx, session.id)?;
        }
    }
    Ok(())
}

/// Removes the link to a user of another provider. It ends the sessions that began with it except
/// `kept`, and those of devices for which another provider has named the user. `false` if there is
/// no such link.
pub fn unlink(tx: &mut Tx<'_>, id: Id, issuer: &str, subject: &str, kept: Option<Id>) -> Result<bool, Fault> {
    // A sign-in with it that waits for the second factor is void as well.
    users::advance_session_epoch(tx, id)?;
    if !linked_subjects::delete(tx, id, issuer, subject)? {
        return Ok(false);
    }
    email_link_refusals::insert(tx, id)?;
    // What such a session has allowed to a device is revoked as well.
    device_requests::revoke_of_user(tx, id)?;
    for session in upstream_sessions::list(tx, issuer, subject)? {
        if Some(session) != kept {
            end_session(tx, session)?;
        }
    }
    for session in sessions::list_of_user(tx, id)? {
        if session.client_id.is_some() && (session.evidence().has_upstream() || !session.is_known()) {
            end_session(tx, session.id)?;
        }
    }
    Ok(true)
}

/// Removes the links to users of all other providers, and lets the address make no more. The caller
/// ends the sessions.
pub fn remove_links(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    email_link_refusals::insert(tx, id)?;
    linked_subjects::delete_of_user(tx, id)
}

/// Disables an account and ends its sessions. Its grants yield no tokens until it is enabled again.
/// `false` if there is no such user.
pub fn disable(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    users::advance_session_epoch(tx, id)?;
    let found = users::set_disabled_at(tx, id, Some(tx.now))?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, None)?;
    Ok(found)
}

/// Enables a disabled account again. `false` if there is no such user.
pub fn enable(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    users::set_disabled_at(tx, id, None)
}

/// Deletes an account and everything that refers to it. `false` if there is no such user.
pub fn delete(tx: &mut Tx<'_>, id: Id) -> Result<bool, Fault> {
    users::advance_session_epoch(tx, id)?;
    // Sessions must end before the grants are deleted, which name the clients to notify.
    end(tx, id, None)?;
    users::delete(tx, id)
}

/// Ends all sessions of a user.
pub fn sign_out(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    users::advance_session_epoch(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, None)?;
    Ok(())
}

/// Ends all sessions of a user except `kept` and returns their number.
pub fn end_other_sessions(tx: &mut Tx<'_>, id: Id, kept: Id) -> Result<usize, Fault> {
    users::advance_session_epoch(tx, id)?;
    device_requests::revoke_of_user(tx, id)?;
    end(tx, id, Some(kept))
}

/// Ends the sessions above the bound, the longest unused first. Without a bound, ending all of them
/// could take longer than a unit of work may.
pub fn end_least_used_sessions(tx: &mut Tx<'_>, id: Id) -> Result<(), Fault> {
    for session_id in sessions::above(tx, id, MAX_SESSIONS)? {
        end_session(tx, session_id)?;
    }
    Ok(())
}

/// Ends a session. `false` if it had already ended.
pub fn end_session(tx: &mut Tx<'_>, session_id: Id) -> Result<bool, Fault> {
    let ended = sessions::take(tx, session_id)?;
    notify(tx, ended.as_slice())?;
    Ok(ended.is_some())
}

/// Ends a session of this user from another one. An address that was entered in it can no longer be
/// confirmed. `false` if it is not one of this user's.
pub fn end_session_of_user(tx: &mut Tx<'_>, id: Id, session_id: Id) -> Result<bool, Fault> {
    let ended = sessions::take_one_of_user(tx, id, session_id)?;
    email_verifications::delete_of_user(tx, id)?;
    notify(tx, ended.as_slice())?;
    Ok(ended.is_some())
}

fn end(tx: &mut Tx<'_>, id: Id, kept: Option<Id>) -> Result<usize, Fault> {
    let ended = sessions::take_of_user(tx, id, kept)?;
    notify(tx, &ended)?;
    Ok(ended.len())
}

/// Only the unit of work that deleted the row notifies the clients, so each is notified once.
fn notify(tx: &mut Tx<'_>, ended: &[Session]) -> Result<(), Fault> {
    ended.iter().try_for_each(|session| logout_deliveries::queue(tx, session.user_id, session.sid))
}
