//! The connection between a user and a client: the consent, the grants, and the decisions that the
//! client has not used yet. It is shown and ended as a whole.

use super::{
    Fault, Id, Tx, consents, decisions, device_requests, grants,
    requests::{self, Unfetched},
    security_events::{self, Kind},
    users,
};
use writ_core::{
    ScopeSet,
    consent::{self, ConsentChange, Decision},
    grants::GrantState,
    scopes::ScopeIds,
};

/// A client that a user has allowed something.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The client.
    pub client_id: String,
    /// The scope that is allowed by consent or by a live grant.
    pub scope: ScopeSet,
    /// The ids of these scopes.
    pub scope_ids: ScopeIds,
    /// The start, in seconds since the epoch.
    pub since: i64,
    /// When a grant was last used, with a precision of an hour. `None` if none was redeemed.
    pub last_used_at: Option<i64>,
    /// The network of that token request: an IPv4 address or IPv6 /64.
    pub last_used_network: String,
    /// When it expires. `None` if the user set no end.
    pub ends_at: Option<i64>,
    /// The network from which it was last allowed: an IPv4 address or IPv6 /64. Empty if unknown.
    pub network: String,
    /// The identity provider whose policy allowed it, if not the user alone did.
    pub asserted_by: Option<String>,
}

impl Connection {
    fn allow(&mut self, scope: &ScopeSet, scope_ids: ScopeIds) {
        self.scope = self.scope.union(scope);
        self.scope_ids.extend(scope_ids);
    }
}

