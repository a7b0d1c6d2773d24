//! What an administrator sees of a client.

use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{
    ClientMetadata,
    groups::{GroupIds, Groups},
    vocabulary::acr::Acr,
};

use super::schema::ClientMetadataSchema;
use crate::{
    administration::version_of,
    secret::Secret,
    store::clients::{Client, Origin},
};

/// A client information response
/// ([RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientInformation {
    /// The identifier.
    pub client_id: String,
    /// When it was registered, in seconds since the epoch.
    pub client_id_issued_at: i64,
    /// A new secret, which is shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// 0: the secret does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<i64>,
    /// How it was registered.
    #[schema(value_type = String)]
    pub origin: Origin,
    /// Whether an administrator approved it.
    pub approved: bool,
    /// When it was disabled. `None` if it is not.
    pub disabled_at: Option<i64>,
    /// Identifies the metadata, for `writ client approve --digest`.
    pub digest: String,
    /// The names of the groups that it is open to, if not to all users. Left out unless named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The class of authentication that it demands of all users. Left out without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'static str>,
    #[serde(skip)]
    open_to: Option<GroupIds>,
    /// The metadata.
    #[serde(flatten)]
    #[schema(value_type = ClientMetadataSchema)]
    pub metadata: ClientMetadata,
}

impl ClientInformation {
    /// Describes a client. A `secret` was generated for it just now.
    pub fn new(client: Client, secret: Option<&Secret>) -> Self {
        Self {
            client_id: client.id,
            client_id_issued_at: client.created_at,
            client_secret: secret.map(Secret::expose),
            // RFC 7591: 0 means that the secret does not expire.
            client_secret_expires_at: secret.map(|_| 0),
            origin: client.origin,
            approved: client.approved,
            disabled_at: client.disabled_at,
            digest: metadata_digest(&client.metadata),
            groups: None,
            acr: client.acr.map(Acr::as_str),
            open_to: client.open_to,
            metadata: client.metadata,
        }
    }

    /// With the names of the groups that the client is open to.
    #[must_use]
    pub fn with_groups(mut self, groups: &Groups) -> Self {
        self.groups = self.open_to.as_ref().map(|ids| groups.names(ids));
        self
    }
}

/// A digest that identifies metadata.
pub fn metadata_digest(metadata: &ClientMetadata) -> String {
    version_of(metadata)[..16].to_owned()
}

/// A digest of everything that an administrator can change about a client, its secrets included.
pub fn version(client: &Client) -> String {
    let mut secrets: Vec<&Vec<u8>> = client.secret_hashes.iter().collect();
    secrets.sort_unstable();
    let open_to = client.open_to.as_ref().map(GroupIds::to_string);
    let acr = client.acr.map(Acr::as_str);
    let state = (client.approved, client.disabled_at);
    version_of(&(&client.id, client.created_at, state, &client.metadata, secrets, open_to, acr))
}
