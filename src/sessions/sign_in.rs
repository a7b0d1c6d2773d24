//! Signing in with a password: counted before it is checked, the same answer and the same time for an unknown person.

use zeroize::Zeroizing;

use super::expiry;
use crate::{
    fault::Fault,
    password::HashError,
    secret::Handle,
    server::Server,
    store::{
        Id,
        security_events::{self, Kind},
        sessions::{self, Session},
        throttle::{self, Key, Rate},
        users::{self, User},
    },
};

/// The most of a browser's own name that is kept, in characters.
const USER_AGENT_LENGTH: usize = 200;

/// What somebody typed, and where.
pub struct Attempt {
    /// Username or e-mail address.
    pub login: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The place that throttling counts.
    pub network: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// The sessions of this browser: one of the same person goes on in the new one.
    pub sessions_before: Vec<Session>,
}

/// How an attempt ended.
pub enum SignIn {
    /// A new session: its handle for the cookie, and whose it is.
    Accepted(Handle, Id),
    /// Name and password do not match, or the account is disabled.
    Wrong,
    /// Too many attempts: seconds until the next is heard.
    Throttled(i64),
    /// Too many passwords wait to be checked.
    Busy,
}

/// Checks a name and a password, and begins a session with a new id.
///
/// # Errors
/// The store's faults.
pub async fn sign_in(server: &Server, attempt: Attempt) -> Result<SignIn, Fault> {
    let network = Key::new("network", &attempt.network);
    let rates = Rates::of(server);

    let (login, counted_network) = (attempt.login, network.clone());
    let (user, account, refused) = server
        .store
        .write(move |tx| {
            let user = users::find_by_login(tx, &login)?;
            // By whichever of its names it is tried, an account is one account.
            let name = user.as_ref().map_or_else(|| users::normalize(&login), |user| user.username.clone());
            let account = Key::new("account", &name);
            let refused = match throttle::attempt(tx, &counted_network, rates.network)? {
                None => throttle::attempt(tx, &account, rates.account)?,
                refused => refused,
            };
            Ok((user, account, refused))
        })
        .await?;
    if let Some(seconds) = refused {
        tracing::info!(network = attempt.network, seconds, "sign-in refused: too many attempts");
        return Ok(SignIn::Throttled(seconds));
    }

    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = match server.passwords.verify(attempt.password, stored).await {
        Ok(right) => right,
        Err(HashError::Busy) => return Ok(SignIn::Busy),
        Err(HashError::Failed) => return Err(Fault::Panicked(HashError::Failed.to_string())),
    };
    let known = user.as_ref().map(|user| user.id);
    let cause = match &user {
        None => "nobody has this name",
        Some(_) if !right => "wrong password",
        Some(user) if user.disabled_at.is_some() => "the account is disabled",
        Some(_) => "",
    };
    let Some(user) = user.filter(|_| cause.is_empty()) else {
        if let Some(user_id) = known.filter(|_| !right) {
            remember_wrong_password(server, user_id, attempt.network.clone());
        }
        tracing::info!(network = attempt.network, cause, "sign-in refused");
        return Ok(SignIn::Wrong);
    };

    let handle = Handle::random();
    let now = server.clock.now();
    let session_before = attempt.sessions_before.into_iter().find(|before| before.user_id == user.id);
    let session = Session {
        id: Id(handle.id),
        secret_hash: handle.secret.hash().0.to_vec(),
        user_id: user.id,
        auth_time: now,
        last_seen_at: now,
        expires_at: expiry(server, now, now),
        user_agent: attempt.user_agent.chars().take(USER_AGENT_LENGTH).collect(),
        network: attempt.network,
        // The apps of this browser know the person's session by this name, and it goes on.
        sid: session_before.as_ref().map_or_else(Id::now_v7, |before| before.sid),
    };
    let user_id = user.id;
    begin(server, user, session, session_before, (account, network)).await?;
    Ok(SignIn::Accepted(handle, user_id))
}

/// Adds a wrong password to what the person sees of their account. Nobody waits for it: how long an answer takes must not tell
/// whether there is such a person.
pub(super) fn remember_wrong_password(server: &Server, user_id: Id, network: String) {
    let store = server.store.clone();
    tokio::spawn(async move {
        let recorded = store.write(move |tx| security_events::record_wrong_password(tx, user_id, &network)).await;
        if let Err(fault) = recorded {
            tracing::warn!(%fault, "a wrong password is missing from the person's list");
        }
    });
}

async fn begin(
    server: &Server,
    user: User,
    session: Session,
    session_before: Option<Session>,
    (account, network): (Key, Key),
) -> Result<(), Fault> {
    let rates = Rates::of(server);
    tracing::info!(user = %user.id, session = %session.id, "signed in");
    server
        .store
        .write(move |tx| {
            throttle::refund(tx, &network, rates.network)?;
            throttle::refund(tx, &account, rates.account)?;
            if let Some(before) = session_before {
                sessions::supersede(tx, before.id)?;
            }
            security_events::record(tx, session.user_id, Kind::SignedIn, None, &session.network)?;
            sessions::insert(tx, &session)
        })
        .await
}

/// How often a sign-in may be tried.
#[derive(Clone, Copy)]
pub(super) struct Rates {
    pub(super) account: Rate,
    pub(super) network: Rate,
}

impl Rates {
    pub(super) fn of(server: &Server) -> Self {
        let settings = &server.settings.throttle;
        let rate = |burst: u32, interval| Rate { burst: i64::from(burst), interval };
        Self {
            account: rate(settings.account_attempts, settings.account_interval),
            network: rate(settings.network_attempts, settings.network_interval),
        }
    }
}
