//! Client metadata (RFC 7591 §2, OpenID Connect Dynamic Registration §2) and our own few members.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ClientKeys, ClientSigningAlg, ScopeSet, SigningAlg, redirect_uri::RedirectUri, web_uri::WebUri};

/// The longest lifetime, in seconds, of any token that is a signature: what bounds how long a retired key stays published.
pub const MAX_TOKEN_LIFETIME: i64 = 86_400;

/// How a client proves who it is at the token endpoint (RFC 7591 §2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// HTTP Basic (RFC 6749 §2.3.1).
    #[default]
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
    /// What metadata lists.
    pub const SUPPORTED: [&str; 5] = [
        "authorization_code",
        "refresh_token",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ];
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

    fn is_public(&self) -> bool {
        *self == Self::Public
    }
}

/// Everything registered about a client but its identifier and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientMetadata {
    /// The name people read on the consent page.
    pub client_name: String,
    /// Where authorization responses may go.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// Where the browser may go after a logout (OpenID Connect RP-Initiated Logout §3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where the client is told that a session is over (OpenID Connect Back-Channel Logout §2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<WebUri>,
    /// Whether it then needs `sid`, which it always gets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
    /// What the browser loads when a session is over (OpenID Connect Front-Channel Logout §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<WebUri>,
    /// Whether it then needs `iss` and `sid`, which it always gets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frontchannel_logout_session_required: bool,
    /// The grants this client may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// How it authenticates: exactly one method.
    #[serde(default)]
    pub token_endpoint_auth_method: AuthMethod,
    /// The algorithm of its client assertions; none: any that its keys can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<ClientSigningAlg>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<ClientKeys>,
    /// The algorithm of its request objects; none: any that its keys can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<ClientSigningAlg>,
    /// `web` or `native`.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Every scope it may ever be granted.
    #[serde(default)]
    pub scope: ScopeSet,
    /// Scopes without which the app cannot work: locked on the consent page, and what an omitted `scope` asks for.
    #[serde(default)]
    pub required_scope: ScopeSet,
    /// Why the required scopes are required, in the app's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_scope_reason: Option<String>,
    /// The clients that may act for it: exchange its access tokens for smaller ones of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_act: Vec<String>,
    /// Home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Browser origins besides those of the redirect URIs that may call us (CORS).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Whether a request must carry a PKCE challenge; only a confidential client may turn this off.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Whether its authorization requests must be pushed (RFC 9126 §6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether a refresh token is replaced at each use; public clients always rotate.
    #[serde(default)]
    pub rotate_refresh_tokens: bool,
    /// Whether refresh tokens need the scope `offline_access` (OpenID Connect Core §11); else the grant type alone brings them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_offline_access: bool,
    /// For how long, in seconds (0–300), a replaced refresh token is answered with its successor again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_replay_window: Option<i64>,
    /// Which `sub` this client gets.
    #[serde(default, skip_serializing_if = "SubjectType::is_public")]
    pub subject_type: SubjectType,
    /// Algorithm of this client's userinfo answers; absent: they are JSON and unsigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlg>,
    /// The algorithm of signed introspection answers; absent: RS256 (RFC 9701 §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlg>,
    /// Lifetime of this client's access tokens, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<i64>,
    /// Algorithm of this client's access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<SigningAlg>,
    /// Lifetime of this client's ID tokens, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_lifetime: Option<i64>,
    /// Algorithm of this client's ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<SigningAlg>,
}

fn default_grant_types() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

fn yes() -> bool {
    true
}

impl ClientMetadata {
    /// Whether anybody could be the client, since it proves nothing.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether the client authenticates with a secret.
    pub fn has_secret(&self) -> bool {
        matches!(self.token_endpoint_auth_method, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost)
    }

