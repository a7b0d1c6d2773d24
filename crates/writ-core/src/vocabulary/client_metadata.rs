//! Client metadata (RFC 7591 §2, OpenID Connect Dynamic Registration §2) with a few members of
//! Writ.

mod translation;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

pub use self::{
    translation::{Translation, untagged},
    words::{ApplicationType, AuthMethod, GrantType, GroupsClaim, IdTokenClaims, SubjectType},
};
use super::{
    ClientKeys, ClientSigningAlg, ScopeSet, SigningAlg,
    params::append_encoded,
    redirect_uri::RedirectUri,
    web_uri::{RequestUri, WebUri},
};

/// Maximum lifetime in seconds of a signed token. A retired key stays published for this long.
pub const MAX_TOKEN_LIFETIME: i64 = 86_400;

/// The registered metadata of a client, without its identifier and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ClientMetadata {
    /// The name that users see on the consent page.
    pub client_name: String,
    /// The allowed targets of authorization responses.
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    /// The allowed targets of a logout redirect (OpenID Connect RP-Initiated Logout §3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The client's endpoint for logout tokens (OpenID Connect Back-Channel Logout §2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<WebUri>,
    /// Whether logout tokens must have `sid`. They always have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_logout_session_required: bool,
    /// The URI that the browser loads when a session ends (OpenID Connect Front-Channel Logout §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<WebUri>,
    /// Whether that URI must have `iss` and `sid`. It always has them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frontchannel_logout_session_required: bool,
    /// The grant types that the client may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// The client authentication method. `None` allows a secret in the header or in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// The algorithm of client assertions. `None` allows any that the keys support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<ClientSigningAlg>,
    /// The public keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<ClientKeys>,
    /// The URI of the public keys, as an alternative to `jwks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<WebUri>,
    /// The algorithm of request objects. `None` allows any that the keys support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<ClientSigningAlg>,
    /// The URIs of request objects that the client publishes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<RequestUri>,
    /// `web` or `native`.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// All scopes that the client may be granted.
    #[serde(default)]
    pub scope: ScopeSet,
    /// The scopes that the app needs to work. The user cannot untick them, and they are the default
    /// of an omitted `scope`.
    #[serde(default)]
    pub required_scope: ScopeSet,
    /// The default of an omitted `scope`. If empty, the required scopes are.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub default_scope: ScopeSet,
    /// The app's explanation why the required scopes are required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_scope_reason: Option<String>,
    /// The app's explanations for single required scopes, by scope.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub required_scope_reasons: BTreeMap<String, String>,
    /// The clients that may exchange the access tokens of this client and act for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_act: Vec<String>,
    /// The organization that owns it
    /// ([OpenID Federation §5.2.2](https://openid.net/specs/openid-federation-1_0.html#section-5.2.2)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    /// The home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<WebUri>,
    /// The logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<WebUri>,
    /// The privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<WebUri>,
    /// The terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<WebUri>,
    /// Contacts, usually e-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// The identifier of the software, which all its installations share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// The version of the software.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// The URI at which a third party can start a sign-in to the client (OpenID Connect Core §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<WebUri>,
    /// Browser origins that may call the server (CORS), in addition to those of the redirect URIs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_origins: Vec<String>,
    /// Whether requests need a PKCE challenge. Only a confidential client may turn this off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// Whether an OpenID request without a PKCE challenge needs a `nonce`. `false` has an effect
    /// only with `require_pkce: false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_nonce: Option<bool>,
    /// Whether authorization requests must be signed (RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_signed_request_object: bool,
    /// Whether a user may allow only some of the requested scopes.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub partial_consent: bool,
    /// Whether authorization requests must be pushed (RFC 9126 §6).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// Whether each use replaces the refresh token. Those of public clients are always replaced.
    #[serde(default)]
    pub rotate_refresh_tokens: bool,
    /// Whether refresh tokens need the scope `offline_access` (OpenID Connect Core §11). Otherwise
    /// the grant type is sufficient.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_offline_access: bool,
    /// Whether grants outlive the browser session without the scope `offline_access`. The client
    /// then works while the user is away, and the consent page says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_offline_access: bool,
    /// Which claims the ID tokens contain.
    #[serde(default, skip_serializing_if = "IdTokenClaims::is_granted")]
    pub id_token_claims: IdTokenClaims,
    /// How the claim `groups` names groups.
    #[serde(default, skip_serializing_if = "GroupsClaim::is_names")]
    pub groups_claim: GroupsClaim,
    /// Seconds (0–300) in which a replaced refresh token returns its successor again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_replay_window: Option<i64>,
    /// The default of `max_age`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether ID tokens must have `auth_time`. They always have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_auth_time: bool,
    /// The default of `acr_values`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// The URI of a list of all redirect URIs. Its host is the sector (OpenID Connect Core §8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<WebUri>,
    /// The type of `sub` that the client receives.
    #[serde(default, skip_serializing_if = "SubjectType::is_public")]
    pub subject_type: SubjectType,
    /// The algorithm of userinfo responses. `None` if they are unsigned JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<SigningAlg>,
    /// The algorithm of signed introspection responses. `None` means RS256 (RFC 9701 §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<SigningAlg>,
    /// The lifetime of the client's access tokens, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_lifetime: Option<i64>,
    /// The algorithm of the client's access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_signed_response_alg: Option<SigningAlg>,
    /// The lifetime of the client's ID tokens, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_lifetime: Option<i64>,
    /// The algorithm of the client's ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<SigningAlg>,
    /// The human-readable members in other languages (RFC 7591 §2.2), such as `client_name#ko`.
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
    /// Whether the client is public: it does not authenticate.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == Some(AuthMethod::None)
    }

    /// Whether the client may send authorization requests with neither PKCE nor a `nonce`.
    pub fn may_omit_binding(&self) -> bool {
        !self.is_public() && self.require_pkce == Some(false) && self.require_nonce == Some(false)
    }

    /// Whether the client authenticates with a secret.
    pub fn has_secret(&self) -> bool {
        !matches!(self.token_endpoint_auth_method, Some(AuthMethod::PrivateKeyJwt | AuthMethod::None))
    }

    /// Whether the client may use `grant_type`.
    pub fn allows(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether each use replaces the refresh token (RFC 9700 §2.2.2).
    pub fn rotates(&self) -> bool {
        self.is_public() || self.rotate_refresh_tokens
    }

    /// Whether a grant of `scope` comes with a refresh token.
    pub fn refreshes(&self, scope: &ScopeSet) -> bool {
        self.allows(GrantType::RefreshToken) && (!self.require_offline_access || scope.contains("offline_access"))
    }

    /// The URI at which the client starts a sign-in with `issuer` (OpenID Connect Core §4), if
    /// registered.
    pub fn initiation(&self, issuer: &str) -> Option<String> {
        let uri = self.initiate_login_uri.as_ref()?.as_str();
        let separator = if uri.contains('?') { '&' } else { '?' };
        Some(append_encoded(format!("{uri}{separator}"), [("iss", issuer)]))
    }

    /// The default of an omitted `scope`.
    pub fn default_scope(&self) -> &ScopeSet {
        if self.default_scope.is_empty() { &self.required_scope } else { &self.default_scope }
    }

    /// The same registration without these scopes.
    #[must_use]
    pub fn without_scopes(mut self, removed: &ScopeSet) -> Self {
        for scope in [&mut self.scope, &mut self.required_scope, &mut self.default_scope] {
            *scope = scope.without(removed);
        }
        self.required_scope_reasons.retain(|name, _| !removed.contains(name));
        self
    }

    /// The registered redirect URI that matches `requested`. The port of a loopback address may
    /// differ if the client is native or if `varies_loopback_port`
    /// ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
    pub fn redirect_uri(&self, requested: &str, varies_loopback_port: bool) -> Option<&RedirectUri> {
        let any_port = varies_loopback_port || self.application_type == ApplicationType::Native;
        self.redirect_uris.iter().find(|uri| uri.matches(requested, any_port))
    }

    /// Whether another app on the user's device could receive the responses sent to `redirect_uri`
    /// and impersonate the client: it is public, and the URI is not https (RFC 8252 §8.6).
    pub fn can_be_impersonated(&self, redirect_uri: &str) -> bool {
        self.is_public() && !redirect_uri.starts_with("https://")
    }

    /// The sector of pairwise subjects (OpenID Connect Core §8.1): the host of
    /// `sector_identifier_uri`, otherwise the single host of the redirect URIs, if that belongs to
    /// the client.
    pub fn sector_identifier(&self) -> Option<String> {
        if let Some(uri) = &self.sector_identifier_uri {
            return uri.host();
        }
        let mut hosts = self.redirect_uris.iter().map(RedirectUri::host);
        let first = hosts.next()??;
        hosts.all(|host| host.as_deref() == Some(&first)).then_some(first)
    }

    /// The browser origins that may call the server for this client: those of the redirect URIs and
    /// the registered ones.
    pub fn origins(&self) -> BTreeSet<String> {
        self.redirect_uris.iter().filter_map(RedirectUri::origin).chain(self.allowed_origins.iter().cloned()).collect()
    }
}
