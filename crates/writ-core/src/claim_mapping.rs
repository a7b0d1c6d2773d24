//! Claims of an operator's own: which attribute of a user, or which constant, becomes which claim
//! ([OpenID Connect Core §5.1.2](https://openid.net/specs/openid-connect-core-1_0.html#AdditionalClaims)).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ScopeSet,
    scopes::ScopeIds,
    vocabulary::{display_name, standard_claims},
};

/// Maximum length of the name of a claim or of an attribute, in bytes.
const MAX_NAME: usize = 128;
/// Maximum length of a label, in characters.
const MAX_LABEL: usize = 60;
/// The language whose label stands for those of languages without one.
const FALLBACK: &str = "en";
/// Maximum length of the value of an attribute, in characters.
const MAX_VALUE: usize = 1000;
/// Maximum number of attributes of a user.
pub const MAX_ATTRIBUTES: usize = 50;

/// Claims with a meaning of their own in tokens and responses ([JSON Web Token
/// Claims](https://www.iana.org/assignments/jwt/jwt.xhtml)). No mapping replaces one.
const RESERVED: [&str; 34] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "typ",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "client_id",
    "scope",
    "cnf",
    "act",
    "may_act",
    "active",
    "token_type",
    "username",
    "events",
    "toe",
    "txn",
    "authorization_details",
    "sub_jwk",
    "sub_id",
    "verified_claims",
    // Those of this server's access tokens.
    "grant_id",
    "exchanged_from",
];

/// The type of the value of a claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimType {
    /// The text itself.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// The texts between commas.
    List,
}

/// Where a client reads a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In ID tokens.
    IdToken,
    /// In the response of the userinfo endpoint.
    Userinfo,
    /// In access tokens for the resource server of the scope, and in the response of introspection.
    AccessToken,
}

/// A claim, its words, and where its value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct ClaimMapping {
    name: String,
    labels: BTreeMap<String, String>,
    scope: String,
    source: Source,
    places: Vec<Place>,
    clients: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Source {
    Attribute(String, ClaimType),
    Constant(Value),
}

/// A mapping as it is written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    r#type: Option<ClaimType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constant: Option<Value>,
    #[serde(rename = "in", default = "told_to_the_client")]
    places: Vec<Place>,
    #[serde(default)]
    clients: Vec<String>,
}

