//! What stands between people and their apps: remembered consent and grants, seen as one and ended as one.

use super::{
    Fault, Id, Tx,
    consents::{self, Consent},
    decisions, device_requests, grants,
    security_events::{self, Kind},
    users,
};
use writ_core::{ScopeSet, grants::GrantState, vocabulary::duration::GrantDuration};

/// An app that a person has let in.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The app.
    pub client_id: String,
    /// What it may do, by consent or by a grant that stands.
    pub scope: ScopeSet,
    /// Since when.
    pub since: i64,
    /// When a grant was last used, to within an hour; none: nothing was redeemed yet.
    pub last_used_at: Option<i64>,
    /// Where the app asked for a token from then: an IPv4 address or IPv6 /64.
    pub last_used_network: String,
    /// When it ends by itself; none: when it is taken back.
    pub ends_at: Option<i64>,
    /// Where it was last allowed from: an IPv4 address or IPv6 /64; empty if nobody remembers.
    pub network: String,
}

/// A person's connections, oldest first.
pub fn list(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Connection>, Fault> {
    let mut connections: Vec<Connection> = consents::list_of_user(tx, user_id)?
        .into_iter()
        .filter(|(_, consent, _)| !consent.granted.is_empty())
        .map(|(client_id, consent, since)| Connection {
            client_id,
            scope: consent.granted,
            since,
            last_used_at: None,
            last_used_network: String::new(),
            ends_at: consent.expires_at,
            network: String::new(),
        })
        .collect();
    for grant in grants::list_live_of_user(tx, user_id)? {
        let (used, network) = match &grant.state {
            GrantState::Live(live) => (Some(live.last_used_at), live.last_used_network.as_str()),
            GrantState::CodeIssued(_) | GrantState::Revoked => (None, ""),
        };
        match connections.iter_mut().find(|known| known.client_id == grant.client_id) {
            Some(known) => {
                known.scope = known.scope.union(&grant.allowed());
                known.since = known.since.min(grant.created_at);
                if used > known.last_used_at {
                    known.last_used_at = used;
                    known.last_used_network = network.to_owned();
                }
                known.ends_at = known.ends_at.zip(grant.ends_at).map(|(end, other)| end.max(other));
            }
            None => connections.push(Connection {
                scope: grant.allowed(),
                since: grant.created_at,
                last_used_at: used,
                last_used_network: network.to_owned(),
                ends_at: grant.ends_at,
                network: String::new(),
                client_id: grant.client_id,
            }),
        }
    }
    for decision in decisions::list_of_user(tx, user_id)? {
        if let Some(connection) = connections.iter_mut().find(|known| known.client_id == decision.client_id) {
            connection.network = decision.network;
        }
    }
    Ok(connections)
}

/// Notes what a person allowed of what was `asked`. What they left out is taken back from every earlier grant, and what they chose as
/// the end is the end of all that the app has. Of what they allowed for this time only, nothing is remembered.
pub fn allow(
    tx: &mut Tx<'_>,
    user_id: Id,
    client_id: &str,
    asked: &ScopeSet,
    granted: &ScopeSet,
    duration: GrantDuration,
) -> Result<(), Fault> {
    users::lock(tx, user_id)?;
    let unticked = asked.without(granted);
    for removed in unticked.iter() {
        grants::narrow_between(tx, user_id, client_id, removed)?;
        device_requests::narrow_between(tx, user_id, client_id, removed)?;
    }
    let expires_at = duration.ends_at(tx.now);
    if let Some(end) = expires_at {
        grants::end_between(tx, user_id, client_id, end)?;
    }
    if duration == GrantDuration::Once {
        consents::delete(tx, user_id, client_id)?;
        return Ok(());
    }
    let before = consents::find(tx, user_id, client_id)?.unwrap_or_default();
    let consent = Consent {
        declined: before.declined.without(granted).union(&unticked),
        granted: before.granted.without(&unticked).union(granted),
        expires_at,
    };
    consents::save(tx, user_id, client_id, &consent)
}

/// Takes one scope back from an app: out of the consent and out of every grant. False if the app did not have it.
pub fn remove_scope(tx: &mut Tx<'_>, user_id: Id, client_id: &str, scope: &str, network: &str) -> Result<bool, Fault> {
    users::lock(tx, user_id)?;
    let held = list(tx, user_id)?.into_iter().any(|known| known.client_id == client_id && known.scope.contains(scope));
    if !held {
        return Ok(false);
    }
    if let Some(mut consent) = consents::find(tx, user_id, client_id)? {
        consent.granted = consent.granted.filter(|name| name != scope);
        consent.declined = consent.declined.union(&std::iter::once(scope).collect());
        consents::save(tx, user_id, client_id, &consent)?;
    }
    grants::narrow_between(tx, user_id, client_id, scope)?;
    device_requests::narrow_between(tx, user_id, client_id, scope)?;
    security_events::record(tx, user_id, Kind::ScopeRemoved, Some(client_id), network)?;
    Ok(true)
}

/// Ends all that an app has: consent, codes, grants and with them every refresh token. False if there was nothing.
pub fn disconnect(tx: &mut Tx<'_>, user_id: Id, client_id: &str, network: &str) -> Result<bool, Fault> {
    users::lock(tx, user_id)?;
    let forgotten = consents::delete(tx, user_id, client_id)?;
    let revoked =
        grants::revoke_between(tx, user_id, client_id)? + device_requests::revoke_between(tx, user_id, client_id)?;
    if !forgotten && revoked == 0 {
        return Ok(false);
    }
    security_events::record(tx, user_id, Kind::AppDisconnected, Some(client_id), network)?;
    Ok(true)
}
