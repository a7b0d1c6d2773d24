//! The parts of Keycloak's `RealmRepresentation` that are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

/// A realm.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in super::super) struct Realm {
    pub(super) realm: String,
    pub(super) groups: Vec<Group>,
    pub(super) clients: Vec<Client>,
    pub(super) client_scopes: Vec<ScopeRepresentation>,
    pub(super) default_default_client_scopes: Vec<String>,
    pub(super) default_optional_client_scopes: Vec<String>,
    pub(super) identity_providers: Vec<IdentityProvider>,
    pub(super) authentication_flows: Vec<Flow>,
    /// The number of providers of each type.
    #[serde(deserialize_with = "lengths")]
    pub(super) components: BTreeMap<String, usize>,
    #[serde(deserialize_with = "crate::administration::configuration::import::length")]
    pub(super) users: usize,
    #[serde(rename = "roles", deserialize_with = "exists")]
    pub(super) has_roles: bool,
    pub(super) registration_allowed: bool,
    pub(super) access_token_lifespan: Option<i64>,
}

/// A group with those in it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) name: String,
    #[serde(default)]
    pub(super) sub_groups: Vec<Group>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) realm_roles: Vec<String>,
    #[serde(default)]
    pub(super) client_roles: BTreeMap<String, Value>,
}

/// A client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Client {
    pub(super) client_id: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) public_client: bool,
    #[serde(default)]
    pub(super) bearer_only: bool,
    #[serde(default)]
    pub(super) consent_required: bool,
    #[serde(default = "yes")]
    pub(super) standard_flow_enabled: bool,
    #[serde(default)]
    pub(super) implicit_flow_enabled: bool,
    #[serde(default)]
    pub(super) direct_access_grants_enabled: bool,
    #[serde(default)]
    pub(super) service_accounts_enabled: bool,
    #[serde(default)]
    pub(super) authorization_services_enabled: bool,
    #[serde(default)]
    pub(super) protocol: Option<String>,
    #[serde(default)]
    pub(super) root_url: String,
    #[serde(default)]
    pub(super) base_url: String,
    #[serde(default)]
    pub(super) redirect_uris: Vec<String>,
    #[serde(default)]
    pub(super) web_origins: Vec<String>,
    #[serde(default)]
    pub(super) client_authenticator_type: Option<String>,
    #[serde(default)]
    pub(super) secret: Option<String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) authentication_flow_binding_overrides: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) default_client_scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) optional_client_scopes: Option<Vec<String>>,
    #[serde(default)]
    pub(super) protocol_mappers: Vec<Mapper>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Client {
    /// An attribute that is not empty.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether an attribute is `true`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }
}

/// A client scope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScopeRepresentation {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) protocol: Option<String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) protocol_mappers: Vec<Mapper>,
}

/// A protocol mapper.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mapper {
    pub(super) protocol_mapper: String,
    #[serde(default)]
    pub(super) config: BTreeMap<String, String>,
}

/// A provider with which users sign in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdentityProvider {
    pub(super) alias: String,
    #[serde(default)]
    pub(super) display_name: Option<String>,
    pub(super) provider_id: String,
    #[serde(default)]
    pub(super) config: BTreeMap<String, Value>,
}

/// An authentication flow.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Flow {
    pub(super) alias: String,
    #[serde(default)]
    pub(super) built_in: bool,
}

fn yes() -> bool {
    true
}

fn lengths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, usize>, D::Error> {
    let components = BTreeMap::<String, Vec<IgnoredAny>>::deserialize(deserializer)?;
    Ok(components.into_iter().map(|(name, providers)| (name, providers.len())).collect())
}

fn exists<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}
