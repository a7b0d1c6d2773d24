//! Changes of users. The audit log has their ids and which members changed, but neither names nor
//! addresses: its entries stay when an account is deleted.

pub mod import;
pub mod information;
pub mod registration;

use serde_json::{Value, json};
use writ_core::{
    StandardClaims,
    claim_mapping::{MAX_ATTRIBUTES, is_attribute, is_value},
    groups::GroupIds,
};

use super::{
    Actor, Change,
    administrators::{Refusal, check_another, check_face},
    audit,
};
use crate::{
    fault::Fault,
    store::{
        AfterSignIn, Id, Tx, accounts, connections, email_link_refusals, email_verifications, groups, invitations,
        linked_subjects,
        mails::{self, NewMail},
        notices, recoveries,
        security_events::{self, Kind},
        sessions,
        throttle::{self, Key},
        users::{self, User},
    },
};

/// Adds a user. A username or verified address in use is a unique violation.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<(), Fault> {
    users::insert(tx, user)?;
    audit::record(tx, actor, "user.create", user.id, Change::creation(json(user)?))
}

/// An invitation.
#[derive(Debug)]
pub struct Invited {
    /// The id of which its link is derived.
    pub id: Id,
    /// When the link expires.
    pub expires_at: i64,
}

/// Invites an address to create an account, by mail in `language` if it is given. The new user will
/// be in `groups`. `None` if a user has verified the address already.
pub fn invite(
    tx: &mut Tx<'_>,
    actor: &Actor,
    address: &str,
    groups: &GroupIds,
    language: Option<&str>,
) -> Result<Option<Invited>, Fault> {
    if users::find_by_email(tx, address)?.is_some() {
        return Ok(None);
    }
    let id = invitations::insert(tx, address, groups)?;
    if let Some(language) = language {
        let mail = NewMail {
            user_id: None,
            recipient: address.to_owned(),
            kind: mails::Kind::Invitation,
            language: language.to_owned(),
            link_id: Some(id),
            lifetime: invitations::LIFETIME,
        };
        mails::queue(tx, mail)?;
    }
    let change = if groups.is_empty() { json!({}) } else { json!({ "groups": groups::list(tx)?.names(groups) }) };
    audit::record(tx, actor, "user.invite", id, Change::creation(change))?;
    Ok(Some(Invited { id, expires_at: tx.now + invitations::LIFETIME }))
}

/// Replaces the standard claims.
pub fn set_claims(tx: &mut Tx<'_>, actor: &Actor, user: &User, claims: &StandardClaims) -> Result<(), Fault> {
    users::set_claims(tx, user.id, claims)?;
    record_change(tx, actor, "user.set-claims", user)
}

/// Why an attribute was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAttribute {
    /// It has another name.
    #[error("an attribute has a name of the characters a-z 0-9 _ - .")]
    Name,
    /// It has another value.
    #[error("an attribute has a value of 1 to 1000 characters on one line")]
    Value,
    /// The user has too many.
    #[error("a user has at most {MAX_ATTRIBUTES} attributes")]
    TooMany,
}

/// Sets or removes an attribute, which claims of the operator's own disclose. The audit log has its
/// name, and not its value.
pub fn set_attribute(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: &User,
    name: &str,
    value: Option<&str>,
) -> Result<Result<(), InvalidAttribute>, Fault> {
    if !is_attribute(name) {
        return Ok(Err(InvalidAttribute::Name));
    }
    users::lock(tx, user.id)?;
    let Some(user) = users::find(tx, user.id)? else { return Ok(Ok(())) };
    let mut attributes = user.attributes()?;
    match value {
        Some(value) if !is_value(value) => return Ok(Err(InvalidAttribute::Value)),
        Some(value) => attributes.insert(name.to_owned(), value.to_owned()),
        None => attributes.remove(name),
    };
    if attributes.len() > MAX_ATTRIBUTES {
        return Ok(Err(InvalidAttribute::TooMany));
    }
    users::set_attributes(tx, user.id, &attributes)?;
    let change = json!({ "attributes": [name] });
    let change = if value.is_some() { Change::creation(change) } else { Change::deletion(change) };
    audit::record(tx, actor, "user.set-attribute", user.id, change)?;
    Ok(Ok(()))
}

