//! The operator's rules for clients that no administrator registered.

use std::net::IpAddr;

use std::sync::Arc;

use super::Clients;
use writ_core::{
    ClientMetadata, Error, ErrorCode,
    clients::{
        look_alike::{self, LookAlike, Trusted},
        registration::Terms,
    },
    vocabulary::{administration_scope::is_reserved, redirect_uri::is_loopback},
};

use crate::{
    config::Settings,
    fault::{Fault, Stop},
    store::{
        clients::{self, Client},
        registrations::Quota,
        resources::ResourceServer,
        throttle::Limits,
    },
    web::limits::of_networks,
};

impl Clients {
    /// The scopes that such a client may register: the configured ones that exist.
    pub fn registration_terms(&self) -> Terms {
        let settings = &self.settings.registration;
        let snapshot = self.snapshot();
        let known = |name: &&String| !is_reserved(name) && snapshot.scopes.owner(name).is_some();
        Terms {
            scope: settings.scopes.iter().filter(known).cloned().collect(),
            require_pkce: settings.require_pkce,
            id_token_signing_alg: self.settings.tokens.id_token_signing_alg,
        }
    }

    /// The name or host that users could mistake the client for: that of an approved client, a
    /// resource server or this server.
    ///
    /// # Errors
    /// [`Fault`] if the database fails.
    pub async fn look_alike(&self, client_id: &str, metadata: &ClientMetadata) -> Result<Option<LookAlike>, Fault> {
        let trusted = self.trusted().await?;
        let others = trusted.iter().filter(|other| other.client_id.as_deref() != Some(client_id));
        Ok(look_alike::find(metadata, others))
    }

    /// The parties that users trust, loaded once per revision of the store.
    async fn trusted(&self) -> Result<Arc<[Trusted]>, Fault> {
        // The revision is read before the rows, so a change in between makes the list stale, never
        // wrong.
        let snapshot = self.snapshot();
        if let Some(known) = self.trusted.load_full()
            && known.0 == snapshot.revision
        {
            return Ok(Arc::clone(&known.1));
        }
        let approved = self.store.read(clients::list_approved).await?;
        let trusted: Arc<[Trusted]> = trusted(&self.settings, snapshot.scopes.servers(), &approved).into();
        self.trusted.store(Some(Arc::new((snapshot.revision, Arc::clone(&trusted)))));
        Ok(trusted)
    }

    /// Refuses the registration of a client that users could mistake for another.
    ///
    /// # Errors
    /// `invalid_client_metadata` if there is a resemblance. [`Stop::Broken`] if the database fails.
    pub async fn check_look_alike(&self, client_id: &str, metadata: &ClientMetadata) -> Result<(), Stop> {
        let Some(LookAlike { own, resembles, .. }) = self.look_alike(client_id, metadata).await? else { return Ok(()) };
        let description = format!("{own} could be taken for {resembles}: an administrator can register it");
        Err(Error::new(ErrorCode::InvalidClientMetadata, description).into())
    }

    /// The maximum number of such clients. With an initial access token there is no limit per
    /// network.
    pub fn registration_quota(&self, by_token: bool) -> Quota {
        let settings = &self.settings.registration;
        let of_network = if by_token { i64::MAX } else { settings.max_clients_per_network };
        Quota { total: settings.max_clients, of_network }
    }

    /// Rate-limits, per network, requests that make the server fetch a client-supplied URL. An
    /// attempt can be refunded.
    ///
    /// # Errors
    /// `access_denied` if the limit is reached. [`Stop::Broken`] if the database fails.
    pub async fn count_introduction(&self, address: IpAddr) -> Result<Limits, Stop> {
        let limits = Limits::new(of_networks(&self.settings.throttle, "introduction", address));
        let counted = limits.clone();
        if self.store.write(move |tx| counted.attempt(tx)).await?.is_some() {
            let description = "too many clients were named or changed from this network: try again later";
            return Err(Error::new(ErrorCode::AccessDenied, description).into());
        }
        Ok(limits)
    }
}

/// The parties that users trust: this server, its resource servers and the approved clients.
pub fn trusted(settings: &Settings, servers: &[ResourceServer], approved: &[Client]) -> Vec<Trusted> {
    let issuer = settings.server.issuer.as_str();
    let product = vec![settings.branding.product_name.clone()];
    let this_server = Trusted { names: product, hosts: hosts(issuer), client_id: None };
    let servers = servers.iter().map(|server| Trusted {
        names: server.names.values().cloned().collect(),
        hosts: hosts(&server.audience),
        client_id: None,
    });
    let clients = approved.iter().map(|client| Trusted::client(&client.id, &client.metadata));
    [this_server].into_iter().chain(servers).chain(clients).collect()
}

/// The host of a URL, without loopback addresses, which identify no party.
fn hosts(url: &str) -> Vec<String> {
    let url = url::Url::parse(url).ok().filter(|url| !is_loopback(url));
    url.and_then(|url| url.host_str().map(str::to_owned)).into_iter().collect()
}
