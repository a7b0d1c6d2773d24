//! Clients whose `client_id` is the URL of their metadata
//! ([draft-ietf-oauth-client-id-metadata-document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)).
//! The document is stored like a registration and fetched again when it is stale.

use std::{net::IpAddr, sync::Arc};

use super::Clients;
use writ_core::{Cause, ClientMetadata, Error, clients::metadata_document};

use crate::{
    fault::Stop,
    store::{
        clients::{self, Client, Origin},
        registrations::{self, NewRegistration},
        throttle::Limits,
    },
    web::client_address::networks,
};

impl Clients {
    /// The client that an authorization request names. If `id` is a URL and its document is stale,
    /// it is fetched. The fetch counts in advance against the limits of the networks of `address`.
    ///
    /// # Errors
    /// `invalid_client` if the URL has no usable document. `access_denied` if there are too many
    /// such clients or attempts. [`Stop::Broken`] if the database fails.
    pub async fn resolve(&self, id: &str, address: IpAddr) -> Result<Option<Arc<Client>>, Stop> {
        let known = self.find(id).await?;
        let is_fetched = self.settings.registration.metadata_documents
            && metadata_document::is_url(id)
            && known.as_ref().is_none_or(|client| client.origin == Origin::MetadataDocument);
        if !is_fetched {
            // If the feature is disabled, stored metadata of such a client is not used.
            return Ok(known.filter(|client| client.origin != Origin::MetadataDocument));
        }
        match known {
            // Nothing is fetched for a client that may not act.
            Some(known) if known.disabled_at.is_some() => return Ok(Some(known)),
            Some(known) => {
                let counted = self.count_fetch(id, address).await?;
                let metadata = self.fetch_metadata(id).await?;
                if let Some(limits) = counted {
                    self.store.write(move |tx| limits.refund(tx)).await?;
                }
                // The document's scopes do not limit what the client may be granted.
                let metadata = ClientMetadata { scope: known.metadata.scope.clone(), ..metadata };
                if metadata == known.metadata {
                    return Ok(Some(known));
                }
                self.check_look_alike(id, &metadata).await?;
                let id = id.to_owned();
                self.store.write(move |tx| registrations::update(tx, &id, &metadata)).await?;
            }
            None => self.register_from_document(id, address).await?,
        }
        self.invalidate(id);
        Ok(self.find(id).await?)
    }

    /// The client that calls an endpoint directly. Stored metadata is sufficient, so a client whose
    /// site is down keeps working. Only an unknown client is fetched.
    ///
    /// # Errors
    /// As for [`Clients::resolve`].
    pub(super) async fn find_caller(&self, id: &str, address: IpAddr) -> Result<Option<Arc<Client>>, Stop> {
        let switch_is_on = self.settings.registration.metadata_documents;
        match self.find(id).await? {
            Some(known) => Ok(Some(known).filter(|known| switch_is_on || known.origin != Origin::MetadataDocument)),
            None => self.resolve(id, address).await,
        }
    }

    /// Fetches and stores the document of an unknown client.
    async fn register_from_document(&self, id: &str, address: IpAddr) -> Result<(), Stop> {
        let limits = self.count_introduction(address).await?;
        let metadata = self.fetch_metadata(id).await?;
        self.check_look_alike(id, &metadata).await?;
        let quota = self.registration_quota(false);
        let (client_id, networks) = (id.to_owned(), networks(address));
        self.store
            .decide(move |tx| {
                registrations::room(tx, &networks, quota)?;
                // A concurrent request may have stored it.
                if clients::find(tx, &client_id)?.is_none() {
                    let origin = Origin::MetadataDocument;
                    let (client_id, metadata, networks) = (&*client_id, &metadata, &*networks);
                    let new = NewRegistration { origin, client_id, metadata, secret: None, token: None, networks };
                    registrations::insert(tx, &new)?;
                    tracing::info!(
                        client = client_id,
                        name = metadata.client_name,
                        network = networks.last().map(|(network, _)| network),
                        "client registered from its metadata document"
                    );
                }
                // A stored client is refunded. Other fetches stay counted.
                limits.refund(tx)?;
                Ok(())
            })
            .await
    }

    /// Counts the fetch of a known client's document; `None` if it is fresh, and no fetch is
    /// needed.
    async fn count_fetch(&self, id: &str, address: IpAddr) -> Result<Option<Limits>, Stop> {
        if self.fetcher.is_fresh(id, self.clock.now()).await {
            return Ok(None);
        }
        self.count_introduction(address).await.map(Some)
    }

    /// Fetches the metadata at a URL. Failures are cached for a few seconds, so that callers cannot
    /// make the server fetch a URL repeatedly.
    async fn fetch_metadata(&self, id: &str) -> Result<ClientMetadata, Error> {
        match self.parse_document(id).await {
            Ok(metadata) => Ok(metadata),
            Err((description, detail)) => {
                self.fetcher.expire(id).await;
                Err(Error::new(Cause::MetadataDocumentUnusable, description).because(format!("client {id}: {detail}")))
            }
        }
    }

    /// The metadata, or a description for the caller and a detail for the log. The description
    /// omits the result of the fetch, which could reveal services in the internal network.
    async fn parse_document(&self, id: &str) -> Result<ClientMetadata, (String, String)> {
        metadata_document::check_url(id).map_err(|reason| (reason, String::new()))?;
        let document = self.fetcher.document(id, self.clock.now()).await;
        let document = document
            .map_err(|reason| ("the client metadata document cannot be fetched".to_owned(), reason.to_string()))?;
        let not_valid =
            |reason: String| (format!("the client metadata document is not valid: {reason}"), String::new());
        let media_type = &document.media_type;
        if media_type != "application/json"
            && !(media_type.starts_with("application/") && media_type.ends_with("+json"))
        {
            return Err(not_valid("its media type is not application/json".to_owned()));
        }
        metadata_document::parse(id, &document.body, &self.registration_terms()).map_err(not_valid)
    }
}
