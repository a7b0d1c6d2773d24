//! What happened to an account, for the person's own eyes.

use diesel::prelude::*;

use super::{Fault, Id, Tx, on, schema::security_events};

/// Seconds for which an event is kept.
const MEMORY: i64 = 180 * 86_400;
/// Seconds in which wrong passwords from one network are one event.
const DAY: i64 = 86_400;
/// From how many networks they are told apart in a day; whatever comes from others is one event more.
const NETWORKS_A_DAY: usize = 5;

/// An event as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = security_events)]
pub struct SecurityEvent {
    /// UUIDv7.
    pub id: Id,
    /// Whose account.
    pub user_id: Id,
    /// [`Kind`], as [`Kind::as_str`] writes it.
    pub kind: String,
    /// The app concerned.
    pub client_id: Option<String>,
    /// Where it came from: an IPv4 address or IPv6 /64; empty where a program did it.
    pub network: String,
    /// When; of several, the last time.
    pub created_at: i64,
    /// How often.
    pub count: i64,
}

/// What can happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody signed in.
    SignedIn,
    /// A wrong password was typed.
    PasswordWrong,
    /// The password was changed.
    PasswordChanged,
    /// The profile was edited.
    ProfileChanged,
    /// A session was ended from another one.
    SessionEnded,
    /// Every other session was ended.
    OtherSessionsEnded,
    /// An app was allowed something.
    AppAllowed,
    /// An app was refused.
    AppDenied,
    /// A scope was taken back from an app.
    ScopeRemoved,
    /// An app was disconnected.
    AppDisconnected,
    /// A refresh token came twice: two hold it, so its grant was revoked.
    TokenReplayed,
    /// A refresh token was accepted though it had been replaced a while ago.
    OldTokenAccepted,
    /// The data was downloaded.
    DataDownloaded,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::SignedIn,
        Self::PasswordWrong,
        Self::PasswordChanged,
        Self::ProfileChanged,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::AppAllowed,
        Self::AppDenied,
        Self::ScopeRemoved,
        Self::AppDisconnected,
        Self::TokenReplayed,
        Self::OldTokenAccepted,
        Self::DataDownloaded,
    ];

    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::PasswordWrong => "password_wrong",
            Self::PasswordChanged => "password_changed",
            Self::ProfileChanged => "profile_changed",
            Self::SessionEnded => "session_ended",
            Self::OtherSessionsEnded => "other_sessions_ended",
            Self::AppAllowed => "app_allowed",
            Self::AppDenied => "app_denied",
            Self::ScopeRemoved => "scope_removed",
            Self::AppDisconnected => "app_disconnected",
            Self::TokenReplayed => "token_replayed",
            Self::OldTokenAccepted => "old_token_accepted",
            Self::DataDownloaded => "data_downloaded",
        }
    }

    /// The kind behind a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Records an event.
pub fn record(tx: &mut Tx<'_>, user_id: Id, kind: Kind, client_id: Option<&str>, network: &str) -> Result<(), Fault> {
    let event = SecurityEvent {
        id: Id::now_v7(),
        user_id,
        kind: kind.as_str().to_owned(),
        client_id: client_id.map(str::to_owned),
        network: network.to_owned(),
        created_at: tx.now,
        count: 1,
    };
    on!(tx, |conn| diesel::insert_into(security_events::table).values(&event).execute(conn))?;
    Ok(())
}

/// Records a wrong password: one event a network and day, and of few networks, so that nobody fills an account's list.
pub fn record_wrong_password(tx: &mut Tx<'_>, user_id: Id, network: &str) -> Result<(), Fault> {
    let now = tx.now;
    let known = security_events::user_id
        .eq(user_id)
        .and(security_events::kind.eq(Kind::PasswordWrong.as_str()))
        .and(security_events::created_at.ge(now - now % DAY));
    let today: Vec<SecurityEvent> =
        on!(tx, |conn| security_events::table.filter(known).select(SecurityEvent::as_select()).load(conn))?;
    let network =
        if today.len() < NETWORKS_A_DAY || today.iter().any(|event| event.network == network) { network } else { "" };
    match today.iter().find(|event| event.network == network) {
        None => record(tx, user_id, Kind::PasswordWrong, None, network),
        Some(event) => {
            on!(tx, |conn| diesel::update(security_events::table.find(event.id))
                .set((security_events::count.eq(security_events::count + 1), security_events::created_at.eq(now)))
                .execute(conn))?;
            Ok(())
        }
    }
}

/// A person's last events, newest first.
pub fn latest_of_user(tx: &mut Tx<'_>, user_id: Id, limit: i64) -> Result<Vec<SecurityEvent>, Fault> {
    Ok(on!(tx, |conn| security_events::table
        .filter(security_events::user_id.eq(user_id))
        .order((security_events::created_at.desc(), security_events::id.desc()))
        .limit(limit)
        .select(SecurityEvent::as_select())
        .load(conn))?)
}

/// Deletes at most `batch` events that are half a year old.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let old = security_events::table
        .filter(security_events::created_at.le(tx.now - MEMORY))
        .select(security_events::id)
        .limit(batch);
    let ids: Vec<Id> = on!(tx, |conn| old.load(conn))?;
    Ok(on!(tx, |conn| diesel::delete(security_events::table.filter(security_events::id.eq_any(ids))).execute(conn))?)
}