fn told_to_the_client() -> Vec<Place> {
    vec![Place::IdToken, Place::Userinfo]
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMapping {
    /// The name has other characters.
    #[error("{0:?} is no name of a claim: expected 1 to {MAX_NAME} of the characters A-Z a-z 0-9 _ - . : /")]
    Name(String),
    /// The name has a meaning of its own.
    #[error("the claim {0} has a meaning of its own: choose another name")]
    Reserved(String),
    /// No label in English.
    #[error("the claim {0} needs a label, which tells users what it is: labels = {{ {FALLBACK} = \"…\" }}")]
    Unlabelled(String),
    /// A label that cannot be shown, or whose language is none.
    #[error("the label of the claim {0} in {1:?} is not 1 to {MAX_LABEL} visible characters for a language")]
    Label(String, String),
    /// Nowhere to be read.
    #[error("the claim {0} is read nowhere: name a place, such as in = [\"id_token\"]")]
    Nowhere(String),
    /// Not exactly one source.
    #[error("the claim {0} needs either an attribute or a constant")]
    Source(String),
    /// A type without an attribute.
    #[error("the constant of the claim {0} has its own type: leave type out")]
    Typed(String),
    /// An attribute with another name.
    #[error("{0:?} is no name of an attribute: expected 1 to {MAX_NAME} of the characters a-z 0-9 _ - .")]
    Attribute(String),
    /// No scope.
    #[error("the claim {0} needs one scope, whose description says to users that it is disclosed")]
    Scope(String),
}

impl TryFrom<Unchecked> for ClaimMapping {
    type Error = InvalidMapping;

    fn try_from(unchecked: Unchecked) -> Result<Self, InvalidMapping> {
        let Unchecked { name, labels, scope, attribute, r#type, constant, places, clients } = unchecked;
        if !is_claim(&name) {
            return Err(InvalidMapping::Name(name));
        }
        if RESERVED.contains(&name.as_str()) || standard_claims::scope_of(&name).is_some() {
            return Err(InvalidMapping::Reserved(name));
        }
        if let Some((language, _)) = labels.iter().find(|(language, label)| !is_label(language, label)) {
            return Err(InvalidMapping::Label(name, language.clone()));
        }
        if !labels.contains_key(FALLBACK) {
            return Err(InvalidMapping::Unlabelled(name));
        }
        if places.is_empty() {
            return Err(InvalidMapping::Nowhere(name));
        }
        // The descriptions of the scopes of OpenID Connect say what these disclose.
        let is_own = ScopeSet::parse(&scope).is_ok_and(|scopes| scopes.iter().count() == 1)
            && !crate::vocabulary::scope::OPENID_SCOPES.contains(&scope.as_str());
        if !is_own {
            return Err(InvalidMapping::Scope(name));
        }
        let source = match (attribute, constant, r#type) {
            (Some(attribute), None, r#type) if is_attribute(&attribute) => {
                Source::Attribute(attribute, r#type.unwrap_or_default())
            }
            (Some(attribute), None, _) => return Err(InvalidMapping::Attribute(attribute)),
            (None, Some(constant), None) => Source::Constant(constant),
            (None, Some(_), Some(_)) => return Err(InvalidMapping::Typed(name)),
            (Some(_), Some(_), _) | (None, None, _) => return Err(InvalidMapping::Source(name)),
        };
        Ok(Self { name, labels, scope, source, places, clients })
    }
}

impl From<ClaimMapping> for Unchecked {
    fn from(mapping: ClaimMapping) -> Self {
        let ClaimMapping { name, labels, scope, source, places, clients } = mapping;
        let (attribute, r#type, constant) = match source {
            Source::Attribute(attribute, r#type) => (Some(attribute), Some(r#type), None),
            Source::Constant(constant) => (None, None, Some(constant)),
        };
        Self { name, labels, scope, attribute, r#type, constant, places, clients }
    }
}

impl ClaimMapping {
    /// Whether two mappings give one claim to one client, so that one would replace the other.
    pub fn collides(&self, other: &Self) -> bool {
        let is_shared = self.clients.is_empty()
            || other.clients.is_empty()
            || self.clients.iter().any(|client| other.clients.contains(client));
        self.name == other.name && is_shared
    }

    /// The name of the claim.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in the words of the operator, by language. There is always one in English.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The value for a user with these attributes. `None` if there is none of this type.
    fn value(&self, attributes: &BTreeMap<String, String>) -> Option<Value> {
        let (attribute, r#type) = match &self.source {
            Source::Constant(constant) => return Some(constant.clone()),
            Source::Attribute(attribute, r#type) => (attribute, r#type),
        };
        let text = attributes.get(attribute)?;
        match r#type {
            ClaimType::String => Some(text.as_str().into()),
            ClaimType::Integer => text.parse::<i64>().ok().map(Value::from),
            ClaimType::Boolean => text.parse::<bool>().ok().map(Value::from),
            ClaimType::List => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(parts.map(Value::from).collect())
            }
        }
    }
}

/// The mappings that give a client claims.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientMappings<'a> {
    all: &'a [ClaimMapping],
    client_id: &'a str,
}

impl<'a> ClientMappings<'a> {
    /// Those of `all` that are for this client.
    pub fn new(all: &'a [ClaimMapping], client_id: &'a str) -> Self {
        Self { all, client_id }
    }

    fn iter(self) -> impl Iterator<Item = &'a ClaimMapping> {
        let is_for = move |mapping: &&ClaimMapping| {
            mapping.clients.is_empty() || mapping.clients.iter().any(|client| client == self.client_id)
        };
        self.all.iter().filter(is_for)
    }

    /// Those of a scope, in the order of the configuration.
    pub fn of_scope(self, scope: &str) -> impl Iterator<Item = &'a ClaimMapping> {
        self.iter().filter(move |mapping| mapping.scope == scope)
    }

    /// The claims that the client gets with a scope.
    pub fn names(self, scope: &str) -> BTreeSet<String> {
        self.of_scope(scope).map(|mapping| mapping.name.clone()).collect()
    }

    /// The claims in `place` about a user with these attributes, whose grant has `scope` in force.
    /// `allowed` says which ones the user read about.
    pub fn claims(
        self,
        place: Place,
        scope: &ScopeSet,
        allowed: &ScopeIds,
        attributes: &BTreeMap<String, String>,
    ) -> Map<String, Value> {
        let is_told = |mapping: &&ClaimMapping| {
            mapping.places.contains(&place) && scope.contains(&mapping.scope) && allowed.discloses(&mapping.name)
        };
        let disclosed = self.iter().filter(is_told);
        disclosed.filter_map(|mapping| Some((mapping.name.clone(), mapping.value(attributes)?))).collect()
    }
}

fn is_claim(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_label(language: &str, label: &str) -> bool {
    let is_tag =
        (2..=35).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_tag && label.chars().count() <= MAX_LABEL && display_name::parse(label).as_deref() == Some(label)
}

/// Whether an attribute of a user can have this name.
pub fn is_attribute(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

/// Whether an attribute of a user can have this value.
pub fn is_value(value: &str) -> bool {
    (1..=MAX_VALUE).contains(&value.chars().count()) && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
