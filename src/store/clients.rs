//! Registered clients and their secrets.

use std::{collections::BTreeSet, str::FromStr};

use diesel::prelude::*;
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

use super::{
    Fault, Id, Tx, groups, lock, on, revision,
    schema::{client_origins, client_secrets, clients, grants},
};
use writ_core::{
    ClientMetadata, Error, ScopeSet, clients::state::check_enabled, groups::GroupIds, vocabulary::acr::Acr,
};

use crate::secret::SecretHash;

/// Maximum number of valid secrets per client: the old and the new one during a rotation.
const LIVE_SECRETS: i64 = 2;

/// A client with its credentials.
#[derive(Debug, Clone)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// The registered metadata.
    pub metadata: ClientMetadata,
    /// Hashes of the currently valid secrets.
    pub secret_hashes: Vec<Vec<u8>>,
    /// When it was registered.
    pub created_at: i64,
    /// How it was registered.
    pub origin: Origin,
    /// Whether an administrator approved it. Otherwise its metadata is unverified and users must
    /// consent each time.
    pub approved: bool,
    /// The groups that it is open to. `None` if it is open to all users. In the directory of a node
    /// with the groups that are in them.
    pub open_to: Option<GroupIds>,
    /// The class of authentication that it demands of all users.
    pub acr: Option<Acr>,
    /// When an administrator disabled it. `None` if it is enabled.
    pub disabled_at: Option<i64>,
}

impl Client {
    /// Checks that it may act: whatever issues or accepts something for the client asks.
    ///
    /// # Errors
    /// `unauthorized_client` if an administrator has disabled it.
    pub fn check_enabled(&self) -> Result<(), Error> {
        check_enabled(self.disabled_at).map_err(|error| error.of(&self.id))
    }

    /// Whether the port of its loopback redirect URIs may vary regardless of `application_type`.
    /// Apps that register themselves rarely declare that they are native.
    pub fn varies_loopback_port(&self) -> bool {
        self.origin != Origin::Administrator
    }

    /// The host of its `client_id`, if that is the URL of its metadata.
    pub fn described_at(&self) -> Option<String> {
        let url = url::Url::parse(&self.id).ok().filter(|_| self.origin == Origin::MetadataDocument)?;
        url.host_str().map(str::to_owned)
    }
}

/// How a client was registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Origin {
    /// By an administrator, which includes approval.
    Administrator,
    /// By the client itself (RFC 7591).
    SelfRegistered,
    /// By its metadata document, whose URL is the `client_id`.
    MetadataDocument,
}

impl Origin {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clients)]
struct ClientRow {
    id: String,
    metadata: String,
    created_at: i64,
    updated_at: i64,
    origin: String,
    approved: bool,
    open_to: Option<String>,
    acr: Option<String>,
    disabled_at: Option<i64>,
}

impl ClientRow {
    fn with_secrets(self, secret_hashes: Vec<Vec<u8>>) -> Result<Client, Fault> {
        let metadata = serde_json::from_str(&self.metadata)
            .map_err(|error| Fault::Corrupt(format!("metadata of client {}: {error}", self.id)))?;
        let origin = Origin::from_str(&self.origin)
            .map_err(|_| Fault::Corrupt(format!("origin of client {}: {}", self.id, self.origin)))?;
        let (created_at, approved, disabled_at) = (self.created_at, self.approved, self.disabled_at);
        let open_to = groups::open_to(self.open_to.as_deref());
        let acr = groups::demanded_acr(self.acr.as_deref());
        Ok(Client { id: self.id, metadata, secret_hashes, created_at, origin, approved, open_to, acr, disabled_at })
    }
}

fn to_json(metadata: &ClientMetadata) -> Result<String, Fault> {
    serde_json::to_string(metadata).map_err(|error| Fault::Corrupt(format!("client metadata: {error}")))
}

