//! What every endpoint and page may hold.

mod call;
mod client_keys;
mod front;
mod metadata_document;
mod registration;
mod secrets;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};
use moka::sync::Cache;

pub use self::{call::Call, client_keys::NotVerified, front::Front, secrets::Secrets};
use crate::{
    clock::Clock,
    config::Settings,
    fault::Fault,
    fetch::Fetcher,
    keys::{KeySet, MasterKey, rotation},
    password::Passwords,
    scopes::ScopeDirectory,
    store::{
        Id, Store, client_logos,
        clients::{self, Client},
        keys::{self, KeyState},
        resources, revision,
    },
    web::{RefusalLog, branding::Branding},
};

/// Clients that a node keeps in memory.
const MAX_CACHED_CLIENTS: u64 = 10_000;

/// One node: its settings, its store, and what it remembers of the store.
pub struct Server {
    /// The name under which this node takes leases, new at each start.
    pub node: Id,
    /// The configuration.
    pub settings: Settings,
    /// The database.
    pub store: Store,
    /// The clock of everything.
    pub clock: Clock,
    /// The threads that hash passwords.
    pub passwords: Passwords,
    /// What the server calls by itself goes through here.
    pub fetcher: Fetcher,
    /// What pages need.
    pub front: Front,
    /// What is sealed and derived with.
    pub secrets: Secrets,
    /// Records every refusal.
    pub refusals: Arc<RefusalLog>,
    current: ArcSwap<Snapshot>,
    clients: Cache<String, (i64, Arc<Client>)>,
}

/// What an administrator changes seldom and every request needs, as of one revision of the store.
pub struct Snapshot {
    revision: i64,
    /// The signing keys.
    pub keys: KeySet,
    /// The resource servers and scopes.
    pub scopes: ScopeDirectory,
    /// Every origin that some client registered.
    pub origins: HashSet<String>,
    /// The hash of each client's logo, where an administrator stored one.
    pub logos: HashMap<String, String>,
}

impl Server {
    /// Opens what a node needs; at the first start this makes its signing keys.
    ///
    /// # Errors
    /// The database or a key cannot be opened.
    pub async fn start(settings: Settings, master_key: MasterKey, clock: Clock) -> Result<Self, Fault> {
        let (url, pool_size, store_clock) = (settings.database.url.clone(), settings.database.pool_size, clock.clone());
        let store = tokio::task::spawn_blocking(move || Store::open(&url, pool_size, store_clock))
            .await
            .map_err(|error| Fault::Panicked(error.to_string()))??;
        rotation::fill(&store, &master_key, KeyState::Active).await?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if settings.passwords.hash_threads == 0 { cores } else { settings.passwords.hash_threads };
        let passwords = Passwords::start(threads, settings.passwords.hash_queue)
            .map_err(|error| Fault::Startup(format!("password hashing: {error}")))?;
        let fetcher = Fetcher::new(&settings.outgoing).map_err(|error| Fault::Startup(format!("outgoing: {error}")))?;
        let snapshot = load_snapshot(&store, &master_key, settings.server.issuer.join("/userinfo")).await?;
        Ok(Self {
            node: Id::now_v7(),
            front: Front {
                branding: Arc::new(Branding::new(settings.branding.clone())),
                https: settings.server.issuer.is_https(),
                form_key: master_key.derive_hmac("prove page forms"),
            },
            refusals: Arc::new(RefusalLog::new(&settings.server.issuer, clock.clone())),
            current: ArcSwap::from_pointee(snapshot),
            clients: Cache::new(MAX_CACHED_CLIENTS),
            settings,
            store,
            clock,
            passwords,
            fetcher,
            secrets: Secrets::new(master_key),
        })
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        self.settings.server.issuer.as_str()
    }

    /// What this node remembers now.
    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// The client with this `client_id`, from memory if the store has not changed since.
    ///
    /// # Errors
    /// The store's faults.
    pub async fn client(&self, id: &str) -> Result<Option<Arc<Client>>, Fault> {
        // A JWT's `sub` may hold what no `client_id` has, and what PostgreSQL takes for no text.
        if id.contains('\0') {
            return Ok(None);
        }
        // Read before the row is, so that a change in between makes the entry old rather than wrong.
        let revision = self.current.load().revision;
        if let Some((known, client)) = self.clients.get(id)
            && known == revision
        {
            return Ok(Some(client));
        }
        let owned = id.to_owned();
        let client = self.store.read(move |tx| clients::find(tx, &owned)).await?.map(Arc::new);
        if let Some(client) = &client {
            self.clients.insert(id.to_owned(), (revision, Arc::clone(client)));
        }
        Ok(client)
    }

    /// Forgets what this node remembers of a client that it has changed itself.
    pub fn forget_client(&self, id: &str) {
        self.clients.invalidate(id);
    }

    /// Looks whether the store has a newer revision, and reads it if so.
    ///
    /// # Errors
    /// The store's faults; what is remembered stays.
    pub async fn refresh(&self) -> Result<(), Fault> {
        if self.store.read(revision::current).await? != self.current.load().revision {
            let userinfo = self.settings.server.issuer.join("/userinfo");
            let snapshot = load_snapshot(&self.store, &self.secrets.master_key, userinfo).await?;
            self.current.store(Arc::new(snapshot));
        }
        Ok(())
    }
}

async fn load_snapshot(store: &Store, master_key: &MasterKey, userinfo: String) -> Result<Snapshot, Fault> {
    let (revision, keys, servers, origins, logos) = store
        .read(|tx| {
            let revision = revision::current(tx)?;
            let (keys, servers) = (keys::list(tx)?, resources::list(tx)?);
            Ok((revision, keys, servers, clients::origins(tx)?, client_logos::hashes(tx)?))
        })
        .await?;
    Ok(Snapshot {
        revision,
        keys: KeySet::open(&keys, master_key)?,
        scopes: ScopeDirectory::new(servers, userinfo),
        origins: origins.into_iter().collect(),
        logos,
    })
}
