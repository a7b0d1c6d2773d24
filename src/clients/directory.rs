//! The clients that a node knows: from its cache, from the store, or from the URL that is their
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

/// Clients that a node keeps in memory.
const MAX_CACHED: u64 = 10_000;

/// Finds clients, and what is needed to trust what they send.
pub struct Clients {
    pub(super) settings: Arc<Settings>,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) fetcher: Arc<Fetcher>,
    snapshots: Arc<Snapshots>,
    cache: Cache<String, (i64, Arc<Client>)>,
}

impl Clients {
    /// The clients of one node.
    pub fn new(
        settings: Arc<Settings>,
        store: Store,
        clock: Clock,
        fetcher: Arc<Fetcher>,
        snapshots: Arc<Snapshots>,
    ) -> Self {
        Self { settings, store, clock, fetcher, snapshots, cache: Cache::new(MAX_CACHED) }
    }

    /// The client with this `client_id`, from the cache if the store has not changed since.
    ///
    /// # Errors
    /// The database cannot be read, or the client's row is corrupt.
    pub async fn find(&self, id: &str) -> Result<Option<Arc<Client>>, Fault> {
        // The `sub` of a JWT may hold a NUL, which PostgreSQL refuses in text.
        if id.contains('\0') {
            return Ok(None);
        }
        // The revision is read before the row: a change in between makes the entry old, not wrong.
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

    /// Drops a client that this node changed from its cache.
    pub fn invalidate(&self, id: &str) {
        self.cache.invalidate(id);
    }

    /// A client that nobody approved may be granted what the server offers today, whatever list it
    /// registered first: it asks for more when it needs more.
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