/// The client with this `client_id`.
pub fn find(tx: &mut Tx<'_>, id: &str) -> Result<Option<Client>, Fault> {
    // Before the row: a client that is deleted meanwhile is not found, instead of found without
    // secrets.
    let hashes = on!(tx, |conn| client_secrets::table
        .filter(client_secrets::client_id.eq(id))
        .select(client_secrets::hash)
        .load(conn))?;
    let row = on!(tx, |conn| clients::table.find(id).select(ClientRow::as_select()).first(conn).optional())?;
    row.map(|row| row.with_secrets(hashes)).transpose()
}

/// The same, locked until commit.
pub fn find_and_lock(tx: &mut Tx<'_>, id: &str) -> Result<Option<Client>, Fault> {
    lock(tx, id)?;
    find(tx, id)
}

/// At most `most` clients whose `client_id` comes after `after`, by `client_id`, without their
/// secrets.
pub fn page(tx: &mut Tx<'_>, after: &str, most: i64) -> Result<Vec<Client>, Fault> {
    let next = clients::table.filter(clients::id.gt(after)).order(clients::id).limit(most);
    let rows: Vec<ClientRow> = on!(tx, |conn| next.select(ClientRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.with_secrets(Vec::new())).collect()
}

/// The latest clients that no administrator approved, at most `most`, without their secrets.
pub fn list_unapproved(tx: &mut Tx<'_>, most: i64) -> Result<Vec<Client>, Fault> {
    let waiting = clients::table.filter(clients::approved.eq(false)).order(clients::created_at.desc()).limit(most);
    let rows: Vec<ClientRow> = on!(tx, |conn| waiting.select(ClientRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.with_secrets(Vec::new())).collect()
}

/// Every client, oldest first, without its secrets.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Client>, Fault> {
    let rows: Vec<ClientRow> =
        on!(tx, |conn| clients::table.order(clients::created_at).select(ClientRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.with_secrets(Vec::new())).collect()
}

/// Every approved client, oldest first, without its secrets.
pub fn list_approved(tx: &mut Tx<'_>) -> Result<Vec<Client>, Fault> {
    let approved = clients::table.filter(clients::approved.eq(true)).order(clients::created_at);
    let rows: Vec<ClientRow> = on!(tx, |conn| approved.select(ClientRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.with_secrets(Vec::new())).collect()
}

/// The clients that administrators registered, by `client_id`, without their secrets.
pub fn list_of_administrators(tx: &mut Tx<'_>) -> Result<Vec<Client>, Fault> {
    let registered = clients::table.filter(clients::origin.eq(Origin::Administrator.as_str())).order(clients::id);
    let rows: Vec<ClientRow> = on!(tx, |conn| registered.select(ClientRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.with_secrets(Vec::new())).collect()
}

/// The number of users who currently allow a client something, counted up to `most` and one more.
pub fn count_users(tx: &mut Tx<'_>, id: &str, most: i64) -> Result<i64, Fault> {
    let live = grants::client_id.eq(id).and(grants::revoked_at.is_null()).and(grants::expires_at.gt(tx.now));
    let users = grants::table.filter(live).select(grants::user_id).distinct().limit(most + 1);
    let users: Vec<Id> = on!(tx, |conn| users.load(conn))?;
    Ok(i64::try_from(users.len()).unwrap_or(i64::MAX))
}

/// Registers a client for an administrator. A `client_id` in use is a unique violation.
pub fn insert(tx: &mut Tx<'_>, id: &str, metadata: &ClientMetadata, secret: Option<SecretHash>) -> Result<(), Fault> {
    insert_from(tx, Origin::Administrator, id, metadata, secret)
}

/// Registers a client. It is approved if its origin is an administrator.
pub(super) fn insert_from(
    tx: &mut Tx<'_>,
    origin: Origin,
    id: &str,
    metadata: &ClientMetadata,
    secret: Option<SecretHash>,
) -> Result<(), Fault> {
    let row = ClientRow {
        id: id.to_owned(),
        metadata: to_json(metadata)?,
        created_at: tx.now,
        updated_at: tx.now,
        origin: origin.as_str().to_owned(),
        approved: origin == Origin::Administrator,
        open_to: None,
        acr: None,
        disabled_at: None,
    };
    on!(tx, |conn| diesel::insert_into(clients::table).values(&row).execute(conn))?;
    save_origins(tx, id, metadata)?;
    if let Some(secret) = secret {
        insert_secret(tx, id, secret)?;
    }
    revision::bump(tx)
}

/// Replaces the metadata. `false` if there is no such client or no change.
pub fn update(tx: &mut Tx<'_>, id: &str, metadata: &ClientMetadata) -> Result<bool, Fault> {
    let now = tx.now;
    let json = to_json(metadata)?;
    let different = clients::id.eq(id).and(clients::metadata.ne(&json));
    let changed = on!(tx, |conn| diesel::update(clients::table.filter(different))
        .set((clients::metadata.eq(&json), clients::updated_at.eq(now)))
        .execute(conn))?;
    if changed == 1 {
        save_origins(tx, id, metadata)?;
        revision::bump(tx)?;
    }
    Ok(changed == 1)
}

/// Like [`update`], if the metadata is still that of `seen`. `false` if it changed or was deleted.
pub fn update_seen(tx: &mut Tx<'_>, seen: &Client, metadata: &ClientMetadata) -> Result<bool, Fault> {
    if !lock_as_seen(tx, seen)? {
        return Ok(false);
    }
    update(tx, &seen.id, metadata)?;
    Ok(true)
}

/// Removes scopes that are being deleted from every registration, so that a scope with the same
/// name is not theirs when it is created. Returns the clients that lost one. Their approval is
/// kept.
pub(super) fn withdraw(tx: &mut Tx<'_>, scopes: &ScopeSet) -> Result<Vec<String>, Fault> {
    let mut affected = BTreeSet::new();
    for name in scopes.iter() {
        let named = clients::table.filter(clients::metadata.like(format!("%{name}%"))).select(clients::id);
        affected.extend(on!(tx, |conn| named.load::<String>(conn))?);
    }
    let mut withdrawn = Vec::new();
    for id in affected {
        lock(tx, &id)?;
        let Some(client) = find(tx, &id)? else { continue };
        if update(tx, &id, &client.metadata.without_scopes(scopes))? {
            withdrawn.push(id);
        }
    }
    Ok(withdrawn)
}

/// Locks a client until commit, with an UPDATE that changes nothing.
fn lock(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    let _locked: Vec<String> = lock!(tx, clients::table.find(id).select(clients::id))?;
    Ok(())
}

/// Locks a client until commit. `false` if its metadata is not that of `seen`, or it was deleted.
fn lock_as_seen(tx: &mut Tx<'_>, seen: &Client) -> Result<bool, Fault> {
    Ok(find_and_lock(tx, &seen.id)?.is_some_and(|found| found.metadata == seen.metadata))
}

/// Sets whether a client is approved. `false` if there is no such client.
pub fn set_approved(tx: &mut Tx<'_>, id: &str, approved: bool) -> Result<bool, Fault> {
    let changed =
        on!(tx, |conn| diesel::update(clients::table.find(id)).set(clients::approved.eq(approved)).execute(conn))?;
    revision::bump(tx)?;
    Ok(changed == 1)
}

/// Opens a client to some groups only, or to all. `false` if there is no such client.
pub fn set_open_to(tx: &mut Tx<'_>, id: &str, open_to: Option<&GroupIds>) -> Result<bool, Fault> {
    let restricted = clients::open_to.eq(open_to.map(GroupIds::to_string));
    let changed = on!(tx, |conn| diesel::update(clients::table.find(id)).set(restricted).execute(conn))?;
    revision::bump(tx)?;
    Ok(changed == 1)
}

/// Sets the class of authentication that a client demands. `false` if there is no such client.
pub fn set_acr(tx: &mut Tx<'_>, id: &str, acr: Option<Acr>) -> Result<bool, Fault> {
    let demanded = clients::acr.eq(acr.map(Acr::as_str));
    let changed = on!(tx, |conn| diesel::update(clients::table.find(id)).set(demanded).execute(conn))?;
    revision::bump(tx)?;
    Ok(changed == 1)
}

/// Disables a client, or enables it again. `false` if there is no such client.
pub fn set_disabled(tx: &mut Tx<'_>, id: &str, disabled: bool) -> Result<bool, Fault> {
    let at = clients::disabled_at.eq(disabled.then_some(tx.now));
    let changed = on!(tx, |conn| diesel::update(clients::table.find(id)).set(at).execute(conn))?;
    revision::bump(tx)?;
    Ok(changed == 1)
}

/// Approves a client if its metadata is still that of `seen`. `false` if it changed or was deleted.
pub fn approve(tx: &mut Tx<'_>, seen: &Client) -> Result<bool, Fault> {
    Ok(lock_as_seen(tx, seen)? && set_approved(tx, &seen.id, true)?)
}

/// Adds a secret. The latest of the earlier secrets stays valid until the next rotation.
pub fn rotate_secret(tx: &mut Tx<'_>, id: &str, secret: SecretHash) -> Result<(), Fault> {
    insert_secret(tx, id, secret)?;
    let kept: Vec<Id> = on!(tx, |conn| client_secrets::table
        .filter(client_secrets::client_id.eq(id))
        .order(client_secrets::id.desc())
        .limit(LIVE_SECRETS)
        .select(client_secrets::id)
        .load(conn))?;
    let others = client_secrets::client_id.eq(id).and(client_secrets::id.ne_all(kept));
    on!(tx, |conn| diesel::delete(client_secrets::table.filter(others)).execute(conn))?;
    revision::bump(tx)
}

/// Deletes all secrets of a client.
pub fn delete_secrets(tx: &mut Tx<'_>, id: &str) -> Result<(), Fault> {
    let secrets = client_secrets::table.filter(client_secrets::client_id.eq(id));
    on!(tx, |conn| diesel::delete(secrets).execute(conn))?;
    revision::bump(tx)
}

/// Deletes a client and everything that refers to it. `false` if there is no such client.
pub fn delete(tx: &mut Tx<'_>, id: &str) -> Result<bool, Fault> {
    let deleted = on!(tx, |conn| diesel::delete(clients::table.find(id)).execute(conn))?;
    revision::bump(tx)?;
    Ok(deleted == 1)
}

/// The browser origins that clients registered.
pub fn origins(tx: &mut Tx<'_>) -> Result<Vec<String>, Fault> {
    Ok(on!(tx, |conn| client_origins::table.select(client_origins::origin).distinct().load(conn))?)
}

fn save_origins(tx: &mut Tx<'_>, id: &str, metadata: &ClientMetadata) -> Result<(), Fault> {
    let old = client_origins::table.filter(client_origins::client_id.eq(id));
    on!(tx, |conn| diesel::delete(old).execute(conn))?;
    let rows: Vec<_> = metadata
        .origins()
        .into_iter()
        .map(|origin| (client_origins::client_id.eq(id.to_owned()), client_origins::origin.eq(origin)))
        .collect();
    on!(tx, |conn| diesel::insert_into(client_origins::table).values(rows).execute(conn))?;
    Ok(())
}

fn insert_secret(tx: &mut Tx<'_>, id: &str, secret: SecretHash) -> Result<(), Fault> {
    let now = tx.now;
    let row = (
        client_secrets::id.eq(Id::now_v7()),
        client_secrets::client_id.eq(id),
        client_secrets::hash.eq(&secret.0[..]),
        client_secrets::created_at.eq(now),
    );
    on!(tx, |conn| diesel::insert_into(client_secrets::table).values(row).execute(conn))?;
    Ok(())
}
