//! The claims of access tokens
//! ([RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::actor::Actor;
use crate::{
    ScopeSet, SigningAlg,
    vocabulary::{client_metadata::GroupsClaim, jwt::Audience},
};

/// The claims of an access token. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The user's subject identifier, or the client's `client_id`.
    pub sub: String,
    /// The resource server, and the userinfo endpoint if the token opens that as well.
    pub aud: Audience,
    /// The client that the token was issued to.
    pub client_id: String,
    /// The granted scope.
    pub scope: ScopeSet,
    /// The identifier, for revocation.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// When the user authenticated. Absent if there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that authentication
    /// ([RFC 9470 §6.2](https://www.rfc-editor.org/rfc/rfc9470#section-6.2)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'static, str>>,
    /// The groups of the user, if they were granted and the resource server wants them
    /// ([RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The grant that the token was issued under. Absent if there is no user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<Uuid>,
    /// The acting client, if the token was exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// The `jti` of each token that it was exchanged from. Revoking one of them revokes this token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanged_from: Vec<String>,
    /// The claims of the operator's own. They are for the resource server and never read back:
    /// introspection discloses those of the moment.
    #[serde(flatten, skip_deserializing)]
    pub own: Map<String, Value>,
}

impl AccessTokenClaims {
    /// The resource server that the token is for.
    pub fn resource(&self) -> &str {
        match &self.aud {
            Audience::One(resource) => resource,
            Audience::Many(audiences) => audiences.first().map(String::as_str).unwrap_or_default(),
        }
    }

    /// Whether the subject is a client.
    pub fn is_of_client(&self) -> bool {
        self.grant_id.is_none()
    }
}

/// The settings of a resource server for its access tokens. `None` means the server's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenProfile {
    /// The `typ` header.
    pub typ: Option<AccessTokenTyp>,
    /// The signing algorithm.
    pub alg: Option<SigningAlg>,
    /// The lifetime, in seconds.
    pub lifetime: Option<i64>,
    /// How its access tokens name the groups of the user. `None` if they have no `groups`.
    pub groups: Option<GroupsClaim>,
}

impl TokenProfile {
    /// The lifetime of a token, in seconds. The client's setting may only shorten that of the
    /// resource server. Without the latter, the client's setting applies.
    pub fn lifetime(&self, of_client: Option<i64>, by_default: i64) -> i64 {
        match (self.lifetime, of_client) {
            (Some(most), Some(of_client)) => most.min(of_client),
            (most, of_client) => most.or(of_client).unwrap_or(by_default),
        }
    }
}

/// The `typ` of an access token's header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AccessTokenTyp {
    /// `at+jwt` ([RFC 9068 §2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.1)).
    #[default]
    AtJwt,
    /// `JWT`, for resource servers whose library refuses `at+jwt`.
    Jwt,
}

impl AccessTokenTyp {
    /// The value of the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AtJwt => "at+jwt",
            Self::Jwt => "JWT",
        }
    }
}

impl std::str::FromStr for AccessTokenTyp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::AtJwt, Self::Jwt]
            .into_iter()
            .find(|typ| typ.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is neither at+jwt nor JWT"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, None, 300)]
    #[case(None, Some(3600), 3600)]
    #[case(Some(600), None, 600)]
    #[case(Some(600), Some(60), 60)]
    #[case(Some(600), Some(3600), 600)]
    fn client_has_at_most_the_lifetime_of_its_resource_server(
        #[case] lifetime: Option<i64>,
        #[case] of_client: Option<i64>,
        #[case] expected: i64,
    ) {
        assert_eq!(TokenProfile { lifetime, ..TokenProfile::default() }.lifetime(of_client, 300), expected);
    }
}
