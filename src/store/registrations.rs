//! Clients that no administrator registered: their tokens, quotas and last use.

use diesel::{
    dsl::{exists, not},
    prelude::*,
};

use super::{
    Fault, Tx,
    clients::{self, Client, Origin},
    on, revision,
    schema::{client_registrations as registrations, clients as clients_table, grants, registration_networks},
};
use writ_core::{ClientMetadata, Error, ErrorCode};

use crate::{fault::Stop, secret::SecretHash};

/// The maximum number of clients that no administrator registered.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    /// In total.
    pub total: i64,
    /// Per network.
    pub of_network: i64,
}

/// A registration without an administrator.
pub struct NewRegistration<'a> {
    /// How the client is registered.
    pub origin: Origin,
    /// `client_id`.
    pub client_id: &'a str,
    /// Its metadata.
    pub metadata: &'a ClientMetadata,
    /// Its secret.
    pub secret: Option<SecretHash>,
    /// The registration access token (RFC 7592).
    pub token: Option<SecretHash>,
    /// The networks of the request, the widest first. Each has a factor: how many times as many
    /// clients as the narrowest it may register.
    pub networks: &'a [(String, i64)],
}

/// Checks that the quota allows one more client from these networks. Registrations are serialized
/// across nodes: each unit of work first locks the revision, and the next one waits for that. A
/// full quota is `access_denied`.
pub fn room(tx: &mut Tx<'_>, networks: &[(String, i64)], quota: Quota) -> Result<(), Stop> {
    let full =
        |place: &str| Error::new(ErrorCode::AccessDenied, format!("no more clients can register themselves {place}"));
    revision::lock(tx)?;
    for (network, factor) in networks {
        let of_network = registration_networks::table.filter(registration_networks::network.eq(network));
        let of_network: i64 = on!(tx, |conn| of_network.count().get_result(conn))?;
        if of_network >= quota.of_network.saturating_mul(*factor) {
            return Err(full("from this network").into());
        }
    }
    let total: i64 = on!(tx, |conn| registrations::table.count().get_result(conn))?;
    if total >= quota.total { Err(full("here").into()) } else { Ok(()) }
}

/// Registers a client without approval.
pub fn insert(tx: &mut Tx<'_>, new: &NewRegistration<'_>) -> Result<(), Fault> {
    clients::insert_from(tx, new.origin, new.client_id, new.metadata, new.secret)?;
    let now = tx.now;
    let narrowest = new.networks.last().map_or("", |(network, _)| network);
    let row = (
        registrations::client_id.eq(new.client_id),
        registrations::token_hash.eq(new.token.map(|hash| hash.0.to_vec())),
        registrations::network.eq(narrowest),
        registrations::last_used_at.eq(now),
    );
    on!(tx, |conn| diesel::insert_into(registrations::table).values(row).execute(conn))?;
    for (network, _) in new.networks {
        let row = (registration_networks::network.eq(network), registration_networks::client_id.eq(new.client_id));
        on!(tx, |conn| diesel::insert_into(registration_networks::table).values(row).execute(conn))?;
    }
    Ok(())
}

/// The hash of the client's registration access token.
pub fn find_token_hash(tx: &mut Tx<'_>, client_id: &str) -> Result<Option<Vec<u8>>, Fault> {
    let hash = registrations::table.find(client_id).select(registrations::token_hash);
    let hash: Option<Option<Vec<u8>>> = on!(tx, |conn| hash.first(conn).optional())?;
    Ok(hash.flatten())
}

/// Replaces the metadata of a client and withdraws its approval, which was for other metadata.
pub fn update(tx: &mut Tx<'_>, client_id: &str, metadata: &ClientMetadata) -> Result<bool, Fault> {
    Ok(clients::update(tx, client_id, metadata)? && clients::set_approved(tx, client_id, false)?)
}

/// Like [`update`], if the metadata is still that of `seen`. `false` if it changed or was deleted.
pub fn update_seen(tx: &mut Tx<'_>, seen: &Client, metadata: &ClientMetadata) -> Result<bool, Fault> {
    Ok(clients::update_seen(tx, seen, metadata)? && clients::set_approved(tx, &seen.id, false)?)
}

/// Records that a user allowed the client.
pub fn touch(tx: &mut Tx<'_>, client_id: &str) -> Result<(), Fault> {
    let now = tx.now;
    on!(tx, |conn| diesel::update(registrations::table.find(client_id))
        .set(registrations::last_used_at.eq(now))
        .execute(conn))?;
    Ok(())
}

/// Deletes at most `batch` unapproved and unrestricted clients that no user has allowed since
/// `before` and that have no grant.
pub fn delete_unused(tx: &mut Tx<'_>, before: i64, batch: i64) -> Result<usize, Fault> {
    let now = tx.now;
    let live = grants::table.filter(
        grants::client_id
            .eq(registrations::client_id)
            .and(grants::revoked_at.is_null())
            .and(grants::expires_at.gt(now)),
    );
    // A restriction by an operator would go with the client, which may register again.
    let unrestricted = clients_table::open_to.is_null().and(clients_table::disabled_at.is_null());
    let replaceable = clients_table::approved.eq(false).and(unrestricted);
    let unused = registrations::table
        .inner_join(clients_table::table)
        .filter(replaceable.and(registrations::last_used_at.le(before)).and(not(exists(live))))
        .order(registrations::last_used_at)
        .limit(batch)
        .select(registrations::client_id);
    let unused: Vec<String> = on!(tx, |conn| unused.load(conn))?;
    let mut deleted = 0;
    for id in unused {
        // A concurrent authorization touches the row, which is then not deleted.
        let still_unused = registrations::client_id.eq(&id).and(registrations::last_used_at.le(before));
        let unlocked = on!(tx, |conn| diesel::delete(registrations::table.filter(still_unused)).execute(conn))?;
        if unlocked == 1 && clients::delete(tx, &id)? {
            deleted += 1;
        }
    }
    Ok(deleted)
}