/// Sets or removes the e-mail address. A verified address in use is a unique violation.
pub fn set_email(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: &User,
    email: Option<&str>,
    verified: bool,
) -> Result<(), Fault> {
    users::set_email(tx, user.id, email, verified)?;
    email_verifications::delete_of_user(tx, user.id)?;
    notices::void_of_user(tx, user.id)?;
    record_change(tx, actor, "user.set-email", user)
}

/// Makes the address of a user a verified one. `false` if there is none. An address that another
/// user has verified is a unique violation.
pub fn verify_email(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<bool, Fault> {
    let Some(email) = &user.email else { return Ok(false) };
    users::set_email(tx, user.id, Some(email), true)?;
    notices::void_of_user(tx, user.id)?;
    record_change(tx, actor, "user.verify-email", user)?;
    Ok(true)
}

/// Replaces the password and ends all sessions.
pub fn set_password(tx: &mut Tx<'_>, actor: &Actor, user: &User, password_hash: &str) -> Result<(), Fault> {
    accounts::set_password(tx, user.id, password_hash)?;
    notices::void_of_user(tx, user.id)?;
    record_change(tx, actor, "user.set-password", user)
}

/// Makes a link with which the user chooses a new password, and returns its id.
pub fn recover(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Id, Fault> {
    notices::void_of_user(tx, user.id)?;
    let id = recoveries::insert(tx, user, None, AfterSignIn::default())?;
    audit::record(tx, actor, "user.recover", user.id, Change::default())?;
    Ok(id)
}

/// Removes the second factor and every passkey. `false` if there is none.
pub fn reset_factors(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<bool, Fault> {
    if !accounts::reset_factors(tx, user.id)? {
        return Ok(false);
    }
    notices::void_of_factors(tx, user.id)?;
    security_events::record(tx, user.id, Kind::SecondFactorReset, None, "")?;
    audit::record(tx, actor, "user.reset-factors", user.id, Change::default())?;
    Ok(true)
}

/// Disables an account and ends its sessions.
pub fn disable(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check(tx, actor, user)? {
        return Ok(Err(refusal));
    }
    accounts::disable(tx, user.id)?;
    notices::void_of_user(tx, user.id)?;
    record_change(tx, actor, "user.disable", user)?;
    Ok(Ok(()))
}

/// Enables a disabled account.
pub fn enable(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check_face(tx, actor, user)? {
        return Ok(Err(refusal));
    }
    accounts::enable(tx, user.id)?;
    record_change(tx, actor, "user.enable", user)?;
    Ok(Ok(()))
}

/// Ends all sessions of an account. Grants that outlive a session stay.
pub fn sign_out(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check_face(tx, actor, user)? {
        return Ok(Err(refusal));
    }
    accounts::sign_out(tx, user.id)?;
    audit::record(tx, actor, "user.sign-out", user.id, Change::default())?;
    Ok(Ok(()))
}

/// Forgets the wrong passwords and codes of an account, so that it can sign in at once. `false` if
/// there were none. The limits of networks stay.
pub fn unlock(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<bool, Refusal>, Fault> {
    if let Err(refusal) = check_face(tx, actor, user)? {
        return Ok(Err(refusal));
    }
    let mut keys = vec![Key::of_account(&user.username), Key::of_new_passwords(user.id), Key::of_codes(user.id)];
    let sessions = sessions::list_of_user(tx, user.id)?;
    for session in sessions {
        keys.extend([Key::of_confirmations(session.id), Key::of_codes_in_session(session.id)]);
    }
    let mut forgotten = false;
    for key in keys {
        forgotten |= throttle::forget(tx, &key)?;
    }
    audit::record(tx, actor, "user.unlock", user.id, Change::default())?;
    Ok(Ok(forgotten))
}

/// Checks that this face may end an account, and that an administrator is left.
fn check(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    match (check_face(tx, actor, user)?, &actor.console) {
        (Err(refusal), _) => Ok(Err(refusal)),
        (Ok(()), Some(console)) => check_another(tx, console, user),
        (Ok(()), None) => Ok(Ok(())),
    }
}

/// Deletes an account and everything that refers to it.
pub fn delete(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Result<(), Refusal>, Fault> {
    if let Err(refusal) = check(tx, actor, user)? {
        return Ok(Err(refusal));
    }
    accounts::delete(tx, user.id)?;
    audit::record(tx, actor, "user.delete", user.id, Change::deletion(json(user)?))?;
    Ok(Ok(()))
}

/// Records that an administrator read everything that is stored about a user.
pub fn export(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<(), Fault> {
    audit::record(tx, actor, "user.export", user.id, Change::default())
}

/// Links a user to a user of an identity provider. A linked subject is a unique violation.
pub fn link(tx: &mut Tx<'_>, actor: &Actor, user: &User, issuer: &str, subject: &str) -> Result<(), Fault> {
    linked_subjects::insert(tx, user.id, issuer, subject)?;
    email_link_refusals::delete(tx, user.id)?;
    audit::record(tx, actor, "user.link", user.id, Change::creation(json!({ "issuer": issuer })))
}

/// Removes such a link, and ends the sessions that began with it. `false` if there is none.
pub fn unlink(tx: &mut Tx<'_>, actor: &Actor, user: &User, issuer: &str, subject: &str) -> Result<bool, Fault> {
    if !accounts::unlink(tx, user.id, issuer, subject, None)? {
        return Ok(false);
    }
    audit::record(tx, actor, "user.unlink", user.id, Change::deletion(json!({ "issuer": issuer })))?;
    Ok(true)
}

/// Removes every link of a user, and ends all sessions.
pub fn unlink_all(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<(), Fault> {
    let links = linked_subjects::list_of_user(tx, user.id)?;
    accounts::remove_links(tx, user.id)?;
    accounts::sign_out(tx, user.id)?;
    links.iter().try_for_each(|link| {
        audit::record(tx, actor, "user.unlink", user.id, Change::deletion(json!({ "issuer": link.issuer })))
    })
}

/// Disconnects a client from a user, or revokes one `scope`. `false` if it was not connected.
pub fn disconnect(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: &User,
    client_id: &str,
    scope: Option<&str>,
) -> Result<bool, Fault> {
    let removed = match scope {
        Some(scope) => connections::remove_scope(tx, user.id, client_id, scope, "")?,
        None => connections::disconnect(tx, user.id, client_id, "")?,
    };
    if removed {
        let before = json!({ "client_id": client_id, "scope": scope });
        audit::record(tx, actor, "connection.remove", user.id, Change::deletion(before))?;
    }
    Ok(removed)
}

fn record_change(tx: &mut Tx<'_>, actor: &Actor, action: &str, before: &User) -> Result<(), Fault> {
    let after = users::find(tx, before.id)?;
    let after = after.as_ref().map(json).transpose()?.unwrap_or_default();
    audit::record(tx, actor, action, before.id, Change::between(json(before)?, after))
}

/// What the audit log says about a user.
fn json(user: &User) -> Result<Value, Fault> {
    let claims = serde_json::to_value(user.standard_claims()?).unwrap_or_default();
    let names: Vec<String> = super::members(claims).into_iter().map(|(name, _)| name).collect();
    Ok(json!({
        "claims": names,
        "disabled_at": user.disabled_at,
        "has_email": user.email.is_some(),
        "email_verified": user.email_verified,
        "has_password": user.password_hash.is_some(),
    }))
}
