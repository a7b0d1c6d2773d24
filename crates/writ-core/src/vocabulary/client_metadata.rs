//! Client metadata (RFC 7591 §2, OpenID Connect Dynamic Registration §2) and our own few members.

mod translation;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

pub use self::translation::{Translation, untagged};
pub use self::words::{ApplicationType, AuthMethod, GrantType, IdTokenClaims, SubjectType};
use super::{
    ClientKeys, ClientSigningAlg, ScopeSet, SigningAlg,
    params::append_encoded,
    redirect_uri::RedirectUri,
    web_uri::{RequestUri, WebUri},
};

/// The longest lifetime, in seconds, of any token that is a signature: what bounds how long a retired key stays published.
pub const MAX_TOKEN_LIFETIME: i64 = 86_400;

/// Everything registered about a client but its identifier and its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
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
    /// How it authenticates. `None`: with its secret, in the header or in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// The algorithm of its client assertions; none: any that its keys can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<ClientSigningAlg>,
    /// Its public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<ClientKeys>,
    /// Or where it publishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<WebUri>,
    /// The algorithm of its request objects; none: any that its keys can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<ClientSigningAlg>,
    /// Where it publishes request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<RequestUri>,
    /// `web` or `native`.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Every scope it may ever be granted.
    #[serde(default)]
    pub scope: ScopeSet,
    /// Scopes without which the app cannot work: locked on the consent page, and what an omitted `scope` asks for.
    #[serde(default)]
    pub required_scope: ScopeSet,
    /// The scopes that a request without `scope` asks for; empty: the required ones.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub default_scope: ScopeSet,
    /// Why the required scopes are required, in the app's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_scope_reason: Option<String>,
    /// The clients that may act for it: exchange its access tokens for smaller ones of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_act: Vec<String>,
    /// Home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<WebUri>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<WebUri>,
    /// What it does with what it learns about people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<WebUri>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<WebUri>,
    /// Who answers for it: e-mail addresses, as a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Which software it is, whatever its copies are registered as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// And which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Where somebody else may send people to begin a sign-in to it (OpenID Connect Core §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<WebUri>,
    /// Browser origins besides those of the redirect URIs that may call us (CORS).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Whether a request must carry a PKCE challenge; only a confidential client may turn this off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// Whether an OpenID request without a PKCE challenge must carry a `nonce`; `false` counts only
    /// beside `require_pkce: false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_nonce: Option<bool>,
    /// Whether its authorization requests must be signed (RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_signed_request_object: bool,
    /// Whether a user may allow some of the requested scopes; otherwise all or none.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub partial_consent: bool,
    /// Whether its authorization requests must be pushed (RFC 9126 §6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether a refresh token is replaced at each use; public clients always rotate.
    #[serde(default)]
    pub rotate_refresh_tokens: bool,
    /// Whether refresh tokens need the scope `offline_access` (OpenID Connect Core §11); else the grant type alone brings them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_offline_access: bool,
    /// Whether its grants outlive the browser session without the scope `offline_access`: the client
    /// works while the user is away, and the consent page says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_offline_access: bool,
    /// Which claims its ID tokens carry.
    #[serde(default, skip_serializing_if = "IdTokenClaims::is_granted")]
    pub id_token_claims: IdTokenClaims,
    /// For how long, in seconds (0–300), a replaced refresh token is answered with its successor again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_replay_window: Option<i64>,
    /// The oldest sign-in that will do, in seconds, where a request does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether it needs `auth_time`, which it always gets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_auth_time: bool,
    /// How it would like people to sign in, where a request does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// A list of all redirect URIs, whose host names the sector (OpenID Connect Core §8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<WebUri>,
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
    /// What people read, in other languages (RFC 7591 §2.2): members such as `client_name#ko`.
    #[serde(skip)]
    pub translations: BTreeMap<LanguageIdentifier, Translation>,
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
        self.token_endpoint_auth_method == Some(AuthMethod::None)
    }

    /// Whether the client authenticates with a secret.
    pub fn has_secret(&self) -> bool {
        !matches!(self.token_endpoint_auth_method, Some(AuthMethod::PrivateKeyJwt | AuthMethod::None))
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

    /// Where the client begins a sign-in with `issuer` (OpenID Connect Core §4), if it said where.
    pub fn initiation(&self, issuer: &str) -> Option<String> {
        let uri = self.initiate_login_uri.as_ref()?.as_str();
        let separator = if uri.contains('?') { '&' } else { '?' };
        Some(append_encoded(format!("{uri}{separator}"), [("iss", issuer)]))
    }

    /// The scopes that a request without `scope` asks for.
    pub fn default_scope(&self) -> &ScopeSet {
        if self.default_scope.is_empty() { &self.required_scope } else { &self.default_scope }
    }

    /// The registered redirect URI that a request's `redirect_uri` names. On a loopback address the
    /// port may differ for a native client, and for every client that `varies_loopback_port`
    /// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
    pub fn redirect_uri(&self, requested: &str, varies_loopback_port: bool) -> Option<&RedirectUri> {
        let any_port = varies_loopback_port || self.application_type == ApplicationType::Native;
        self.redirect_uris.iter().find(|uri| uri.matches(requested, any_port))
    }

    /// Whether any program on the person's device may receive what is sent to `redirect_uri`, and pass for the client (RFC 8252
    /// §8.6): it proves nothing, and https vouches for nobody there.
    pub fn can_be_impersonated(&self, redirect_uri: &str) -> bool {
        self.is_public() && !redirect_uri.starts_with("https://")
    }

    /// What names the sector of pairwise subjects (OpenID Connect Core §8.1): the host of `sector_identifier_uri`, or the one
    /// host of the redirect URIs, if it is the client's own.
    pub fn sector_identifier(&self) -> Option<String> {
        if let Some(uri) = &self.sector_identifier_uri {
            return uri.host();
        }
        let mut hosts = self.redirect_uris.iter().map(RedirectUri::host);
        let first = hosts.next()??;
        hosts.all(|host| host.as_deref() == Some(&first)).then_some(first)
    }

    /// The browser origins that may call us for this client: those of its redirect URIs and the ones registered besides.
    pub fn origins(&self) -> BTreeSet<String> {
        self.redirect_uris.iter().filter_map(RedirectUri::origin).chain(self.allowed_origins.iter().cloned()).collect()
    }
}
