//! The security events of an account, which are shown to its user.

use diesel::prelude::*;
use serde_json::json;
use strum::{EnumString, IntoStaticStr};

use super::{Fault, Id, Tx, audit_events, delete_batch, on, schema::security_events};
use writ_core::ScopeSet;

/// Retention of an event in seconds.
pub(super) const MEMORY: i64 = 180 * 86_400;
/// Seconds in which wrong passwords from one network count as one event.
const DAY: i64 = 86_400;
/// Maximum number of networks recorded separately per day. Further ones share one event.
const NETWORKS_A_DAY: usize = 5;

/// An event as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = security_events)]
pub struct SecurityEvent {
    /// UUIDv7.
    pub id: Id,
    /// The user.
    pub user_id: Id,
    /// [`Kind`], as [`Kind::as_str`] writes it.
    pub kind: String,
    /// The app, if one is involved.
    pub client_id: Option<String>,
    /// The network: an IPv4 address or IPv6 /64. Empty if a program caused the event.
    pub network: String,
    /// When it happened. For a repeated event, the last time.
    pub created_at: i64,
    /// How often it happened.
    pub count: i64,
    /// What it names: the provider that was linked or removed.
    pub about: Option<String>,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// The user created the account.
    SignedUp,
    /// The user signed in.
    SignedIn,
    /// A wrong password was entered.
    PasswordWrong,
    /// The password was changed.
    PasswordChanged,
    /// The password was changed with a link from a mail or an operator.
    PasswordRecovered,
    /// The user removed the password.
    PasswordRemoved,
    /// The profile was edited.
    ProfileChanged,
    /// The user confirmed an e-mail address.
    EmailConfirmed,
    /// The user took the account back with the link of a notice.
    AccountTakenBack,
    /// A session was ended from another session.
    SessionEnded,
    /// All other sessions were ended.
    OtherSessionsEnded,
    /// The user allowed an app.
    AppAllowed,
    /// The user denied an app.
    AppDenied,
    /// The user revoked a scope of an app.
    ScopeRemoved,
    /// An app was disconnected.
    AppDisconnected,
    /// The policy of an identity provider allowed an app.
    AccessAsserted,
    /// Two parties hold a refresh token, so its grant was revoked.
    TokenReplayed,
    /// A refresh token was accepted some time after its replacement.
    OldTokenAccepted,
    /// The user downloaded the data.
    DataDownloaded,
    /// A wrong code was entered after the right password.
    CodeWrong,
    /// The user set up a second factor.
    SecondFactorSetUp,
    /// The user removed the second factor.
    SecondFactorRemoved,
    /// An administrator removed the second factor.
    SecondFactorReset,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The user made new recovery codes.
    RecoveryCodesReplaced,
    /// The user registered a passkey.
    PasskeyAdded,
    /// The user removed a passkey.
    PasskeyRemoved,
    /// Two authenticators may have the key of a passkey.
    PasskeyCloned,
    /// The account was linked to a user of another provider.
    ProviderLinked,
    /// The user removed such a link.
    ProviderUnlinked,
}

