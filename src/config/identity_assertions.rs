//! `[identity_assertions]`: enterprise-managed authorization, with other authorization servers.

use serde::{Deserialize, Serialize};
use writ_core::{token::identity_assertion::issue::Policy, vocabulary::web_uri::WebUri};

/// Whose identity assertions (ID-JAG) are accepted, and which are issued. Both lists are empty by
/// default, which disables the feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityAssertionsSettings {
    /// The identity providers whose assertions clients may present.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// What clients may request for other authorization servers.
    pub allowed: Vec<Policy>,
}

/// An identity provider whose policy replaces the consent of its users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// Its issuer identifier, exactly as in its metadata.
    pub issuer: WebUri,
    /// Its keys. By default those that its metadata names (OpenID Connect Discovery §4).
    pub jwks_uri: Option<WebUri>,
    /// The domains for which a verified e-mail address identifies a user of this server. Otherwise
    /// only linked subjects (`writ user link`) do.
    #[serde(default)]
    pub email_domains: Vec<String>,
}
