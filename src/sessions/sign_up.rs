//! The creation of an account by its user. It exists once the address is confirmed: with the digits
//! of a mail in the browser that asked for it, or with the link of the mail and the password or
//! passkey.

use actix_web::web::Data;
use aws_lc_rs::constant_time;
use writ_core::{authentication::Evidence, passkeys as rules};
use zeroize::Zeroizing;

use super::{
    new_password::{NewPassword, Unacceptable},
    passkeys::{self, Assertion, Unaccepted, ceremony::Challenge, registration::Registration},
    sign_in::{self, SignInBrowser},
};
use crate::{
    fault::Fault,
    mail::link,
    password::HashError,
    secret::Handle,
    server::{Call, Server},
    store::{
        AfterSignIn, Id, Tx,
        invitations::Invitation,
        mails::{self, Kind, NewMail},
        passkeys::Passkey,
        security_events::{self, Kind as Event},
        sign_ups::{self, Credential, NewAccount, SignUp},
        throttle::{self, Key, Limits, WRONG_DIGITS},
        used_challenges,
        users::{self, User},
    },
    web::cookies::Name,
    web::limits::{account_rate, of_strangers},
};

const ENDPOINT: &str = "sign-up";
/// How often a username or address may be taken while the account is created.
const ATTEMPTS: usize = 3;

/// What a user chose to sign in with.
pub enum Chosen {
    /// A password of an accepted length.
    Password(NewPassword),
    /// A new passkey, and its name if its provider is unknown.
    Passkey(Registration, String),
}

/// What a user entered.
pub struct Entry {
    /// The name to show.
    pub name: String,
    /// The address, normalized.
    pub address: String,
    /// The password or passkey.
    pub chosen: Chosen,
    /// The BCP 47 tag of the language of the page.
    pub language: String,
    /// The version of the terms that the user accepted. `None` if there are none.
    pub terms: Option<String>,
}

/// Why an entry is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotEntered {
    /// The password.
    Password(Unacceptable),
    /// The passkey.
    Passkey(Unaccepted),
    /// There were too many from this network. Seconds until another one is accepted.
    Throttled(i64),
    /// The password queue is full.
    Busy,
}

/// A new session of a new account.
pub struct SignedUp {
    /// The user.
    pub user_id: Id,
    /// The handle of the session, for its cookie.
    pub handle: Handle,
    /// What follows.
    pub next: AfterSignIn,
}

/// The result of a confirmation.
pub enum Confirmed {
    /// The account exists, and its user is signed in.
    Done(SignedUp),
    /// The digits or the password are wrong.
    Wrong,
    /// The passkey is not accepted.
    Unaccepted(Unaccepted),
    /// It has expired or was used, or the address belongs to another account.
    Void,
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
    /// The password queue is full.
    Busy,
}

/// Stores an entry and sends a mail to its address. If that belongs to an account, its user is
/// informed instead, at the same cost. The response does not tell.
///
/// # Errors
/// [`Fault`] of the store or of the hashing threads.
pub async fn enter(call: &Call, entry: Entry, next: AfterSignIn) -> Result<Result<Id, NotEntered>, Fault> {
    let (account, challenge) = match account(call, entry).await? {
        Ok(account) => account,
        Err(reason) => return Ok(Err(reason)),
    };
    let unit = move |tx: &mut Tx<'_>| {
        if !is_unused(tx, challenge)? {
            return Ok(Err(NotEntered::Passkey(Unaccepted::Stale)));
        }
        let (address, language) = (account.address.clone(), account.language.clone());
        let owner = users::find_by_email(tx, &address)?;
        let id = sign_ups::insert(tx, account, next)?;
        if mails::admit(tx, "sign-up", &address)? {
            mails::queue(tx, letter(owner.as_ref(), address, id, language)?)?;
        }
        Ok(Ok(id))
    };
    call.server.store.write(unit).await
}

/// Uses up the challenge of a new passkey, if there is one. `false` if it was answered before.
fn is_unused(tx: &mut Tx<'_>, challenge: Option<Challenge>) -> Result<bool, Fault> {
    challenge.map_or(Ok(true), |challenge| used_challenges::consume(tx, challenge.id, challenge.expires_at))
}

/// An account to create, and the challenge of its passkey.
type Accepted = (NewAccount, Option<Challenge>);

