//! Looks up clients: in the cache of the node, in the store, or at the URL that is their
//! `client_id`.

use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};
use moka::sync::Cache;
use writ_core::clients::look_alike::Trusted;

use super::used_secrets::UsedSecrets;
use crate::{
    clock::Clock,
    config::Settings,
    fault::Fault,
    fetch::Fetcher,
    snapshot::{Snapshot, Snapshots},
    store::{
        Store,
        clients::{self, Client, Origin},
    },
};

/// Maximum number of clients in the cache of a node.
const MAX_CACHED: u64 = 10_000;
/// Seconds for which the number of users of a client, as shown on pages, is cached.
const COUNTED_FOR: i64 = 600;
/// The number of users up to which they are counted.
pub const MOST_USERS: i64 = 1000;

/// Looks up clients and verifies what they sign.
pub struct Clients {
    pub(super) settings: Arc<Settings>,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) fetcher: Arc<Fetcher>,
    snapshots: Arc<Snapshots>,
    cache: Cache<String, (i64, Arc<Client>)>,
    /// The parties that users trust, as of a revision of the store.
    pub(super) trusted: ArcSwapOption<(i64, Arc<[Trusted]>)>,
    /// The number of users of each client, and when it was counted.
    users: Cache<String, (i64, i64)>,
    /// When secrets were last used.
    pub used_secrets: UsedSecrets,
}

impl Clients {
    /// The client directory of one node.
    pub fn new(
        settings: Arc<Settings>,
        store: Store,
        clock: Clock,
        fetcher: Arc<Fetcher>,
        snapshots: Arc<Snapshots>,
    ) -> Self {
        let cache = Cache::new(MAX_CACHED);
        let users = Cache::new(MAX_CACHED);
        let (trusted, used_secrets) = (ArcSwapOption::empty(), UsedSecrets::new());
        Self { settings, store, clock, fetcher, snapshots, cache, trusted, users, used_secrets }
    }

    /// The client with this `client_id`. It comes from the cache unless the store has changed.
    ///
    /// # Errors
    /// [`Fault`] if the database fails or the client's row is corrupt.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<Client>>, Fault> {
        // The `sub` of a JWT may contain NUL, which PostgreSQL refuses in text.
        if id.contains('\0') {
            return Ok(None);
        }
        // The revision is read before the row, so a change in between makes the entry stale, never
        // wrong.
        let snapshot = self.snapshot();
        let revision = snapshot.revision;
        if let Some((known, client)) = self.cache.get(id)
            && known == revision
        {
            return Ok(Some(client));
        }
        let owned = id.to_owned();
        let client = self.store.read(move |tx| clients::find(tx, &owned)).await?;
        let with_nested_groups = |mut client: Client| {
            client.open_to = client.open_to.map(|named| snapshot.groups.with_nested(&named));
            client
        };
        let client = client.map(|client| Arc::new(with_nested_groups(self.with_offered_scopes(client))));
        if let Some(client) = &client {
            self.cache.insert(id.to_owned(), (revision, Arc::clone(client)));
        }
        Ok(client)
    }

    /// How many users currently allow the client `id` something, as counted within the last
    /// minutes up to [`MOST_USERS`] and one more.
    ///
    /// # Errors
    /// [`Fault`] if the database fails.
    pub async fn count_users(&self, id: &str) -> Result<i64, Fault> {
        let now = self.clock.now();
        if let Some((counted_at, count)) = self.users.get(id)
            && now - counted_at < COUNTED_FOR
        {
            return Ok(count);
        }
        let owned = id.to_owned();
        let count = self.store.read(move |tx| clients::count_users(tx, &owned, MOST_USERS)).await?;
        self.users.insert(id.to_owned(), (now, count));
        Ok(count)
    }

    /// Removes a client from the cache after this node changed it.
    pub fn invalidate(&self, id: &str) {
        self.cache.invalidate(id);
    }

    /// A client without approval may be granted every scope that the server currently offers,
    /// whatever it registered. It requests more when it needs more.
    fn with_offered_scopes(&self, mut client: Client) -> Client {
        if client.origin != Origin::Administrator && !client.approved {
            client.metadata.scope = self.registration_terms().scope;
        }
        client
    }

    pub(super) fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.snapshots.current()
    }
}
