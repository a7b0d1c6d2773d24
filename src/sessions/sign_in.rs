//! Password sign-in. An attempt is counted before the password is verified. An unknown username is
//! counted and takes as long as a known one.

use std::net::IpAddr;

use actix_web::web::Data;
use writ_core::authentication::Evidence;
use zeroize::Zeroizing;

use super::{
    expiry,
    limits::{self, Counted, DeviceCookie},
    origin::Origin,
    password_proof::PasswordProof,
    trusted_browser::TrustCookie,
};
use crate::{
    fault::Fault,
    metrics::METRICS,
    password::{self, HashError},
    secret::Handle,
    server::Server,
    store::{
        Id, Tx, accounts,
        notices::Kind as Change,
        security_events::{self, Kind},
        sessions::{self, Session},
        throttle::Limits,
        totp_factors,
        users::{self, User},
    },
};

/// Maximum length of a stored `User-Agent`, in characters.
const USER_AGENT_LENGTH: usize = 200;

/// The credentials of a sign-in attempt, and the browser.
pub struct Credentials {
    /// The username or e-mail address.
    pub login: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The browser.
    pub browser: SignInBrowser,
}

/// The browser of a sign-in attempt.
#[derive(Clone)]
pub struct SignInBrowser {
    /// Its IP address.
    pub address: IpAddr,
    /// Its network and language.
    pub origin: Origin,
    /// The users who have signed in at this browser before.
    pub device: DeviceCookie,
    /// The users who sign in here without the second factor.
    pub trusted: TrustCookie,
    /// The `User-Agent`.
    pub user_agent: String,
    /// The sessions of this browser. The new session continues one of the same user.
    pub earlier_sessions: Vec<Session>,
}

impl SignInBrowser {
    /// A new session of a user.
    pub(super) fn session(&self, server: &Server, handle: &Handle, user_id: Id) -> Session {
        let now = server.clock.now();
        Session {
            id: Id(handle.id),
            secret_hash: handle.secret.hash().0.to_vec(),
            user_id,
            auth_time: now,
            last_seen_at: now,
            expires_at: expiry(server, now, now),
            user_agent: self.user_agent(),
            network: self.origin.network.clone(),
            sid: Id::now_v7(),
            client_id: None,
            evidence: None,
        }
    }

    /// The `User-Agent` as stored.
    pub(super) fn user_agent(&self) -> String {
        self.user_agent.chars().take(USER_AGENT_LENGTH).collect()
    }

    /// The origin for a notice, if this user has never signed in at this browser.
    pub(super) fn notice(&self, server: &Server, user_id: Id) -> Option<Origin> {
        (!self.device.knows(server, user_id)).then(|| self.origin.clone())
    }

    /// The session that a new one of this user continues.
    pub(super) fn earlier(&self, user_id: Id) -> Option<Session> {
        self.earlier_sessions.iter().find(|earlier| earlier.user_id == user_id).cloned()
    }
}

/// The result of an attempt.
pub enum SignIn {
    /// A new session: its handle for the cookie, and its user.
    Accepted(Handle, Id),
    /// The password is right. The second factor must follow.
    SecondStep(PasswordProof),
    /// Username and password do not match, or the account is disabled.
    Wrong,
    /// There were too many attempts. Seconds until another one is accepted.
    Throttled(i64),
    /// The password queue is full.
    Busy,
}

impl SignIn {
    /// The outcome, for those who count.
    fn name(&self) -> &'static str {
        match self {
            Self::Accepted(..) => "accepted",
            Self::SecondStep(_) => "second_step",
            Self::Wrong => "wrong",
            Self::Throttled(_) => "throttled",
            Self::Busy => "busy",
        }
    }
}

/// Verifies a username and a password, and starts a session unless the user has a second factor.
///
/// # Errors
/// [`Fault`] of the store.
pub async fn sign_in(server: &Data<Server>, credentials: Credentials) -> Result<SignIn, Fault> {
    let outcome = attempt(server, credentials).await?;
    METRICS.sign_ins.add([outcome.name()]);
    Ok(outcome)
}

async fn attempt(server: &Data<Server>, credentials: Credentials) -> Result<SignIn, Fault> {
    let network = credentials.browser.origin.network.clone();
    let (user, counted, wait) = count(server, &credentials).await?;
    if let Some(seconds) = wait {
        tracing::info!(network, seconds, "sign-in refused: too many attempts");
        return Ok(SignIn::Throttled(seconds));
    }
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let verified = server.passwords.verify(credentials.password.clone(), stored, counted.lane.as_deref()).await;
    let matches = match verified {
        Ok(matches) => matches,
        Err(HashError::Busy) => {
            server.store.write(move |tx| counted.limits.refund(tx)).await?;
            return Ok(SignIn::Busy);
        }
        Err(error @ HashError::Failed) => return Err(error.into()),
    };
    let user = match verdict(user, matches) {
        Ok(user) => user,
        Err(refusal) => {
            tracing::info!(network, cause = refusal.cause(), "sign-in refused");
            if let Refusal::WrongPassword(user_id) = refusal {
                record_wrong_password(server, user_id, network);
            }
            return Ok(SignIn::Wrong);
        }
    };
    let renewed = renew_hash(server, &user, credentials.password).await;
    begin(server, &user, credentials.browser, counted.limits, renewed).await
}

