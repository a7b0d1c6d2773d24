//! Clients whose `client_id` is the address of their metadata (draft-ietf-oauth-client-id-metadata-document). What the document says
//! is kept like a registration, and looked at anew whenever its server's time for it has passed.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::Server;
use writ_core::{Cause, ClientMetadata, Error, vocabulary::metadata_document};

use crate::{
    fault::Stop,
    store::{
        clients::{self, Client, Origin},
        registrations::{self, NewRegistration},
        throttle,
    },
    web::client_address::{client_address, network},
};

impl Server {
    /// The client that a request names, as it describes itself now. Where `client_id` may be an address, it is fetched: first
    /// by somebody of this network, who cannot have us try one address after another.
    ///
    /// # Errors
    /// `invalid_client`: there is no client metadata at the address; `access_denied`: too many such clients, or too many
    /// attempts; the store's faults.
    pub async fn find_client(&self, id: &str, request: &HttpRequest) -> Result<Option<Arc<Client>>, Stop> {
        let known = self.client(id).await?;
        let is_fetched = self.settings.registration.metadata_documents
            && metadata_document::is_address(id)
            && known.as_ref().is_none_or(|client| client.origin == Origin::MetadataDocument);
        if !is_fetched {
            // Once the switch is off, nobody says any more what such a client is.
            return Ok(known.filter(|client| client.origin != Origin::MetadataDocument));
        }
        match known {
            Some(known) => {
                let metadata = self.fetch_metadata(id).await?;
                if metadata == known.metadata {
                    return Ok(Some(known));
                }
                let id = id.to_owned();
                self.store.write(move |tx| registrations::update(tx, &id, &metadata)).await?;
            }
            None => {
                self.register_from_document(
                    id,
                    &network(client_address(request, &self.settings.server.trusted_proxies)),
                )
                .await?
            }
        }
        self.forget_client(id);
        Ok(self.client(id).await?)
    }

    /// The client that calls by itself: what is kept of it will do, so that an app whose site is down goes on. Only one that was
    /// never seen is fetched.
    ///
    /// # Errors
    /// As [`Server::find_client`].
    pub async fn find_caller(&self, id: &str, request: &HttpRequest) -> Result<Option<Arc<Client>>, Stop> {
        let switch_is_on = self.settings.registration.metadata_documents;
        match self.client(id).await? {
            Some(known) => Ok(Some(known).filter(|known| switch_is_on || known.origin != Origin::MetadataDocument)),
            None => self.find_client(id, request).await,
        }
    }

    /// Fetches the document of a client that was never seen, and keeps what it says.
    async fn register_from_document(&self, id: &str, network: &str) -> Result<(), Stop> {
        let (key, rate) = self.count_introduction(network).await?;
        let metadata = self.fetch_metadata(id).await?;
        let quota = self.registration_quota(false);
        let (client_id, network) = (id.to_owned(), network.to_owned());
        self.store
            .write(move |tx| {
                throttle::refund(tx, &key, rate)?;
                if let Err(full) = registrations::room(tx, &network, quota)? {
                    return Ok(Err(full.into_error()));
                }
                // Somebody else may have met it in the meantime.
                if clients::find(tx, &client_id)?.is_none() {
                    let origin = Origin::MetadataDocument;
                    let (client_id, metadata, network) = (&*client_id, &metadata, &*network);
                    let new = NewRegistration { origin, client_id, metadata, secret: None, token: None, network };
                    registrations::insert(tx, &new)?;
                    tracing::info!(client = client_id, name = metadata.client_name, network, "met");
                }
                Ok(Ok(()))
            })
            .await??;
        Ok(())
    }

    /// What the document at an address says now. Neither failures nor useless documents are remembered.
    async fn fetch_metadata(&self, id: &str) -> Result<ClientMetadata, Error> {
        let described = self.fetch_description(id).await;
        if described.is_err() {
            self.fetcher.forget(id).await;
        }
        described.map_err(|reason| Error::new(Cause::MetadataDocumentUnusable, reason).because(format!("client {id}")))
    }

    async fn fetch_description(&self, id: &str) -> Result<ClientMetadata, String> {
        metadata_document::check_address(id)?;
        let document = self.fetcher.document(id, self.clock.now()).await;
        let document =
            document.map_err(|reason| format!("the client metadata document cannot be fetched: {reason}"))?;
        let not_valid = |reason: String| format!("the client metadata document is not valid: {reason}");
        let media_type = &document.media_type;
        if media_type != "application/json"
            && !(media_type.starts_with("application/") && media_type.ends_with("+json"))
        {
            return Err(not_valid("its media type is not application/json".to_owned()));
        }
        metadata_document::parse(id, &document.body, &self.registration_terms()).map_err(not_valid)
    }
}
