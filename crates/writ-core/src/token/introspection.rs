//! What introspection discloses about a token
//! ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{access_token::AccessTokenClaims, actor::Actor};
use crate::{ScopeSet, vocabulary::jwt::Audience};

/// The caller of the introspection endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// A client, by its `client_id`.
    Client(&'a str),
    /// A resource server, by its audience.
    ResourceServer(&'a str),
}

/// Whether a token may be disclosed to the caller. Otherwise the response is that of an inactive
/// token
/// ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)).
pub fn concerns(caller: Caller<'_>, claims: &AccessTokenClaims) -> bool {
    match caller {
        Caller::Client(client_id) => client_id == claims.client_id,
        Caller::ResourceServer(audience) => claims.aud.contains(audience),
    }
}

/// The introspection response. If the token is inactive, it contains nothing else
/// ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// Whether the token is active.
    pub active: bool,
    /// The properties of an active token.
    #[serde(flatten)]
    pub token: Option<Token>,
}

/// The properties of an active token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Token {
    /// `Bearer`, for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// The issuer.
    pub iss: String,
    /// The subject.
    pub sub: String,
    /// The audience, for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// The client that the token was issued to.
    pub client_id: String,
    /// The scope that the token has now.
    pub scope: ScopeSet,
    /// The identifier, for an access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When it was issued.
    pub iat: i64,
    /// When it expires.
    pub exp: i64,
    /// When the user authenticated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The class of that authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<Cow<'static, str>>,
    /// The groups of the user now, if the token may disclose them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// The acting client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// The claims of the operator's own of the moment.
    #[serde(flatten)]
    pub own: Map<String, Value>,
}

impl Response {
    /// The response for a token that is inactive, or that must not be disclosed to the caller.
    pub const INACTIVE: Self = Self { active: false, token: None };

    /// The response for an active token.
    pub fn active(token: Token) -> Self {
        Self { active: true, token: Some(token) }
    }
}

impl Token {
    /// The properties of an access token. `scope` is the scope that it has now.
    pub fn access(claims: AccessTokenClaims, scope: ScopeSet) -> Self {
        Self {
            token_type: Some("Bearer"),
            iss: claims.iss,
            sub: claims.sub,
            aud: Some(claims.aud),
            client_id: claims.client_id,
            scope,
            jti: Some(claims.jti),
            iat: claims.iat,
            exp: claims.exp,
            auth_time: claims.auth_time,
            acr: claims.acr,
            groups: claims.groups,
            act: claims.act,
            own: claims.own,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn claims() -> AccessTokenClaims {
        serde_json::from_value(json!({
            "iss": "https://id.example", "sub": "alice", "client_id": "shop", "scope": "openid a", "jti": "1",
            "aud": ["https://talk.example", "https://id.example/userinfo"], "iat": 0, "exp": 300,
        }))
        .expect("claims")
    }

    #[rstest]
    #[case(Caller::Client("shop"), true)]
    #[case(Caller::Client("other"), false)]
    #[case(Caller::ResourceServer("https://talk.example"), true)]
    #[case(Caller::ResourceServer("https://bank.example"), false)]
    #[case(Caller::ResourceServer("shop"), false)]
    fn token_concerns_its_client_and_its_resource_server(#[case] caller: Caller<'_>, #[case] expected: bool) {
        assert_eq!(concerns(caller, &claims()), expected);
    }

    #[test]
    fn inactive_response_says_nothing_else() {
        assert_eq!(serde_json::to_value(Response::INACTIVE).expect("JSON"), json!({ "active": false }));
    }

    #[test]
    fn active_response_has_the_narrowed_scope() {
        let scope = ScopeSet::parse("a").expect("a scope list");
        let response = serde_json::to_value(Response::active(Token::access(claims(), scope))).expect("JSON");
        assert_eq!((&response["active"], &response["scope"]), (&json!(true), &json!("a")));
        assert_eq!(response.get("act"), None);
    }
}