/// A stored hash, and one of the same password that replaces it.
#[derive(Clone)]
struct Renewed {
    old: String,
    new: String,
}

/// Hashes a right password again if its hash was imported or has other parameters than ours. If the
/// queue is full, the next sign-in does it.
async fn renew_hash(server: &Server, user: &User, password: Zeroizing<String>) -> Option<Renewed> {
    let old = user.password_hash.clone().filter(|stored| password::is_outdated(stored))?;
    let new = server.passwords.hash(password, None).await.ok()?;
    Some(Renewed { old, new })
}

/// Returns the user, the limits that were counted, and the seconds to wait if one is exceeded.
async fn count(
    server: &Data<Server>,
    credentials: &Credentials,
) -> Result<(Option<User>, Counted, Option<i64>), Fault> {
    let (node, login) = (Data::clone(server), credentials.login.clone());
    let (device, address) = (credentials.browser.device.clone(), credentials.browser.address);
    server
        .store
        .write(move |tx| {
            let user = users::find_by_login(tx, &login)?;
            let counted = limits::of_sign_in(&node, &device, address, &login, user.as_ref());
            let wait = counted.limits.attempt(tx)?;
            Ok((user, counted, wait))
        })
        .await
}

enum Refusal {
    UnknownUser,
    WrongPassword(Id),
    Disabled,
}

impl Refusal {
    fn cause(&self) -> &'static str {
        match self {
            Self::UnknownUser => "there is no such user",
            Self::WrongPassword(_) => "wrong password",
            Self::Disabled => "the account is disabled",
        }
    }
}

fn verdict(user: Option<User>, matches: bool) -> Result<User, Refusal> {
    match user {
        None => Err(Refusal::UnknownUser),
        Some(user) if !matches => Err(Refusal::WrongPassword(user.id)),
        Some(user) if user.disabled_at.is_some() => Err(Refusal::Disabled),
        Some(user) => Ok(user),
    }
}

/// What followed a right password.
enum Begun {
    Session,
    SecondStep,
    /// The account has changed since its password was read.
    Changed,
}

/// Starts a session with a new id. Whether a second factor is needed is decided in the unit of work
/// that starts it.
async fn begin(
    server: &Server,
    user: &User,
    browser: SignInBrowser,
    limits: Limits,
    renewed: Option<Renewed>,
) -> Result<SignIn, Fault> {
    let handle = Handle::random();
    let now = server.clock.now();
    let (user_id, session_epoch) = (user.id, user.session_epoch);
    let session = browser.session(server, &handle, user_id);
    let (session_id, earlier) = (session.id, browser.earlier(user_id));
    let notice = browser.notice(server, user_id);
    let trusted = browser.trusted;
    let begun = server
        .store
        .write(move |tx| {
            if !users::lock_in_epoch(tx, user_id, session_epoch)? {
                return Ok(Begun::Changed);
            }
            limits.refund(tx)?;
            if let Some(Renewed { old, new }) = renewed {
                users::renew_password_hash(tx, user_id, &old, &new)?;
            }
            if totp_factors::find(tx, user_id)?.is_some() && !trusted.is_of(tx, user_id)? {
                return Ok(Begun::SecondStep);
            }
            insert(tx, session, &Evidence::password(now), earlier, notice.as_ref())?;
            Ok(Begun::Session)
        })
        .await?;
    match begun {
        Begun::Session => {
            tracing::info!(user = %user_id, session = %session_id, "signed in");
            Ok(SignIn::Accepted(handle, user_id))
        }
        Begun::SecondStep => Ok(SignIn::SecondStep(PasswordProof::new(user, now))),
        Begun::Changed => {
            tracing::info!(user = %user_id, "sign-in refused: the account changed while the password was verified");
            Ok(SignIn::Wrong)
        }
    }
}

/// A sign-in with a new browser is a `notice` to the user.
///
/// The new session takes over the `sid` of the browser's earlier session, which clients know. It
/// gets a new one if the earlier session has been ended, because the clients were notified of that.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    session: Session,
    evidence: &Evidence,
    earlier: Option<Session>,
    notice: Option<&Origin>,
) -> Result<(), Fault> {
    let superseded = match earlier {
        Some(earlier) => sessions::take(tx, earlier.id)?,
        None => None,
    };
    let sid = superseded.map_or(session.sid, |superseded| superseded.sid);
    security_events::record(tx, session.user_id, Kind::SignedIn, None, &session.network)?;
    if let Some(origin) = notice
        && let Some(user) = users::find(tx, session.user_id)?
    {
        origin.notify(tx, &user, Change::NewBrowser)?;
    }
    let user_id = session.user_id;
    sessions::insert(tx, &Session { sid, evidence: Some(evidence.to_string()), ..session })?;
    accounts::end_least_used_sessions(tx, user_id)
}

/// Records a wrong password for the user, in the background: the response time must not reveal
/// whether the user exists.
pub(super) fn record_wrong_password(server: &Server, user_id: Id, network: String) {
    let store = server.store.clone();
    tokio::spawn(async move {
        let recorded =
            store.write(move |tx| security_events::record_wrong(tx, user_id, Kind::PasswordWrong, &network)).await;
        if let Err(fault) = recorded {
            tracing::warn!(%fault, "a wrong password was not recorded");
        }
    });
}