    /// Whether the client may use `grant_type`.
    pub fn allows(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether a refresh token is replaced at each use (RFC 9700 §2.2.2).
    pub fn rotates(&self) -> bool {
        self.is_public() || self.rotate_refresh_tokens
    }

    /// Whether a grant of `scope` comes with a refresh token.
    pub fn refreshes(&self, scope: &ScopeSet) -> bool {
        self.allows(GrantType::RefreshToken) && (!self.require_offline_access || scope.contains("offline_access"))
    }

    /// The registered redirect URI that a request's `redirect_uri` names.
    pub fn redirect_uri(&self, asked: &str) -> Option<&RedirectUri> {
        let any_port = self.application_type == ApplicationType::Native;
        self.redirect_uris.iter().find(|uri| uri.matches(asked, any_port))
    }

    /// The one host of the redirect URIs, which names the sector of pairwise subjects (OpenID Connect Core §8.1).
    pub fn sector_identifier(&self) -> Option<String> {
        let mut hosts = self.redirect_uris.iter().map(RedirectUri::host);
        let first = hosts.next()??;
        hosts.all(|host| host.as_deref() == Some(&first)).then_some(first)
    }

    /// The browser origins that may call us for this client: those of its redirect URIs and the ones registered besides.
    pub fn origins(&self) -> BTreeSet<String> {
        self.redirect_uris.iter().filter_map(RedirectUri::origin).chain(self.allowed_origins.iter().cloned()).collect()
    }

    /// The rules that hold between members.
    ///
    /// # Errors
    /// A sentence that names the member and the rule.
    pub fn check(&self) -> Result<(), String> {
        if self.client_name.trim().is_empty() || self.client_name.chars().count() > 100 {
            return Err("client_name must have 1 to 100 characters".to_owned());
        }
        if self.client_name.chars().any(char::is_control) {
            return Err("client_name has a control character".to_owned());
        }
        if self.allows(GrantType::AuthorizationCode) && self.redirect_uris.is_empty() {
            return Err("redirect_uris is empty, but grant_types has authorization_code".to_owned());
        }
        if self.allows(GrantType::RefreshToken)
            && !(self.allows(GrantType::AuthorizationCode) || self.allows(GrantType::DeviceCode))
        {
            return Err("grant_types has refresh_token without authorization_code or device_code".to_owned());
        }
        if self.allows(GrantType::ClientCredentials) && self.is_public() {
            return Err("grant_types has client_credentials, which a public client cannot use".to_owned());
        }
        if self.allows(GrantType::TokenExchange) && self.is_public() {
            return Err("grant_types has token-exchange, which a public client cannot use".to_owned());
        }
        self.check_keys()?;
        if let Some(uri) = &self.frontchannel_logout_uri
            && !self.redirect_uris.iter().any(|redirect| redirect.origin() == Some(uri.origin()))
        {
            return Err("frontchannel_logout_uri must have the scheme, host and port of a redirect URI".to_owned());
        }
        if self.require_offline_access && !self.scope.contains("offline_access") {
            return Err("require_offline_access needs offline_access in scope".to_owned());
        }
        if self.subject_type == SubjectType::Pairwise && self.sector_identifier().is_none() {
            return Err("subject_type pairwise needs redirect_uris that all have one host".to_owned());
        }
        if self.is_public() && !self.require_pkce {
            return Err("require_pkce can be false only for a confidential client".to_owned());
        }
        if !self.required_scope.is_subset(&self.scope) {
            return Err("required_scope has a scope that is not in scope".to_owned());
        }
        if self.refresh_replay_window.is_some_and(|seconds| !(0..=300).contains(&seconds)) {
            return Err("refresh_replay_window must be 0 to 300 seconds".to_owned());
        }
        for (name, lifetime) in
            [("access_token_lifetime", self.access_token_lifetime), ("id_token_lifetime", self.id_token_lifetime)]
        {
            if lifetime.is_some_and(|seconds| !(10..=MAX_TOKEN_LIFETIME).contains(&seconds)) {
                return Err(format!("{name} must be 10 to {MAX_TOKEN_LIFETIME} seconds"));
            }
        }
        for origin in &self.allowed_origins {
            let same = url::Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
            if !same {
                return Err(format!("allowed_origins has `{origin}`, which is no origin such as https://app.example"));
            }
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), String> {
        let signs = self.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
        if signs && self.jwks.is_none() {
            return Err("token_endpoint_auth_method is private_key_jwt, which needs jwks".to_owned());
        }
        if !signs && self.token_endpoint_auth_signing_alg.is_some() {
            return Err("token_endpoint_auth_signing_alg is for private_key_jwt only".to_owned());
        }
        for (name, alg) in [
            ("token_endpoint_auth_signing_alg", self.token_endpoint_auth_signing_alg),
            ("request_object_signing_alg", self.request_object_signing_alg),
        ] {
            let Some(alg) = alg else { continue };
            if !self.jwks.as_ref().is_some_and(|keys| keys.has_key_for(alg)) {
                return Err(format!("{name} is {}, for which jwks has no key", alg.as_str()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(json: serde_json::Value) -> Result<(), String> {
        serde_json::from_value::<ClientMetadata>(json).map_err(|error| error.to_string())?.check()
    }

    #[test]
    fn members_that_contradict_each_other_are_refused() {
        let web =
            serde_json::json!({"client_name": "Shop", "redirect_uris": ["https://shop.example/cb"], "scope": "openid"});
        assert_eq!(metadata(web.clone()), Ok(()));
        for (member, value) in [
            ("client_name", serde_json::json!(" ")),
            ("client_name", serde_json::json!("a\u{7}b")),
            ("redirect_uris", serde_json::json!([])),
            ("redirect_uris", serde_json::json!(["http://shop.example/cb"])),
            ("grant_types", serde_json::json!(["refresh_token"])),
            ("grant_types", serde_json::json!(["implicit"])),
            ("grant_types", serde_json::json!(["password"])),
            ("required_scope", serde_json::json!("message:send")),
            ("refresh_replay_window", serde_json::json!(301)),
            ("access_token_lifetime", serde_json::json!(86_401)),
            ("id_token_signed_response_alg", serde_json::json!("none")),
            ("id_token_signed_response_alg", serde_json::json!("HS256")),
            ("allowed_origins", serde_json::json!(["https://shop.example/"])),
            ("token_endpoint_auth_method", serde_json::json!("private_key_jwt")),
            ("post_logout_redirect_uris", serde_json::json!(["http://shop.example/"])),
            ("backchannel_logout_uri", serde_json::json!("http://shop.example/logout")),
            ("frontchannel_logout_uri", serde_json::json!("https://other.example/logout")),
            ("userinfo_signed_response_alg", serde_json::json!("none")),
            ("subject_type", serde_json::json!("secret")),
            ("require_offline_access", serde_json::json!(true)),
            ("surprise", serde_json::json!(1)),
        ] {
            let mut changed = web.clone();
            changed[member] = value.clone();
            assert!(metadata(changed).is_err(), "{member} = {value}");
        }
    }

    #[test]
    fn a_pairwise_client_belongs_to_one_sector() {
        let pairwise = |uris: &[&str]| {
            metadata(serde_json::json!({"client_name": "Shop", "redirect_uris": uris, "subject_type": "pairwise"}))
        };
        assert_eq!(pairwise(&["https://shop.example/cb", "https://shop.example:8443/cb2"]), Ok(()));
        assert!(pairwise(&["https://shop.example/cb", "https://other.example/cb"]).is_err());
        assert!(pairwise(&["com.example.app:/cb"]).is_err(), "an app's own scheme names no host");
    }

    #[test]
    fn a_public_client_cannot_shed_its_protections() {
        let public = serde_json::json!({"client_name": "App", "redirect_uris": ["com.example.app:/cb"], "token_endpoint_auth_method": "none"});
        assert_eq!(metadata(public.clone()), Ok(()));
        for (member, value) in [
            ("require_pkce", serde_json::json!(false)),
            ("grant_types", serde_json::json!(["authorization_code", "client_credentials"])),
        ] {
            let mut changed = public.clone();
            changed[member] = value;
            assert!(metadata(changed).is_err(), "{member}");
        }
    }
}
