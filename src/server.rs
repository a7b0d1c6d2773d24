//! The state that endpoints and pages share.

mod call;
mod front;
mod grant_turns;
mod secrets;

use std::sync::Arc;

use arc_swap::Guard;
use webauthn_rs::Webauthn;
use writ_core::{claim_mapping::ClientMappings, vocabulary::administration_scope::is_reserved};

pub use self::{call::Call, front::Front, grant_turns::GrantTurns, secrets::Secrets};
use crate::{
    acme::Authority,
    breached::Breached,
    clients::Clients,
    clock::Clock,
    config::Settings,
    fault::Fault,
    fetch::Fetcher,
    keys::{MasterKeys, rotation},
    mail::Mailer,
    password::Passwords,
    scopes::OwnAudiences,
    snapshot::{Snapshot, Snapshots},
    store::{Id, Store, Tx, keys, resources::Scope},
    tls::Certificates,
    upstream::Providers,
    web::{RefusalLog, branding::Branding},
};

/// A node: its settings, its store, and its caches.
pub struct Server {
    /// The id with which this node takes leases, new at each start.
    pub node: Id,
    /// The configuration.
    pub settings: Arc<Settings>,
    /// The certificate, if the server terminates TLS itself.
    pub certificates: Option<Arc<Certificates>>,
    /// The authority that issues the certificate. `None` if it comes from elsewhere.
    pub authority: Option<Authority>,
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The password hashing threads.
    pub passwords: Passwords,
    /// Finds passwords that appear in leaks.
    pub breached: Breached,
    /// The client for outgoing requests.
    pub fetcher: Arc<Fetcher>,
    /// Verifies passkeys. `None` if the issuer has no host name.
    pub webauthn: Option<Webauthn>,
    /// Sends mails, if there is mail.
    pub mailer: Option<Mailer>,
    /// The other providers with which users sign in.
    pub providers: Providers,
    /// Looks up and authenticates clients.
    pub clients: Clients,
    /// The dependencies of pages.
    pub front: Front,
    /// The keys for sealing and derivation.
    pub secrets: Secrets,
    /// When the grants of a user to a client are counted.
    pub grant_turns: GrantTurns,
    /// Logs and records every refusal.
    pub refusals: Arc<RefusalLog>,
    snapshots: Arc<Snapshots>,
}

impl Server {
    /// Opens the dependencies of a node. The first start creates the signing keys.
    ///
    /// # Errors
    /// [`Fault`] if the certificate, the database or a key cannot be opened.
    pub async fn start(settings: Settings, master_keys: impl Into<MasterKeys>, clock: Clock) -> Result<Self, Fault> {
        let certificates = Certificates::load(&settings.tls).map_err(|error| Fault::Startup(error.to_string()))?;
        let authority = Authority::new(&settings).map_err(Fault::Startup)?;
        let (database, store_clock, master_keys) = (settings.database.clone(), clock.clone(), master_keys.into());
        // A node with a wrong master key changes nothing, not even the tables.
        let open = move || {
            let check = |tx: &mut Tx<'_>| rotation::check(&keys::list(tx)?, &master_keys);
            Store::open_if(&database, store_clock, &check).map(|store| (store, master_keys))
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let (store, master_keys) = opened.map_err(|error| Fault::Panicked(error.to_string()))??;
        let (master_keys, shared) = rotation::establish(&store, master_keys).await?;
        let certificates = match &authority {
            Some(authority) => {
                let expected = Certificates::expected();
                authority.adopt(&store, &master_keys, &expected).await?;
                Some(expected)
            }
            None => certificates,
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if settings.passwords.hash_threads == 0 { cores } else { settings.passwords.hash_threads };
        let passwords = Passwords::start(threads, settings.passwords.hash_queue)
            .map_err(|error| Fault::Startup(format!("password hashing: {error}")))?;
        let fetcher = Fetcher::new(&settings.outgoing).map_err(|error| Fault::Startup(format!("outgoing: {error}")))?;
        let mailer = Mailer::new(&settings).map_err(|error| Fault::Startup(format!("mail: {error}")))?;
        let webauthn = settings.passkeys.webauthn(&settings.server.issuer);
        let webauthn = webauthn.map_err(|error| Fault::Startup(format!("passkeys: {error}")))?;
        let providers = Providers::new(&settings).map_err(|error| Fault::Startup(error.to_string()))?;
        let (settings, fetcher) = (Arc::new(settings.effective()), Arc::new(fetcher));
        let breached = Breached::open(&settings.passwords, Arc::clone(&fetcher))
            .map_err(|unusable| Fault::Startup(unusable.to_string()))?;
        let snapshots = Arc::new(Snapshots::load(&store, &master_keys, OwnAudiences::of(&settings)).await?);
        check_reserved_scopes(&settings, &snapshots.current())?;
        let clients = Clients::new(
            Arc::clone(&settings),
            store.clone(),
            clock.clone(),
            Arc::clone(&fetcher),
            Arc::clone(&snapshots),
        );
        Ok(Self {
            node: Id::now_v7(),
            front: Front {
                branding: Arc::new(Branding::new(settings.branding.clone())),
                https: settings.server.issuer.is_https(),
                unencrypted: !settings.server.issuer.is_encrypted(),
                form_key: shared.forms.clone(),
            },
            webauthn,
            refusals: Arc::new(RefusalLog::new(&settings.server.issuer, clock.clone())),
            certificates,
            authority,
            clients,
            snapshots,
            settings,
            store,
            clock,
            passwords,
            breached,
            fetcher,
            mailer,
            providers,
            secrets: Secrets::new(master_keys, shared),
            grant_turns: GrantTurns::default(),
        })
    }

    /// The issuer identifier.
    pub fn issuer(&self) -> &str {
        self.settings.server.issuer.as_str()
    }

    /// The current snapshot of keys, scopes and origins.
    pub fn snapshot(&self) -> Guard<Arc<Snapshot>> {
        self.snapshots.current()
    }

    /// The mappings that give a client claims of the operator's own.
    pub fn claim_mappings<'a>(&'a self, client_id: &'a str) -> ClientMappings<'a> {
        ClientMappings::new(&self.settings.claims.mappings, client_id)
    }

    /// Loads a new snapshot if the store has a newer revision.
    ///
    /// # Errors
    /// A fault of the store. The current snapshot is kept.
    pub async fn refresh(&self) -> Result<(), Fault> {
        self.snapshots.refresh(&self.store, &self.secrets.master_keys, OwnAudiences::of(&self.settings)).await
    }
}

/// Refuses to start with the administration API if an earlier version stored a scope with one of
/// its names: clients that have it would administer the server.
fn check_reserved_scopes(settings: &Settings, snapshot: &Snapshot) -> Result<(), Fault> {
    let mut stored = snapshot.scopes.servers().iter().flat_map(|server| &server.scopes);
    match stored.find(|scope| is_reserved(&scope.name)).filter(|_| settings.admin_api.enabled) {
        None => Ok(()),
        Some(Scope { name, .. }) => Err(Fault::Startup(format!(
            "admin_api.enabled: the scope {name} has a name of the administration API: delete it with `writ scope delete`"
        ))),
    }
}