/// A user's connections, oldest first.
pub fn list(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Connection>, Fault> {
    let mut connections = list_without_networks(tx, user_id)?;
    let mut networks = decisions::networks_of_user(tx, user_id)?;
    for connection in &mut connections {
        connection.network = networks.remove(&connection.client_id).unwrap_or_default();
    }
    Ok(connections)
}

/// As [`list`], without the networks from which the clients were allowed.
fn list_without_networks(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Connection>, Fault> {
    let mut connections: Vec<Connection> = consents::list_of_user(tx, user_id)?
        .into_iter()
        .filter(|(_, consent, _)| !consent.granted.is_empty())
        .map(|(client_id, consent, since)| Connection {
            client_id,
            scope_ids: ScopeIds::of(&consent.granted, &consent.disclosed),
            scope: consent.granted,
            since,
            last_used_at: None,
            last_used_network: String::new(),
            ends_at: consent.expires_at,
            network: String::new(),
            asserted_by: None,
        })
        .collect();
    for grant in grants::list_live_of_user(tx, user_id)? {
        let (used, network) = match &grant.state {
            GrantState::Live(live) => (Some(live.last_used_at), live.last_used_network.as_str()),
            GrantState::CodeIssued(_) | GrantState::Revoked => (None, ""),
        };
        match connections.iter_mut().find(|known| known.client_id == grant.client_id) {
            Some(known) => {
                known.allow(&grant.allowed(), grant.scope_ids);
                known.since = known.since.min(grant.created_at);
                if used > known.last_used_at {
                    known.last_used_at = used;
                    known.last_used_network = network.to_owned();
                }
                known.ends_at = known.ends_at.zip(grant.ends_at).map(|(end, other)| end.max(other));
                known.asserted_by = known.asserted_by.take().or(grant.asserted_by);
            }
            None => connections.push(Connection {
                scope: grant.allowed(),
                scope_ids: grant.scope_ids,
                since: grant.created_at,
                last_used_at: used,
                last_used_network: network.to_owned(),
                ends_at: grant.ends_at,
                network: String::new(),
                asserted_by: grant.asserted_by,
                client_id: grant.client_id,
            }),
        }
    }
    for Unfetched { client_id, scope, scope_ids, since } in unfetched(tx, user_id)? {
        match connections.iter_mut().find(|known| known.client_id == client_id) {
            Some(known) => known.allow(&scope, scope_ids),
            None => connections.push(Connection {
                client_id,
                scope,
                scope_ids,
                since,
                last_used_at: None,
                last_used_network: String::new(),
                ends_at: None,
                network: String::new(),
                asserted_by: None,
            }),
        }
    }
    Ok(connections)
}

/// At most `most` users after `after` who allow a client something, or have decided about it.
pub fn users_of(tx: &mut Tx<'_>, client_id: &str, after: Id, most: i64) -> Result<Vec<Id>, Fault> {
    let mut users = consents::users_of(tx, client_id, after, most)?;
    users.extend(grants::users_of(tx, client_id, after, most)?);
    users.extend(device_requests::users_of(tx, client_id, after, most)?);
    // Units of work that lock several users lock them in this order.
    users.sort_unstable_by_key(|id| id.0);
    users.dedup();
    users.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(users)
}

fn unfetched(tx: &mut Tx<'_>, user_id: Id) -> Result<Vec<Unfetched>, Fault> {
    let mut unfetched = device_requests::list_allowed(tx, user_id)?;
    unfetched.extend(requests::list_allowed(tx, user_id)?);
    Ok(unfetched)
}

/// Applies a decision about a client. Unticked scopes are revoked everywhere, and the chosen end
/// applies to all grants of the client.
pub fn remember(tx: &mut Tx<'_>, user_id: Id, client_id: &str, decision: Decision) -> Result<(), Fault> {
    users::lock(tx, user_id)?;
    let previous = consents::find(tx, user_id, client_id)?.unwrap_or_default();
    let remembered = consent::remember(previous, decision, tx.now);
    narrow(tx, user_id, client_id, &remembered.narrowed)?;
    if let Some(end) = remembered.ends_at {
        grants::end_between(tx, user_id, client_id, end)?;
    }
    match remembered.consent {
        ConsentChange::Unchanged => Ok(()),
        ConsentChange::Forgotten => consents::delete(tx, user_id, client_id).map(drop),
        ConsentChange::Saved(consent) => consents::save(tx, user_id, client_id, &consent),
    }
}

/// Revokes one scope of a client: in the consent, in every grant, and in unused decisions. `false`
/// if the client did not have it.
pub fn remove_scope(tx: &mut Tx<'_>, user_id: Id, client_id: &str, scope: &str, network: &str) -> Result<bool, Fault> {
    users::lock(tx, user_id)?;
    let connections = list_without_networks(tx, user_id)?;
    if !connections.iter().any(|known| known.client_id == client_id && known.scope.contains(scope)) {
        return Ok(false);
    }
    if let Some(consent) = consents::find(tx, user_id, client_id)? {
        consents::save(tx, user_id, client_id, &consent::take_back(consent, scope))?;
    }
    narrow(tx, user_id, client_id, &std::iter::once(scope).collect())?;
    security_events::record(tx, user_id, Kind::ScopeRemoved, Some(client_id), network)?;
    Ok(true)
}

/// Revokes everything that a client has: consent, codes, grants with their refresh tokens, and
/// unused decisions. `false` if it was not connected: what has expired or was denied is no
/// connection, but it is deleted as well.
pub fn disconnect(tx: &mut Tx<'_>, user_id: Id, client_id: &str, network: &str) -> Result<bool, Fault> {
    users::lock(tx, user_id)?;
    let was_connected = list_without_networks(tx, user_id)?.iter().any(|known| known.client_id == client_id);
    consents::delete(tx, user_id, client_id)?;
    grants::revoke_between(tx, user_id, client_id)?;
    device_requests::revoke_between(tx, user_id, client_id)?;
    requests::deny_allowed(tx, user_id, Some(client_id))?;
    if was_connected {
        security_events::record(tx, user_id, Kind::AppDisconnected, Some(client_id), network)?;
    }
    Ok(was_connected)
}

/// Removes scopes from every grant and every unused decision, and revokes those that are then
/// empty. The number of statements does not depend on the number of rows and scopes.
fn narrow(tx: &mut Tx<'_>, user_id: Id, client_id: &str, removed: &ScopeSet) -> Result<(), Fault> {
    if removed.is_empty() {
        return Ok(());
    }
    // The user no longer lets the client work while the user is away.
    if removed.contains("offline_access") {
        grants::bind_between(tx, user_id, client_id)?;
    }
    grants::narrow_between(tx, user_id, client_id, removed)?;
    device_requests::narrow_between(tx, user_id, client_id, removed)?;
    requests::narrow_allowed(tx, user_id, client_id, removed)
}
