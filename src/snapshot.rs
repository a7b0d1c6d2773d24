//! The snapshot: data that administrators change rarely and every request needs, in memory as of
//! one revision of the store.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::Mutex;
use uuid::Uuid;
use writ_core::{authorization::demands::SignInDemands, groups::Groups, vocabulary::acr::Acr};

use crate::{
    fault::Fault,
    keys::{KeySet, MasterKeys},
    scopes::{OwnAudiences, ScopeDirectory},
    store::{
        Store, client_logos,
        clients::{self, Client},
        groups, keys, resources, revision,
    },
};

/// Keys, scopes, groups, origins and logos as of one revision of the store.
pub struct Snapshot {
    /// The revision of the store.
    pub revision: i64,
    /// The signing keys.
    pub keys: KeySet,
    /// The resource servers and scopes.
    pub scopes: ScopeDirectory,
    /// The groups.
    pub groups: Groups,
    /// The class of authentication that each group demands of its direct members.
    group_demands: Vec<(Uuid, Acr)>,
    /// The browser origins that clients registered.
    pub origins: HashSet<String>,
    /// The hash of each client's logo that an administrator stored.
    pub logos: HashMap<String, String>,
}

impl Snapshot {
    /// What a client and the groups of users demand of sign-ins to the client.
    pub fn sign_in_demands(&self, client: &Client) -> SignInDemands {
        SignInDemands { client: client.acr, groups: self.group_demands.clone() }
    }
}

/// The current snapshot of a node.
pub struct Snapshots {
    current: ArcSwap<Snapshot>,
    /// Held by the refresh that runs. Otherwise one that read before a revocation could store its
    /// snapshot over that of a later one.
    refreshing: Mutex<()>,
}

impl Snapshots {
    /// Loads the first snapshot.
    ///
    /// # Errors
    /// [`Fault`] if the database fails or a key cannot be unsealed.
    pub async fn load(store: &Store, master_keys: &MasterKeys, own: OwnAudiences) -> Result<Self, Fault> {
        let current = ArcSwap::from_pointee(read(store, master_keys, own).await?);
        Ok(Self { current, refreshing: Mutex::new(()) })
    }

    /// The current snapshot.
    pub fn current(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// Loads a new snapshot if the store has a newer revision.
    ///
    /// # Errors
    /// As for [`Snapshots::load`]. The current snapshot is kept.
    pub async fn refresh(&self, store: &Store, master_keys: &MasterKeys, own: OwnAudiences) -> Result<(), Fault> {
        let _refreshing = self.refreshing.lock().await;
        if store.read(revision::current).await? != self.current().revision {
            self.current.store(Arc::new(read(store, master_keys, own).await?));
        }
        Ok(())
    }
}

async fn read(store: &Store, master_keys: &MasterKeys, own: OwnAudiences) -> Result<Snapshot, Fault> {
    let (revision, keys, servers, groups, origins, logos) = store
        .read(|tx| {
            let revision = revision::current(tx)?;
            let (keys, servers, groups) = (keys::list(tx)?, resources::list(tx)?, groups::list(tx)?);
            Ok((revision, keys, servers, groups, clients::origins(tx)?, client_logos::hashes(tx)?))
        })
        .await?;
    Ok(Snapshot {
        revision,
        keys: KeySet::open(&keys, master_keys)?,
        scopes: ScopeDirectory::new(servers, &groups, own),
        group_demands: groups.demands(),
        groups,
        origins: origins.into_iter().collect(),
        logos,
    })
}
