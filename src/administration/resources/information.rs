//! What an administrator sees of a resource server.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;
use writ_core::{SigningAlg, token::access_token::AccessTokenTyp, vocabulary::client_metadata::GroupsClaim};

use crate::{secret::Secret, store::resources::ResourceServer};

/// A resource server, with the names of its scopes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceInformation {
    /// The id.
    pub id: String,
    /// The `aud` of its tokens.
    pub audience: String,
    /// The name for users, by language.
    pub names: BTreeMap<String, String>,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// The `typ` of its access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_typ: Option<&'static str>,
    /// The algorithm that signs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token_alg: Option<SigningAlg>,
    /// Their lifetime, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<i64>,
    /// How they name the groups of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token_groups: Option<GroupsClaim>,
    /// A secret for the introspection endpoint, which is shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl ResourceInformation {
    /// Describes a resource server. A `secret` was generated for it just now.
    pub fn new(server: ResourceServer, secret: Option<&Secret>) -> Self {
        Self {
            id: server.id,
            audience: server.audience,
            names: server.names,
            scopes: server.scopes.into_iter().map(|scope| scope.name).collect(),
            token_typ: server.tokens.typ.map(AccessTokenTyp::as_str),
            token_alg: server.tokens.alg,
            token_lifetime: server.tokens.lifetime,
            token_groups: server.tokens.groups,
            secret: secret.map(Secret::expose),
        }
    }
}
