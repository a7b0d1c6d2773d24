//! The members of client metadata with a fixed set of values.

use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value::Error},
};
use strum::{EnumString, IntoStaticStr};

/// How a client authenticates at the token endpoint (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the form (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A JWT signed with the client's key (OpenID Connect Core §9, RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A public client, which does not authenticate.
    None,
}

impl AuthMethod {
    /// The methods in the server metadata.
    pub const SUPPORTED: [&str; 4] = [
        Self::ClientSecretBasic.as_str(),
        Self::ClientSecretPost.as_str(),
        Self::PrivateKeyJwt.as_str(),
        Self::None.as_str(),
    ];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// The grant types that a client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 8628 §3.4.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// RFC 8693 §2.1.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// RFC 7523 §2.1, for identity assertions.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
}

impl GrantType {
    /// Every grant type, in the order of the server metadata.
    pub const ALL: [Self; 6] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::JwtBearer,
    ];

    /// The grant type with this registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::deserialize(IntoDeserializer::<Error>::into_deserializer(name)).ok()
    }
}

/// What kind of software the client is (OpenID Connect Dynamic Registration §2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// Runs on a server or in a browser.
    #[default]
    Web,
    /// Runs on the user's device. Its loopback redirect URIs match on any port (RFC 8252 §7.3).
    Native,
}

/// Whether apps can recognise a common user by `sub` (OpenID Connect Core §8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same `sub` for every client. Resource servers can recognise it.
    #[default]
    Public,
    /// A separate `sub` for each sector.
    Pairwise,
}

impl SubjectType {
    /// The types in the server metadata.
    pub const SUPPORTED: [&str; 2] = ["public", "pairwise"];

    pub(super) fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// Which claims about the user a client's ID tokens contain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// Those of every granted scope, because many clients read nothing else.
    #[default]
    Granted,
    /// Only those of the `claims` parameter. The userinfo endpoint has the others.
    Minimal,
}

impl IdTokenClaims {
    pub(super) fn is_granted(&self) -> bool {
        *self == Self::Granted
    }
}

/// How the claim `groups` names groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = String, parse_err_fn = unknown_groups_claim)]
pub enum GroupsClaim {
    /// By their names.
    #[default]
    Names,
    /// By their ids, which stay the same when a group is renamed.
    Ids,
}

impl GroupsClaim {
    /// The stored value.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    pub(super) fn is_names(&self) -> bool {
        *self == Self::Names
    }
}

fn unknown_groups_claim(text: &str) -> String {
    format!("`{text}` is neither names nor ids")
}