/// Counts an entry, and then hashes its password or verifies its passkey.
async fn account(call: &Call, entry: Entry) -> Result<Result<Accepted, NotEntered>, Fault> {
    let server = &call.server;
    let limits = of_strangers(&server.settings.throttle, ENDPOINT, call.client_address());
    let counted = limits.clone();
    if let Some(seconds) = server.store.write(move |tx| counted.attempt(tx)).await? {
        return Ok(Err(NotEntered::Throttled(seconds)));
    }
    let Entry { name, address, chosen, language, terms } = entry;
    let verified = match chosen {
        Chosen::Password(password) => {
            let mut own: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
            own.extend(address.split('@').next().map(str::to_owned));
            hashed(call, password, own, limits).await?.map(|hash| (Credential::Password(hash), None))
        }
        Chosen::Passkey(response, own_name) => {
            let browser = call.cookie(Name::Browser).unwrap_or_default();
            let verified = passkeys::sign_up::verify(server, &browser, response, own_name)?;
            let accepted = verified.map(|(passkey, challenge)| (Credential::Passkey(passkey.into()), Some(challenge)));
            accepted.map_err(NotEntered::Passkey)
        }
    };
    Ok(verified.map(|(credential, challenge)| (NewAccount { address, name, credential, language, terms }, challenge)))
}

/// Hashes a password that is not made of `own` words. What was counted is refunded if it has to
/// wait.
async fn hashed(
    call: &Call,
    password: NewPassword,
    own: Vec<String>,
    limits: Limits,
) -> Result<Result<String, NotEntered>, Fault> {
    let server = &call.server;
    // Strangers share the queue with those who sign in.
    let reservation = match server.passwords.reserve(Some(&call.network())) {
        Ok(reservation) => reservation,
        Err(HashError::Busy) => {
            server.store.write(move |tx| limits.refund(tx)).await?;
            return Ok(Err(NotEntered::Busy));
        }
        Err(error @ HashError::Failed) => return Err(error.into()),
    };
    Ok(match password.hash(server, own, reservation).await {
        Ok(Ok(hash)) => Ok(hash),
        Ok(Err(reason)) => Err(NotEntered::Password(reason)),
        // It stays counted: the service for leaked passwords was asked already.
        Err(Fault::Busy) => Err(NotEntered::Busy),
        Err(fault) => return Err(fault),
    })
}

/// The mail to an entered address. `owner` is the user who has verified it already.
fn letter(owner: Option<&User>, recipient: String, id: Id, language: String) -> Result<NewMail, Fault> {
    let language = match owner {
        Some(owner) => owner.standard_claims()?.locale.unwrap_or(language),
        None => language,
    };
    Ok(NewMail {
        user_id: owner.map(|owner| owner.id),
        recipient,
        kind: if owner.is_some() { Kind::SignUpTaken } else { Kind::SignUp },
        language,
        link_id: owner.is_none().then_some(id),
        lifetime: sign_ups::LIFETIME,
    })
}

/// Creates an account with the digits of its mail.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn confirm_with_digits(
    server: &Data<Server>,
    id: Id,
    digits: &str,
    browser: SignInBrowser,
) -> Result<Confirmed, Fault> {
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let right = link::digits(&server.front.form_key, id);
    let is_right = constant_time::verify_slices_are_equal(right.as_bytes(), digits.as_bytes()).is_ok();
    let count = move |tx: &mut Tx<'_>| {
        let Some(pending) = sign_ups::find_valid(tx, id)? else { return Ok(Err(Confirmed::Void)) };
        let counted = Key::of_sign_up_digits(&pending.address);
        if let Some(seconds) = throttle::attempt(tx, &counted, WRONG_DIGITS)? {
            return Ok(Err(Confirmed::Throttled(seconds)));
        }
        if !is_right {
            return Ok(Err(Confirmed::Wrong));
        }
        throttle::refund(tx, &counted, WRONG_DIGITS)?;
        Ok(Ok(pending))
    };
    match server.store.write(count).await? {
        Ok(pending) => {
            let evidence = match pending.credential()? {
                Credential::Password(_) => Evidence::password(server.clock.now()),
                // A passkey that is switched off since then opens no account.
                Credential::Passkey(_) if server.webauthn.is_none() => return Ok(Confirmed::Void),
                Credential::Passkey(passkey) => {
                    Evidence::default().with(rules::factor(passkey.backup_eligible), passkey.created_at)
                }
            };
            confirm(server, pending, evidence, browser).await
        }
        Err(refused) => Ok(refused),
    }
}

