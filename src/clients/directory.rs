//! Looks up clients: in the cache of the node, in the store, or at the URL that is their
//! `client_id`.

use std::sync::Arc;

use arc_swap::Guard;
use moka::sync::Cache;

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

/// Looks up clients and verifies what they sign.
pub struct Clients {
    pub(super) settings: Arc<Settings>,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) fetcher: Arc<Fetcher>,
    snapshots: Arc<Snapshots>,
    cache: Cache<String, (i64, Arc<Client>)>,
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
        Self { settings, store, clock, fetcher, snapshots, cache: Cache::new(MAX_CACHED) }
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
        let revision = self.snapshot().revision;
        if let Some((known, client)) = self.cache.get(id)
            && known == revision
        {
            return Ok(Some(client));
        }
        let owned = id.to_owned();
        let client = self.store.read(move |tx| clients::find(tx, &owned)).await?;
        let client = client.map(|client| Arc::new(self.with_offered_scopes(client)));
        if let Some(client) = &client {
            self.cache.insert(id.to_owned(), (revision, Arc::clone(client)));
        }
        Ok(client)
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