impl Kind {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Records an event.
pub fn record(tx: &mut Tx<'_>, user_id: Id, kind: Kind, client_id: Option<&str>, network: &str) -> Result<(), Fault> {
    insert(tx, user_id, kind, client_id, None, network)
}

/// Records an event about a provider.
pub fn record_about(tx: &mut Tx<'_>, user_id: Id, kind: Kind, about: Option<&str>, network: &str) -> Result<(), Fault> {
    insert(tx, user_id, kind, None, about, network)
}

/// Records a decision about an app.
pub fn record_decision(
    tx: &mut Tx<'_>,
    user_id: Id,
    client_id: &str,
    network: &str,
    (granted, refused): (&ScopeSet, &ScopeSet),
) -> Result<(), Fault> {
    let kind = if granted.is_empty() { Kind::AppDenied } else { Kind::AppAllowed };
    insert_unaudited(tx, user_id, kind, Some(client_id), None, network)?;
    let about = json!({ "granted": granted.to_string(), "refused": refused.to_string() });
    audit_events::of_user(tx, user_id, network, action(kind), client_id.to_owned(), about)
}

/// The action in the audit log.
fn action(kind: Kind) -> String {
    format!("account.{}", kind.as_str())
}

fn insert(
    tx: &mut Tx<'_>,
    user_id: Id,
    kind: Kind,
    client_id: Option<&str>,
    about: Option<&str>,
    network: &str,
) -> Result<(), Fault> {
    insert_unaudited(tx, user_id, kind, client_id, about, network)?;
    // What an administrator did has an entry of its own.
    if network.is_empty() && matches!(kind, Kind::SecondFactorReset | Kind::AppDisconnected | Kind::ScopeRemoved) {
        return Ok(());
    }
    let target = client_id.map_or_else(|| user_id.to_string(), str::to_owned);
    let about = about.map_or_else(|| json!({}), |about| json!({ "about": about }));
    audit_events::of_user(tx, user_id, network, action(kind), target, about)
}

fn insert_unaudited(
    tx: &mut Tx<'_>,
    user_id: Id,
    kind: Kind,
    client_id: Option<&str>,
    about: Option<&str>,
    network: &str,
) -> Result<(), Fault> {
    let event = SecurityEvent {
        id: Id::now_v7(),
        user_id,
        kind: kind.as_str().to_owned(),
        client_id: client_id.map(str::to_owned),
        network: network.to_owned(),
        created_at: tx.now,
        count: 1,
        about: about.map(str::to_owned),
    };
    on!(tx, |conn| diesel::insert_into(security_events::table).values(&event).execute(conn))?;
    Ok(())
}

/// Records a wrong password or code as one event per network and day. The number of networks is
/// bounded, so that an attacker cannot flood the list.
pub fn record_wrong(tx: &mut Tx<'_>, user_id: Id, kind: Kind, network: &str) -> Result<(), Fault> {
    let now = tx.now;
    let known = security_events::user_id
        .eq(user_id)
        .and(security_events::kind.eq(kind.as_str()))
        .and(security_events::created_at.ge(now - now % DAY));
    let today: Vec<SecurityEvent> =
        on!(tx, |conn| security_events::table.filter(known).select(SecurityEvent::as_select()).load(conn))?;
    let network =
        if today.len() < NETWORKS_A_DAY || today.iter().any(|event| event.network == network) { network } else { "" };
    match today.iter().find(|event| event.network == network) {
        None => record(tx, user_id, kind, None, network),
        Some(event) => {
            on!(tx, |conn| diesel::update(security_events::table.find(event.id))
                .set((security_events::count.eq(security_events::count + 1), security_events::created_at.eq(now)))
                .execute(conn))?;
            Ok(())
        }
    }
}

/// Whether the user took something back from a client at `since` or later.
pub fn was_taken_back(tx: &mut Tx<'_>, user_id: Id, client_id: &str, since: i64) -> Result<bool, Fault> {
    let kinds = [Kind::AppDisconnected, Kind::ScopeRemoved].map(Kind::as_str);
    let later = security_events::user_id
        .eq(user_id)
        .and(security_events::client_id.eq(client_id))
        .and(security_events::kind.eq_any(kinds))
        .and(security_events::created_at.ge(since));
    let found: Option<Id> =
        on!(tx, |conn| security_events::table.filter(later).select(security_events::id).first(conn).optional())?;
    Ok(found.is_some())
}

/// The last events of a user, newest first.
pub fn latest_of_user(tx: &mut Tx<'_>, user_id: Id, limit: i64) -> Result<Vec<SecurityEvent>, Fault> {
    Ok(on!(tx, |conn| security_events::table
        .filter(security_events::user_id.eq(user_id))
        .order((security_events::created_at.desc(), security_events::id.desc()))
        .limit(limit)
        .select(SecurityEvent::as_select())
        .load(conn))?)
}

/// Deletes at most `batch` events that are older than half a year.
pub fn sweep(tx: &mut Tx<'_>, batch: i64) -> Result<usize, Fault> {
    let expired = security_events::created_at.le(tx.now - MEMORY);
    delete_batch!(tx, batch, security_events::table, security_events::id, Id, expired)
}
