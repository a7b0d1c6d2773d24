//! The document: what an operator writes, in TOML or JSON.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};
use writ_core::{
    SigningAlg,
    vocabulary::{client_metadata::GroupsClaim, scope::Risk},
};

use crate::{
    administration::clients::schema::{ClientMetadataSchema, client_metadata},
    store::resources::ScopeText,
    web::json::without_value,
};

/// Groups, resource servers, scopes and clients, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The label of what the document owns, 1 to 64 of the characters A-Z a-z 0-9 - _ and dot. What
    /// has this label and is not in the document is deleted. Without a label nothing is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The groups of users, by name. Their members are not part of the document.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, GroupEntry>,
    /// The resource servers, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<String, ResourceEntry>,
    /// The scopes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<String, ScopeEntry>,
    /// The clients that administrators registered, by `client_id`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clients: BTreeMap<String, ClientEntry>,
}

/// A group of users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// The name of the group that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#in: Option<String>,
}

/// A resource server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceEntry {
    /// The `aud` of its tokens.
    pub audience: String,
    /// The name for users, by language.
    pub names: BTreeMap<String, String>,
    /// The `typ` of its access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_typ: Option<String>,
    /// The algorithm that signs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token_alg: Option<SigningAlg>,
    /// Their lifetime, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<i64>,
    /// How they name the groups of the user, `names` or `ids`, if the user allowed that scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub token_groups: Option<GroupsClaim>,
    /// Its secret for the introspection endpoint. Without it, the present one is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Reference>,
}

/// A scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// The id of its resource server.
    pub resource: String,
    /// The risk of allowing it: low, moderate, elevated or high.
    #[serde(default = "low")]
    #[schema(value_type = String)]
    pub risk: Risk,
    /// Whether a request that names the resource server and no scope includes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// The names of the groups that it is open to. Without it, it is open to all users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The class of authentication that it demands, such as `urn:writ:acr:mfa`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// The descriptions by language.
    pub texts: BTreeMap<String, ScopeText>,
}

/// A client: its metadata with the names of RFC 7591, and what is not metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientEntry {
    /// The names of the groups that it is open to. Without it, it is open to all users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Its secret. Without it, the present one is kept, and a new client has none until
    /// `writ client rotate-secret`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Reference>,
    /// The metadata.
    #[serde(flatten)]
    #[schema(value_type = ClientMetadataSchema)]
    pub metadata: Map<String, Value>,
}

/// Where a secret is: never in the document. It has 43 characters of base64url, which are 256
/// random bits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// The name of an environment variable.
    Env(String),
    /// A file. A relative path starts at the folder of the document.
    #[schema(value_type = String)]
    File(PathBuf),
}

fn low() -> Risk {
    Risk::Low
}

/// Why a document cannot be used. The text names the place, and repeats no value of another type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Document {
    /// Parses TOML, or JSON if the text starts with a brace.
    ///
    /// # Errors
    /// [`Invalid`] with the place.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.trim_start().starts_with('{') {
            let value = serde_json::from_str(text).map_err(|error| Invalid(format!("not JSON: {error}")))?;
            return of_value(value);
        }
        let value: Value = toml::from_str(text).map_err(|error| {
            // The message alone: the error would show the line, which may have a secret.
            let before = error.span().map_or("", |span| &text[..span.start.min(text.len())]);
            Invalid(format!("not TOML: line {}: {}", before.matches('\n').count() + 1, error.message()))
        })?;
        of_value(value)
    }

    /// Lets the relative paths of secrets start at the folder of the document.
    pub fn resolve(&mut self, folder: &Path) {
        let secrets = self.resources.values_mut().filter_map(|resource| resource.secret.as_mut());
        for secret in secrets.chain(self.clients.values_mut().filter_map(|client| client.client_secret.as_mut())) {
            if let Reference::File(path) = secret {
                *path = folder.join(&*path);
            }
        }
    }

    /// With the objects of another document.
    ///
    /// # Errors
    /// [`Invalid`] if both have an object of the same name, or another label.
    pub fn merge(mut self, other: Self) -> Result<Self, Invalid> {
        let Self { owner, groups, resources, scopes, clients } = other;
        if let (Some(own), Some(other)) = (&self.owner, &owner)
            && own != other
        {
            return Err(Invalid(format!("the files have two owners, {own} and {other}: apply them apart")));
        }
        self.owner = self.owner.or(owner);
        add(&mut self.groups, groups, "group")?;
        add(&mut self.resources, resources, "resource")?;
        add(&mut self.scopes, scopes, "scope")?;
        add(&mut self.clients, clients, "client")?;
        Ok(self)
    }
}

fn of_value<T: DeserializeOwned>(value: Value) -> Result<T, Invalid> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Invalid(format!("{}: {}", error.path(), without_value(error.inner()))))
}

fn add<T>(all: &mut BTreeMap<String, T>, more: BTreeMap<String, T>, kind: &str) -> Result<(), Invalid> {
    for (name, entry) in more {
        if all.contains_key(&name) {
            return Err(Invalid(format!("{kind} {name} is in two files")));
        }
        all.insert(name, entry);
    }
    Ok(())
}

#[derive(OpenApi)]
#[openapi(components(schemas(Document)))]
struct Schemas;

/// The JSON Schema of the document, for editors.
pub fn json_schema() -> Value {
    let mut schemas = serde_json::to_value(Schemas::openapi()).unwrap_or_default()["components"]["schemas"].take();
    schemas["ClientMetadata"] = client_metadata();
    let mut document = schemas["Document"].take();
    if let Some(schemas) = schemas.as_object_mut() {
        schemas.remove("Document");
    }
    document["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    document["title"] = json!("Writ configuration");
    document["$defs"] = schemas;
    let text = document.to_string().replace("#/components/schemas/", "#/$defs/");
    serde_json::from_str(&text).unwrap_or_default()
}
