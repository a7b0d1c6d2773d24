//! The members of client metadata whose values are one of a few words.

use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value::Error},
};

/// How a client proves who it is at the token endpoint (RFC 7591 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the form (RFC 6749 §2.3.1).
    ClientSecretPost,
    /// A JWT that the client signs with a key of its own (OpenID Connect Core §9, RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A public client: it proves nothing.
    None,
}

impl AuthMethod {
    /// What metadata lists.
    pub const SUPPORTED: [&str; 4] = [
        Self::ClientSecretBasic.as_str(),
        Self::ClientSecretPost.as_str(),
        Self::PrivateKeyJwt.as_str(),
        Self::None.as_str(),
    ];

    /// Its registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// The grants a client may use.
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
}

impl GrantType {
    /// Every grant type, in the order in which metadata lists them.
    pub const ALL: [Self; 5] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials, Self::DeviceCode, Self::TokenExchange];

    /// The grant type of this registered name.
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
    /// Runs on a person's device; its loopback redirect URIs match on any port (RFC 8252 §7.3).
    Native,
}

/// Whether apps can tell that they know the same person (OpenID Connect Core §8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same `sub` for every client, which resource servers recognise.
    #[default]
    Public,
    /// A `sub` for each sector: the host of the client's redirect URIs.
    Pairwise,
}

impl SubjectType {
    /// What metadata lists.
    pub const SUPPORTED: [&str; 2] = ["public", "pairwise"];

    pub(super) fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// Which claims about the user the ID tokens of a client carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdTokenClaims {
    /// Those of every granted scope: many clients read nothing else.
    #[default]
    Granted,
    /// Those of the `claims` parameter only; the userinfo endpoint has the others.
    Minimal,
}

impl IdTokenClaims {
    pub(super) fn is_granted(&self) -> bool {
        *self == Self::Granted
    }
}
