//! Clients whose `client_id` is the URL of their metadata
//! ([draft-ietf-oauth-client-id-metadata-document](https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/)).
//! The document is stored like a registration, and fetched again when it is no longer fresh.

use std::sync::Arc;

use super::Clients;
use writ_core::{Cause, ClientMetadata, Error, clients::metadata_document};

use crate::{
    fault::Stop,
    store::{
        clients::{self, Client, Origin},
        registrations::{self, Full, NewRegistration},
        throttle,
    },
};

impl Clients {
    /// The client that an authorization request names. A `client_id` that is a URL is fetched when
    /// its document is not fresh; the first fetch is counted for `network`.
    ///
    /// # Errors
    /// `invalid_client` if the URL has no usable document; `access_denied` if there are too many
    /// such clients or attempts; [`Stop::Broken`] if the database fails.
    pub async fn resolve(&self, id: &str, network: &str) -> Result<Option<Arc<Client>>, Stop> {
        let known = self.find(id).await?;
        let is_fetched = self.settings.registration.metadata_documents
            && metadata_document::is_url(id)
            && known.as_ref().is_none_or(|client| client.origin == Origin::MetadataDocument);
        if !is_fetched {
            // With the switch off, such a client no longer has metadata that we may rely on.
            return Ok(known.filter(|client| client.origin != Origin::MetadataDocument));
        }
        match known {
            Some(known) => {
                let metadata = self.fetch_metadata(id).await?;
                // What it may be granted does not depend on the scopes that it lists.
                let metadata = ClientMetadata { scope: known.metadata.scope.clone(), ..metadata };
                if metadata == known.metadata {
                    return Ok(Some(known));
                }
                self.check_look_alike(id, &metadata).await?;
                let id = id.to_owned();
                self.store.write(move |tx| registrations::update(tx, &id, &metadata)).await?;
            }
            None => self.register_from_document(id, network).await?,
        }
        self.invalidate(id);
        Ok(self.find(id).await?)
    }

    /// The client that calls an endpoint itself. What is stored is enough, so that a client whose
    /// site is down keeps working; only an unknown one is fetched.
    ///
    /// # Errors
    /// As [`Clients::resolve`].
    pub(super) async fn find_caller(&self, id: &str, network: &str) -> Result<Option<Arc<Client>>, Stop> {
        let switch_is_on = self.settings.registration.metadata_documents;
        match self.find(id).await? {
            Some(known) => Ok(Some(known).filter(|known| switch_is_on || known.origin != Origin::MetadataDocument)),
            None => self.resolve(id, network).await,
        }
    }

    /// Fetches the document of an unknown client, and stores it.
    async fn register_from_document(&self, id: &str, network: &str) -> Result<(), Stop> {
        let (key, rate) = self.count_introduction(network).await?;
        let metadata = self.fetch_metadata(id).await?;
        self.check_look_alike(id, &metadata).await?;
        let quota = self.registration_quota(false);
        let (client_id, network) = (id.to_owned(), network.to_owned());
        self.store
            .decide(move |tx| {
                registrations::room(tx, &network, quota)?.map_err(Full::into_error)?;
                // Another request may have stored it in the meantime.
                if clients::find(tx, &client_id)?.is_none() {
                    let origin = Origin::MetadataDocument;
                    let (client_id, metadata, network) = (&*client_id, &metadata, &*network);
                    let new = NewRegistration { origin, client_id, metadata, secret: None, token: None, network };
                    registrations::insert(tx, &new)?;
                    tracing::info!(
                        client = client_id,
                        name = metadata.client_name,
                        network,
                        "client registered from its metadata document"
                    );
                }
                // What was kept costs nothing; every other fetch stays counted.
                throttle::refund(tx, &key, rate)?;
                Ok(())
            })
            .await
    }

    /// The metadata at a URL. Failures and unusable documents are cached for a few seconds, so that
    /// nobody can make this server call a URL as often as they like.
    async fn fetch_metadata(&self, id: &str) -> Result<ClientMetadata, Error> {
        match self.parse_document(id).await {
            Ok(metadata) => Ok(metadata),
            Err((description, detail)) => {
                self.fetcher.expire(id).await;
                Err(Error::new(Cause::MetadataDocumentUnusable, description).because(format!("client {id}: {detail}")))
            }
        }
    }

    /// The metadata, or a description for the caller and a detail for the log: what a fetch found
    /// would tell strangers what answers inside our network.
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