/// Creates an account with the link of its mail. The passkey shows that its reader has chosen it,
/// as a password does. A signature cannot be guessed, so attempts are not counted.
///
/// # Errors
/// [`Fault`] of the store, or [`Fault::Corrupt`] for a passkey that cannot be read.
pub async fn confirm_with_passkey(
    server: &Data<Server>,
    pending: SignUp,
    passkey: Passkey,
    (browser_id, assertion): (&str, Assertion),
    browser: SignInBrowser,
) -> Result<Confirmed, Fault> {
    let proof = match passkeys::sign_up::prove(server, browser_id, passkey, assertion)? {
        Ok(proof) => proof,
        Err(unaccepted) => return Ok(Confirmed::Unaccepted(unaccepted)),
    };
    let evidence = Evidence::default().with(proof.factor, server.clock.now());
    let (id, next) = (pending.id, pending.after_sign_in());
    let create = move |tx: &mut Tx<'_>| proof.redeem(tx, |tx| sign_ups::confirm(tx, id));
    begin(server, browser, (next, evidence), create).await
}

/// Creates an account with the link of its mail. The password shows that its reader has entered
/// it: no attacker can make the reader confirm an account with another password.
///
/// # Errors
/// [`Fault`] of the store or of the hashing threads.
pub async fn confirm_with_password(
    server: &Data<Server>,
    pending: SignUp,
    (password, hash): (Zeroizing<String>, String),
    browser: SignInBrowser,
) -> Result<Confirmed, Fault> {
    let (key, rate) =
        (Key::new("password of sign-up", &pending.id.to_string()), account_rate(&server.settings.throttle));
    let counted = key.clone();
    if let Some(seconds) = server.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await? {
        return Ok(Confirmed::Throttled(seconds));
    }
    match server.passwords.verify(password, Some(hash), Some(&browser.origin.network)).await {
        Ok(true) => {
            let evidence = Evidence::password(server.clock.now());
            confirm(server, pending, evidence, browser).await
        }
        Ok(false) => Ok(Confirmed::Wrong),
        Err(HashError::Busy) => {
            server.store.write(move |tx| throttle::refund(tx, &key, rate)).await?;
            Ok(Confirmed::Busy)
        }
        Err(error @ HashError::Failed) => Err(error.into()),
    }
}

async fn confirm(
    server: &Data<Server>,
    pending: SignUp,
    evidence: Evidence,
    browser: SignInBrowser,
) -> Result<Confirmed, Fault> {
    let (id, next) = (pending.id, pending.after_sign_in());
    begin(server, browser, (next, evidence), move |tx| sign_ups::confirm(tx, id)).await
}

/// Creates the account of an invitation. Its link has proven the address.
///
/// # Errors
/// [`Fault`] of the store or of the hashing threads.
pub async fn accept(
    call: &Call,
    invitation: &Invitation,
    entry: Entry,
    browser: SignInBrowser,
) -> Result<Result<Confirmed, NotEntered>, Fault> {
    let (account, challenge) = match account(call, entry).await? {
        Ok(account) => account,
        Err(reason) => return Ok(Err(reason)),
    };
    let (id, now) = (invitation.id, call.server.clock.now());
    let evidence = match &account.credential {
        Credential::Password(_) => Evidence::password(now),
        Credential::Passkey(passkey) => Evidence::default().with(rules::factor(passkey.backup_eligible), now),
    };
    let create = move |tx: &mut Tx<'_>| {
        if is_unused(tx, challenge)? { sign_ups::accept(tx, id, account) } else { Ok(None) }
    };
    Ok(Ok(begin(&call.server, browser, (AfterSignIn::default(), evidence), create).await?))
}

/// Creates an account and its first session in one unit of work.
async fn begin<F>(
    server: &Data<Server>,
    browser: SignInBrowser,
    (next, evidence): (AfterSignIn, Evidence),
    create: F,
) -> Result<Confirmed, Fault>
where
    F: FnOnce(&mut Tx<'_>) -> Result<Option<User>, Fault> + Clone + Send + 'static,
{
    let handle = Handle::random();
    let template = browser.session(server, &handle, Id(handle.id));
    let unit = move |tx: &mut Tx<'_>| {
        let Some(user) = create(tx)? else { return Ok(None) };
        let session = crate::store::sessions::Session { user_id: user.id, ..template };
        security_events::record(tx, user.id, Event::SignedUp, None, &session.network)?;
        sign_in::insert(tx, session, &evidence, None, None)?;
        Ok(Some(user.id))
    };
    for _ in 0..ATTEMPTS {
        match server.store.write(unit.clone()).await {
            // Another account has taken the username or the address in the same moment.
            Err(fault) if fault.is_unique_violation() => {}
            Err(fault) => return Err(fault),
            Ok(None) => return Ok(Confirmed::Void),
            Ok(Some(user_id)) => {
                tracing::info!(user = %user_id, "signed up");
                return Ok(Confirmed::Done(SignedUp { user_id, handle, next }));
            }
        }
    }
    Ok(Confirmed::Void)
}
