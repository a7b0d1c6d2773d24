//! Claims of an operator's own: which attribute of a user, or which constant, becomes which claim
//! ([OpenID Connect Core §5.1.2](https://openid.net/specs/openid-connect-core-1_0.html#AdditionalClaims)).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ScopeSet, scopes::ScopeIds, vocabulary::standard_claims};

/// Maximum length of the name of a claim or of an attribute, in bytes.
const MAX_NAME: usize = 128;
/// Maximum length of the value of an attribute, in characters.
const MAX_VALUE: usize = 1000;
/// Maximum number of attributes of a user.
pub const MAX_ATTRIBUTES: usize = 50;

/// Claims with a meaning of their own in tokens and responses ([JSON Web Token
/// Claims](https://www.iana.org/assignments/jwt/jwt.xhtml)). No mapping replaces one.
const RESERVED: [&str; 32] = [
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

/// A claim and where its value comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct ClaimMapping {
    name: String,
    scope: String,
    source: Source,
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
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    r#type: Option<ClaimType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constant: Option<Value>,
    #[serde(default)]
    clients: Vec<String>,
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
        let Unchecked { name, scope, attribute, r#type, constant, clients } = unchecked;
        if !is_claim(&name) {
            return Err(InvalidMapping::Name(name));
        }
        if RESERVED.contains(&name.as_str()) || standard_claims::scope_of(&name).is_some() {
            return Err(InvalidMapping::Reserved(name));
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
        Ok(Self { name, scope, source, clients })
    }
}

impl From<ClaimMapping> for Unchecked {
    fn from(mapping: ClaimMapping) -> Self {
        let ClaimMapping { name, scope, source, clients } = mapping;
        let (attribute, r#type, constant) = match source {
            Source::Attribute(attribute, r#type) => (Some(attribute), Some(r#type), None),
            Source::Constant(constant) => (None, None, Some(constant)),
        };
        Self { name, scope, attribute, r#type, constant, clients }
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

    /// The claims that the client gets with a scope.
    pub fn names(self, scope: &str) -> BTreeSet<String> {
        self.iter().filter(|mapping| mapping.scope == scope).map(|mapping| mapping.name.clone()).collect()
    }

    /// The claims that the client gets about a user with these attributes, of whose grant `scope`
    /// is in force. `allowed` says which ones the user read about.
    pub fn claims(
        self,
        scope: &ScopeSet,
        allowed: &ScopeIds,
        attributes: &BTreeMap<String, String>,
    ) -> Map<String, Value> {
        let disclosed =
            self.iter().filter(|mapping| scope.contains(&mapping.scope) && allowed.discloses(&mapping.name));
        disclosed.filter_map(|mapping| Some((mapping.name.clone(), mapping.value(attributes)?))).collect()
    }
}

fn is_claim(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(allowed)
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
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn mapping(members: Value) -> Result<ClaimMapping, String> {
        serde_json::from_value(members).map_err(|error| error.to_string())
    }

    #[rstest]
    #[case::standard(json!({ "name": "email", "scope": "staff:read", "attribute": "mail" }), "meaning of its own")]
    #[case::groups(json!({ "name": "groups", "scope": "staff:read", "attribute": "x" }), "meaning of its own")]
    #[case::subject(json!({ "name": "sub", "scope": "staff:read", "constant": "root" }), "meaning of its own")]
    #[case::acr(json!({ "name": "acr", "scope": "staff:read", "constant": "phr" }), "meaning of its own")]
    #[case::no_source(json!({ "name": "a", "scope": "staff:read" }), "either an attribute or a constant")]
    #[case::two_sources(json!({ "name": "a", "scope": "staff:read", "attribute": "a", "constant": 1 }), "either")]
    #[case::typed_constant(json!({ "name": "a", "scope": "staff:read", "constant": 1, "type": "string" }), "own type")]
    #[case::name(json!({ "name": "a b", "scope": "staff:read", "constant": 1 }), "no name of a claim")]
    #[case::attribute(json!({ "name": "a", "scope": "staff:read", "attribute": "A" }), "no name of an attribute")]
    #[case::openid_scope(json!({ "name": "a", "scope": "profile", "constant": 1 }), "one scope")]
    #[case::two_scopes(json!({ "name": "a", "scope": "b c", "constant": 1 }), "one scope")]
    #[case::without_a_scope(json!({ "name": "a", "constant": 1 }), "missing field")]
    #[case::unknown_member(json!({ "name": "a", "scope": "b", "constant": 1, "claim": "x" }), "unknown field")]
    #[case::unknown_type(json!({ "name": "a", "scope": "b", "attribute": "a", "type": "date" }), "unknown variant")]
    fn mapping_is_refused_with_its_cause(#[case] members: Value, #[case] reason: &str) {
        let error = mapping(members).expect_err("refused");
        assert!(error.contains(reason), "{error}");
    }

    #[rstest]
    #[case("string", "7", Some(json!("7")))]
    #[case("integer", "7", Some(json!(7)))]
    #[case("integer", "seven", None)]
    #[case("integer", "7.5", None)]
    #[case("boolean", "true", Some(json!(true)))]
    #[case("boolean", "yes", None)]
    #[case("list", "a, b,,c ", Some(json!(["a", "b", "c"])))]
    #[case("list", ",", Some(json!([])))]
    fn value_has_the_type_of_the_mapping_or_is_left_out(
        #[case] r#type: &str,
        #[case] stored: &str,
        #[case] value: Option<Value>,
    ) {
        let members = json!({ "name": "x", "scope": "staff:read", "attribute": "a", "type": r#type });
        let mapping = mapping(members).expect("a mapping");
        let attributes = BTreeMap::from([("a".to_owned(), stored.to_owned())]);
        assert_eq!(mapping.value(&attributes), value);
        assert_eq!(mapping.value(&BTreeMap::new()), None);
        let again: ClaimMapping = serde_json::from_value(json!(mapping)).expect("the written form is read");
        assert_eq!(again, mapping);
    }

    #[test]
    fn client_gets_the_claims_of_its_scopes_and_no_others() {
        let mappings = [
            json!({ "name": "department", "scope": "staff:read", "attribute": "department" }),
            json!({ "name": "tenant", "scope": "staff:read", "constant": "acme", "clients": ["shop"] }),
            json!({ "name": "level", "scope": "level:read", "attribute": "level", "type": "integer" }),
        ]
        .map(|members| mapping(members).expect("a mapping"));
        let attributes = BTreeMap::from(
            [("department", "sales"), ("level", "3")].map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        for (client, scope, allowed, expected) in [
            ("shop", "openid staff:read", "+department +tenant", json!({ "department": "sales", "tenant": "acme" })),
            ("shop", "openid staff:read", "+department", json!({ "department": "sales" })),
            ("blog", "staff:read level:read", "+department +level", json!({ "department": "sales", "level": 3 })),
            ("blog", "staff:read", "+department +level +tenant", json!({ "department": "sales" })),
            ("shop", "openid profile", "+department +level +tenant", json!({})),
            ("shop", "staff:read", "", json!({})),
        ] {
            let (scope, allowed) =
                (ScopeSet::parse(scope).expect("a scope list"), ScopeIds::from_stored(Some(allowed)));
            let found = ClientMappings::new(&mappings, client).claims(&scope, &allowed, &attributes);
            assert_eq!(Value::Object(found), expected, "{client} {scope}");
        }
        assert_eq!(ClientMappings::new(&mappings, "blog").names("staff:read"), ["department".to_owned()].into());
        assert!(ClientMappings::default().names("staff:read").is_empty());
    }

    #[test]
    fn mappings_collide_if_one_client_would_get_both() {
        let of = |name: &str, clients: &[&str]| {
            mapping(json!({ "name": name, "scope": "s", "constant": 1, "clients": clients })).expect("a mapping")
        };
        for (one, other, expected) in [
            (of("a", &[]), of("a", &["shop"]), true),
            (of("a", &["shop", "blog"]), of("a", &["blog"]), true),
            (of("a", &["shop"]), of("a", &["blog"]), false),
            (of("a", &[]), of("b", &[]), false),
        ] {
            assert_eq!(one.collides(&other), expected, "{one:?} {other:?}");
        }
    }
}
