//! The creation of an account by its user. It exists once the address is confirmed: with the digits
//! of a mail in the browser that asked for it, or with the link of the mail and the password.

use actix_web::web::Data;
use aws_lc_rs::constant_time;
use writ_core::authentication::Evidence;
use zeroize::Zeroizing;

use super::{
    new_password::{NewPassword, Unacceptable},
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
        security_events::{self, Kind as Event},
        sign_ups::{self, NewAccount, SignUp},
        throttle::{self, Key, WRONG_DIGITS},
        users::{self, User},
    },
    web::limits::{account_rate, of_strangers},
};

const ENDPOINT: &str = "sign-up";
/// How often a username or address may be taken while the account is created.
const ATTEMPTS: usize = 3;

/// What a user entered, with a password of an accepted length.
pub struct Entry {
    /// The name to show.
    pub name: String,
    /// The address, normalized.
    pub address: String,
    /// The password.
    pub password: NewPassword,
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
    let account = match account(call, entry).await? {
        Ok(account) => account,
        Err(reason) => return Ok(Err(reason)),
    };
    let unit = move |tx: &mut Tx<'_>| {
        let (address, language) = (account.address.clone(), account.language.clone());
        let owner = users::find_by_email(tx, &address)?;
        let id = sign_ups::insert(tx, account, next)?;
        if mails::admit(tx, "sign-up", &address)? {
            mails::queue(tx, letter(owner.as_ref(), address, id, language)?)?;
        }
        Ok(id)
    };
    Ok(Ok(call.server.store.write(unit).await?))
}

/// Counts an entry, and then hashes its password.
async fn account(call: &Call, entry: Entry) -> Result<Result<NewAccount, NotEntered>, Fault> {
    let server = &call.server;
    let limits = of_strangers(&server.settings.throttle, ENDPOINT, call.client_address());
    let counted = limits.clone();
    if let Some(seconds) = server.store.write(move |tx| counted.attempt(tx)).await? {
        return Ok(Err(NotEntered::Throttled(seconds)));
    }
    let Entry { name, address, password, language, terms } = entry;
    let mut own: Vec<String> = name.split_whitespace().map(str::to_owned).collect();
    own.extend(address.split('@').next().map(str::to_owned));
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
        Ok(Ok(password_hash)) => Ok(NewAccount { address, name, password_hash, language, terms }),
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
        Ok(pending) => confirm(server, pending, browser).await,
        Err(refused) => Ok(refused),
    }
}

/// Creates an account with the link of its mail. The password shows that its reader has entered
/// it: no attacker can make the reader confirm an account with another password.
///
/// # Errors
/// [`Fault`] of the store or of the hashing threads.
pub async fn confirm_with_password(
    server: &Data<Server>,
    pending: SignUp,
    password: Zeroizing<String>,
    browser: SignInBrowser,
) -> Result<Confirmed, Fault> {
    let (key, rate) =
        (Key::new("password of sign-up", &pending.id.to_string()), account_rate(&server.settings.throttle));
    let counted = key.clone();
    if let Some(seconds) = server.store.write(move |tx| throttle::attempt(tx, &counted, rate)).await? {
        return Ok(Confirmed::Throttled(seconds));
    }
    let stored = Some(pending.password_hash.clone());
    match server.passwords.verify(password, stored, Some(&browser.origin.network)).await {
        Ok(true) => confirm(server, pending, browser).await,
        Ok(false) => Ok(Confirmed::Wrong),
        Err(HashError::Busy) => {
            server.store.write(move |tx| throttle::refund(tx, &key, rate)).await?;
            Ok(Confirmed::Busy)
        }
        Err(error @ HashError::Failed) => Err(error.into()),
    }
}

async fn confirm(server: &Data<Server>, pending: SignUp, browser: SignInBrowser) -> Result<Confirmed, Fault> {
    let (id, next) = (pending.id, pending.after_sign_in());
    begin(server, browser, next, move |tx| sign_ups::confirm(tx, id)).await
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
    let account = match account(call, entry).await? {
        Ok(account) => account,
        Err(reason) => return Ok(Err(reason)),
    };
    let id = invitation.id;
    let create = move |tx: &mut Tx<'_>| sign_ups::accept(tx, id, account);
    Ok(Ok(begin(&call.server, browser, AfterSignIn::default(), create).await?))
}

/// Creates an account and its first session in one unit of work.
async fn begin<F>(
    server: &Data<Server>,
    browser: SignInBrowser,
    next: AfterSignIn,
    create: F,
) -> Result<Confirmed, Fault>
where
    F: FnOnce(&mut Tx<'_>) -> Result<Option<User>, Fault> + Clone + Send + 'static,
{
    let handle = Handle::random();
    let now = server.clock.now();
    let template = browser.session(server, &handle, Id(handle.id));
    let unit = move |tx: &mut Tx<'_>| {
        let Some(user) = create(tx)? else { return Ok(None) };
        let session = crate::store::sessions::Session { user_id: user.id, ..template };
        security_events::record(tx, user.id, Event::SignedUp, None, &session.network)?;
        sign_in::insert(tx, session, &Evidence::password(now), None, None)?;
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
